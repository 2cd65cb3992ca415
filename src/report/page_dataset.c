#include "report/page.h"

#include "report/chart.h"

static const struct html_column columns[] = {
    {"Revision", true}, {"Change", false},  {"First seen in", false},
    {"Format", false},  {"Records", true},  {"Columns", true},
    {"Bytes", true},    {"SHA-256", false}, {"State", false},
};

/* --- revisions --- */

static void add_withdrawn(struct page *p, const struct model_revision *r)
{
    const struct model_withdrawal *w = &p->m->withdrawal[r->withdrawal];
    html_raw(&p->b, "<span class=\"tag bad\">withdrawn</span> ");
    html_day(&p->b, w->at);
}

static void add_revision(struct page *p, struct html_table *t, const struct model_revision *r)
{
    char id[32];
    text_format(id, sizeof id, "r%llu", (unsigned long long)r->number);
    html_row(t, id);
    html_cell(t);
    html_number(&p->b, r->number);
    html_cell(t);
    page_change(p, r, true);
    html_cell(t);
    page_link_transfer(p, r->transfer);
    html_cell(t);
    html_text(&p->b, span_str(data_format_name(r->format)));
    html_cell(t);
    page_records(p, r);
    html_cell(t);
    page_columns(p, r);
    html_cell(t);
    html_number(&p->b, r->size);
    html_cell(t);
    html_hash(&p->b, r->sha256);
    html_cell(t);
    if (r->withdrawal != MODEL_NONE)
        add_withdrawn(p, r);
    page_erased(p, r);
    html_row_end(t);
}

static void list_revisions(struct page *p, const struct model_dataset *d, size_t from, size_t to)
{
    struct html_table t =
        html_table(&p->b, "Revisions", NULL, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = to; i > from; i--)
        add_revision(p, &t, &p->m->revision[d->revision[i - 1]]);
    html_table_end(&t);
}

static void link_parts(struct page *p, const struct model_dataset *d)
{
    html_raw(&p->b, "<nav aria-label=\"Earlier revisions\"><ul class=\"row\"><li>Earlier:</li>\n");
    for (size_t part = 0; (part + 1) * PAGE_REVISIONS < d->revisions; part++) {
        html_raw(&p->b, "<li><a href=\"");
        page_revisions_name(&p->b, d->name, part);
        html_raw(&p->b, "\">");
        html_format(&p->b, "%zu to %zu", part * PAGE_REVISIONS + 1, (part + 1) * PAGE_REVISIONS);
        html_raw(&p->b, "</a></li>\n");
    }
    html_raw(&p->b, "</ul></nav>\n");
}

/* --- charts --- */

static void add_charts(struct page *p, const struct model_dataset *d)
{
    struct chart_point *records = arena_array(&p->a, d->revisions, sizeof *records);
    struct chart_point *size = arena_array(&p->a, d->revisions, sizeof *size);
    size_t n = 0;
    for (size_t i = 0; i < d->revisions; i++) {
        const struct model_revision *r = &p->m->revision[d->revision[i]];
        bool gone = r->withdrawal != MODEL_NONE;
        size[i] = (struct chart_point){r->at, r->size, gone};
        if (r->records != ENTRY_NONE)
            records[n++] = (struct chart_point){r->at, r->records, gone};
    }
    if (d->revisions < 2)
        return;
    html_raw(&p->b, "<h2>History</h2>\n");
    chart_write(&p->b, "Records", records, n);
    chart_write(&p->b, "Bytes", size, d->revisions);
}

/* --- all --- */

static void add_title(struct page *p, const struct model_dataset *d)
{
    const struct model_revision *last = &p->m->revision[d->revision[d->revisions - 1]];
    html_raw(&p->b, "<h1>");
    html_text(&p->b, d->name);
    html_raw(&p->b, "</h1>\n<p class=\"lead\">");
    html_counted(&p->b, d->revisions, "revision", "revisions");
    html_raw(&p->b, ", first seen on ");
    html_day(&p->b, p->m->revision[d->revision[0]].at);
    html_raw(&p->b, ", last changed on ");
    html_day(&p->b, last->at);
    html_raw(&p->b, ". A revision is what a transfer brought; when somebody changed the data is in "
                    "the sponsor's audit trail.</p>\n");
}

static void end_page(struct page *p, const struct model_dataset *d)
{
    struct buf show = {0};
    buf_add(&show, p->m->study);
    buf_byte(&show, '/');
    buf_add(&show, d->name);
    page_end(p, buf_span(&show));
    buf_close(&show);
}

static void begin_page(struct page *p, const struct model_dataset *d)
{
    char title[DATASET_NAME_MAX + 1];
    text_format(title, sizeof title, "%.*s", SPAN_ARGS(d->name));
    page_begin(p, title, SPAN(""));
}

void page_dataset(struct page *p, size_t dataset)
{
    const struct model_dataset *d = &p->m->dataset[dataset];
    size_t from = d->revisions > PAGE_REVISIONS ? d->revisions - PAGE_REVISIONS : 0;
    begin_page(p, d);
    add_title(p, d);
    add_charts(p, d);
    html_raw(&p->b, "<h2>Revisions</h2>\n");
    list_revisions(p, d, from, d->revisions);
    if (from > 0)
        link_parts(p, d);
    end_page(p, d);
}

void page_revisions(struct page *p, size_t dataset, size_t part)
{
    const struct model_dataset *d = &p->m->dataset[dataset];
    begin_page(p, d);
    html_raw(&p->b, "<h1>");
    html_text(&p->b, d->name);
    html_format(&p->b, ", revisions %zu to %zu", part * PAGE_REVISIONS + 1,
                (part + 1) * PAGE_REVISIONS);
    html_raw(&p->b, "</h1>\n<p class=\"lead\">All others: ");
    page_link_dataset(p, dataset);
    html_raw(&p->b, ".</p>\n");
    list_revisions(p, d, part * PAGE_REVISIONS, (part + 1) * PAGE_REVISIONS);
    end_page(p, d);
}
