#include "report/page.h"

#include "report/chart.h"

/* --- what a reviewer must look at: one box for each kind, a line for each matter --- */

static void line_issues(struct page *p, const struct matter *x)
{
    for (enum issue_id id = 0; id < ISSUE_COUNT; id++) {
        if (x->id[id] == 0)
            continue;
        html_raw(&p->b, ", ");
        page_link_issue(p, id);
        if (x->id[id] > 1)
            html_format(&p->b, " (%llu)", (unsigned long long)x->id[id]);
    }
}

static void line_held(struct page *p, const struct matter *x)
{
    page_link_transfer(p, x->transfer);
    html_raw(&p->b, ": ");
    html_counted(&p->b, x->files, "file", "files");
    line_issues(p, x);
}

static void line_refused(struct page *p, const struct matter *x)
{
    page_link_transfer(p, x->transfer);
    line_issues(p, x);
}

static void line_revision(struct page *p, const struct matter *x)
{
    const struct model_revision *r = &p->m->revision[x->revision];
    page_link_dataset(p, r->dataset);
    html_raw(&p->b, ", ");
    page_link_revision(p, r);
    html_raw(&p->b, " of ");
    page_link_transfer(p, r->transfer);
}

static void line_withdrawn(struct page *p, const struct matter *x)
{
    const struct model_revision *r = &p->m->revision[x->revision];
    line_revision(p, x);
    html_raw(&p->b, ", withdrawn on ");
    html_day(&p->b, p->m->withdrawal[r->withdrawal].at);
}

static void line_two(struct page *p, const struct matter *x, uint64_t before, uint64_t now)
{
    line_revision(p, x);
    html_raw(&p->b, ": ");
    html_number(&p->b, before);
    html_raw(&p->b, " before, now ");
    html_number(&p->b, now);
}

/* Its number was given where it is known by key: then the total need not be less. */
static void line_removed(struct page *p, const struct matter *x)
{
    const struct model_revision *r = &p->m->revision[x->revision];
    line_two(p, x, p->m->revision[x->previous].records, r->records);
    if (r->previous == x->previous && r->against.removed != ENTRY_NONE) {
        html_raw(&p->b, ", ");
        html_counted(&p->b, r->against.removed, "record removed", "records removed");
    }
}

static void line_reverted(struct page *p, const struct matter *x)
{
    line_revision(p, x);
    html_raw(&p->b, ": ");
    page_change(p, &p->m->revision[x->revision], true);
}

static void line_columns(struct page *p, const struct matter *x)
{
    line_two(p, x, p->m->revision[x->previous].columns, p->m->revision[x->revision].columns);
}

static const struct {
    const char *box, *one, *many, *advice;
    void (*line)(struct page *p, const struct matter *x);
} kinds[MATTER_KINDS] = {
    [MATTER_HELD] = {"bad", "file is held and did not come again",
                     "files are held and did not come again",
                     "Ask the sender for what is held, corrected, in a new transfer.", line_held},
    [MATTER_CAME_AGAIN] = {"bad", "file came again that was erased here",
                           "files came again that were erased here",
                           "Nothing of it is kept. Tell the sender that it must not be sent.",
                           line_held},
    [MATTER_REFUSED] = {"bad", "transfer was refused as a whole",
                        "transfers were refused as a whole",
                        "Nothing of it was taken in. Ask the sender, unless it came again under "
                        "another name.",
                        line_refused},
    [MATTER_WITHDRAWN] = {"warn", "dataset ends with a revision that is withdrawn",
                          "datasets end with a revision that is withdrawn",
                          "No later one has come.", line_withdrawn},
    [MATTER_REVERTED] = {"warn", "dataset is back to the data of an earlier revision",
                         "datasets are back to the data of an earlier revision",
                         "What came between is undone: is that meant?", line_reverted},
    [MATTER_REMOVED] = {"warn", "dataset lacks records that it had before",
                        "datasets lack records that they had before", "Is that right?",
                        line_removed},
    [MATTER_COLUMNS] =
        {"warn", "dataset has another number of columns", "datasets have another number of columns",
         "All records count as changed then, and programs that read them may have to change.",
         line_columns},
};

