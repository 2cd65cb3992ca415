#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "os/dir.h"
#include "os/publish.h"
#include "store/log.h"
#include "store/log_file.h"

/*
 * The hashes of one level that new tiles hold: from the first hash of the tile in
 * which the old ledger ended. Of higher levels there are 256 times fewer each.
 */
struct level {
    uint64_t first; /* index in the level; a multiple of 256 */
    struct buf hashes;
    bool filled; /* the new ones are there, too */
};

struct growth {
    struct log *log;
    struct batch *batch;
    uint64_t old_size, size;
    struct log_entries entries;
    struct level level[TILE_LEVELS];
};

/* Puts the hashes of the old partial tile of this level at the front. */
static bool begin_level(struct growth *g, unsigned level, struct err *e)
{
    struct level *l = &g->level[level];
    uint64_t count = g->old_size >> 8 * level;
    unsigned width = (unsigned)(count % TILE_WIDTH);
    struct tile t = {.level = level, .index = count / TILE_WIDTH, .width = width};
    struct span hashes;
    l->first = t.index * TILE_WIDTH;
    if (width == 0)
        return true;
    if (!log_read_tile(g->log, t, &hashes, e))
        return false;
    buf_add(&l->hashes, span_of(hashes.p, (size_t)width * SHA256_SIZE));
    return true;
}

static void add_hash(struct level *l, struct hash h)
{
    buf_add(&l->hashes, hash_span(&h));
}

/* --- entries and leaves --- */

/* The tile has the entry's leaf hash: it was not altered since. */
static bool is_hashed(const struct growth *g, uint64_t index, struct span entry)
{
    const struct level *l = &g->level[0];
    struct hash leaf = tree_leaf(entry);
    size_t at = (size_t)(index - l->first) * SHA256_SIZE;
    return at + SHA256_SIZE <= l->hashes.n && memcmp(l->hashes.p + at, leaf.b, SHA256_SIZE) == 0;
}

/* The entries that the old partial bundle has already. */
static bool copy_old_entries(struct growth *g, uint64_t index, struct buf *bundle, struct err *e)
{
    unsigned width = (unsigned)(g->old_size % TILE_WIDTH);
    struct tile t = {.entries = true, .index = index, .width = width};
    struct span rest, entry;
    if (!log_read_tile(g->log, t, &rest, e))
        return false;
    for (unsigned i = 0; i < width; i++) {
        if (!tile_entry_next(&rest, &entry, e))
            return err_set(e, ERR_INTEGRITY, "entry bundle %llu holds too few entries",
                           (unsigned long long)index);
        if (!is_hashed(g, index * TILE_WIDTH + i, entry))
            return err_set(e, ERR_INTEGRITY, "entry %llu is not the one that was signed",
                           (unsigned long long)(index * TILE_WIDTH + i));
        tile_entry_add(bundle, entry);
    }
    return true;
}

static bool add_new_entry(struct growth *g, uint64_t index, struct buf *bundle, struct err *e)
{
    struct span entry;
    if (!g->entries.get(g->entries.ctx, index, &entry, e))
        return false;
    if (entry.n > ENTRY_MAX)
        return err_set(e, ERR_LIMIT, "entry %llu has %zu bytes; at most %d are possible",
                       (unsigned long long)index, entry.n, ENTRY_MAX);
    tile_entry_add(bundle, entry);
    add_hash(&g->level[0], tree_leaf(entry));
    return true;
}

static bool add_tile(struct growth *g, struct tile t, struct span bytes, struct err *e)
{
    struct arena a = {0};
    struct buf path = {0};
    tile_path(&path, t);
    bool ok = batch_add(g->batch, log_folder(g->log), arena_str(&a, buf_span(&path)), bytes,
                        t.entries ? FILE_PRIVATE : FILE_SHARED, e);
    buf_close(&path);
    arena_close(&a);
    return ok;
}

