#include "content/record_tree.h"

#include "ledger/tree.h"

enum {
    BATCH = 256, /* leaves that are hashed side by side and then folded at once */
    SALT = 32,
    SALTS_A_BLOCK = CHACHA20_BLOCK / SALT,
    LEAF = 1 + SALT + SHA256_SIZE,
};

struct record_leaves {
    struct tree tree;
    uint8_t secret[CHACHA20_KEY];
};

static const uint64_t records_max = SALTS_A_BLOCK * ((uint64_t)UINT32_MAX + 1);

struct record_leaves *record_leaves_open(const uint8_t secret[CHACHA20_KEY])
{
    struct record_leaves *l = mem_new(sizeof *l);
    memcpy(l->secret, secret, CHACHA20_KEY);
    return l;
}

void record_leaves_close(struct record_leaves *l)
{
    mem_wipe_free(l, sizeof *l);
}

/* Salts of the records from `at` on; the first may be the second one of its block. */
static const uint8_t *make_salts(const struct record_leaves *l, uint64_t at, size_t n,
                                 uint8_t room[(BATCH + SALTS_A_BLOCK) * SALT])
{
    size_t skip = at % SALTS_A_BLOCK;
    size_t blocks = (skip + n + SALTS_A_BLOCK - 1) / SALTS_A_BLOCK;
    chacha20_blocks(l->secret, (uint32_t)(at / SALTS_A_BLOCK), blocks, room);
    return room + skip * SALT;
}

static void add_leaves(struct record_leaves *l, const struct hash *h, size_t n,
                       struct sha256 *ordered)
{
    uint8_t room[(BATCH + SALTS_A_BLOCK) * SALT], bytes[BATCH][LEAF];
    struct span in[BATCH];
    struct hash leaf[BATCH];
    const uint8_t *salt = make_salts(l, l->tree.size, n, room);
    for (size_t i = 0; i < n; i++) {
        bytes[i][0] = TREE_LEAF_PREFIX;
        memcpy(bytes[i] + 1, salt + i * SALT, SALT);
        memcpy(bytes[i] + 1 + SALT, h[i].b, SHA256_SIZE);
        in[i] = span_of(bytes[i], LEAF);
    }
    if (ordered != NULL)
        sha256_feed_many(ordered, span_of(h, n * sizeof *h), n, in, leaf);
    else
        sha256_many(n, in, leaf);
    tree_add_many(&l->tree, leaf, n);
}

bool record_leaves_add(struct record_leaves *l, const struct hash *h, size_t n,
                       struct sha256 *ordered, struct err *e)
{
    if (n > records_max - l->tree.size)
        return err_set(e, ERR_LIMIT, "more records than there is salt for");
    for (size_t some; n > 0; h += some, n -= some) {
        some = n < BATCH ? n : BATCH;
        add_leaves(l, h, some, ordered);
    }
    return true;
}

struct hash record_leaves_root(const struct record_leaves *l)
{
    return tree_root(&l->tree);
}

static bool walk_leaves(struct record_walk *w, struct record_leaves *l, struct err *e)
{
    struct record r;
    struct hash h[BATCH];
    size_t n = 0;
    bool more, good;
    while ((good = record_walk_next(w, &r, &more, e)) && more) {
        memcpy(h[n++].b, record_hash(&r), SHA256_SIZE);
        if (n < BATCH)
            continue;
        if (!record_leaves_add(l, h, n, NULL, e))
            return false;
        n = 0;
    }
    return good && record_leaves_add(l, h, n, NULL, e);
}

bool record_tree_root(const struct record_index *x, const uint8_t secret[CHACHA20_KEY],
                      struct hash *root, struct err *e)
{
    struct record_leaves *l = record_leaves_open(secret);
    struct record_walk *w = record_walk_open(x);
    bool good = walk_leaves(w, l, e);
    *root = record_leaves_root(l);
    record_walk_close(w);
    record_leaves_close(l);
    return good;
}
