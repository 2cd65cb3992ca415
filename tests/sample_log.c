#include "tests/sample_log.h"

#include <sodium.h>

#include "base/arena.h"
#include "tests/test.h"

static struct arena kept; /* never freed, so no leak */

struct hash sodium_leaf(struct span entry)
{
    struct buf b = {0};
    struct hash h;
    buf_byte(&b, 0);
    buf_add(&b, entry);
    crypto_hash_sha256(h.b, b.p, b.n);
    buf_close(&b);
    return h;
}

struct hash sodium_node(struct hash left, struct hash right)
{
    uint8_t bytes[65] = {1};
    struct hash h;
    memcpy(bytes + 1, left.b, 32);
    memcpy(bytes + 33, right.b, 32);
    crypto_hash_sha256(h.b, bytes, sizeof bytes);
    return h;
}

struct span sample_entry(uint64_t i)
{
    static struct buf b;
    buf_clear(&b);
    buf_u64(&b, i);
    return buf_span(&b);
}

struct sample_log *sample_log_of(const struct hash *leaf, uint64_t size)
{
    struct sample_log *l = arena_new(&kept, sizeof *l);
    l->size = size;
    l->row[0] = arena_array(&kept, (size_t)size, sizeof *leaf);
    if (size > 0)
        memcpy(l->row[0], leaf, (size_t)size * sizeof *leaf);
    for (unsigned level = 1; size >> level > 0; level++) {
        size_t n = (size_t)(size >> level);
        struct hash *below = l->row[level - 1];
        l->row[level] = arena_array(&kept, n, sizeof *below);
        for (size_t i = 0; i < n; i++)
            l->row[level][i] = sodium_node(below[2 * i], below[2 * i + 1]);
    }
    return l;
}

struct sample_log *sample_log(uint64_t size)
{
    struct hash *leaf = mem_new((size_t)size * sizeof *leaf);
    for (uint64_t i = 0; i < size; i++)
        leaf[i] = sodium_leaf(sample_entry(i));
    struct sample_log *l = sample_log_of(leaf, size);
    mem_free(leaf);
    return l;
}

static bool get(void *ctx, unsigned level, uint64_t index, struct hash *out, struct err *e)
{
    const struct sample_log *l = ctx;
    if (level > TREE_DEPTH_MAX || index >= l->size >> level)
        return err_set(e, ERR_USAGE, "not a full subtree");
    *out = l->row[level][index];
    return true;
}

struct tree_hashes sample_log_hashes(struct sample_log *l)
{
    return (struct tree_hashes){.get = get, .ctx = l};
}

void sample_log_tile(const struct sample_log *l, struct tile t, struct buf *out)
{
    uint64_t first = t.index * TILE_WIDTH;
    if (!t.entries) {
        buf_add(out, span_of(l->row[8 * t.level] + first, t.width * sizeof(struct hash)));
        return;
    }
    for (uint64_t i = first; i < first + t.width; i++)
        tile_entry_add(out, sample_entry(i));
}

struct hash test_hash(const char *digits)
{
    struct hash h;
    if (!span_hex(span_str(digits), h.b, sizeof h.b))
        host_fatal("test_hash: not 64 lower-case hex digits");
    return h;
}