static void begin_box(struct page *p, enum matter_kind kind, uint64_t n)
{
    html_raw(&p->b, "<li class=\"box ");
    html_raw(&p->b, kinds[kind].box);
    html_raw(&p->b, "\"><p><strong>");
    html_counted(&p->b, n, kinds[kind].one, kinds[kind].many);
    html_raw(&p->b, ".</strong> ");
    html_raw(&p->b, kinds[kind].advice);
    html_raw(&p->b, "</p>\n<ul>\n");
}

static void list_kind(struct page *p, const struct watch *w, enum matter_kind kind)
{
    uint64_t n = 0, lines = 0;
    for (size_t i = 0; i < w->matters; i++)
        if (w->matter[i].kind == kind)
            n += w->matter[i].files > 0 ? w->matter[i].files : 1;
    if (n == 0)
        return;
    begin_box(p, kind, n);
    for (size_t i = 0; i < w->matters; i++) {
        if (w->matter[i].kind != kind || ++lines > PAGE_MATTERS)
            continue;
        html_raw(&p->b, "<li>");
        kinds[kind].line(p, &w->matter[i]);
        html_raw(&p->b, "</li>\n");
    }
    if (lines > PAGE_MATTERS) {
        html_raw(&p->b, "<li>and ");
        html_number(&p->b, lines - PAGE_MATTERS);
        html_raw(&p->b, " more, which the nights below show</li>\n");
    }
    html_raw(&p->b, "</ul></li>\n");
}

static void list_matters(struct page *p, const struct watch *w)
{
    html_raw(&p->b, "<section aria-labelledby=\"look\">\n<h2 id=\"look\">To look at</h2>\n");
    if (w->matters == 0) {
        html_raw(&p->b,
                 "<div class=\"box good\"><p><strong>Nothing.</strong> All that came was taken "
                 "in, or has come again since.</p></div>\n");
    } else {
        html_raw(&p->b, "<ol class=\"todo\">\n");
        for (enum matter_kind k = 0; k < MATTER_KINDS; k++)
            list_kind(p, w, k);
        html_raw(&p->b, "</ol>\n");
    }
    html_raw(&p->b, "</section>\n");
}

/* --- datasets --- */

static const struct html_column dataset_columns[] = {
    {"Dataset", false},   {"Revision", true},     {"Since", false}, {"Records", true},
    {"Over time", false}, {"Last change", false}, {"State", false},
};

static void add_spark(struct page *p, const struct model_dataset *d)
{
    struct chart_point point[SPARK_POINTS];
    size_t n = 0, from = d->revisions > SPARK_POINTS ? d->revisions - SPARK_POINTS : 0;
    for (size_t i = from; i < d->revisions; i++) {
        const struct model_revision *r = &p->m->revision[d->revision[i]];
        if (r->records != ENTRY_NONE)
            point[n++] = (struct chart_point){r->at, r->records, r->withdrawal != MODEL_NONE};
    }
    chart_spark(&p->b, point, n);
}

static void add_dataset(struct page *p, struct html_table *t, size_t dataset)
{
    const struct model_dataset *d = &p->m->dataset[dataset];
    const struct model_revision *r = &p->m->revision[d->revision[d->revisions - 1]];
    html_row(t, NULL);
    html_cell(t);
    page_link_dataset(p, dataset);
    html_cell(t);
    html_number(&p->b, r->number);
    html_cell(t);
    page_link_day(p, r->transfer);
    html_cell(t);
    page_records(p, r);
    html_cell(t);
    add_spark(p, d);
    html_cell(t);
    page_change(p, r, true);
    html_cell(t);
    if (r->withdrawal != MODEL_NONE)
        html_raw(&p->b, "<span class=\"tag bad\">withdrawn</span>");
    page_erased(p, r);
    html_row_end(t);
}

static void list_datasets(struct page *p)
{
    html_raw(&p->b, "<section aria-labelledby=\"datasets\">\n<h2 id=\"datasets\">Datasets</h2>\n");
    if (p->m->datasets == 0) {
        html_raw(&p->b, "<p>None has come yet.</p>\n</section>\n");
        return;
    }
    struct html_table t = html_table(&p->b, "Datasets", NULL, dataset_columns,
                                     sizeof dataset_columns / sizeof dataset_columns[0]);
    for (size_t i = 0; i < p->m->datasets; i++)
        add_dataset(p, &t, p->m->by_name[i].dataset);
    html_table_end(&t);
    html_raw(&p->b, "</section>\n");
}

