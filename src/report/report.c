#include "report/report.h"

#include <assert.h>
#include <string.h>

#include "format/note.h"
#include "os/dir.h"
#include "os/publish.h"
#include "report/page.h"
#include "report/pdf.h"

struct writing {
    struct model m;
    struct page page;
    struct page_anchors anchors;
    const struct report_options *options;
    int root;           /* the outbox of the study, or the folder that was given */
    const char *folder; /* below it */
    struct batch *batch;
    uint64_t from; /* entries before this are in the pages that are there */
    struct buf stamp;
    bool pdf; /* wanted, and none has failed */
    struct arena *a;
    struct issues *found;
    struct report_result *out;
};

/* --- the stamp: what the pages that are there were made of --- */

static void stamp_conf(struct buf *b, const struct model *m)
{
    struct sha256 s;
    struct hash h;
    const char *flags = m->conf.report.names ? (m->conf.report.reasons ? "nr" : "n")
                                             : (m->conf.report.reasons ? "r" : "");
    sha256_begin(&s);
    sha256_feed(&s, span_str(flags));
    sha256_feed(&s, SPAN("\n"));
    sha256_feed(&s, m->conf.title);
    h = sha256_end(&s);
    buf_hex(b, hash_span(&h));
}

/* "LAYOUT CONF SIZE ROOT": the first page also depends on what follows, "ANCHORS CURRENT SEALS". */
static void write_stamp(struct writing *w)
{
    struct buf *b = &w->stamp;
    buf_u64(b, REPORT_LAYOUT);
    buf_byte(b, ' ');
    stamp_conf(b, &w->m);
    buf_byte(b, ' ');
    buf_u64(b, w->m.size);
    buf_byte(b, ' ');
    buf_hex(b, hash_span(&w->m.root));
    html_format(b, " %zu %zu %d", w->anchors.count, w->anchors.current, w->anchors.seals);
}

/* A name below the report's folder, with NUL. */
static void page_path(const struct writing *w, struct buf *b, struct span name)
{
    buf_clear(b);
    buf_str(b, w->folder);
    buf_byte(b, '/');
    buf_add(b, name);
    buf_byte(b, '\0');
}

static struct span stamp_in(struct span page)
{
    const struct span before = SPAN("<meta name=\"trialseal-report\" content=\"");
    for (; page.n > before.n; page = span_skip(page, 1))
        if (span_take(&page, before))
            return span_of(page.p, span_find(page, 0, '"'));
    return SPAN("");
}

/* The stamp of the first page that is there; empty where there is none. */
static bool read_stamp(struct writing *w, struct span *out, struct err *e)
{
    enum { HEAD = 2048 };
    struct buf path = {0};
    struct file_info info;
    struct file f;
    size_t got = 0;
    char *head = arena_new(w->a, HEAD);
    page_path(w, &path, SPAN("index.html"));
    const char *name = (const char *)path.p;
    *out = SPAN("");
    bool good = file_stat(w->root, name, &info, e);
    if (good && info.kind == FILE_REGULAR) {
        good = file_open(w->root, name, &f, e) && file_read_at(&f, 0, head, HEAD, &got, e);
        file_close(&f);
    }
    buf_close(&path);
    if (good)
        *out = stamp_in(span_of(head, got));
    return good;
}

static struct span next_word(struct span *s)
{
    size_t n = span_find(*s, 0, ' ');
    struct span word = span_of(s->p, n);
    *s = span_skip(*s, n < s->n ? n + 1 : n);
    return word;
}

/* The pages that are there show this many entries of this very ledger, made as they would be now.
 */
static bool stamped_size(struct writing *w, struct span there, uint64_t *out, struct err *e)
{
    struct span now = buf_span(&w->stamp);
    struct hash root, ours;
    uint64_t size = 0;
    *out = 0;
    for (int i = 0; i < 2; i++)
        if (!span_eq(next_word(&there), next_word(&now)))
            return true;
    if (!span_u64(next_word(&there), &size) || size == 0 || size > w->m.size ||
        !hash_parse(next_word(&there), &root))
        return true;
    if (!log_root(w->m.log, w->m.size, size, &ours, e))
        return false;
    *out = hash_eq(root, ours) ? size : 0;
    return true;
}