static bool write_bundle(struct growth *g, struct tile t, struct err *e)
{
    struct buf bundle = {0};
    uint64_t at = t.index * TILE_WIDTH, end = at + t.width;
    bool ok = true;
    if (at < g->old_size) {
        ok = copy_old_entries(g, t.index, &bundle, e);
        at = g->old_size;
    }
    for (; ok && at < end; at++)
        ok = add_new_entry(g, at, &bundle, e);
    ok = ok && add_tile(g, t, buf_span(&bundle), e);
    buf_close(&bundle);
    return ok;
}

/* --- hashes --- */

static struct hash tile_root(const uint8_t *hashes)
{
    struct tree t = {0};
    struct hash h;
    for (unsigned i = 0; i < TILE_WIDTH; i++) {
        memcpy(h.b, hashes + (size_t)i * SHA256_SIZE, SHA256_SIZE);
        tree_add(&t, h);
    }
    return tree_root(&t);
}

/* The full tiles of a level give the new hashes of the level above. */
static void fill_level(struct growth *g, unsigned level)
{
    const struct level *below = &g->level[level - 1];
    struct level *l = &g->level[level];
    const size_t tile = TILE_WIDTH * SHA256_SIZE;
    for (size_t at = 0; below->hashes.n - at >= tile; at += tile)
        add_hash(l, tile_root(below->hashes.p + at));
    l->filled = true;
}

static bool write_hashes(struct growth *g, struct tile t, struct err *e)
{
    const struct level *l = &g->level[t.level];
    uint64_t at = (t.index * TILE_WIDTH - l->first) * SHA256_SIZE;
    size_t n = (size_t)t.width * SHA256_SIZE;
    assert(at + n <= l->hashes.n);
    return add_tile(g, t, span_of(l->hashes.p + at, n), e);
}

/*
 * Entry bundles come first, then hash tiles by level: so each level is complete when
 * it is asked for.
 */
static bool write_tile(void *ctx, struct tile t, struct err *e)
{
    struct growth *g = ctx;
    if (t.entries)
        return write_bundle(g, t, e);
    if (t.level > 0 && !g->level[t.level].filled)
        fill_level(g, t.level);
    return write_hashes(g, t, e);
}

/* --- the whole --- */

static bool check_root(struct log *l, uint64_t size, struct hash root, struct err *e)
{
    struct hash got;
    log_forget(l); /* what was written, not what was read before */
    if (!log_root(l, size, size, &got, e))
        return false;
    return hash_eq(got, root) ||
           err_set(e, ERR_INTEGRITY, "the tiles at size %llu do not give the root that was signed",
                   (unsigned long long)size);
}

bool log_grow(struct log *l, uint64_t old_size, uint64_t size, struct hash root,
              struct log_entries new_entries, struct err *e)
{
    struct growth g = {.log = l, .old_size = old_size, .size = size, .entries = new_entries};
    assert(old_size <= size);
    bool ok = true;
    g.batch = batch_open();
    log_forget(l);
    for (unsigned i = 0; ok && i < TILE_LEVELS; i++)
        ok = begin_level(&g, i, e);
    ok = ok && tile_each_new(old_size, size, write_tile, &g, e) && batch_commit(g.batch, e) &&
         check_root(l, size, root, e);
    for (unsigned i = 0; i < TILE_LEVELS; i++)
        buf_close(&g.level[i].hashes);
    batch_close(g.batch);
    return ok || err_at(e, "ledger");
}

/* --- trimming --- */

/* Removes "<tile>.p/", with all partial forms, of a tile that is full now. */
static bool trim_tile(void *ctx, struct tile t, struct err *e)
{
    struct log *l = ctx;
    struct arena a = {0};
    struct buf path = {0};
    if (t.width < TILE_WIDTH)
        return true;
    tile_path(&path, t);
    buf_str(&path, ".p");
    bool ok = dir_remove_tree(log_folder(l), arena_str(&a, buf_span(&path)), e);
    buf_close(&path);
    arena_close(&a);
    return ok;
}

bool log_trim(struct log *l, uint64_t old_size, uint64_t size, struct err *e)
{
    return tile_each_new(old_size, size, trim_tile, l, e) || err_at(e, "ledger");
}
