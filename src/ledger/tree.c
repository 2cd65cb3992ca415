#include "ledger/tree.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum {
    NODE_SIZE = 1 + 2 * SHA256_SIZE,
    NODES_AT_ONCE = 16,   /* hashed side by side by sha256_many */
    LEAVES_AT_ONCE = 256, /* folded into one subtree: 8 KiB of stack */
    NODE_PREFIX = 1,      /* RFC 9162 section 2.1.1 */
};

struct hash tree_empty(void)
{
    return sha256_of(span_of(NULL, 0));
}

struct hash tree_leaf(struct span entry)
{
    static const uint8_t prefix = TREE_LEAF_PREFIX;
    struct sha256 s;
    sha256_begin(&s);
    sha256_feed(&s, span_of(&prefix, 1));
    sha256_feed(&s, entry);
    return sha256_end(&s);
}

static void node_bytes(uint8_t out[NODE_SIZE], const struct hash *left, const struct hash *right)
{
    out[0] = NODE_PREFIX;
    memcpy(out + 1, left->b, SHA256_SIZE);
    memcpy(out + 1 + SHA256_SIZE, right->b, SHA256_SIZE);
}

struct hash tree_node(struct hash left, struct hash right)
{
    uint8_t bytes[NODE_SIZE];
    node_bytes(bytes, &left, &right);
    return sha256_of(span_of(bytes, sizeof bytes));
}

/* Appends a full subtree of 2^level leaves; the size is a multiple of that. */
static void add_subtree(struct tree *t, unsigned level, struct hash root)
{
    assert(t->size <= TREE_SIZE_MAX - ((uint64_t)1 << level));
    t->peak[t->count++] = root;
    for (uint64_t full = t->size >> level; (full & 1) != 0; full >>= 1) {
        t->count--;
        t->peak[t->count - 1] = tree_node(t->peak[t->count - 1], t->peak[t->count]);
    }
    t->size += (uint64_t)1 << level;
}

void tree_add(struct tree *t, struct hash leaf)
{
    add_subtree(t, 0, leaf);
}

/* row[i] = node(row[2i], row[2i + 1]) for i < nodes; a batch never reads what an earlier wrote. */
static void fold_row(struct hash *row, size_t nodes)
{
    uint8_t bytes[NODES_AT_ONCE][NODE_SIZE];
    struct span in[NODES_AT_ONCE];
    for (size_t done = 0; done < nodes; done += NODES_AT_ONCE) {
        size_t n = nodes - done < NODES_AT_ONCE ? nodes - done : NODES_AT_ONCE;
        for (size_t i = 0; i < n; i++) {
            node_bytes(bytes[i], &row[2 * (done + i)], &row[2 * (done + i) + 1]);
            in[i] = span_of(bytes[i], NODE_SIZE);
        }
        sha256_many(n, in, row + done);
    }
}

/* The level of the largest subtree that n more leaves fill at `size`. */
static unsigned next_subtree(uint64_t size, size_t n)
{
    unsigned level = 0;
    while ((size_t)2 << level <= n && (size_t)2 << level <= LEAVES_AT_ONCE &&
           (size >> level & 1) == 0)
        level++;
    return level;
}

void tree_add_many(struct tree *t, const struct hash *leaf, size_t n)
{
    struct hash row[LEAVES_AT_ONCE];
    while (n > 0) {
        unsigned level = next_subtree(t->size, n);
        size_t width = (size_t)1 << level;
        memcpy(row, leaf, width * sizeof *row);
        for (size_t nodes = width / 2; nodes > 0; nodes /= 2)
            fold_row(row, nodes);
        add_subtree(t, level, row[0]);
        leaf += width;
        n -= width;
    }
}

struct hash tree_root(const struct tree *t)
{
    if (t->count == 0)
        return tree_empty();
    struct hash root = t->peak[t->count - 1];
    for (unsigned i = t->count - 1; i > 0; i--)
        root = tree_node(t->peak[i - 1], root);
    return root;
}

static bool check_size(uint64_t size, struct err *e)
{
    if (size > TREE_SIZE_MAX)
        return err_set(e, ERR_LIMIT, "a tree of %" PRIu64 " leaves is too large", size);
    return true;
}

bool tree_load(const struct tree_hashes *h, uint64_t size, struct tree *out, struct err *e)
{
    if (!check_size(size, e))
        return false;
    struct tree t = {.size = size};
    for (unsigned level = TREE_DEPTH_MAX; level-- > 0;) {
        bool full = (size >> level & 1) != 0;
        if (full && !h->get(h->ctx, level, (size >> level) - 1, &t.peak[t.count++], e))
            return false;
    }
    *out = t;
    return true;
}

bool tree_root_at(const struct tree_hashes *h, uint64_t size, struct hash *out, struct err *e)
{
    struct tree t;
    if (!tree_load(h, size, &t, e))
        return false;
    *out = tree_root(&t);
    return true;
}

/*
 * Root of the leaves from `begin` to `end`; begin is a multiple of a power of two >=
 * end - begin.
 */