/* --- putting pages --- */

static bool is_there(struct writing *w, const char *path, bool *out, struct err *e)
{
    struct arena a = {0};
    struct file_info info;
    struct span old;
    *out = false;
    bool good = file_stat(w->root, path, &info, e);
    if (good && info.kind == FILE_REGULAR && info.size == w->page.b.n) {
        good = file_read_all(w->root, path, w->page.b.n, &a, &old, e);
        *out = good && span_eq(old, buf_span(&w->page.b));
    }
    arena_close(&a);
    return good;
}

/* The page in w->page.b, under the name in `name`, which is emptied. */
static bool put_page(struct writing *w, struct span name, bool *same, struct err *e)
{
    struct buf path = {0};
    page_path(w, &path, name);
    bool good = is_there(w, (const char *)path.p, same, e);
    if (good && !*same) {
        good = batch_add(w->batch, w->root, (const char *)path.p, buf_span(&w->page.b),
                         FILE_PRIVATE, e);
        w->out->written++;
    }
    buf_close(&path);
    arena_close(&w->page.a);
    return good;
}

static bool put(struct writing *w, struct buf *name, struct err *e)
{
    bool same;
    bool good = put_page(w, buf_span(name), &same, e);
    buf_clear(name);
    return good;
}

/* --- a transfer's PDF --- */

/* It says which page it is of. */
static void add_origin(struct buf *b, struct span page, struct span name)
{
    const struct span end = SPAN("</footer>\n</body>\n</html>\n");
    struct hash hash = sha256_of(page);
    assert(span_ends(page, end));
    buf_add(b, span_of(page.p, page.n - end.n));
    html_raw(b, "<p>Printed from <code>");
    html_text(b, name);
    html_raw(b, "</code>, SHA-256 ");
    html_hash(b, hash);
    html_raw(b, "</p>\n");
    buf_add(b, end);
}

/* Only WeasyPrint's failure is an issue; a disk's is an error. */
static bool make_pdf(struct writing *w, struct span name, int64_t at, struct buf *pdf,
                     struct err *e)
{
    struct buf page = {0};
    struct err why = {0};
    add_origin(&page, buf_span(&w->page.b), name);
    w->pdf = pdf_make(w->m.home, buf_span(&page), at, pdf, &why);
    buf_close(&page);
    if (w->pdf)
        return true;
    if (why.kind == ERR_STATE)
        issues_add(w->found, ISSUE_REPORT_PDF, arena_str(w->a, name), "%s", why.text);
    else if (e != NULL)
        *e = why;
    return why.kind == ERR_STATE;
}

static bool put_pdf(struct writing *w, struct span name, int64_t at, bool same, struct err *e)
{
    struct buf path = {0}, pdf = {0};
    struct file_info info;
    page_path(w, &path, span_of(name.p, name.n - strlen("html")));
    path.n--; /* its NUL */
    buf_add(&path, SPAN("pdf\0"));
    bool good = file_stat(w->root, (const char *)path.p, &info, e);
    if (good && !(same && info.kind == FILE_REGULAR)) {
        good = make_pdf(w, name, at, &pdf, e);
        if (good && w->pdf) {
            good =
                batch_add(w->batch, w->root, (const char *)path.p, buf_span(&pdf), FILE_PRIVATE, e);
            w->out->written++;
        }
    }
    buf_close(&path);
    buf_close(&pdf);
    return good;
}

/* --- what later entries change --- */

static bool is_late(const struct writing *w, uint64_t entry)
{
    return entry >= w->from;
}

static bool is_withdrawn_late(const struct writing *w, size_t revision)
{
    size_t x = w->m.revision[revision].withdrawal;
    return x != MODEL_NONE && is_late(w, w->m.withdrawal[x].entry);
}

static bool is_transfer_late(const struct writing *w, const struct model_transfer *t)
{
    const struct model_seal *s = model_seal_of(&w->m, t->entry);
    bool late = is_late(w, t->entry) || (s != NULL && is_late(w, s->entry));
    for (size_t i = 0; !late && i < t->revisions; i++)
        late = is_withdrawn_late(w, t->first_revision + i);
    return late;
}