/* --- nights --- */

static void link_months(struct page *p)
{
    struct nights from = nights_begin(p->m);
    struct night n;
    int64_t month = PAGE_ANY_MONTH;
    html_raw(&p->b, "<nav aria-label=\"Nights by month\"><ul class=\"row\"><li>By month:</li>\n");
    while (nights_back(&from, &n)) {
        char text[32];
        if (night_month(n.at) == month)
            continue;
        month = night_month(n.at);
        html_raw(&p->b, "<li><a href=\"");
        page_month_name(&p->b, n.at);
        html_raw(&p->b, "\">");
        html_text(&p->b, html_month_text(n.at, text));
        html_raw(&p->b, "</a></li>\n");
    }
    html_raw(&p->b, "</ul></nav>\n");
}

static void list_nights(struct page *p)
{
    html_raw(&p->b,
             "<section aria-labelledby=\"nights\">\n<h2 id=\"nights\">The last nights</h2>\n");
    if (p->m->transfers == 0) {
        html_raw(&p->b, "<p>No transfer has come yet.</p>\n</section>\n");
        return;
    }
    page_nights(p, nights_begin(p->m), PAGE_NIGHTS, PAGE_ANY_MONTH);
    link_months(p);
    html_raw(&p->b, "</section>\n");
}

/* --- issues --- */

static void list_issues_met(struct page *p)
{
    uint64_t count[ISSUE_COUNT + 1] = {0};
    for (size_t i = 0; i < p->m->refusals; i++)
        count[p->m->refusal[i].issue]++;
    html_raw(&p->b,
             "<section aria-labelledby=\"issues\">\n<h2 id=\"issues\">What was held or refused, "
             "since the beginning</h2>\n");
    if (p->m->refusals == 0)
        html_raw(&p->b, "<p>Nothing.</p>\n");
    html_raw(&p->b, p->m->refusals > 0 ? "<ul class=\"row\">\n" : "");
    for (enum issue_id id = 0; id < ISSUE_COUNT; id++) {
        if (count[id] == 0)
            continue;
        html_raw(&p->b, "<li>");
        page_link_issue(p, id);
        html_raw(&p->b, ": ");
        html_number(&p->b, count[id]);
        html_raw(&p->b, "</li>\n");
    }
    html_raw(&p->b, p->m->refusals > 0 ? "</ul>\n</section>\n" : "</section>\n");
}

/* --- evidence --- */

static void seal_fact(struct page *p, const struct page_anchors *x)
{
    const struct model *m = p->m;
    html_fact(&p->b, "Time seals");
    if (m->seals > 0) {
        const struct model_seal *s = &m->seal[m->seals - 1];
        html_raw(&p->b, "The first ");
        html_counted(&p->b, s->size, "entry", "entries");
        html_raw(&p->b, " existed before ");
        html_time(&p->b, s->time);
        html_raw(&p->b, ", says an authority (");
        page_entry(p, s->entry);
        html_raw(&p->b, "). ");
    } else if (!x->seals) {
        html_raw(&p->b, "No authority is named: no time is proved by others.");
    } else {
        html_raw(&p->b, "None yet. ");
    }
    if (x->seals && m->unsealed != ENTRY_NONE) {
        html_raw(&p->b, "<strong class=\"held\">Pending</strong> since ");
        html_time(&p->b, m->unsealed_at);
        html_raw(&p->b, ", from ");
        page_entry(p, m->unsealed);
        html_raw(&p->b, " on.");
    }
    html_fact_end(&p->b);
}

static void anchor_fact(struct page *p, const struct page_anchors *x)
{
    html_fact(&p->b, "Anchors");
    if (x->count == 0)
        html_raw(&p->b, "None: nobody notices if the whole home is set back.");
    else
        html_format(&p->b, "%zu of %zu hold%s the last state.", x->current, x->count,
                    x->current == 1 ? "s" : "");
    if (x->current < x->count)
        html_raw(&p->b, " <strong class=\"held\">Pending.</strong>");
    html_fact_end(&p->b);
}

