#include "job/receipt.h"

#include <string.h>

#include "base/issue.h"
#include "base/time.h"
#include "bundle/layout.h"
#include "format/json_write.h"
#include "job/details.h"
#include "ledger/detached.h"
#include "ledger/proof.h"
#include "os/dir.h"
#include "os/publish.h"
#include "store/objects.h"

struct receipt {
    struct home *home;
    struct log *log;
    struct arena *a;
    struct span study, note;
    uint64_t transfer, size; /* entry; of the checkpoint */
    struct entry entry;      /* the transfer's */
    struct span entry_text, details_text;
    struct transfer_details details;
    const char *folder;
    int outbox;
    struct batch *batch;
};

/* --- proofs
 * --------------------------------------------------------------------------------------- */

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

static bool add_file(struct receipt *r, const char *name, struct span bytes, struct err *e)
{
    struct buf path = {0};
    buf_str(&path, r->folder);
    buf_byte(&path, '/');
    buf_str(&path, name);
    buf_byte(&path, '\0');
    bool good = batch_add(r->batch, r->outbox, (const char *)path.p, bytes, FILE_PRIVATE, e);
    buf_close(&path);
    return good;
}

static bool add_proof(struct receipt *r, uint64_t index, struct err *e)
{
    struct buf name = {0}, proof = {0};
    layout_index(&name, index, BUNDLE_INDEX_DIGITS);
    buf_str(&name, ".tlog-proof");
    buf_byte(&name, '\0');
    bool good = receipt_proof(r->log, index, r->size, r->note, &proof, e) &&
                add_file(r, (const char *)name.p, buf_span(&proof), e);
    buf_close(&name);
    buf_close(&proof);
    return good;
}

/* --- receipt.json, entries.jsonl
 * -------------------------------------------------------------------- */

static bool add_json(struct receipt *r, struct err *e)
{
    struct buf text = {0};
    struct json_out o = {.b = &text};
    json_out_object(&o, NULL);
    json_out_string(&o, "checkpoint", r->note);
    json_out_canonical(&o, "entry", r->entry_text);
    json_out_integer(&o, "index", (int64_t)r->transfer);
    json_out_canonical(&o, "transfer", r->details_text);
    json_out_string(&o, "type", SPAN("receipt"));
    json_out_object_end(&o);
    buf_byte(&text, '\n');
    bool good = add_file(r, "receipt.json", buf_span(&text), e);
    buf_close(&text);
    return good;
}

static bool add_entries(struct receipt *r, struct err *e)
{
    struct buf text = {0};
    uint64_t end = r->transfer + 1 + r->entry.transfer.revisions + r->entry.transfer.held;
    bool good = true;
    for (uint64_t i = r->transfer; good && i < end; i++) {
        struct arena a = {0};
        struct span entry;
        good = log_entry(r->log, i, r->size, &a, &entry, e);
        if (good) {
            buf_add(&text, entry);
            buf_byte(&text, '\n');
        }
        arena_close(&a);
        if (good && i <= r->transfer + r->entry.transfer.revisions)
            good = add_proof(r, i, e);
    }
    good = good && add_file(r, "entries.jsonl", buf_span(&text), e);
    buf_close(&text);
    return good;
}

/* --- receipt.txt
 * -------------------------------------------------------------------------------------- */

static void add_line(struct buf *b, const char *name, struct span value)
{
    if (value.n == 0)
        return;
    buf_str(b, name);
    for (size_t n = strlen(name); n < 12; n++)
        buf_byte(b, ' ');
    buf_add(b, value);
    buf_byte(b, '\n');
}

static void add_number(struct buf *b, uint64_t v, const char *what)
{
    buf_u64(b, v);
    buf_str(b, what);
}

static uint64_t count_missing(const struct receipt *r)
{
    uint64_t missing = 0;
    for (size_t i = 0; i < r->details.files; i++)
        missing += r->details.file[i].size == ENTRY_NONE;
    return missing;
}

static void add_head(const struct receipt *r, struct buf *b)
{
    char time[TIME_TEXT + 1];
    const struct entry *x = &r->entry;
    struct buf at = {0};
    buf_str(b, "RECEIPT\n\n");
    add_line(b, "Study", r->study);
    add_line(b, "Transfer", r->details.name);
    add_line(b, "Id", r->details.id);
    add_line(b, "Reason", r->details.reason);
    buf_str(&at, time_write(x->at, time));
    buf_str(&at, ", entry ");
    buf_u64(&at, r->transfer);
    buf_str(&at, " of the ledger");
    add_line(b, "Notarized", buf_span(&at));
    buf_close(&at);
    buf_str(b, "Files       ");
    add_number(b, r->details.files, " expected, ");
    add_number(b, r->details.files - count_missing(r), " received: ");
    add_number(b, x->transfer.new, " new, ");
    add_number(b, x->transfer.unchanged, " unchanged, ");
    add_number(b, x->transfer.held, " held\n");
}

