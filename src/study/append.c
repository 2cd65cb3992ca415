#include "study/append.h"

#include "base/time.h"
#include "store/keys.h"
#include "study/append_check.h"
#include "study/index.h"
#include "study/signed.h"

struct pending_entry {
    struct span bytes; /* in `added` */
    struct hash leaf;
};

struct append {
    struct home *home;
    struct catalog *catalog;
    struct arena arena;
    const char *study; /* also as a span */
    struct span name, origin;
    struct log *log;
    int64_t now, last_at;
    struct note_key log_key;
    struct catalog_signed signed_now;
    struct tree tree; /* of all entries, with those added */
    struct arena added;
    struct pending_entry *pending;
    size_t count, cap;
};

/* --- comparing what is there with what was signed --- */

static bool alarm(struct err *e, const char *what)
{
    err_set(e, ERR_INTEGRITY, "%s", what);
    return err_hint(e, "nothing was appended; see RUNBOOK, chapter 9");
}

/* A signed note of this ledger, signature checked under our own key. */
static bool read_checkpoint(struct append *a, struct span bytes, const char *whose,
                            struct checkpoint *out, struct err *e)
{
    if (signed_checkpoint(&a->arena, bytes, &a->log_key, out, e))
        return true;
    err_set(e, ERR_INTEGRITY, "the %s checkpoint of %s is not one that its log key signed", whose,
            a->study);
    return err_hint(e, "nothing was appended; see RUNBOOK, chapter 9");
}

/* The root of the first `size` entries, from tiles of a ledger of a->signed_now.size. */
static bool root_at(struct append *a, uint64_t size, struct hash *out, struct err *e)
{
    return log_root(a->log, a->signed_now.size, size, out, e);
}

static bool check_behind(struct append *a, const struct checkpoint *c, const char *whose,
                         struct err *e)
{
    if (c->size <= a->signed_now.size)
        return true;
    err_set(e, ERR_INTEGRITY, "the %s checkpoint of %s has %llu entries, the home only %llu", whose,
            a->study, (unsigned long long)c->size, (unsigned long long)a->signed_now.size);
    return err_hint(e, "this home, or its catalog, is of an earlier day; see RUNBOOK, chapter 9");
}

/* The checkpoint is of an earlier (or this) state of the ledger whose tiles are complete. */
static bool compare(struct append *a, const struct checkpoint *c, const char *whose, struct err *e)
{
    struct hash root;
    if (!check_behind(a, c, whose, e) || !root_at(a, c->size, &root, e))
        return false;
    if (hash_eq(root, c->root))
        return true;
    err_set(e, ERR_INTEGRITY, "the %s checkpoint of %s, %llu entries, is of a second history",
            whose, a->study, (unsigned long long)c->size);
    return err_hint(e, "nothing was appended; see RUNBOOK, chapter 9");
}

/* An anchor that is ahead is the alarm for which it was made: nothing may be published then. */
static bool check_anchors_behind(struct append *a, struct err *e)
{
    for (size_t i = 0; i < a->home->conf.anchors; i++) {
        struct span note;
        struct checkpoint c;
        if (!log_anchor_read(a->home, i, a->origin, &a->arena, &note, e))
            return false;
        if (note.n > 0 &&
            (!read_checkpoint(a, note, "anchored", &c, e) || !check_behind(a, &c, "anchored", e)))
            return false;
    }
    return true;
}

/* Every anchor holds an earlier state of this ledger; then it gets the last one. */
static bool bring_anchors(struct append *a, struct err *e)
{
    for (size_t i = 0; i < a->home->conf.anchors && a->signed_now.size > 0; i++) {
        struct span note;
        struct checkpoint c;
        if (!log_anchor_read(a->home, i, a->origin, &a->arena, &note, e))
            return false;
        if (span_eq(note, a->signed_now.note))
            continue;
        if (note.n > 0 &&
            (!read_checkpoint(a, note, "anchored", &c, e) || !compare(a, &c, "anchored", e)))
            return false;
        if (!log_anchor_write(a->home, i, a->origin, a->signed_now.note, e))
            return false;
    }
    return true;
}

/* --- publishing what is staged --- */