static void issued_fact(struct page *p)
{
    const struct model *m = p->m;
    html_fact(&p->b, "Bundles handed out");
    if (m->issued > 0) {
        html_number(&p->b, m->issued);
        html_raw(&p->b, "; the last on ");
        html_day(&p->b, m->issued_at);
        html_format(&p->b, ", of %llu entries", (unsigned long long)m->issued_size);
    } else {
        html_raw(&p->b, "None");
    }
    html_fact_end(&p->b);
}

static void erased_fact(struct page *p)
{
    const struct model *m = p->m;
    if (m->erased_files + m->erased_texts == 0)
        return;
    html_fact(&p->b, "Erased");
    if (m->erased_files > 0)
        html_counted(&p->b, m->erased_files, "file", "files");
    html_raw(&p->b, m->erased_files > 0 && m->erased_texts > 0 ? " and " : "");
    if (m->erased_texts > 0)
        html_counted(&p->b, m->erased_texts, "text", "texts");
    html_raw(&p->b, "; the last on ");
    html_day(&p->b, m->erased_at);
    html_raw(&p->b, " (");
    page_entry(p, m->erased_entry);
    html_raw(&p->b, "). The entries are there, the bytes are destroyed.");
    html_fact_end(&p->b);
}

static void ledger_fact(struct page *p)
{
    const struct model *m = p->m;
    html_fact(&p->b, "Ledger");
    html_counted(&p->b, m->size, "entry", "entries");
    html_raw(&p->b, ", the last of ");
    html_time(&p->b, m->head_at);
    html_fact_end(&p->b);
    html_raw(
        &p->b,
        "<div class=\"all\"><dt>Its root, as signed and as computed from the entries</dt><dd>");
    html_hash(&p->b, m->root);
    html_fact_end(&p->b);
}

static void list_evidence(struct page *p, const struct page_anchors *x)
{
    html_raw(&p->b,
             "<section aria-labelledby=\"evidence\">\n<h2 id=\"evidence\">Evidence</h2>\n<dl>\n");
    seal_fact(p, x);
    anchor_fact(p, x);
    issued_fact(p);
    erased_fact(p);
    ledger_fact(p);
    html_raw(&p->b, "</dl>\n</section>\n");
}

/* The same list as docs/DESIGN.md. */
static const char on_his_word[] =
    "<section aria-labelledby=\"word\">\n<h2 id=\"word\">What only the operator vouches for</h2>\n"
    "<ul class=\"plain\">\n"
    "<li>That the clock was right.</li>\n"
    "<li>That there was no second history, where nobody holds an earlier state.</li>\n"
    "<li>That what was held was rightly held: a bundle has the refusal, not the bytes.</li>\n"
    "<li>That file names, reasons and other words of persons are true: the ledger proves only that "
    "they were there.</li>\n"
    "<li>That the transfers came from the sender, and that everything that came was put in.</li>\n"
    "</ul>\n</section>\n";

/* --- all --- */

static void add_title(struct page *p)
{
    const struct model *m = p->m;
    html_raw(&p->b, "<h1>");
    html_text(&p->b, m->conf.title.n > 0 ? m->conf.title : m->study);
    html_raw(&p->b, "</h1>\n<p class=\"lead\">Notarization report of study ");
    html_text(&p->b, m->study);
    html_raw(&p->b, ", as of ");
    html_time(&p->b, m->head_at);
    html_raw(&p->b, " (UTC): ");
    html_counted(&p->b, m->transfers, "transfer", "transfers");
    html_raw(&p->b, ", ");
    html_counted(&p->b, m->datasets, "dataset", "datasets");
    html_raw(&p->b, ", ");
    html_counted(&p->b, m->revisions, "revision", "revisions");
    html_raw(&p->b, ".</p>\n");
}

bool page_index(struct page *p, const struct page_anchors *x, struct span stamp, struct err *e)
{
    struct watch w;
    bool good = watch_open(p->m, &w, e);
    if (good) {
        page_begin(p, "", stamp);
        add_title(p);
        html_raw(&p->b, "<div class=\"first\">\n<div>\n");
        list_matters(p, &w);
        list_nights(p);
        list_datasets(p);
        html_raw(&p->b, "</div>\n<div>\n");
        list_evidence(p, x);
        html_raw(&p->b, on_his_word);
        html_raw(&p->b, "</div>\n</div>\n");
        list_issues_met(p);
        page_end(p, p->m->study);
    }
    watch_close(&w);
    return good;
}
