#include "report/page.h"

#include "base/time.h"

struct transfer_page {
    struct page *p;
    const struct model_transfer *t;
    const struct transfer_details *d; /* NULL: gone */
    size_t refusal;                   /* the next held file's, from 0 */
};

/* --- facts --- */

static const char *const kind_name[] = {"", "production", "test"};
static const char *const scope_name[] = {"", "cumulative", "incremental"};

static void word_fact(struct page *p, const char *name, struct span value)
{
    if (value.n == 0)
        return;
    html_fact(&p->b, name);
    html_text(&p->b, value);
    html_fact_end(&p->b);
}

/* Only where study.conf allows it. */
static void said_fact(struct page *p, bool allowed, const char *name, struct span value)
{
    if (!allowed || value.n == 0)
        return;
    html_fact(&p->b, name);
    html_said(&p->b, value);
    html_fact_end(&p->b);
}

static void seal_fact(struct page *p, const struct model_transfer *t)
{
    const struct model_seal *s = model_seal_of(p->m, t->entry);
    html_fact(&p->b, "Time seal");
    if (s != NULL) {
        html_raw(&p->b, "Existed before ");
        html_time(&p->b, s->time);
        html_raw(&p->b, ", says an authority (");
        page_entry(p, s->entry);
        html_raw(&p->b, ")");
    } else {
        html_raw(&p->b, "None");
    }
    html_fact_end(&p->b);
}

static void previous_fact(struct page *p, const struct model_transfer *t)
{
    size_t index = (size_t)(t - p->m->transfer);
    if (index == 0)
        return;
    html_fact(&p->b, "The transfer before");
    page_link_transfer(p, index - 1);
    html_fact_end(&p->b);
}

static void hash_fact(struct page *p, const char *name, struct hash h)
{
    html_raw(&p->b, "<div class=\"all\"><dt>");
    html_raw(&p->b, name);
    html_raw(&p->b, "</dt><dd>");
    html_hash(&p->b, h);
    html_fact_end(&p->b);
}

static void add_facts(struct transfer_page *x)
{
    struct page *p = x->p;
    const struct model_transfer *t = x->t;
    bool names = p->m->conf.report.names, reasons = p->m->conf.report.reasons;
    html_raw(&p->b, "<dl>\n");
    html_fact(&p->b, "Ledger");
    page_entry(p, t->entry);
    html_fact_end(&p->b);
    if (x->d != NULL) {
        said_fact(p, names, "Name", x->d->name);
        said_fact(p, names, "Id, by the sender", x->d->id);
        said_fact(p, reasons, "Reason, by the sender", x->d->reason);
    }
    word_fact(p, "Data, by the sender", span_str(kind_name[t->kind]));
    word_fact(p, "Scope, by the sender", span_str(scope_name[t->scope]));
    word_fact(p, "Data up to, by the sender", t->cutoff);
    seal_fact(p, t);
    previous_fact(p, t);
    hash_fact(p, t->refused ? "SHA-256 of what was refused" : "SHA-256 of the manifest",
              t->subject);
    html_raw(&p->b, "</dl>\n");
}

/* --- what it came to --- */

/* Of what was erased nobody wants another one. */
static void add_advice(struct transfer_page *x)
{
    struct page *p = x->p;
    const struct model_transfer *t = x->t;
    size_t erased = 0;
    for (size_t i = 0; i < t->refusals; i++)
        erased += p->m->refusal[t->first_refusal + i].issue == ISSUE_FILE_ERASED;
    if (erased > 0)
        html_raw(&p->b, "What was erased here before must not be sent again. ");
    if (erased < t->refusals)
        html_raw(&p->b, "The sender has to send what is held, corrected, in a new transfer. ");
}

/* A new dataset, one with other data, or one of which that is not known. */
static bool changes_data(const struct transfer_page *x)
{
    for (size_t i = 0; i < x->t->revisions; i++)
        if (!model_same_data(&x->p->m->revision[x->t->first_revision + i]))
            return true;
    return false;
}