static bool get_staged(void *ctx, uint64_t index, struct span *out, struct err *e)
{
    struct append *a = ctx;
    return catalog_staged(a->catalog, a->name, index, out, e);
}

static bool unstage(struct append *a, struct err *e)
{
    if (!catalog_begin(a->catalog, e))
        return false;
    if (catalog_unstage(a->catalog, a->name, a->signed_now.size, e) &&
        catalog_commit(a->catalog, e))
        return true;
    catalog_rollback(a->catalog);
    return false;
}

/* From `published` entries to all that were signed for; every step may be repeated. */
static bool publish_signed(struct append *a, uint64_t published, struct err *e)
{
    uint64_t size = a->signed_now.size;
    return log_grow(a->log, published, size, a->signed_now.root,
                    (struct log_entries){get_staged, a}, e) &&
           log_publish(a->log, a->signed_now.note, e) && unstage(a, e) &&
           log_trim(a->log, published, size, e);
}

/* What is published must be what was signed, or an earlier state with the rest staged. */
static bool complete(struct append *a, struct err *e)
{
    struct span note;
    struct checkpoint published = {0};
    if (!log_checkpoint(a->log, &a->arena, &note, e))
        return false;
    if (note.n > 0 && !read_checkpoint(a, note, "published", &published, e))
        return false;
    if (published.size > a->signed_now.size)
        return alarm(e, "the published checkpoint is ahead of the catalog");
    if (published.size < a->signed_now.size && !publish_signed(a, published.size, e))
        return false;
    struct hash root;
    if (a->signed_now.size == 0)
        return true;
    if (!root_at(a, a->signed_now.size, &root, e))
        return false;
    if (!hash_eq(root, a->signed_now.root))
        return alarm(e, "the tiles do not give the root that was signed");
    return published.size == 0 || compare(a, &published, "published", e);
}

/* --- opening --- */

static bool load_signed(struct append *a, struct err *e)
{
    bool found;
    if (!catalog_last_signed(a->catalog, a->name, &a->arena, &a->signed_now, &found, e))
        return false;
    if (found)
        return true;
    err_set(e, ERR_USAGE, "there is no study %s in this home", a->study);
    return err_hint(e, "trialseal study add %s", a->study);
}

static bool load_tree(struct append *a, struct err *e)
{
    uint64_t size = a->signed_now.size;
    if (size == 0)
        return true;
    struct tile_reader tiles = log_tiles(a->log, size);
    struct tree_hashes hashes = tile_hashes(&tiles);
    return (append_check(a->home, a->catalog, a->log, a->name, size, &a->last_at, e) ||
            err_at(e, "%s", a->study)) &&
           tree_load(&hashes, size, &a->tree, e);
}

/* What will be needed to sign: told before a transfer is touched. */
static bool check_log_key(struct append *a, struct err *e)
{
    struct secret_key key;
    if (!keys_load(a->home, keys_log(&a->arena, a->name), &key, e))
        return false;
    secret_key_wipe(&key);
    return true;
}

bool append_open(struct home *h, struct catalog *c, struct span study, int64_t now,
                 struct append **out, struct err *e)
{
    struct append *a = mem_new(sizeof *a);
    a->home = h;
    a->catalog = c;
    a->now = now;
    a->study = arena_str(&a->arena, study);
    a->name = span_str(a->study);
    a->origin = home_study_origin(h, &a->arena, study);
    if (load_signed(a, e) && check_log_key(a, e) &&
        signed_key(h, a->name, &a->arena, &a->log_key, e) && log_open(h, a->name, &a->log, e) &&
        check_anchors_behind(a, e) && complete(a, e) && bring_anchors(a, e) && load_tree(a, e)) {
        *out = a;
        return true;
    }
    append_close(a);
    return false;
}

void append_close(struct append *a)
{
    if (a == NULL)
        return;
    log_close(a->log);
    mem_free(a->pending);
    arena_close(&a->added);
    arena_close(&a->arena);
    mem_free(a);
}

uint64_t append_size(const struct append *a)
{
    return a->tree.size;
}

uint64_t append_signed(const struct append *a)
{
    return a->signed_now.size;
}

struct log *append_log(struct append *a)
{
    return a->log;
}

/* --- adding and committing --- */

