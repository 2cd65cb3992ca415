/* Entries, and the tiles and the root that they must give. */
#include "audit/audit_piece.h"
#include "audit/auditing.h"
#include "os/thread.h"
#include "store/keys.h"

enum { PIECES_A_THREAD = 3, PIECES_MAX = CREW_DEPTH_MAX };

/* The rows of the tiles that are being filled, one a level; level 0 is not used. */
struct rows {
    uint64_t index[TILE_LEVELS];
    unsigned width[TILE_LEVELS];
    struct hash row[TILE_LEVELS][TILE_WIDTH];
};

struct reading {
    struct auditing *audit;
    struct history *history;
    struct rows *rows;
    struct tree full, tail; /* of the roots of full pieces; of the entries of the last one */
    uint64_t entries;       /* that could be read */
    bool broken;            /* some could not */
};

static const char *tile_place(const struct auditing *a, struct tile t, char text[AUDIT_PLACE_MAX])
{
    struct buf path = {0};
    tile_path(&path, t);
    text_format(text, AUDIT_PLACE_MAX, "%s/%.*s", a->study, SPAN_ARGS(buf_span(&path)));
    buf_close(&path);
    return text;
}

/* --- upper tiles: made from the pieces and compared --- */

static bool compare_tile(struct reading *r, unsigned level, struct err *e)
{
    struct auditing *a = r->audit;
    const struct rows *t = r->rows;
    struct tile tile = {.level = level, .index = t->index[level], .width = t->width[level]};
    struct tile_reader reader = log_tiles(a->log, a->checkpoint.size);
    struct span got;
    char place[AUDIT_PLACE_MAX];
    if (!reader.read(reader.ctx, tile, &got, e))
        return auditing_note(a, ISSUE_TILE_MISSING, tile_place(a, tile, place), e);
    if (!span_eq(got, span_of(t->row[level], tile.width * sizeof(struct hash))))
        issues_add(a->issues, ISSUE_TILE_ALTERED, tile_place(a, tile, place),
                   "not the hashes that the entries give");
    return true;
}

static struct hash row_root(const struct hash *row)
{
    struct tree t = {0};
    tree_add_many(&t, row, TILE_WIDTH);
    return tree_root(&t);
}