static void add_box(struct transfer_page *x)
{
    struct page *p = x->p;
    const struct model_transfer *t = x->t;
    if (t->refused) {
        html_raw(&p->b,
                 "<div class=\"box bad\"><p><strong>Refused as a whole.</strong> Nothing of it "
                 "was taken in. The sender has to correct it and to send it as a new "
                 "transfer.</p></div>\n");
    } else if (t->held > 0) {
        html_raw(&p->b, "<div class=\"box bad\"><p><strong>");
        html_counted(&p->b, t->held, "file is held", "files are held");
        html_raw(&p->b, ".</strong> ");
        add_advice(x);
        html_raw(&p->b, "The others are taken in and need not come again.</p></div>\n");
    } else {
        html_raw(&p->b, "<div class=\"box good\"><p><strong>All was taken in.</strong>");
        html_raw(&p->b, changes_data(x) ? "</p></div>\n" : " No data changed.</p></div>\n");
    }
}

static void add_title(struct transfer_page *x)
{
    struct page *p = x->p;
    const struct model_transfer *t = x->t;
    html_raw(&p->b, "<h1>Transfer of ");
    html_time(&p->b, t->at);
    html_raw(&p->b, "</h1>\n<p class=\"lead\">");
    if (!t->refused) {
        html_counted(&p->b, t->received, "file", "files");
        html_raw(&p->b, ": ");
        html_number(&p->b, t->new);
        html_raw(&p->b, " new, ");
        html_number(&p->b, t->unchanged);
        html_raw(&p->b, " unchanged, ");
        html_number(&p->b, t->held);
        html_raw(&p->b, " held. ");
        html_counted(&p->b, t->revisions, "new revision", "new revisions");
        html_raw(&p->b, ".");
    }
    html_raw(&p->b, "</p>\n");
}

/* --- files --- */

static const struct html_column file_columns[] = {
    {"File", false},    {"Outcome", false}, {"Issues", false},
    {"Dataset", false}, {"Revision", true}, {"Change", false},
    {"Records", true},  {"Bytes", true},    {"SHA-256", false},
};

/* The revision of that entry, or NULL. Those of this transfer are the usual ones. */
static const struct model_revision *revision_of(const struct transfer_page *x, uint64_t entry)
{
    const struct model *m = x->p->m;
    size_t i = model_revision_at(m, entry);
    return i == MODEL_NONE ? NULL : &m->revision[i];
}

static void add_withdrawn(struct page *p, const struct model_revision *r)
{
    if (r->withdrawal == MODEL_NONE)
        return;
    html_raw(&p->b, " <span class=\"tag bad\">withdrawn</span> ");
    html_day(&p->b, p->m->withdrawal[r->withdrawal].at);
}

/*
 * What became of a revision later stands on the page of the transfer that brought it. One that only
 * found it unchanged never has to be written again.
 */
static void revision_cells(struct transfer_page *x, struct html_table *t,
                           const struct model_revision *r)
{
    struct page *p = x->p;
    bool own = r != NULL && &p->m->transfer[r->transfer] == x->t;
    html_cell(t);
    if (r != NULL)
        page_link_dataset(p, r->dataset);
    if (own) {
        add_withdrawn(p, r);
        page_erased(p, r);
    }
    html_cell(t);
    if (r != NULL)
        html_number(&p->b, r->number);
    html_cell(t);
    if (own)
        page_change(p, r, false);
    html_cell(t);
    if (own)
        page_records(p, r);
    else if (r != NULL && r->records != ENTRY_NONE)
        html_number(&p->b, r->records);
}

/* The first issues of the file; what exactly only where names may be shown: it may repeat them. */
static void add_issues(struct page *p, const struct details_file *f)
{
    size_t shown = f->issues > PAGE_ISSUES ? PAGE_ISSUES : f->issues;
    for (size_t i = 0; i < shown; i++) {
        enum issue_id id = issue_find(f->issue[i].id);
        html_raw(&p->b, i > 0 ? "<br>" : "");
        if (id < ISSUE_COUNT)
            page_link_issue(p, id);
        else
            html_text(&p->b, f->issue[i].id);
        if (p->m->conf.report.names && f->issue[i].detail.n > 0) {
            html_raw(&p->b, ": ");
            html_said(&p->b, f->issue[i].detail);
        }
    }
    if (f->issues > shown)
        html_format(&p->b, " and %zu more", f->issues - shown);
}

