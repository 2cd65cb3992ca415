#include "study/receipt.h"

#include <string.h>

#include "base/issue.h"
#include "base/time.h"
#include "bundle/layout.h"
#include "format/json_write.h"
#include "ledger/detached.h"
#include "ledger/details.h"
#include "ledger/proof.h"
#include "ledger/revision_words.h"
#include "os/dir.h"
#include "os/publish.h"
#include "store/objects.h"
#include "study/twin_find.h"

/* A revision that follows the transfer. */
struct told {
    struct span dataset;
    uint64_t number, records;
    bool previous; /* there is one before it in its format */
    struct revision_change against;
    uint64_t back_to; /* the revision that `reverted` names, or ENTRY_NONE */
    struct twin twin;
};

struct writing {
    struct home *home;
    struct catalog *catalog;
    struct log *log;
    struct arena *a;
    struct receipt *r;
    struct span note;
    uint64_t size; /* of the checkpoint */
    struct span entry_text, details_text;
    struct told *told; /* each revision that follows */
    size_t revisions;
    int outbox;
    struct batch *batch;
};

/* --- proofs --- */

bool receipt_proof(struct log *l, uint64_t index, uint64_t size, struct span note, struct buf *out,
                   struct err *e)
{
    struct tile_reader tiles = log_tiles(l, size);
    struct tree_hashes hashes = tile_hashes(&tiles);
    struct proof p = {.index = index, .checkpoint = note};
    if (!tree_prove(&hashes, index, size, &p.path, e))
        return false;
    proof_write(out, &p);
    return true;
}

static bool add_file(struct writing *w, const char *name, struct span bytes, struct err *e)
{
    struct buf path = {0};
    buf_str(&path, w->r->folder);
    buf_byte(&path, '/');
    buf_str(&path, name);
    buf_byte(&path, '\0');
    bool good = batch_add(w->batch, w->outbox, (const char *)path.p, bytes, FILE_PRIVATE, e);
    buf_close(&path);
    return good;
}

static bool add_proof(struct writing *w, uint64_t index, struct err *e)
{
    struct buf name = {0}, proof = {0};
    layout_index(&name, index, BUNDLE_INDEX_DIGITS);
    buf_str(&name, ".tlog-proof");
    buf_byte(&name, '\0');
    bool good = receipt_proof(w->log, index, w->size, w->note, &proof, e) &&
                add_file(w, (const char *)name.p, buf_span(&proof), e);
    buf_close(&name);
    buf_close(&proof);
    return good;
}

/* --- receipt.json, entries.jsonl --- */

static bool is_refused(const struct writing *w)
{
    return w->r->entry.kind == ENTRY_REFUSAL;
}

/* The number of the revision at that entry. */
static bool number_at(struct writing *w, uint64_t index, uint64_t *out, struct err *e)
{
    struct arena a = {0};
    struct span bytes;
    struct entry x;
    bool good = log_entry(w->log, index, w->size, &a, &bytes, e) && entry_parse(&a, bytes, &x, e);
    if (good && x.kind != ENTRY_REVISION)
        good = err_set(e, ERR_STATE, "entry %llu is no revision", (unsigned long long)index);
    if (good)
        *out = x.revision.revision;
    arena_close(&a);
    return good;
}

static bool tell_revision(struct writing *w, uint64_t index, const struct entry *x, struct err *e)
{
    const struct twin_side now = twin_side_of(index, x);
    struct told *to = &w->told[w->revisions++];
    *to = (struct told){.dataset = arena_copy(w->a, x->revision.dataset),
                        .number = x->revision.revision,
                        .previous = x->revision.previous != ENTRY_NONE,
                        .records = x->revision.records,
                        .against = x->revision.against,
                        .back_to = ENTRY_NONE};
    return twin_find(w->catalog, w->r->study, &now, w->a, &to->twin, e) &&
           (to->against.reverted == ENTRY_NONE ||
            number_at(w, to->against.reverted, &to->back_to, e));
}

/* An entry's line; of a revision also what receipt.txt says of it. */
static bool add_entry(struct writing *w, uint64_t index, struct buf *lines, struct err *e)
{
    struct arena a = {0};
    struct span bytes;
    struct entry x;
    bool good = log_entry(w->log, index, w->size, &a, &bytes, e) && entry_parse(&a, bytes, &x, e);
    if (good) {
        buf_add(lines, bytes);
        buf_byte(lines, '\n');
        if (x.kind == ENTRY_REVISION)
            good = tell_revision(w, index, &x, e);
        if (good && (index == w->r->index || x.kind == ENTRY_REVISION))
            good = add_proof(w, index, e);
    }
    arena_close(&a);
    return good;
}

