#include "report/page.h"

#include "base/time.h"
#include "bundle/layout.h"
#include "ledger/revision_words.h"
#include "report/nights.h"
#include "report/style.h"

/* --- names --- */

void page_transfer_name(struct buf *b, uint64_t entry)
{
    buf_str(b, "transfer-");
    layout_index(b, entry, BUNDLE_INDEX_DIGITS);
    buf_str(b, ".html");
}

void page_month_name(struct buf *b, int64_t at)
{
    char text[TIME_TEXT + 1];
    buf_str(b, "nights-");
    buf_add(b, html_month_text(at, text));
    buf_str(b, ".html");
}

/* A dataset's name has no dot (FORMAT, chapter 1). */
static void add_dataset(struct buf *b, struct span dataset)
{
    buf_str(b, "dataset-");
    for (size_t i = 0; i < dataset.n; i++)
        buf_byte(b, dataset.p[i] == '/' ? '.' : dataset.p[i]);
}

void page_dataset_name(struct buf *b, struct span dataset)
{
    add_dataset(b, dataset);
    buf_str(b, ".html");
}

void page_revisions_name(struct buf *b, struct span dataset, size_t part)
{
    add_dataset(b, dataset);
    buf_str(b, "..");
    buf_u64(b, part + 1);
    buf_str(b, ".html");
}

void page_issue_name(struct buf *b, enum issue_id id)
{
    buf_str(b, "issue-");
    buf_str(b, issue_name(id));
    buf_str(b, ".html");
}

/* --- links --- */

static void link_transfer(struct page *p, size_t transfer, void (*time)(struct buf *b, int64_t at))
{
    const struct model_transfer *t = &p->m->transfer[transfer];
    html_raw(&p->b, "<a href=\"");
    page_transfer_name(&p->b, t->entry);
    html_raw(&p->b, "\">");
    time(&p->b, t->at);
    html_raw(&p->b, "</a>");
}

void page_link_transfer(struct page *p, size_t transfer)
{
    link_transfer(p, transfer, html_time);
}

void page_link_day(struct page *p, size_t transfer)
{
    link_transfer(p, transfer, html_day);
}

void page_link_dataset(struct page *p, size_t dataset)
{
    struct span name = p->m->dataset[dataset].name;
    html_raw(&p->b, "<a href=\"");
    page_dataset_name(&p->b, name);
    html_raw(&p->b, "\">");
    html_text(&p->b, name);
    html_raw(&p->b, "</a>");
}

void page_link_issue(struct page *p, enum issue_id id)
{
    p->issue_met[id] = true;
    html_raw(&p->b, "<a href=\"");
    page_issue_name(&p->b, id);
    html_raw(&p->b, "\">");
    html_text(&p->b, span_str(issue_name(id)));
    html_raw(&p->b, "</a>");
}

void page_entry(struct page *p, uint64_t entry)
{
    html_format(&p->b, "entry %llu", (unsigned long long)entry);
}

/* --- the frame --- */

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\">\n"
    "<link rel=\"icon\" href=\"data:,\">\n";

static void add_crumbs(struct page *p, const char *title, bool first)
{
    html_raw(&p->b, "<header><nav aria-label=\"Where you are\"><ol>\n<li>");
    html_raw(&p->b, first ? "<span aria-current=\"page\">" : "<a href=\"index.html\">");
    html_format(&p->b, "Study %.*s", SPAN_ARGS(p->m->study));
    html_raw(&p->b, first ? "</span></li>" : "</a></li>\n<li><span aria-current=\"page\">");
    if (!first) {
        html_text(&p->b, span_str(title));
        html_raw(&p->b, "</span></li>");
    }
    html_raw(&p->b, "</ol></nav></header>\n");
}

static void add_test_box(struct page *p)
{
    if (p->m->test)
        html_raw(&p->b,
                 "<div class=\"box warn\"><p><strong>This comes from a home for tests: it is "
                 "evidence of nothing.</strong> Its clock can be set, and anybody can "
                 "compute its keys.</p></div>\n");
}