/* A held file's entry is what `trialseal get` asks for. */
static void add_held(struct transfer_page *x)
{
    struct page *p = x->p;
    html_raw(&p->b, "<strong class=\"held\">held</strong>");
    if (x->refusal == x->t->refusals)
        return;
    html_raw(&p->b, " <span class=\"soft\">");
    page_entry(p, p->m->refusal[x->t->first_refusal + x->refusal++].entry);
    html_raw(&p->b, "</span>");
}

static void add_outcome(struct transfer_page *x, struct span outcome)
{
    if (span_eq(outcome, SPAN("held")))
        add_held(x);
    else
        html_text(&x->p->b, outcome);
}

static void add_hash_text(struct page *p, struct span hex)
{
    html_raw(&p->b, hex.n > 0 ? "<code>" : "");
    html_text(&p->b, hex);
    html_raw(&p->b, hex.n > 0 ? "</code>" : "");
}

static void file_name(struct transfer_page *x, size_t i)
{
    if (x->p->m->conf.report.names)
        html_said(&x->p->b, x->d->file[i].name);
    else
        html_number(&x->p->b, i + 1);
}

/* A row for each dataset that the file holds; the file's own cells stand in the first. */
static void file_rows(struct transfer_page *x, struct html_table *t, size_t i)
{
    struct page *p = x->p;
    const struct details_file *f = &x->d->file[i];
    for (size_t k = 0; k == 0 || k < f->datasets; k++) {
        const struct details_dataset *d = k < f->datasets ? &f->dataset[k] : NULL;
        html_row(t, NULL);
        html_cell(t);
        file_name(x, i);
        html_cell(t);
        add_outcome(x, d != NULL ? d->outcome : f->outcome);
        html_cell(t);
        if (k == 0)
            add_issues(p, f);
        revision_cells(x, t, d != NULL ? revision_of(x, d->entry) : NULL);
        html_cell(t);
        if (k == 0 && f->size != ENTRY_NONE)
            html_number(&p->b, f->size);
        html_cell(t);
        if (k == 0)
            add_hash_text(p, f->sha256);
        html_row_end(t);
    }
}

/* Without the text: what the entries say. */
static void bare_revision(struct transfer_page *x, struct html_table *t,
                          const struct model_revision *r)
{
    html_row(t, NULL);
    html_cell(t);
    html_cell(t);
    html_raw(&x->p->b, "new");
    html_cell(t);
    revision_cells(x, t, r);
    html_cell(t);
    html_number(&x->p->b, r->size);
    html_cell(t);
    html_hash(&x->p->b, r->sha256);
    html_row_end(t);
}

static void bare_refusal(struct transfer_page *x, struct html_table *t,
                         const struct model_refusal *r)
{
    html_row(t, NULL);
    html_cell(t);
    html_cell(t);
    add_held(x);
    html_cell(t);
    if (r->issue < ISSUE_COUNT)
        page_link_issue(x->p, r->issue);
    revision_cells(x, t, NULL);
    html_cell(t);
    if (r->size != ENTRY_NONE)
        html_number(&x->p->b, r->size);
    html_cell(t);
    html_hash(&x->p->b, r->sha256);
    html_row_end(t);
}

/* Behind the first PAGE_FILES only those that are held, and as many. Returns what is left out. */
static size_t list_named(struct transfer_page *x, struct html_table *t)
{
    size_t held = 0, left_out = 0;
    for (size_t i = 0; i < x->d->files; i++) {
        bool is_held = span_eq(x->d->file[i].outcome, SPAN("held"));
        if (i < PAGE_FILES || (is_held && held++ < PAGE_FILES))
            file_rows(x, t, i);
        else
            left_out++;
    }
    return left_out;
}