static bool add_entries(struct writing *w, struct err *e)
{
    struct buf lines = {0};
    uint64_t follow = 0;
    bool good = true;
    if (!is_refused(w)) {
        follow = w->r->entry.transfer.revisions + w->r->entry.transfer.held;
        w->told = arena_array(w->a, (size_t)follow, sizeof *w->told);
    }
    for (uint64_t i = 0; good && i <= follow; i++)
        good = add_entry(w, w->r->index + i, &lines, e);
    good = good && add_file(w, "entries.jsonl", buf_span(&lines), e);
    buf_close(&lines);
    return good;
}

static void count_or_null(struct json_out *o, const char *name, uint64_t n)
{
    if (n == ENTRY_NONE)
        json_out_null(o, name);
    else
        json_out_integer(o, name, (int64_t)n);
}

static void add_revision_json(struct json_out *o, const struct told *x, uint64_t index)
{
    const struct revision_change *c = &x->against;
    json_out_object(o, NULL);
    if (c->change == CHANGE_UNKNOWN)
        json_out_null(o, "change");
    else
        json_out_string(o, "change", span_str(change_name((enum change)c->change)));
    json_out_string(o, "dataset", x->dataset);
    json_out_integer(o, "entry", (int64_t)index);
    count_or_null(o, "records", x->records);
    count_or_null(o, "records_added", c->added);
    count_or_null(o, "records_changed", c->changed);
    count_or_null(o, "records_removed", c->removed);
    count_or_null(o, "reverted", c->reverted);
    json_out_integer(o, "revision", (int64_t)x->number);
    json_out_object_end(o);
}

static void add_revisions_json(const struct writing *w, struct json_out *o)
{
    json_out_array(o, "revisions");
    for (size_t i = 0; i < w->revisions; i++)
        add_revision_json(o, &w->told[i], w->r->index + 1 + i);
    json_out_array_end(o);
}

static bool add_json(struct writing *w, struct err *e)
{
    struct buf text = {0};
    struct json_out o = {.b = &text};
    json_out_object(&o, NULL);
    json_out_string(&o, "checkpoint", w->note);
    json_out_canonical(&o, "entry", w->entry_text);
    json_out_integer(&o, "index", (int64_t)w->r->index);
    if (is_refused(w)) {
        json_out_canonical(&o, "refusal", w->details_text);
    } else {
        add_revisions_json(w, &o);
        json_out_canonical(&o, "transfer", w->details_text);
    }
    json_out_string(&o, "type", SPAN("receipt"));
    json_out_object_end(&o);
    buf_byte(&text, '\n');
    bool good = add_file(w, "receipt.json", buf_span(&text), e);
    buf_close(&text);
    return good;
}

/* --- receipt.txt --- */

/* What somebody else wrote must neither begin a line of ours nor steer a terminal; it is UTF-8. */
static void add_said(struct buf *b, struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool c1 = s.p[i] == 0xc2 && i + 1 < s.n && s.p[i + 1] < 0xa0;
        buf_byte(b, c1 || s.p[i] < ' ' || s.p[i] == 0x7f ? '?' : s.p[i]);
        i += c1;
    }
}

enum { HEAD_WIDTH = 12, NAME_WIDTH_MIN = 8, NAME_WIDTH_MAX = 40, OUTCOME_WIDTH = 11 };

static void add_line(struct buf *b, const char *name, struct span value)
{
    if (value.n == 0)
        return;
    buf_str(b, name);
    for (size_t n = strlen(name); n < HEAD_WIDTH; n++)
        buf_byte(b, ' ');
    add_said(b, value);
    buf_byte(b, '\n');
}

static void add_number(struct buf *b, uint64_t v, const char *what)
{
    buf_u64(b, v);
    buf_str(b, what);
}

static uint64_t count_missing(const struct writing *w)
{
    uint64_t missing = 0;
    for (size_t i = 0; i < w->r->details.files; i++)
        missing += w->r->details.file[i].size == ENTRY_NONE;
    return missing;
}

static void add_files_line(const struct writing *w, struct buf *b)
{
    const struct entry *x = &w->r->entry;
    if (is_refused(w)) {
        buf_str(b, "Files       none was taken in\n");
        return;
    }
    buf_str(b, "Files       ");
    add_number(b, w->r->details.files, " expected, ");
    add_number(b, w->r->details.files - count_missing(w), " received: ");
    add_number(b, x->transfer.new, " new, ");
    add_number(b, x->transfer.unchanged, " unchanged, ");
    add_number(b, x->transfer.held, " held\n");
}

