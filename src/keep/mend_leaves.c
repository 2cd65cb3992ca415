/*
 * The leaf hashes of a ledger, put together from what is there until they give the signed root.
 *
 * Four columns may each say what a leaf hash is: the entries in the ledger's bundles, its tiles,
 * the catalog, and entries elsewhere. Where columns differ, the tile above decides, which holds
 * the root of each full tile; where that does not help, every choice is tried. Nothing is
 * believed but the signed root.
 */
#include <string.h>

#include "keep/mending.h"
#include "store/log_mend.h"

enum column { FROM_ENTRIES, FROM_TILES, FROM_CATALOG, FROM_ELSEWHERE, COLUMNS };

enum {
    CHOICES = COLUMNS + 1,  /* of a block: each column, and what most columns say of each leaf */
    HASHINGS_MAX = 1 << 23, /* nodes that are hashed before the search is given up */
};

struct block {
    unsigned width, choices, chosen;
    struct hash root[CHOICES]; /* of a full block */
    struct hash *leaf[CHOICES];
};

struct leaves {
    struct mending *m;
    uint64_t size;
    struct hash *column[COLUMNS];
    uint8_t *known[COLUMNS]; /* per leaf: is it set? */
    size_t blocks;
    struct block *block;
    struct arena arena;
};

static void set_leaf(struct leaves *l, enum column c, uint64_t index, struct hash leaf)
{
    if (index >= l->size || l->known[c][index] != 0)
        return;
    l->column[c][index] = leaf;
    l->known[c][index] = 1;
}

/* --- columns --- */

static bool read_entries(struct leaves *l, uint64_t n, struct err *e)
{
    struct arena a = {0};
    struct span rest, entry;
    struct tile t = {.entries = true, .index = n, .width = tile_width(l->size, 0, n)};
    bool good = log_mend_read(l->m->log, t, &a, &rest, e);
    for (unsigned i = 0; good && i < t.width && tile_entry_next(&rest, &entry, NULL); i++)
        set_leaf(l, FROM_ENTRIES, n * TILE_WIDTH + i, tree_leaf(entry));
    arena_close(&a);
    return good;
}

static bool read_tile(struct leaves *l, uint64_t n, struct err *e)
{
    struct arena a = {0};
    struct span bytes;
    struct tile t = {.index = n, .width = tile_width(l->size, 0, n)};
    bool good = log_mend_read(l->m->log, t, &a, &bytes, e);
    for (unsigned i = 0; good && i < t.width && bytes.n >= (i + 1) * sizeof(struct hash); i++) {
        struct hash h;
        memcpy(&h, bytes.p + i * sizeof h, sizeof h);
        set_leaf(l, FROM_TILES, n * TILE_WIDTH + i, h);
    }
    arena_close(&a);
    return good;
}

static bool from_catalog(void *ctx, const struct catalog_entry *x, struct err *e)
{
    (void)e;
    set_leaf(ctx, FROM_CATALOG, x->index, x->leaf);
    return true;
}

static bool from_elsewhere(void *ctx, uint64_t index, struct span bytes, const char *from,
                           struct err *e)
{
    (void)from;
    (void)e;
    set_leaf(ctx, FROM_ELSEWHERE, index, tree_leaf(bytes));
    return true;
}

static bool fill_columns(struct leaves *l, struct err *e)
{
    struct mending *m = l->m;
    for (size_t n = 0; n < l->blocks; n++)
        if (!read_entries(l, n, e) || !read_tile(l, n, e))
            return false;
    if (m->catalog != NULL &&
        !catalog_each_entry(m->catalog, span_str(m->study), 0, from_catalog, l, e) &&
        !mending_may_fail(e))
        return false;
    return mending_each_entry(m, from_elsewhere, l, e);
}

/* --- what a block may be --- */

static bool is_complete(const struct leaves *l, enum column c, uint64_t from, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        if (l->known[c][from + i] == 0)
            return false;
    return true;
}

static unsigned votes_for(const struct leaves *l, enum column c, uint64_t index)
{
    unsigned votes = 0;
    for (int other = 0; other < COLUMNS; other++)
        votes +=
            l->known[other][index] != 0 && hash_eq(l->column[other][index], l->column[c][index]);
    return votes;
}

/* What most columns say; of equals, the first. */
static bool most_say(const struct leaves *l, uint64_t index, struct hash *out)
{
    unsigned best = 0;
    for (int c = 0; c < COLUMNS; c++) {
        unsigned votes = l->known[c][index] != 0 ? votes_for(l, (enum column)c, index) : 0;
        if (votes > best) {
            best = votes;
            *out = l->column[c][index];
        }
    }
    return best > 0;
}

static struct hash root_of(const struct hash *leaf, unsigned width)
{
    struct tree t = {0};
    tree_add_many(&t, leaf, width);
    return tree_root(&t);
}

static void add_choice(struct block *b, struct hash *leaf)
{
    struct hash root = root_of(leaf, b->width);
    for (unsigned i = 0; i < b->choices; i++)
        if (hash_eq(b->root[i], root))
            return;
    b->leaf[b->choices] = leaf;
    b->root[b->choices++] = root;
}

