#include "job/audit.h"

#include "job/audit_seal.h"
#include "job/signed.h"
#include "ledger/detached.h"
#include "ledger/history.h"
#include "store/keys.h"
#include "store/objects.h"

struct auditing {
    struct home *home;
    struct issues *issues;
    struct audit *out;
    void (*progress)(void *ctx, struct span study, uint64_t entries);
    void *ctx;
    struct span roots; /* tsa.pem, or empty */

    const char *study;
    struct arena arena; /* of one study */
    struct log *log;
    struct note_key log_key;
    struct checkpoint checkpoint;
    struct history *history;
    struct tree tree;
    struct tile_audit *tiles;
};

/* What is wrong with the evidence is an issue; that the disk does not answer is an error. */
static bool note(struct auditing *a, enum issue_id id, const char *place, struct err *e)
{
    if (e->kind == ERR_IO)
        return false;
    issues_add(a->issues, id, place, "%s", e->text);
    *e = (struct err){0};
    return true;
}

/* "STUDY#12" */
static const char *entry_place(const struct auditing *a, uint64_t index, char text[128])
{
    text_format(text, 128, "%s#%llu", a->study, (unsigned long long)index);
    return text;
}

/* --- checkpoints --- */

static bool read_checkpoint(struct auditing *a, bool *found, struct err *e)
{
    struct span bytes;
    if (!log_checkpoint(a->log, &a->arena, &bytes, e))
        return false;
    *found = false;
    if (bytes.n == 0)
        issues_add(a->issues, ISSUE_LEDGER_EMPTY, a->study, "no checkpoint is published");
    else if (!signed_checkpoint(&a->arena, bytes, &a->log_key, &a->checkpoint, e))
        return note(a, ISSUE_CHECKPOINT_SIGNATURE, a->study, e);
    else
        *found = true;
    return true;
}

static bool compare_anchor(struct auditing *a, size_t i, struct err *e)
{
    struct span bytes;
    struct checkpoint c;
    const char *place = a->home->conf.anchor[i];
    if (!log_anchor_read(a->home, i, a->checkpoint.origin, &a->arena, &bytes, e))
        return note(a, ISSUE_ANCHOR_UNREACHABLE, place, e);
    if (bytes.n == 0)
        return true;
    if (!signed_checkpoint(&a->arena, bytes, &a->log_key, &c, e))
        return note(a, ISSUE_ANCHOR_AHEAD, place, e);
    struct hash root = {{0}};
    if (c.size <= a->checkpoint.size && !log_root(a->log, a->checkpoint.size, c.size, &root, e))
        return note(a, ISSUE_TILE_ALTERED, a->study, e);
    if (c.size > a->checkpoint.size || !hash_eq(root, c.root))
        issues_add(a->issues, ISSUE_ANCHOR_AHEAD, place, "%s: %llu entries there, %llu here",
                   a->study, (unsigned long long)c.size, (unsigned long long)a->checkpoint.size);
    return true;
}

/* --- tiles: rebuilt from the entries and compared --- */

/* The rows of the tiles that are being filled, one a level. */
struct tile_audit {
    uint64_t index[TILE_LEVELS];
    unsigned width[TILE_LEVELS];
    struct hash row[TILE_LEVELS][TILE_WIDTH];
};

static bool compare_tile(struct auditing *a, unsigned level, struct err *e)
{
    struct tile_audit *t = a->tiles;
    struct tile tile = {.level = level, .index = t->index[level], .width = t->width[level]};
    struct tile_reader reader = log_tiles(a->log, a->checkpoint.size);
    struct span got;
    struct buf path = {0};
    char place[256];
    tile_path(&path, tile);
    text_format(place, sizeof place, "%s/%.*s", a->study, SPAN_ARGS(buf_span(&path)));
    buf_close(&path);
    if (!reader.read(reader.ctx, tile, &got, e))
        return note(a, ISSUE_TILE_MISSING, place, e);
    if (!span_eq(got, span_of(t->row[level], tile.width * sizeof(struct hash))))
        issues_add(a->issues, ISSUE_TILE_ALTERED, place, "not the hashes that the entries give");
    return true;
}

static struct hash row_root(const struct hash *row)
{
    struct tree t = {0};
    for (unsigned i = 0; i < TILE_WIDTH; i++)
        tree_add(&t, row[i]);
    return tree_root(&t);
}

/* A full tile is compared, and its root goes into the level above. */
static bool add_to_tiles(struct auditing *a, struct hash h, struct err *e)
{
    struct tile_audit *t = a->tiles;
    for (unsigned level = 0; level < TILE_LEVELS; level++) {
        t->row[level][t->width[level]++] = h;
        if (t->width[level] < TILE_WIDTH)
            return true;
        if (!compare_tile(a, level, e))
            return false;
        h = row_root(t->row[level]);
        t->width[level] = 0;
        t->index[level]++;
    }
    return true;
}