static bool check_clock(const struct append *a, struct err *e)
{
    char now[TIME_TEXT + 1], last[TIME_TEXT + 1];
    if (a->now >= a->last_at)
        return true;
    err_set(e, ERR_STATE, "the clock says %s, but the last entry of %s is of %s",
            time_write(a->now, now), a->study, time_write(a->last_at, last));
    return err_hint(e, "set the clock right; entries are never dated back");
}

static bool check_readable(struct span bytes, struct err *e)
{
    struct arena scratch = {0};
    struct entry x;
    bool good = entry_parse(&scratch, bytes, &x, e);
    arena_close(&scratch);
    return good;
}

bool append_add(struct append *a, struct entry *x, struct err *e)
{
    struct buf bytes = {0};
    if (!check_clock(a, e) || !home_random(a->home, a->name, a->tree.size, "entry", x->salt.b, e))
        return false;
    x->at = a->now;
    entry_write(&bytes, x);
    a->pending = mem_room(a->pending, a->count, &a->cap, sizeof *a->pending);
    struct pending_entry *p = &a->pending[a->count];
    p->bytes = arena_copy(&a->added, buf_span(&bytes));
    p->leaf = tree_leaf(p->bytes);
    buf_close(&bytes);
    if (!check_readable(p->bytes, e))
        return err_at(e, "an entry of our own");
    a->count++;
    a->last_at = a->now;
    tree_add(&a->tree, p->leaf);
    return true;
}

static bool sign_note(struct append *a, const struct checkpoint *c, struct buf *note, struct err *e)
{
    struct secret_key key;
    struct buf text = {0};
    if (!keys_load(a->home, keys_log(&a->arena, a->name), &key, e))
        return false;
    checkpoint_write(&text, c);
    note_write(note, buf_span(&text), a->origin, &key);
    secret_key_wipe(&key);
    buf_close(&text);
    return true;
}

/* A transfer, also one that was refused as a whole. */
static bool owes_receipt(const struct entry *x)
{
    return x->kind == ENTRY_TRANSFER ||
           (x->kind == ENTRY_REFUSAL && x->refusal.of == REFUSED_TRANSFER);
}

static bool stage_one(struct append *a, size_t i, struct err *e)
{
    const struct pending_entry *p = &a->pending[i];
    uint64_t index = a->signed_now.size + i;
    struct arena scratch = {0};
    struct entry x;
    bool good = entry_parse(&scratch, p->bytes, &x, e) &&
                catalog_stage(a->catalog, a->name, index, p->bytes, e) &&
                index_entry(a->home, a->catalog, a->name, index, &x, p->leaf, e) &&
                (!owes_receipt(&x) || catalog_add_pending(a->catalog, a->name, index, e));
    arena_close(&scratch);
    return good;
}

/* What was signed last is swapped first: where it is another, that is the trouble to be told. */
static bool stage(struct append *a, const struct catalog_signed *next, struct err *e)
{
    if (!catalog_begin(a->catalog, e))
        return false;
    bool good = catalog_sign(a->catalog, a->name, &a->signed_now, next, e);
    for (size_t i = 0; good && i < a->count; i++)
        good = stage_one(a, i, e);
    good = good && catalog_commit(a->catalog, e);
    if (!good)
        catalog_rollback(a->catalog);
    return good;
}

bool append_commit(struct append *a, struct err *e)
{
    uint64_t published = a->signed_now.size;
    struct checkpoint c = {.origin = a->origin, .size = a->tree.size, .root = tree_root(&a->tree)};
    struct buf note = {0};
    if (a->count == 0)
        return true;
    if (!sign_note(a, &c, &note, e))
        return false;
    struct catalog_signed next = {c.size, c.root, arena_copy(&a->arena, buf_span(&note))};
    buf_close(&note);
    if (!stage(a, &next, e))
        return false;
    a->signed_now = next;
    a->count = 0;
    arena_close(&a->added);
    return publish_signed(a, published, e) && bring_anchors(a, e);
}

bool append_checkpoint_at(struct append *a, uint64_t size, struct buf *note, struct err *e)
{
    struct checkpoint c = {.origin = a->origin, .size = size};
    if (size == a->signed_now.size) {
        buf_add(note, a->signed_now.note);
        return true;
    }
    return root_at(a, size, &c.root, e) && sign_note(a, &c, note, e);
}