static bool put_transfers(struct writing *w, struct err *e)
{
    struct buf name = {0};
    bool good = true;
    for (size_t i = 0; good && i < w->m.transfers; i++) {
        if (!is_transfer_late(w, &w->m.transfer[i]))
            continue;
        buf_clear(&name);
        page_transfer_name(&name, w->m.transfer[i].entry);
        bool same = false;
        good = page_transfer(&w->page, i, e) && put_page(w, buf_span(&name), &same, e) &&
               (!w->pdf || put_pdf(w, buf_span(&name), w->m.transfer[i].at, same, e));
    }
    buf_close(&name);
    return good;
}

/* Revisions from .. to-1 of a dataset: is one new, or withdrawn since? */
static bool is_late_among(const struct writing *w, const struct model_dataset *d, size_t from,
                          size_t to)
{
    bool late = false;
    for (size_t i = from; !late && i < to; i++)
        late =
            is_late(w, w->m.revision[d->revision[i]].entry) || is_withdrawn_late(w, d->revision[i]);
    return late;
}

/* A part gets a page when the first revision behind it comes. */
static bool put_parts(struct writing *w, size_t dataset, struct buf *name, struct err *e)
{
    const struct model_dataset *d = &w->m.dataset[dataset];
    bool good = true;
    for (size_t part = 0; good && (part + 1) * PAGE_REVISIONS < d->revisions; part++) {
        if (!is_late_among(w, d, part * PAGE_REVISIONS, (part + 1) * PAGE_REVISIONS + 1))
            continue;
        page_revisions(&w->page, dataset, part);
        page_revisions_name(name, d->name, part);
        good = put(w, name, e);
    }
    return good;
}

static bool put_datasets(struct writing *w, struct err *e)
{
    struct buf name = {0};
    bool good = true;
    for (size_t i = 0; good && i < w->m.datasets; i++) {
        const struct model_dataset *d = &w->m.dataset[i];
        if (!is_late_among(w, d, 0, d->revisions))
            continue;
        page_dataset(&w->page, i);
        page_dataset_name(&name, d->name);
        good = put(w, &name, e) && put_parts(w, i, &name, e);
    }
    buf_close(&name);
    return good;
}

/* Is something of that night new? */
static bool is_night_late(const struct writing *w, const struct night *n, size_t end_withdrawal)
{
    return (n->end_transfer > n->first_transfer &&
            is_late(w, w->m.transfer[n->end_transfer - 1].entry)) ||
           (n->withdrawals > 0 && is_late(w, w->m.withdrawal[end_withdrawal - 1].entry));
}

/* The last night of a month is the first that is met; if it is not new, none of the month is. */
static bool put_months(struct writing *w, struct err *e)
{
    struct nights at = nights_begin(&w->m), before = at;
    struct night n;
    struct buf name = {0};
    int64_t month = PAGE_ANY_MONTH;
    bool good = true;
    for (; good && nights_back(&at, &n); before = at) {
        if (night_month(n.at) == month)
            continue;
        month = night_month(n.at);
        if (!is_night_late(w, &n, before.withdrawals))
            break;
        page_month(&w->page, before, n.at);
        page_month_name(&name, n.at);
        good = put(w, &name, e);
    }
    buf_close(&name);
    return good;
}

/* Those that pages of this time linked to, and those that later refusals name. */
static bool put_issues(struct writing *w, struct err *e)
{
    struct buf name = {0};
    bool late[ISSUE_COUNT + 1] = {false};
    bool good = true;
    for (size_t i = w->m.refusals; i > 0 && is_late(w, w->m.refusal[i - 1].entry); i--)
        late[w->m.refusal[i - 1].issue] = true;
    for (enum issue_id id = 0; good && id < ISSUE_COUNT; id++) {
        if (!late[id] && !w->page.issue_met[id])
            continue;
        page_issue(&w->page, id);
        page_issue_name(&name, id);
        good = put(w, &name, e);
    }
    buf_close(&name);
    return good;
}

/* Last of all: its stamp says that the others are there. */
static bool put_index(struct writing *w, struct err *e)
{
    struct buf name = {0};
    buf_str(&name, "index.html");
    bool good = page_index(&w->page, &w->anchors, buf_span(&w->stamp), e) && put(w, &name, e);
    buf_close(&name);
    return good;
}

