#include "report/page.h"

static const char *const meaning[] = {
    [SEVERITY_NOTE] = "A note: a fact that the reader should know. It holds nothing up.",
    [SEVERITY_WARNING] = "A warning: somebody should look. It holds nothing up.",
    [SEVERITY_BAD] = "Bad: what it was found in is held or refused, kept, and no revision.",
};

static const struct html_column columns[] = {
    {"Transfer", false}, {"What", false}, {"Entry", true}, {"Bytes", true}, {"SHA-256", false},
};

static void add_refusal(struct page *p, struct html_table *t, const struct model_refusal *r)
{
    html_row(t, NULL);
    html_cell(t);
    page_link_transfer(p, r->transfer);
    html_cell(t);
    html_raw(&p->b, p->m->transfer[r->transfer].refused ? "the transfer" : "a file");
    if (r->issues > 1)
        html_raw(&p->b, ", and more issues");
    html_cell(t);
    html_format(&p->b, "%llu", (unsigned long long)r->entry);
    html_cell(t);
    if (r->size != ENTRY_NONE)
        html_number(&p->b, r->size);
    html_cell(t);
    if (r->size != ENTRY_NONE)
        html_hash(&p->b, r->sha256);
    html_row_end(t);
}

static uint64_t count(const struct model *m, enum issue_id id)
{
    uint64_t n = 0;
    for (size_t i = 0; i < m->refusals; i++)
        n += m->refusal[i].issue == id;
    return n;
}

static void list_refusals(struct page *p, enum issue_id id, uint64_t n)
{
    struct html_table t = html_table(&p->b, "What was held or refused for it", NULL, columns,
                                     sizeof columns / sizeof columns[0]);
    uint64_t shown = 0;
    for (size_t i = p->m->refusals; i > 0 && shown < PAGE_REFUSALS; i--)
        if (p->m->refusal[i - 1].issue == id) {
            add_refusal(p, &t, &p->m->refusal[i - 1]);
            shown++;
        }
    html_table_end(&t);
    if (n > shown) {
        html_raw(&p->b, "<p>And ");
        html_number(&p->b, n - shown);
        html_raw(&p->b, " earlier ones, which are on the pages of their transfers.</p>\n");
    }
}

void page_issue(struct page *p, enum issue_id id)
{
    uint64_t n = count(p->m, id);
    page_begin(p, issue_name(id), SPAN(""));
    html_raw(&p->b, "<h1>");
    html_text(&p->b, span_str(issue_name(id)));
    html_raw(&p->b, "</h1>\n<p class=\"lead\">It says: ");
    html_text(&p->b, span_str(issue_text(id)));
    html_raw(&p->b, ".</p>\n<p>");
    html_raw(&p->b, meaning[issue_severity(id)]);
    html_raw(&p->b, " Cause and remedy are in <code>docs/issues.md</code> of trialseal, under this "
                    "word.</p>\n<h2>Held or refused for it</h2>\n");
    if (n == 0)
        html_raw(&p->b, "<p>Nothing. Where it was met stands on the pages of the transfers.</p>\n");
    else
        list_refusals(p, id, n);
    page_end(p, p->m->study);
}