static void list_files(struct transfer_page *x)
{
    struct page *p = x->p;
    html_raw(&p->b, "<h2>Files</h2>\n");
    if (x->d == NULL)
        html_raw(&p->b, "<p>The text that names them is not in this home; it may have been erased. "
                        "This is what the entries say.</p>\n");
    struct html_table t = html_table(&p->b, "Files", NULL, file_columns,
                                     sizeof file_columns / sizeof file_columns[0]);
    size_t left_out = x->d != NULL ? list_named(x, &t) : 0;
    for (size_t i = 0; x->d == NULL && i < x->t->revisions; i++)
        bare_revision(x, &t, &p->m->revision[x->t->first_revision + i]);
    for (size_t i = 0; x->d == NULL && i < x->t->refusals; i++)
        bare_refusal(x, &t, &p->m->refusal[x->t->first_refusal + i]);
    html_table_end(&t);
    if (left_out > 0) {
        html_raw(&p->b, "<p>And ");
        html_counted(&p->b, left_out, "file", "files");
        html_raw(&p->b, " more, which are in the receipt.</p>\n");
    }
}

/* Of a transfer that was refused as a whole. */
static void list_issues(struct transfer_page *x)
{
    struct page *p = x->p;
    const struct model_refusal *r = &p->m->refusal[x->t->first_refusal];
    html_raw(&p->b, "<h2>Why</h2>\n<p>");
    if (x->d != NULL && x->d->files > 0)
        add_issues(p, &x->d->file[0]);
    else if (r->issue < ISSUE_COUNT)
        page_link_issue(p, r->issue);
    html_raw(&p->b, "</p>\n");
}

/* --- what was written about its revisions --- */

/* Reasons that persons gave; each from a text of its own. */
static bool add_reason(struct page *p, const struct model_withdrawal *w, struct err *e)
{
    const struct model_revision *r = &p->m->revision[w->revision];
    struct span reason;
    if (!model_said(p->m, w->details, "reason", &p->a, &reason, e))
        return false;
    html_raw(&p->b, "<li>");
    page_link_dataset(p, r->dataset);
    html_format(&p->b, ", revision %llu, withdrawn: ", (unsigned long long)r->number);
    html_said(&p->b, reason);
    html_raw(&p->b, "</li>\n");
    return true;
}

static bool list_reasons(struct transfer_page *x, struct err *e)
{
    struct page *p = x->p;
    bool begun = false;
    for (size_t i = 0; p->m->conf.report.reasons && i < x->t->revisions; i++) {
        const struct model_revision *r = &p->m->revision[x->t->first_revision + i];
        if (r->withdrawal == MODEL_NONE)
            continue;
        html_raw(&p->b, begun ? "" : "<h2>Withdrawals</h2>\n<ul class=\"plain\">\n");
        begun = true;
        if (!add_reason(p, &p->m->withdrawal[r->withdrawal], e))
            return false;
    }
    html_raw(&p->b, begun ? "</ul>\n" : "");
    return true;
}

/* --- all --- */

static void end_page(struct transfer_page *x)
{
    struct buf show = {0};
    buf_add(&show, x->p->m->study);
    buf_byte(&show, '#');
    buf_u64(&show, x->t->entry);
    page_end(x->p, buf_span(&show));
    buf_close(&show);
}

bool page_transfer(struct page *p, size_t transfer, struct err *e)
{
    struct transfer_page x = {.p = p, .t = &p->m->transfer[transfer]};
    char title[64], day[TIME_TEXT + 1];
    if (!model_details(p->m, x.t, &p->a, &x.d, e))
        return false;
    text_format(title, sizeof title, "Transfer of %.*s", SPAN_ARGS(html_day_text(x.t->at, day)));
    page_begin(p, title, SPAN(""));
    add_title(&x);
    add_box(&x);
    add_facts(&x);
    if (x.t->refused)
        list_issues(&x);
    else
        list_files(&x);
    bool good = list_reasons(&x, e);
    end_page(&x);
    return good;
}