static bool put_all(struct writing *w, struct err *e)
{
    w->batch = batch_open();
    bool good = put_transfers(w, e) && put_datasets(w, e) && put_months(w, e) && put_issues(w, e) &&
                put_index(w, e) && batch_commit(w->batch, e);
    batch_close(w->batch);
    return good;
}

/* --- all --- */

/* One that has nothing yet, or another state, is not up to date: what it means, `status` says. */
static bool look_at_anchor(struct writing *w, size_t i, struct span origin, struct err *e)
{
    struct span bytes;
    struct note n;
    struct checkpoint c;
    if (!log_anchor_read(w->m.home, i, origin, w->a, &bytes, e))
        return false;
    if (bytes.n == 0)
        return true;
    if (!note_parse(w->a, bytes, &n, e) || !checkpoint_parse(n.text, &c, e))
        return err_at(e, "anchor %s", w->m.home->conf.anchor[i]);
    w->anchors.current += c.size == w->m.size && hash_eq(c.root, w->m.root);
    return true;
}

static bool look_outside(struct writing *w, struct err *e)
{
    const struct home *h = w->m.home;
    struct span tsa, origin = home_study_origin(h, w->a, w->m.study);
    if (!home_tsa(h, w->a, &tsa, e))
        return false;
    w->anchors.seals = tsa.p != NULL;
    w->anchors.count = h->conf.anchors;
    bool good = true;
    for (size_t i = 0; good && i < h->conf.anchors; i++)
        good = look_at_anchor(w, i, origin, e);
    return good;
}

static bool open_root(struct writing *w, struct err *e)
{
    const char *given = w->options->folder;
    int from = -1;
    if (given == NULL) {
        w->folder = REPORT_FOLDER;
        return dir_open(w->m.home->outbox, arena_str(w->a, w->m.study), &w->root, e) ||
               err_at(e, "outbox");
    }
    w->folder = arena_str(w->a, w->m.study);
    const char *below = given;
    while (*below == '/')
        below++;
    bool good = dir_open_path(below == given ? "." : "/", &from, e) &&
                (*below == '\0' || dir_make_path(from, below, DIR_PRIVATE, e)) &&
                dir_open_path(given, &w->root, e);
    dir_close(from);
    return good;
}

static void tell_path(struct writing *w)
{
    struct buf b = {0};
    if (w->options->folder != NULL) {
        buf_str(&b, w->options->folder);
    } else {
        buf_str(&b, w->m.home->path);
        buf_str(&b, "/outbox/");
        buf_add(&b, w->m.study);
    }
    buf_byte(&b, '/');
    buf_str(&b, w->folder);
    buf_str(&b, "/index.html");
    w->out->path = arena_str(w->a, buf_span(&b));
    w->out->size = w->m.size;
    buf_close(&b);
}

static bool write_pages(struct writing *w, struct err *e)
{
    struct span there;
    if (w->options->nightly && !w->m.conf.report.nightly)
        return true;
    if (!open_root(w, e) || !look_outside(w, e) || !read_stamp(w, &there, e))
        return false;
    write_stamp(w);
    tell_path(w);
    if (!w->options->all) {
        if (span_eq(there, buf_span(&w->stamp)))
            return true;
        if (!stamped_size(w, there, &w->from, e))
            return false;
    }
    w->pdf = w->options->pdf || w->m.conf.report.pdf;
    if (!model_read(&w->m, e))
        return false;
    /* What entries of other kinds change, nobody here knows. */
    if (w->m.last_other != ENTRY_NONE && is_late(w, w->m.last_other))
        w->from = 0;
    return put_all(w, e);
}

bool report_write(struct home *h, struct span study, const struct report_options *o,
                  struct arena *a, struct issues *found, struct report_result *out, struct err *e)
{
    struct writing w = {.options = o, .root = -1, .a = a, .found = found, .out = out};
    *out = (struct report_result){0};
    w.page.m = &w.m;
    bool good = model_open(h, study, &w.m, e) && write_pages(&w, e);
    dir_close(w.root);
    buf_close(&w.stamp);
    buf_close(&w.page.b);
    arena_close(&w.page.a);
    model_close(&w.m);
    return good || err_at(e, "report of %.*s", SPAN_ARGS(study));
}
