/* Entries, and the tiles and the root that they must give. */
#include "job/auditing.h"
#include "store/keys.h"

/* The rows of the tiles that are being filled, one a level. */
struct rows {
    uint64_t index[TILE_LEVELS];
    unsigned width[TILE_LEVELS];
    struct hash row[TILE_LEVELS][TILE_WIDTH];
};

struct reading {
    struct auditing *audit;
    struct history *history;
    struct tree tree;
    struct rows *rows;
};

/* "STUDY#12" */
static const char *entry_place(const struct auditing *a, uint64_t index, char text[AUDIT_PLACE_MAX])
{
    text_format(text, AUDIT_PLACE_MAX, "%s#%llu", a->study, (unsigned long long)index);
    return text;
}

/* --- tiles: rebuilt from the entries and compared --- */

static bool compare_tile(struct reading *r, unsigned level, struct err *e)
{
    struct auditing *a = r->audit;
    const struct rows *t = r->rows;
    struct tile tile = {.level = level, .index = t->index[level], .width = t->width[level]};
    struct tile_reader reader = log_tiles(a->log, a->checkpoint.size);
    struct span got;
    struct buf path = {0};
    char place[AUDIT_PLACE_MAX];
    tile_path(&path, tile);
    text_format(place, sizeof place, "%s/%.*s", a->study, SPAN_ARGS(buf_span(&path)));
    buf_close(&path);
    if (!reader.read(reader.ctx, tile, &got, e))
        return auditing_note(a, ISSUE_TILE_MISSING, place, e);
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
static bool add_to_rows(struct reading *r, struct hash h, struct err *e)
{
    struct rows *t = r->rows;
    for (unsigned level = 0; level < TILE_LEVELS; level++) {
        t->row[level][t->width[level]++] = h;
        if (t->width[level] < TILE_WIDTH)
            return true;
        if (!compare_tile(r, level, e))
            return false;
        h = row_root(t->row[level]);
        t->width[level] = 0;
        t->index[level]++;
    }
    return true;
}

static bool compare_partial_tiles(struct reading *r, struct err *e)
{
    for (unsigned level = 0; level < TILE_LEVELS; level++)
        if (r->rows->width[level] > 0 && !compare_tile(r, level, e))
            return false;
    return true;
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

static bool check_parsed(struct reading *r, const struct entry *x, struct hash leaf,
                         const char *place, struct err *e)
{
    enum issue_id issue;
    return (history_add(r->history, x, leaf, &issue, e) ||
            auditing_note(r->audit, issue, place, e)) &&
           auditing_objects(r->audit, x, place, e);
}

static bool check_entry(void *ctx, uint64_t index, struct span bytes, struct err *e)
{
    struct reading *r = ctx;
    struct auditing *a = r->audit;
    struct arena scratch = {0};
    struct entry x;
    char place[AUDIT_PLACE_MAX];
    struct hash leaf = tree_leaf(bytes);
    if (index % TILE_WIDTH == 0)
        auditing_tell(a, "entries and objects", index, a->checkpoint.size);
    entry_place(a, index, place);
    tree_add(&r->tree, leaf);
    a->out->entries++;
    bool good = add_to_rows(r, leaf, e);
    if (good && entry_parse(&scratch, bytes, &x, e)) {
        good = check_parsed(r, &x, leaf, place, e);
    } else if (good) {
        history_skip(r->history);
        good = auditing_note(a, e->kind == ERR_STATE ? ISSUE_ENTRY_UNKNOWN : ISSUE_ENTRY_MALFORMED,
                             place, e);
    }
    arena_close(&scratch);
    return good;
}

/* Whoever exchanges both halves of a key must exchange entry 0, too. */
static bool check_own_keys(const struct reading *r, struct err *e)
{
    struct auditing *a = r->audit;
    const struct entry *study = history_study(r->history);
    if (study == NULL)
        return true;
    if (!is_key(study->study.log, &a->log_key))
        issues_add(a->issues, ISSUE_KEY_MISSING, keys_log(&a->arena, span_str(a->study)),
                   "entry 0 of the ledger names another key");
    return keys_check_notary(a->home, study->study.notary, e) ||
           auditing_note(a, ISSUE_KEY_MISSING, KEYS_NOTARY, e);
}

static void check_root(const struct reading *r)
{
    const struct auditing *a = r->audit;
    if (r->tree.size != a->checkpoint.size || !hash_eq(tree_root(&r->tree), a->checkpoint.root))
        issues_add(a->issues, ISSUE_LEDGER_ROOT, a->study,
                   "%llu entries were signed, %llu could be read",
                   (unsigned long long)a->checkpoint.size, (unsigned long long)r->tree.size);
}

bool auditing_entries(struct auditing *a, struct err *e)
{
    enum issue_id issue;
    struct reading r = {.audit = a, .history = history_open(a->checkpoint.origin)};
    r.rows = mem_new(sizeof *r.rows);
    bool good = (log_each_entry(a->log, 0, a->checkpoint.size, check_entry, &r, e) ||
                 auditing_note(a, ISSUE_TILE_MISSING, a->study, e)) &&
                compare_partial_tiles(&r, e) &&
                (history_end(r.history, &issue, e) || auditing_note(a, issue, a->study, e));
    if (good) {
        check_root(&r);
        good = check_own_keys(&r, e);
    }
    history_close(r.history);
    mem_free(r.rows);
    return good;
}