static bool compare_partial_tiles(struct auditing *a, struct err *e)
{
    for (unsigned level = 0; level < TILE_LEVELS; level++)
        if (a->tiles->width[level] > 0 && !compare_tile(a, level, e))
            return false;
    return true;
}

/* --- objects --- */

static bool drop(void *ctx, struct span s, struct err *e)
{
    struct auditing *a = ctx;
    (void)e;
    a->out->bytes += s.n;
    return true;
}

static bool check_data(struct auditing *a, struct hash h, const char *place, struct err *e)
{
    struct object *o;
    bool there;
    if (!objects_has(a->home, h, &there, e))
        return false;
    a->out->objects++;
    if (!there) {
        char hex[65];
        issues_add(a->issues, ISSUE_STORE_MISSING, place, "%s", hash_hex(h, hex));
        return true;
    }
    if (!objects_open(a->home, h, &o, e))
        return note(a, ISSUE_STORE_ALTERED, place, e);
    bool good = object_read(o, (struct sink){drop, a}, e) || note(a, ISSUE_STORE_ALTERED, place, e);
    object_close(o);
    return good;
}

static bool check_details(struct auditing *a, const struct entry *x, const char *place,
                          struct err *e)
{
    struct arena scratch = {0};
    struct hash h;
    struct span text;
    bool good = true, there = false;
    if (!entry_details(x, &h))
        return true;
    a->out->objects++;
    if (!objects_has(a->home, h, &there, e))
        return false;
    if (!there)
        issues_add(a->issues, ISSUE_STORE_MISSING, place, "its detached text");
    else if (!objects_read_all(a->home, h, DETACHED_MAX, &scratch, &text, e))
        good = note(a, ISSUE_STORE_ALTERED, place, e);
    else if (!detached_check(&scratch, x->kind, text, NULL, e))
        good = note(a, ISSUE_OBJECT_MALFORMED, place, e);
    arena_close(&scratch);
    return good;
}

/* The bytes that an entry says are kept: of a file, of a token. */
static bool has_data(const struct entry *x)
{
    return x->kind == ENTRY_REVISION || x->kind == ENTRY_SEAL ||
           (x->kind == ENTRY_REFUSAL && x->refusal.size != ENTRY_NONE);
}

static bool check_seal(struct auditing *a, const struct entry *x, const char *place, struct err *e)
{
    return check_data(a, x->seal.checkpoint, place, e) &&
           (a->roots.p == NULL || audit_seal(a->home, a->roots, x, place, a->issues, e));
}

/* --- entries --- */

/* The vkey is that of the key. */
static bool is_key(struct span vkey, const struct note_key *key)
{
    struct buf b = {0};
    note_key_write(&b, key->name, key->algorithm, &key->key);
    bool same = span_eq(vkey, buf_span(&b));
    buf_close(&b);
    return same;
}

static bool check_entry(void *ctx, uint64_t index, struct span bytes, struct err *e)
{
    struct auditing *a = ctx;
    struct arena scratch = {0};
    struct entry x;
    enum issue_id issue;
    char place[128];
    struct hash leaf = tree_leaf(bytes);
    entry_place(a, index, place);
    tree_add(&a->tree, leaf);
    a->out->entries++;
    bool good = add_to_tiles(a, leaf, e);
    if (good && !entry_parse(&scratch, bytes, &x, e)) {
        history_skip(a->history);
        good =
            note(a, e->kind == ERR_STATE ? ISSUE_ENTRY_UNKNOWN : ISSUE_ENTRY_MALFORMED, place, e);
    } else if (good) {
        if (!history_add(a->history, &x, leaf, &issue, e))
            good = note(a, issue, place, e);
        good = good && check_details(a, &x, place, e) &&
               (!has_data(&x) || check_data(a, x.subject, place, e)) &&
               (x.kind != ENTRY_SEAL || check_seal(a, &x, place, e));
    }
    arena_close(&scratch);
    if (a->progress != NULL)
        a->progress(a->ctx, span_str(a->study), index + 1);
    return good;
}

/* Whoever exchanges both halves of the key must exchange entry 0, too. */
static void check_own_key(struct auditing *a)
{
    const struct entry *study = history_study(a->history);
    if (study != NULL && !is_key(study->study.log, &a->log_key))
        issues_add(a->issues, ISSUE_KEY_MISSING, keys_log(&a->arena, span_str(a->study)),
                   "entry 0 of the ledger names another key");
}