static void add_head(const struct writing *w, struct buf *b)
{
    char time[TIME_TEXT + 1];
    struct buf at = {0};
    buf_str(b, "RECEIPT\n\n");
    if (w->home->conf.test)
        buf_str(b, "This comes from a test home: it is evidence of nothing.\n\n");
    add_line(b, "Study", w->r->study);
    add_line(b, "Transfer", w->r->name);
    add_line(b, "Id", w->r->details.id);
    add_line(b, "Reason", w->r->details.reason);
    buf_str(&at, time_write(w->r->entry.at, time));
    buf_str(&at, ", entry ");
    buf_u64(&at, w->r->index);
    buf_str(&at, " of the ledger");
    add_line(b, is_refused(w) ? "Refused" : "Notarized", buf_span(&at));
    buf_close(&at);
    add_files_line(w, b);
    buf_byte(b, '\n');
}

static void pad_to(struct buf *b, size_t start, size_t width)
{
    do
        buf_byte(b, ' ');
    while (b->n < start + width);
}

static void add_issues(struct buf *b, const struct details_file *f)
{
    for (size_t i = 0; i < f->issues; i++) {
        enum issue_id id = issue_find(f->issue[i].id);
        buf_str(b, "      ");
        buf_add(b, f->issue[i].id);
        buf_str(b, ": ");
        buf_str(b, id < ISSUE_COUNT ? issue_text(id) : "");
        buf_str(b, "\n      ");
        add_said(b, f->issue[i].detail);
        buf_byte(b, '\n');
    }
}

static void add_change(const struct writing *w, struct buf *b, const struct told *x)
{
    const char *back_to = NULL;
    struct buf earlier = {0};
    if (x->back_to != ENTRY_NONE) {
        buf_str(&earlier, "revision ");
        buf_u64(&earlier, x->back_to);
        back_to = arena_str(w->a, buf_span(&earlier));
    }
    if (x->number > 1 || x->twin.entry != ENTRY_NONE) {
        buf_str(b, ": ");
        revision_change_words(b, x->number, x->previous, &x->against, back_to);
        twin_words(b, &x->twin);
    }
    buf_close(&earlier);
}

static void add_dataset(const struct writing *w, struct buf *b, const struct details_dataset *d)
{
    bool new = span_eq(d->outcome, SPAN("new"));
    buf_add(b, d->dataset);
    buf_str(b, new ? " is now revision " : " stays revision ");
    buf_u64(b, d->revision);
    uint64_t at = d->entry - w->r->index - 1;
    if (!new || at >= w->revisions)
        return;
    if (w->told[at].records != ENTRY_NONE) {
        buf_str(b, ", ");
        add_number(b, w->told[at].records, w->told[at].records == 1 ? " record" : " records");
    }
    add_change(w, b, &w->told[at]);
}

static void add_bytes_line(struct buf *b, const struct details_file *f)
{
    if (f->size == ENTRY_NONE)
        return;
    buf_str(b, "      ");
    add_number(b, f->size, " bytes, SHA-256 ");
    buf_add(b, f->sha256);
    buf_byte(b, '\n');
}

static void add_file_lines(const struct writing *w, struct buf *b, const struct details_file *f,
                           size_t width)
{
    size_t start = b->n;
    buf_str(b, "  ");
    add_said(b, f->name);
    pad_to(b, start, width + 4);
    start = b->n;
    buf_add(b, f->outcome);
    if (f->datasets > 0)
        pad_to(b, start, OUTCOME_WIDTH);
    for (size_t i = 0; i < f->datasets; i++) {
        buf_str(b, i == 0 ? "" : "; ");
        add_dataset(w, b, &f->dataset[i]);
    }
    buf_byte(b, '\n');
    add_bytes_line(b, f);
    add_issues(b, f);
}

static const char held_text[] = "\nHeld files are kept, and are no revision. Send them, corrected, "
                                "in a new transfer; the others\n"
                                "need not come again.\n";

static const char erased_text[] =
    "\nWhat was erased here (file-erased) is not kept. Do not send it "
    "again; the others need not\n"
    "come again.\n";

static const char refused_text[] = "\nSend it, corrected, as a new transfer.\n";

static const char proof_text[] = "\nEach .tlog-proof beside this file proves that its entry (a "
                                 "line of entries.jsonl, without the\n"
                                 "line end) is in the ledger whose checkpoint it carries. Keep "
                                 "this folder: a later ledger that\n"
                                 "lacks these entries contradicts it.\n";

static bool is_erased(const struct details_file *f)
{
    size_t i = 0;
    while (i < f->issues && issue_find(f->issue[i].id) != ISSUE_FILE_ERASED)
        i++;
    return i < f->issues;
}

/* Of what was erased nobody wants another one. */
static void add_advice(const struct writing *w, struct buf *b)
{
    const struct transfer_details *d = &w->r->details;
    uint64_t erased = 0;
    for (size_t i = 0; i < d->files; i++)
        erased += is_erased(&d->file[i]);
    if (is_refused(w))
        buf_str(b, refused_text);
    else if (w->r->entry.transfer.held > erased)
        buf_str(b, held_text);
    if (erased > 0)
        buf_str(b, erased_text);
}