void page_begin(struct page *p, const char *title, struct span stamp)
{
    buf_clear(&p->b);
    html_raw(&p->b, head);
    if (stamp.n > 0) {
        html_raw(&p->b, "<meta name=\"trialseal-report\" content=\"");
        html_text(&p->b, stamp);
        html_raw(&p->b, "\">\n");
    }
    html_raw(&p->b, "<title>");
    html_format(&p->b, "%s%sStudy %.*s", title, title[0] != '\0' ? " - " : "",
                SPAN_ARGS(p->m->study));
    html_raw(&p->b, "</title>\n<style>\n");
    html_raw(&p->b, style_sheet);
    html_raw(&p->b,
             "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">To the content</a>\n");
    add_crumbs(p, title, title[0] == '\0');
    html_raw(&p->b, "<main id=\"main\">\n");
    add_test_box(p);
}

void page_end(struct page *p, struct span show)
{
    html_raw(&p->b, "</main>\n<footer>\n<p>Made from the ledger ");
    html_text(&p->b, p->m->origin);
    html_raw(&p->b,
             ". All times are UTC, by the clock of the machine that notarized, unless an "
             "authority is named. This page is a reading aid and no evidence: that is in the "
             "bundle, and <code>trialseal-verify</code> checks it.</p>\n<p>The same, on the "
             "machine that notarized: <code>trialseal show '");
    html_text(&p->b, show);
    html_raw(&p->b, "'</code></p>\n</footer>\n</body>\n</html>\n");
}

/* --- differences --- */

static void add_change(struct buf *b, uint64_t now, uint64_t before)
{
    if (now == before)
        return;
    html_raw(b, " <span class=\"soft\">(");
    html_raw(b, now > before ? "+" : "\xe2\x88\x92"); /* MINUS SIGN */
    html_number(b, now > before ? now - before : before - now);
    html_raw(b, ")</span>");
}

static void add_count(struct page *p, uint64_t now, uint64_t before)
{
    if (now == ENTRY_NONE)
        return;
    html_number(&p->b, now);
    if (before != ENTRY_NONE)
        add_change(&p->b, now, before);
}

void page_records(struct page *p, const struct model_revision *r)
{
    add_count(p, r->records,
              r->previous == MODEL_NONE ? ENTRY_NONE : p->m->revision[r->previous].records);
}

void page_columns(struct page *p, const struct model_revision *r)
{
    add_count(p, r->columns,
              r->previous == MODEL_NONE ? ENTRY_NONE : p->m->revision[r->previous].columns);
}

void page_erased(struct page *p, const struct model_revision *r)
{
    if (r->erased == ENTRY_NONE)
        return;
    html_raw(&p->b, " <span class=\"tag bad\">erased</span> ");
    page_entry(p, r->erased);
}

void page_link_revision(struct page *p, const struct model_revision *r)
{
    const struct model_dataset *d = &p->m->dataset[r->dataset];
    size_t part = (size_t)(r->number - 1) / PAGE_REVISIONS;
    html_raw(&p->b, "<a href=\"");
    if ((part + 1) * PAGE_REVISIONS < d->revisions)
        page_revisions_name(&p->b, d->name, part);
    else
        page_dataset_name(&p->b, d->name);
    html_format(&p->b, "#r%llu", (unsigned long long)r->number);
    html_raw(&p->b, "\">");
    html_format(&p->b, "revision %llu", (unsigned long long)r->number);
    html_raw(&p->b, "</a>");
}

/* Another dataset's page may be divided later, when this one is not written again: no link. */
static void add_twin(struct page *p, const struct model_revision *r, bool link)
{
    const struct twin t = model_twin(p->m, r);
    struct buf before = {0}, name = {0}, behind = {0};
    if (t.entry == ENTRY_NONE)
        return;
    twin_words_before(&before, &t);
    twin_words_name(&name, &t);
    twin_words_behind(&behind, &t);
    html_text(&p->b, buf_span(&before));
    if (link && t.same_dataset)
        page_link_revision(p, &p->m->revision[r->twin]);
    else
        html_text(&p->b, buf_span(&name));
    html_text(&p->b, buf_span(&behind));
    buf_close(&before);
    buf_close(&name);
    buf_close(&behind);
}

/* What changed no data is said softly. */
void page_change(struct page *p, const struct model_revision *r, bool link)
{
    bool calm = model_same_data(r) || r->against.change == CHANGE_UNKNOWN;
    size_t earlier = model_revision_at(p->m, r->against.reverted);
    struct buf words = {0};
    html_raw(&p->b, calm ? "<span class=\"change soft\">" : "<span class=\"change\">");
    if (earlier != MODEL_NONE) {
        html_raw(&p->b, CHANGE_BACK_TO);
        if (link)
            page_link_revision(p, &p->m->revision[earlier]);
        else
            html_format(&p->b, "revision %llu", (unsigned long long)p->m->revision[earlier].number);
        html_raw(&p->b, ": ");
    }
    revision_change_words(&words, r->number, r->previous != MODEL_NONE, &r->against, NULL);
    html_text(&p->b, buf_span(&words));
    add_twin(p, r, link);
    html_raw(&p->b, "</span>");
    buf_close(&words);
}

/* --- nights --- */

/* What somebody has to act on stands where a narrow screen still shows it. */
static const struct html_column night_columns[] = {
    {"Day", false},      {"Transfers", false}, {"Held", true},
    {"Refused", true},   {"New", true},        {"Data changed", true},
    {"Same data", true}, {"Unchanged", true},  {"Withdrawn", true},
};

enum { NIGHT_LINKS = 12 };

static void link_by_clock(struct page *p, const struct model_transfer *t)
{
    char text[TIME_TEXT + 1];
    html_raw(&p->b, "<a href=\"");
    page_transfer_name(&p->b, t->entry);
    html_raw(&p->b, "\">");
    time_write(t->at, text);
    buf_add(&p->b, span_of(text + DATE_TEXT + 1, sizeof "22:00" - 1));
    html_raw(&p->b, ", ");
    if (t->refused)
        html_raw(&p->b, "refused");
    else
        html_counted(&p->b, t->received, "file", "files");
    html_raw(&p->b, "</a>");
}

static void add_links(struct page *p, const struct night *n)
{
    size_t shown = 0;
    for (size_t i = n->first_transfer; i < n->end_transfer && shown < NIGHT_LINKS; i++, shown++) {
        html_raw(&p->b, shown > 0 ? "<br>" : "");
        link_by_clock(p, &p->m->transfer[i]);
    }
    if (n->end_transfer - n->first_transfer > shown)
        html_format(&p->b, " and %zu more", n->end_transfer - n->first_transfer - shown);
    if (n->gap > 0) {
        html_raw(&p->b, "<br><span class=\"soft\">");
        html_format(&p->b, "none in the %lld %s before", (long long)n->gap,
                    n->gap == 1 ? "day" : "days");
        html_raw(&p->b, "</span>");
    }
}

static void add_alarming(struct html_table *t, uint64_t n)
{
    html_cell(t);
    if (n == 0)
        return;
    html_raw(t->b, "<strong class=\"held\">");
    html_number(t->b, n);
    html_raw(t->b, "</strong>");
}

/* That a night brought files and no data changed is what its reviewer hopes for. */
static void add_changed(struct html_table *t, const struct night *n)
{
    html_count_cell(t, n->changed);
    if (n->new + n->changed == 0 && n->same + n->unchanged > 0)
        html_raw(t->b, "<span class=\"soft\">none</span>");
}

static void add_night(struct page *p, struct html_table *t, const struct night *n)
{
    html_row(t, NULL);
    html_cell(t);
    html_day(&p->b, n->at);
    html_cell(t);
    add_links(p, n);
    add_alarming(t, n->held);
    add_alarming(t, n->refused);
    html_count_cell(t, n->new);
    add_changed(t, n);
    html_count_cell(t, n->same);
    html_count_cell(t, n->unchanged);
    add_alarming(t, n->withdrawals);
    html_row_end(t);
}

void page_nights(struct page *p, struct nights from, size_t most, int64_t month)
{
    struct night n;
    html_raw(&p->b,
             "<p class=\"soft\">Files that are held, transfers that are refused; datasets that are "
             "new, with other data, with the same data in another file; files that are "
             "unchanged, revisions that are withdrawn. Blank: none.</p>\n");
    struct html_table t = html_table(&p->b, "Nights", "nights", night_columns,
                                     sizeof night_columns / sizeof night_columns[0]);
    for (size_t i = 0; i < most && nights_back(&from, &n); i++) {
        if (month != PAGE_ANY_MONTH && night_month(n.at) != month)
            break;
        add_night(p, &t, &n);
    }
    html_table_end(&t);
}

void page_month(struct page *p, struct nights from, int64_t at)
{
    char title[64], text[TIME_TEXT + 1];
    text_format(title, sizeof title, "Nights of %.*s", SPAN_ARGS(html_month_text(at, text)));
    page_begin(p, title, SPAN(""));
    html_raw(&p->b, "<h1>");
    html_text(&p->b, span_str(title));
    html_raw(&p->b, "</h1>\n");
    page_nights(p, from, SIZE_MAX, night_month(at));
    page_end(p, p->m->study);
}
