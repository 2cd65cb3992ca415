#include "ledger/tile.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* tlog-tiles: groups of three digits, each but the last behind an x. */
static void add_index(struct buf *b, uint64_t index)
{
    uint64_t unit = 1;
    while (index / unit >= 1000)
        unit *= 1000;
    for (; unit > 0; unit /= 1000) {
        unsigned group = (unsigned)(index / unit % 1000);
        if (unit > 1)
            buf_byte(b, 'x');
        buf_byte(b, (uint8_t)('0' + group / 100));
        buf_byte(b, (uint8_t)('0' + group / 10 % 10));
        buf_byte(b, (uint8_t)('0' + group % 10));
        if (unit > 1)
            buf_byte(b, '/');
    }
}

void tile_path(struct buf *b, struct tile t)
{
    buf_str(b, "tile/");
    if (t.entries)
        buf_str(b, "entries");
    else
        buf_u64(b, t.level);
    buf_byte(b, '/');
    add_index(b, t.index);
    if (t.width < TILE_WIDTH) {
        buf_str(b, ".p/");
        buf_u64(b, t.width);
    }
}

/* How many hashes the tiles of a level hold in a tree of `size`. */
static uint64_t hashes_at(uint64_t size, unsigned level)
{
    return level < TILE_LEVELS ? size >> (TILE_HEIGHT * level) : 0;
}

unsigned tile_width(uint64_t size, unsigned level, uint64_t index)
{
    uint64_t hashes = hashes_at(size, level);
    if (index < hashes / TILE_WIDTH)
        return TILE_WIDTH;
    return index == hashes / TILE_WIDTH ? (unsigned)(hashes % TILE_WIDTH) : 0;
}

/* From the tile that holds the first new hash to the one that holds the last. */
static bool each_new(uint64_t old_size, uint64_t size, struct tile t,
                     bool (*each)(void *ctx, struct tile t, struct err *e), void *ctx,
                     struct err *e)
{
    uint64_t from = hashes_at(old_size, t.level), to = hashes_at(size, t.level);
    if (from == to)
        return true;
    for (t.index = from / TILE_WIDTH; t.index <= (to - 1) / TILE_WIDTH; t.index++) {
        t.width = tile_width(size, t.level, t.index);
        if (!each(ctx, t, e))
            return false;
    }
    return true;
}

bool tile_each_new(uint64_t old_size, uint64_t size,
                   bool (*each)(void *ctx, struct tile t, struct err *e), void *ctx, struct err *e)
{
    if (old_size > size)
        return err_set(e, ERR_USAGE, "a log does not shrink from %" PRIu64 " to %" PRIu64, old_size,
                       size);
    if (!each_new(old_size, size, (struct tile){.entries = true}, each, ctx, e))
        return false;
    for (unsigned level = 0; level < TILE_LEVELS; level++)
        if (!each_new(old_size, size, (struct tile){.level = level}, each, ctx, e))
            return false;
    return true;
}

bool tile_entry_next(struct span *bundle, struct span *entry, struct err *e)
{
    if (bundle->n == 0) {
        if (e != NULL)
            e->kind = ERR_NONE;
        return false;
    }
    if (bundle->n < 2)
        return err_set(e, ERR_FORMAT, "the last entry's length is cut short");
    size_t n = (size_t)bundle->p[0] << 8 | bundle->p[1];
    struct span rest = span_skip(*bundle, 2);
    if (n > rest.n)
        return err_set(e, ERR_FORMAT, "the last entry is cut short: %zu of %zu bytes", rest.n, n);
    *entry = span_of(rest.p, n);
    *bundle = span_skip(rest, n);
    return true;
}

void tile_entry_add(struct buf *bundle, struct span entry)
{
    assert(entry.n <= ENTRY_MAX);
    buf_be16(bundle, (uint16_t)entry.n);
    buf_add(bundle, entry);
}

static bool read_tile(const struct tile_reader *r, struct tile t, struct span *out, struct err *e)
{
    if (!r->read(r->ctx, t, out, e))
        return false;
    size_t want = (size_t)t.width * SHA256_SIZE;
    if (out->n == want)
        return true;
    struct buf path = {0};
    tile_path(&path, t);
    err_set(e, ERR_FORMAT, "%.*s: %zu bytes, not %zu", (int)path.n, (const char *)path.p, out->n,
            want);
    buf_close(&path);
    return false;
}

/* A subtree of 2^level leaves is 2^(level mod 8) neighbours in the lowest row of one tile. */
static bool get_hash(void *ctx, unsigned level, uint64_t index, struct hash *out, struct err *e)
{
    const struct tile_reader *r = ctx;
    if (level > TREE_DEPTH_MAX || index >= r->size >> level)
        return err_set(e, ERR_USAGE, "no subtree %" PRIu64 " of level %u in a log of %" PRIu64,
                       index, level, r->size);
    unsigned height = level % TILE_HEIGHT;
    uint64_t first = index << height;
    struct tile t = {.level = level / TILE_HEIGHT, .index = first / TILE_WIDTH};
    t.width = tile_width(r->size, t.level, t.index);
    struct span hashes;
    if (!read_tile(r, t, &hashes, e))
        return false;
    struct hash row[TILE_WIDTH / 2];
    size_t n = (size_t)1 << height;
    memcpy(row, hashes.p + first % TILE_WIDTH * SHA256_SIZE, n * sizeof *row);
    struct tree subtree = {0};
    tree_add_many(&subtree, row, n);
    *out = tree_root(&subtree);
    return true;
}

void tile_leaves(uint8_t *bundle, const struct span *entry, size_t count, struct hash *leaf)
{
    struct span in[TILE_WIDTH];
    assert(count <= TILE_WIDTH);
    for (size_t i = 0; i < count; i++) {
        size_t before = (size_t)(entry[i].p - bundle) - 1;
        bundle[before] = TREE_LEAF_PREFIX;
        in[i] = span_of(bundle + before, entry[i].n + 1);
    }
    sha256_many(count, in, leaf);
}

struct tree_hashes tile_hashes(struct tile_reader *r)
{
    return (struct tree_hashes){.get = get_hash, .ctx = r};
}