/* The root of a full piece. A full tile is compared, and its root goes into the level above. */
static bool add_to_rows(struct reading *r, struct hash h, struct err *e)
{
    struct rows *t = r->rows;
    for (unsigned level = 1; level < TILE_LEVELS; level++) {
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
    for (unsigned level = 1; level < TILE_LEVELS; level++)
        if (r->rows->width[level] > 0 && !compare_tile(r, level, e))
            return false;
    return true;
}

static bool add_piece(struct reading *r, const struct audit_piece *p, struct err *e)
{
    if (r->broken)
        return true;
    if (p->width < TILE_WIDTH) {
        tree_add_many(&r->tail, p->leaf, p->width);
        return true;
    }
    tree_add(&r->full, p->root);
    return add_to_rows(r, p->root, e);
}

/* A tree's peaks are those of its full pieces, and then those of the rest. */
static struct hash root_of(const struct reading *r)
{
    struct tree t = r->full;
    for (unsigned i = 0; i < r->tail.count; i++)
        t.peak[t.count++] = r->tail.peak[i];
    return tree_root(&t);
}

/* --- entries --- */

/* A place is written only where something has to be said of it, or objects are looked for. */
static const char *entry_place(const struct auditing *a, uint64_t index, char text[AUDIT_PLACE_MAX])
{
    text_format(text, AUDIT_PLACE_MAX, "%s#%llu", a->study, (unsigned long long)index);
    return text;
}

static bool add_entry(struct reading *r, uint64_t index, const struct entry *x, struct err *e)
{
    enum issue_id issue;
    char place[AUDIT_PLACE_MAX];
    if (!history_add(r->history, x, &issue, e) &&
        !auditing_note(r->audit, issue, entry_place(r->audit, index, place), e))
        return false;
    return r->audit->options.ledgers ||
           auditing_objects(r->audit, x, entry_place(r->audit, index, place), e);
}

/* It has not the shape that nearly all have: what is it? */
static bool parse_entry(struct reading *r, uint64_t index, struct span bytes, struct err *e)
{
    struct arena scratch = {0};
    struct entry x;
    char place[AUDIT_PLACE_MAX];
    bool good = entry_parse(&scratch, bytes, &x, e);
    if (good) {
        good = add_entry(r, index, &x, e);
    } else {
        history_skip(r->history);
        good = auditing_note(r->audit,
                             e->kind == ERR_STATE ? ISSUE_ENTRY_UNKNOWN : ISSUE_ENTRY_MALFORMED,
                             entry_place(r->audit, index, place), e);
    }
    arena_close(&scratch);
    return good;
}

static bool judge_entries(struct reading *r, const struct audit_piece *p, struct err *e)
{
    uint64_t index = p->index * TILE_WIDTH;
    for (unsigned i = 0; i < p->count; i++, index++)
        if (!(p->matched[i] ? add_entry(r, index, &p->x[i], e)
                            : parse_entry(r, index, p->entry[i], e)))
            return false;
    for (unsigned i = p->count; i < p->width; i++)
        history_skip(r->history);
    r->entries += p->count;
    r->audit->out->entries += p->count;
    return true;
}

/* --- pieces --- */

/* What it says of itself, as an issue. */
static bool note_trouble(struct reading *r, struct audit_piece *p, struct err *e)
{
    struct auditing *a = r->audit;
    struct tile t = {.index = p->index, .width = p->width};
    unsigned long long different = p->index * TILE_WIDTH + p->different;
    char place[AUDIT_PLACE_MAX];
    if (p->no_tile.kind != ERR_NONE) {
        *e = p->no_tile;
        if (!auditing_note(a, ISSUE_TILE_MISSING, tile_place(a, t, place), e))
            return false;
    }
    if (p->different < p->width && p->missing.kind == ERR_NONE)
        issues_add(a->issues, ISSUE_TILE_ALTERED, tile_place(a, t, place),
                   "not the hash that entry %llu gives", different);
    if (p->missing.kind == ERR_NONE)
        return true;
    t.entries = true;
    r->broken = true;
    *e = p->missing;
    return auditing_note(a, ISSUE_TILE_MISSING, tile_place(a, t, place), e);
}

static bool judge(struct reading *r, struct audit_piece *p, struct err *e)
{
    auditing_tell(r->audit, r->audit->options.ledgers ? "entries" : "entries and objects",
                  p->index * TILE_WIDTH, r->audit->checkpoint.size);
    return note_trouble(r, p, e) && add_piece(r, p, e) && judge_entries(r, p, e);
}

static bool judge_all(struct reading *r, struct crew *c, struct audit_piece *piece, size_t pieces,
                      struct err *e)
{
    uint64_t next = 0, count = (r->audit->checkpoint.size + TILE_WIDTH - 1) / TILE_WIDTH;
    while (next < pieces && next < count) {
        piece[next].index = next;
        crew_give(c, &piece[next++]);
    }
    for (struct audit_piece *p; (p = crew_take(c)) != NULL;) {
        if (!judge(r, p, e))
            return false;
        if (next < count) {
            p->index = next++;
            crew_give(c, p);
        }
    }
    return true;
}

static bool read_pieces(struct reading *r, struct err *e)
{
    struct audit_ledger ledger = {r->audit->log, r->audit->checkpoint.size};
    uint64_t count = (ledger.size + TILE_WIDTH - 1) / TILE_WIDTH;
    unsigned threads = count > 1 ? thread_processors() - 1 : 0;
    size_t pieces = PIECES_A_THREAD * (threads + 1);
    struct audit_piece *piece = mem_new(pieces * sizeof *piece);
    struct crew *crew = crew_open(threads, pieces, audit_piece_read, &ledger);
    bool good = judge_all(r, crew, piece, pieces, e);
    crew_close(crew);
    for (size_t i = 0; i < pieces; i++) {
        buf_close(&piece[i].bytes);
        buf_close(&piece[i].tile);
    }
    mem_free(piece);
    return good;
}

/* --- the whole --- */

/* The vkey is that of the key. */
static bool is_key(struct span vkey, const struct note_key *key)
{
    struct buf b = {0};
    note_key_write(&b, key->name, key->algorithm, &key->key);
    bool same = span_eq(vkey, buf_span(&b));
    buf_close(&b);
    return same;
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
    if (r->broken || !hash_eq(root_of(r), a->checkpoint.root))
        issues_add(a->issues, ISSUE_LEDGER_ROOT, a->study,
                   "%llu entries were signed, %llu could be read",
                   (unsigned long long)a->checkpoint.size, (unsigned long long)r->entries);
}

bool auditing_entries(struct auditing *a, struct err *e)
{
    enum issue_id issue;
    struct reading r = {.audit = a, .history = history_open(a->checkpoint.origin)};
    r.rows = mem_new(sizeof *r.rows);
    bool good = read_pieces(&r, e) && (r.broken || compare_partial_tiles(&r, e)) &&
                (history_end(r.history, &issue, e) || auditing_note(a, issue, a->study, e));
    if (good) {
        check_root(&r);
        good = check_own_keys(&r, e);
    }
    absentees_judge(&a->absent, r.history, a->issues);
    history_close(r.history);
    mem_free(r.rows);
    return good;
}