static bool add_text(struct writing *w, struct err *e)
{
    const struct transfer_details *d = &w->r->details;
    struct buf b = {0};
    size_t width = NAME_WIDTH_MIN;
    for (size_t i = 0; i < d->files; i++)
        if (d->file[i].name.n > width && d->file[i].name.n <= NAME_WIDTH_MAX)
            width = d->file[i].name.n;
    add_head(w, &b);
    for (size_t i = 0; i < d->files; i++) {
        if (is_refused(w))
            add_issues(&b, &d->file[i]);
        else
            add_file_lines(w, &b, &d->file[i], width);
    }
    add_advice(w, &b);
    buf_str(&b, proof_text);
    bool good = add_file(w, "receipt.txt", buf_span(&b), e);
    buf_close(&b);
    return good;
}

/* --- all --- */

static bool load_details(struct writing *w, struct err *e)
{
    struct receipt *r = w->r;
    struct hash details;
    if (!entry_details(&r->entry, &details) ||
        (r->entry.kind != ENTRY_TRANSFER && r->entry.kind != ENTRY_REFUSAL))
        return err_set(e, ERR_USAGE, "entry %llu is no transfer", (unsigned long long)r->index);
    if (!objects_read_all(w->home, details, DETACHED_MAX, w->a, &w->details_text, e))
        return false;
    if (r->entry.kind == ENTRY_TRANSFER) {
        bool good = transfer_details_parse(w->a, w->details_text, &r->details, e);
        r->name = r->details.name;
        return good;
    }
    return refusal_details_parse(w->a, w->details_text, &r->details, e) &&
           detached_string(w->a, w->details_text, "file", &r->name, e);
}

static bool load(struct writing *w, struct catalog *c, struct err *e)
{
    struct catalog_signed last;
    bool found;
    if (!catalog_last_signed(c, w->r->study, w->a, &last, &found, e))
        return false;
    if (!found || last.size <= w->r->index)
        return err_set(e, ERR_INTEGRITY, "entry %llu is not signed for",
                       (unsigned long long)w->r->index);
    w->note = last.note;
    w->size = last.size;
    return log_entry(w->log, w->r->index, w->size, w->a, &w->entry_text, e) &&
           entry_parse(w->a, w->entry_text, &w->r->entry, e) && load_details(w, e);
}

const char *receipt_folder(struct arena *a, uint64_t index, struct span name)
{
    struct buf b = {0};
    layout_index(&b, index, BUNDLE_INDEX_DIGITS);
    buf_byte(&b, '-');
    layout_file_name(&b, name);
    const char *folder = arena_str(a, buf_span(&b));
    buf_close(&b);
    return folder;
}

bool receipt_number(const char *name, uint64_t *entry)
{
    struct span digits = span_of(name, BUNDLE_INDEX_DIGITS);
    if (strlen(name) <= BUNDLE_INDEX_DIGITS || name[BUNDLE_INDEX_DIGITS] != '-')
        return false;
    while (digits.n > 1 && digits.p[0] == '0')
        digits = span_skip(digits, 1);
    return span_u64(digits, entry);
}

bool receipt_there(struct home *h, struct span study, const char *folder, bool *out, struct err *e)
{
    struct buf path = {0};
    struct file_info info;
    buf_add(&path, study);
    buf_byte(&path, '/');
    buf_str(&path, folder);
    buf_str(&path, "/receipt.json");
    buf_byte(&path, '\0');
    bool good = file_stat(h->outbox, (const char *)path.p, &info, e);
    *out = good && info.kind != FILE_ABSENT;
    buf_close(&path);
    return good || err_at(e, "outbox");
}

/* receipt.json is renamed last: who sees it sees all. */
static bool write_files(struct writing *w, struct err *e)
{
    if (!dir_open(w->home->outbox, arena_str(w->a, w->r->study), &w->outbox, e))
        return err_at(e, "outbox");
    w->batch = batch_open();
    bool good = add_entries(w, e) && add_text(w, e) && add_json(w, e) && batch_commit(w->batch, e);
    batch_close(w->batch);
    dir_close(w->outbox);
    return good;
}

bool receipt_write(struct home *h, struct catalog *c, struct log *l, struct span study,
                   uint64_t index, struct arena *a, struct receipt *out, struct err *e)
{
    struct writing w = {.home = h, .catalog = c, .log = l, .a = a, .r = out};
    *out = (struct receipt){.study = study, .index = index};
    if (!load(&w, c, e))
        return err_at(e, "receipt");
    out->folder = receipt_folder(a, index, out->name);
    return write_files(&w, e);
}

bool receipt_done(struct catalog *c, struct span study, uint64_t index, struct err *e)
{
    if (!catalog_begin(c, e))
        return false;
    if (catalog_clear_pending(c, study, index, e) && catalog_commit(c, e))
        return true;
    catalog_rollback(c);
    return false;
}