static void pad_to(struct buf *b, size_t start, size_t width)
{
    do
        buf_byte(b, ' ');
    while (b->n < start + width);
}

static void add_file_line(struct buf *b, const struct details_file *f, size_t width)
{
    size_t start = b->n;
    buf_str(b, "  ");
    buf_add(b, f->name);
    pad_to(b, start, width + 4);
    start = b->n;
    buf_add(b, f->outcome);
    pad_to(b, start, 11);
    for (size_t i = 0; i < f->datasets; i++) {
        const struct details_dataset *d = &f->dataset[i];
        buf_str(b, i == 0 ? "" : ", ");
        buf_add(b, d->dataset);
        buf_str(b, span_eq(d->outcome, SPAN("new")) ? " is now revision " : " stays revision ");
        buf_u64(b, d->revision);
    }
    while (b->p[b->n - 1] == ' ')
        b->n--;
    buf_byte(b, '\n');
    for (size_t i = 0; i < f->issues; i++) {
        buf_str(b, "      ");
        buf_add(b, f->issue[i].id);
        buf_str(b, ": ");
        enum issue_id id = issue_find(f->issue[i].id);
        buf_str(b, id < ISSUE_COUNT ? issue_text(id) : "");
        buf_str(b, " (");
        buf_add(b, f->issue[i].detail);
        buf_str(b, ")\n");
    }
}

static const char held_text[] =
    "\nHeld files are kept, with their SHA-256, and are no revision. Mend them at the source and\n"
    "transfer them again under a new name or with other content; the rest need not be sent "
    "again.\n";

static const char proof_text[] = "\nEach .tlog-proof beside this file proves that its entry (a "
                                 "line of entries.jsonl, without the\n"
                                 "line end) is in the ledger whose checkpoint it carries. Keep "
                                 "this folder: a later ledger that\n"
                                 "lacks these entries contradicts it.\n";

static bool add_text(struct receipt *r, struct err *e)
{
    struct buf b = {0};
    size_t width = 8;
    for (size_t i = 0; i < r->details.files; i++)
        if (r->details.file[i].name.n > width && r->details.file[i].name.n <= 40)
            width = r->details.file[i].name.n;
    add_head(r, &b);
    buf_byte(&b, '\n');
    for (size_t i = 0; i < r->details.files; i++)
        add_file_line(&b, &r->details.file[i], width);
    if (r->entry.transfer.held > 0)
        buf_str(&b, held_text);
    buf_str(&b, proof_text);
    bool good = add_file(r, "receipt.txt", buf_span(&b), e);
    buf_close(&b);
    return good;
}

/* --- all
 * ------------------------------------------------------------------------------------------------
 */

static bool load(struct receipt *r, struct catalog *c, struct err *e)
{
    struct catalog_signed last;
    bool found;
    if (!catalog_last_signed(c, r->study, r->a, &last, &found, e))
        return false;
    if (!found || last.size <= r->transfer)
        return err_set(e, ERR_INTEGRITY, "entry %llu is not signed for",
                       (unsigned long long)r->transfer);
    r->note = last.note;
    r->size = last.size;
    return log_entry(r->log, r->transfer, r->size, r->a, &r->entry_text, e) &&
           entry_parse(r->a, r->entry_text, &r->entry, e) &&
           objects_read_all(r->home, r->entry.transfer.details, DETACHED_MAX, r->a,
                            &r->details_text, e) &&
           transfer_details_parse(r->a, r->details_text, &r->details, e);
}

static void name_folder(struct receipt *r)
{
    struct buf b = {0};
    layout_index(&b, r->transfer, BUNDLE_INDEX_DIGITS);
    buf_byte(&b, '-');
    layout_file_name(&b, r->details.name);
    r->folder = arena_str(r->a, buf_span(&b));
    buf_close(&b);
}

/* receipt.json is renamed last: who sees it sees all. */
static bool write_files(struct receipt *r, struct err *e)
{
    char *study = arena_str(r->a, r->study);
    if (!dir_open(r->home->outbox, study, &r->outbox, e))
        return false;
    r->batch = batch_open();
    bool good = add_entries(r, e) && add_text(r, e) && add_json(r, e) && batch_commit(r->batch, e);
    batch_close(r->batch);
    dir_close(r->outbox);
    return good;
}

static bool clear_pending(struct catalog *c, const struct receipt *r, struct err *e)
{
    if (!catalog_begin(c, e))
        return false;
    if (catalog_clear_pending(c, r->study, r->transfer, e) && catalog_commit(c, e))
        return true;
    catalog_rollback(c);
    return false;
}

bool receipt_write(struct home *h, struct catalog *c, struct log *l, struct span study,
                   uint64_t transfer, struct arena *a, const char **folder, struct err *e)
{
    struct receipt r = {.home = h, .log = l, .a = a, .study = study, .transfer = transfer};
    if (!load(&r, c, e))
        return err_at(e, "receipt");
    name_folder(&r);
    *folder = r.folder;
    return write_files(&r, e) && clear_pending(c, &r, e);
}