static bool check_entries(struct auditing *a, struct err *e)
{
    enum issue_id issue;
    a->history = history_open(a->checkpoint.origin);
    a->tiles = mem_new(sizeof *a->tiles);
    a->tree = (struct tree){0};
    bool good = log_each_entry(a->log, 0, a->checkpoint.size, check_entry, a, e) ||
                note(a, ISSUE_TILE_MISSING, a->study, e);
    good = good && compare_partial_tiles(a, e) &&
           (history_end(a->history, &issue, e) || note(a, issue, a->study, e));
    if (good &&
        (a->tree.size != a->checkpoint.size || !hash_eq(tree_root(&a->tree), a->checkpoint.root)))
        issues_add(a->issues, ISSUE_LEDGER_ROOT, a->study,
                   "%llu entries were signed, %llu could be read",
                   (unsigned long long)a->checkpoint.size, (unsigned long long)a->tree.size);
    if (good)
        check_own_key(a);
    history_close(a->history);
    mem_free(a->tiles);
    return good;
}

/* It is there, only we can read it, and it is the one whose public half lies beside it. */
static bool check_private_key(struct auditing *a, const char *name, struct err *e)
{
    struct secret_key secret = {0};
    if (!keys_load(a->home, name, &secret, e))
        return note(a, ISSUE_KEY_MISSING, name, e);
    secret_key_wipe(&secret);
    return true;
}

static bool check_study(struct auditing *a, struct err *e)
{
    bool found = false;
    a->out->studies++;
    if (!log_open(a->home, span_str(a->study), &a->log, e))
        return note(a, ISSUE_TILE_MISSING, a->study, e);
    bool good = check_private_key(a, keys_log(&a->arena, span_str(a->study)), e) &&
                signed_key(a->home, span_str(a->study), &a->arena, &a->log_key, e) &&
                read_checkpoint(a, &found, e);
    if (good && found)
        good = check_entries(a, e);
    for (size_t i = 0; good && found && i < a->home->conf.anchors; i++)
        good = compare_anchor(a, i, e);
    log_close(a->log);
    arena_close(&a->arena);
    return good;
}

/* --- catalog: a new one must say the same --- */

static bool dump_hash(struct catalog *c, struct hash *out, struct err *e)
{
    struct sha256 sha;
    sha256_begin(&sha);
    if (!catalog_dump(c, sha256_sink(&sha), e))
        return false;
    *out = sha256_end(&sha);
    return true;
}

struct comparison {
    struct catalog *there, *again;
    bool differs;
};

/* What was signed last is what is published; where a run was killed, it may be more. */
static bool compare_signed(void *ctx, struct span study, struct err *e)
{
    struct comparison *c = ctx;
    struct arena a = {0};
    struct catalog_signed is = {0}, must = {0};
    bool found, good = catalog_last_signed(c->again, study, &a, &must, &found, e) &&
                       catalog_last_signed(c->there, study, &a, &is, &found, e);
    if (is.size < must.size || (is.size == must.size && !hash_eq(is.root, must.root)))
        c->differs = true;
    arena_close(&a);
    return good;
}

static bool compare_catalogs(struct comparison *c, struct err *e)
{
    struct hash is, must;
    if (!catalog_check(c->there, e) || !dump_hash(c->there, &is, e) ||
        !dump_hash(c->again, &must, e))
        return false;
    c->differs = !hash_eq(is, must);
    return catalog_each_study(c->again, compare_signed, c, e);
}

static bool check_catalog(struct auditing *a, struct err *e)
{
    struct comparison c = {0};
    struct audit ignored = {0};
    bool good = catalog_open(a->home, &c.there, e) && catalog_rebuild_begin(a->home, &c.again, e) &&
                rebuild_fill(a->home, c.again, 0, NULL, &ignored, e) && compare_catalogs(&c, e);
    catalog_close(c.there);
    catalog_rebuild_drop(a->home, c.again);
    if (!good)
        return note(a, ISSUE_CATALOG_DIFFERS, HOME_CATALOG, e);
    if (c.differs)
        issues_add(a->issues, ISSUE_CATALOG_DIFFERS, HOME_CATALOG, "trialseal rebuild mends it");
    return true;
}

bool audit_home(struct home *h, void (*progress)(void *ctx, struct span study, uint64_t entries),
                void *ctx, struct issues *issues, struct audit *out, struct err *e)
{
    struct auditing a = {.home = h, .issues = issues, .out = out, .progress = progress, .ctx = ctx};
    struct arena arena = {0};
    struct home_studies studies;
    *out = (struct audit){0};
    bool good = home_studies(h, &arena, &studies, e) && home_tsa(h, &arena, &a.roots, e) &&
                check_private_key(&a, KEYS_NOTARY, e);
    for (size_t i = 0; good && i < studies.count; i++) {
        a.study = studies.name[i];
        good = check_study(&a, e);
    }
    if (good && issues_count(issues, SEVERITY_BAD) == 0)
        good = check_catalog(&a, e);
    if (good && h->conf.anchors == 0)
        issues_add(issues, ISSUE_HOME_ANCHOR_NONE, HOME_CONF, "set anchor in [home]");
    arena_close(&arena);
    return good;
}