static bool range_root(const struct tree_hashes *h, uint64_t begin, uint64_t end, struct hash *out,
                       struct err *e)
{
    bool first = true;
    uint64_t n = end - begin;
    for (unsigned level = 0; n >> level != 0; level++) {
        struct hash peak;
        if ((n >> level & 1) == 0)
            continue;
        if (!h->get(h->ctx, level, (end >> level) - 1, &peak, e))
            return false;
        *out = first ? peak : tree_node(peak, *out);
        first = false;
    }
    return true;
}

/*
 * Adds the siblings on the way from a node up to the root of `size` leaves. Where a
 * node is the last of its level without a sibling, it moves up unchanged.
 */
static bool add_path(const struct tree_hashes *h, unsigned level, uint64_t node, uint64_t size,
                     struct tree_proof *out, struct err *e)
{
    size_t count = out->count;
    for (; (size - 1) >> level != 0; level++, node >>= 1) {
        uint64_t begin = (node ^ 1) << level, width = (uint64_t)1 << level;
        if (begin >= size)
            continue;
        uint64_t end = size - begin < width ? size : begin + width;
        if (!range_root(h, begin, end, &out->hash[count++], e))
            return false;
    }
    out->count = count;
    return true;
}

bool tree_prove(const struct tree_hashes *h, uint64_t index, uint64_t size, struct tree_proof *out,
                struct err *e)
{
    out->count = 0;
    if (!check_size(size, e))
        return false;
    if (index >= size)
        return err_set(e, ERR_USAGE, "leaf %" PRIu64 " is not in a tree of %" PRIu64, index, size);
    return add_path(h, 0, index, size, out, e);
}

bool tree_prove_consistency(const struct tree_hashes *h, uint64_t old, uint64_t size,
                            struct tree_proof *out, struct err *e)
{
    out->count = 0;
    if (!check_size(size, e))
        return false;
    if (old == 0 || old > size)
        return err_set(e, ERR_USAGE, "no proof from size %" PRIu64 " to %" PRIu64, old, size);
    if (old == size)
        return true;
    /* The largest full subtree that ends where the old tree did: its last peak. */
    unsigned level = 0;
    uint64_t node = old - 1;
    for (; (node & 1) != 0; node >>= 1)
        level++;
    /* Node 0 is the whole old tree, whose root the checker has. */
    struct tree_proof p = {0};
    if (node != 0 && !h->get(h->ctx, level, node, &p.hash[p.count++], e))
        return false;
    if (!add_path(h, level, node, size, &p, e))
        return false;
    *out = p;
    return true;
}

/* Both numbers move up one level, and on while the node is a left child without a sibling. */
static void skip_lonely(uint64_t *fn, uint64_t *sn)
{
    while ((*fn & 1) == 0 && *fn != 0) {
        *fn >>= 1;
        *sn >>= 1;
    }
}

/* RFC 9162 section 2.1.3.2, with its names: fn is the node, sn the last one of its level. */
bool tree_check(uint64_t index, uint64_t size, struct hash leaf, const struct hash *proof,
                size_t count, struct hash root)
{
    if (index >= size)
        return false;
    uint64_t fn = index, sn = size - 1;
    struct hash r = leaf;
    for (size_t i = 0; i < count; i++) {
        if (sn == 0)
            return false;
        if ((fn & 1) != 0 || fn == sn) {
            r = tree_node(proof[i], r);
            skip_lonely(&fn, &sn);
        } else {
            r = tree_node(r, proof[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && hash_eq(r, root);
}

/* RFC 9162 section 2.1.4.2: fr and sr grow into the old and the new root. */
static bool check_growth(uint64_t fn, uint64_t sn, struct hash seed, const struct hash *proof,
                         size_t count, struct hash old_root, struct hash root)
{
    struct hash fr = seed, sr = seed;
    for (; (fn & 1) != 0; fn >>= 1)
        sn >>= 1;
    for (size_t i = 0; i < count; i++) {
        if (sn == 0)
            return false;
        if ((fn & 1) != 0 || fn == sn) {
            fr = tree_node(proof[i], fr);
            sr = tree_node(proof[i], sr);
            skip_lonely(&fn, &sn);
        } else {
            sr = tree_node(sr, proof[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && hash_eq(fr, old_root) && hash_eq(sr, root);
}

bool tree_check_consistency(uint64_t old, uint64_t size, const struct hash *proof, size_t count,
                            struct hash old_root, struct hash root)
{
    if (old == 0 || old > size)
        return false;
    if (old == size)
        return count == 0 && hash_eq(old_root, root);
    if (count == 0)
        return false;
    /* A power of two is one full subtree: the proof begins with the root that the checker has. */
    bool whole = (old & (old - 1)) == 0;
    struct hash seed = whole ? old_root : proof[0];
    size_t used = whole ? 0 : 1;
    return check_growth(old - 1, size - 1, seed, proof + used, count - used, old_root, root);
}