/* First what most say: it is right unless one and the same leaf is damaged in most. */
static void find_choices(struct leaves *l, size_t n)
{
    struct block *b = &l->block[n];
    uint64_t from = (uint64_t)n * TILE_WIDTH;
    b->width = tile_width(l->size, 0, n);
    struct hash *most = arena_array(&l->arena, b->width, sizeof *most);
    bool complete = true;
    for (unsigned i = 0; i < b->width; i++)
        complete = most_say(l, from + i, &most[i]) && complete;
    if (complete)
        add_choice(b, most);
    for (int c = 0; c < COLUMNS; c++)
        if (is_complete(l, (enum column)c, from, b->width))
            add_choice(b, l->column[c] + from);
}

/* The tile above holds the roots of the full blocks, if it is not damaged itself. */
static bool ask_tile_above(struct leaves *l, size_t n, struct err *e)
{
    struct arena a = {0};
    struct span bytes;
    struct block *b = &l->block[n];
    struct tile t = {.level = 1, .index = n / TILE_WIDTH};
    size_t at = n % TILE_WIDTH * sizeof(struct hash);
    if (b->choices < 2 || b->width < TILE_WIDTH)
        return true;
    t.width = tile_width(l->size, 1, t.index);
    bool good = log_mend_read(l->m->log, t, &a, &bytes, e);
    for (unsigned i = 0; good && i < b->choices; i++)
        if (bytes.n >= at + sizeof(struct hash) &&
            memcmp(bytes.p + at, &b->root[i], sizeof(struct hash)) == 0)
            b->chosen = i;
    arena_close(&a);
    return good;
}

/* --- the root --- */

static struct hash root_now(const struct leaves *l)
{
    struct tree t = {0}, tail = {0};
    for (size_t n = 0; n < l->blocks; n++) {
        const struct block *b = &l->block[n];
        if (b->width == TILE_WIDTH)
            tree_add(&t, b->root[b->chosen]);
        else
            tree_add_many(&tail, b->leaf[b->chosen], b->width);
    }
    for (unsigned i = 0; i < tail.count; i++)
        t.peak[t.count++] = tail.peak[i];
    return tree_root(&t);
}

/* The next choice, as a counter whose digits are the blocks'; false behind the last. */
static bool next_choice(struct leaves *l, const size_t *open, size_t opens)
{
    for (size_t i = 0; i < opens; i++) {
        struct block *b = &l->block[open[i]];
        b->chosen = (b->chosen + 1) % b->choices;
        if (b->chosen != 0)
            return true;
    }
    return false;
}

/* Every choice of the blocks that have one, as long as that is bearable. */
static bool search(struct leaves *l, struct hash root)
{
    size_t opens = 0, *open = arena_array(&l->arena, l->blocks, sizeof *open);
    if (hash_eq(root_now(l), root))
        return true;
    for (size_t n = 0; n < l->blocks; n++) {
        l->block[n].chosen = 0;
        if (l->block[n].choices > 1)
            open[opens++] = n;
    }
    for (uint64_t work = 0; work < HASHINGS_MAX; work += l->blocks + 1) {
        if (hash_eq(root_now(l), root))
            return true;
        if (!next_choice(l, open, opens))
            return false;
    }
    return false;
}

static void keep(struct leaves *l)
{
    l->m->leaf = mem_new((size_t)l->size * sizeof(struct hash));
    for (size_t n = 0; n < l->blocks; n++)
        memcpy(l->m->leaf + n * TILE_WIDTH, l->block[n].leaf[l->block[n].chosen],
               l->block[n].width * sizeof(struct hash));
}

static bool find(struct leaves *l, struct err *e)
{
    if (!fill_columns(l, e))
        return false;
    for (size_t n = 0; n < l->blocks; n++) {
        find_choices(l, n);
        if (l->block[n].choices == 0)
            return true;
        if (!ask_tile_above(l, n, e))
            return false;
    }
    if (search(l, l->m->checkpoint.root))
        keep(l);
    return true;
}

bool mending_leaves(struct mending *m, struct err *e)
{
    struct leaves l = {.m = m, .size = m->checkpoint.size};
    if (l.size == 0 || l.size > MEND_ENTRIES_MAX)
        return l.size == 0 || err_set(e, ERR_LIMIT, "more than %d entries", MEND_ENTRIES_MAX);
    l.blocks = (size_t)((l.size + TILE_WIDTH - 1) / TILE_WIDTH);
    l.block = mem_new(l.blocks * sizeof *l.block);
    for (int c = 0; c < COLUMNS; c++) {
        l.column[c] = mem_new((size_t)l.size * sizeof(struct hash));
        l.known[c] = mem_new((size_t)l.size);
    }
    bool good = find(&l, e);
    for (int c = 0; c < COLUMNS; c++) {
        mem_free(l.column[c]);
        mem_free(l.known[c]);
    }
    mem_free(l.block);
    arena_close(&l.arena);
    return good;
}
