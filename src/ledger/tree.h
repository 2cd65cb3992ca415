/*
 * The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1), SHA-256.
 * Proofs are checked as RFC 9162 sections 2.1.3.2 and 2.1.4.2 say.
 *
 * A proof ties a leaf to a root; it does not tie that root to a size. Size and
 * root are to be taken together from one signed checkpoint.
 */
#ifndef LEDGER_TREE_H
#define LEDGER_TREE_H

#include "base/err.h"
#include "crypto/sha256.h"

enum { TREE_DEPTH_MAX = 63, TREE_LEAF_PREFIX = 0 };

/* What a checkpoint can say; the longest proof of such a tree fits struct tree_proof. */
#define TREE_SIZE_MAX ((uint64_t)INT64_MAX)

struct hash tree_empty(void);                               /* SHA-256("") */
struct hash tree_leaf(struct span entry);                   /* SHA-256(00 || entry) */
struct hash tree_node(struct hash left, struct hash right); /* SHA-256(01 || l || r) */

/* The right edge of a growing tree: the roots of its full subtrees, largest first. */
struct tree {
    uint64_t size;
    unsigned count;
    struct hash peak[64];
};

/* `struct tree t = {0};` is the empty tree. It never grows beyond TREE_SIZE_MAX. */
void tree_add(struct tree *t, struct hash leaf);
struct hash tree_root(const struct tree *t);

/* The same as tree_add one after the other; faster, and as flat in memory. */
void tree_add_many(struct tree *t, const struct hash *leaf, size_t n);

/*
 * Where hashes come from: the root of the full subtree of 2^level leaves that
 * begins at index << level. It is asked only for subtrees that end at or below the
 * size in question, at most TREE_DEPTH_MAX times for a root or a right edge and
 * twice as often for a proof.
 */
struct tree_hashes {
    bool (*get)(void *ctx, unsigned level, uint64_t index, struct hash *out, struct err *e);
    void *ctx;
};

/*
 * From here on: a size above TREE_SIZE_MAX is ERR_LIMIT, an index or old size out of
 * range ERR_USAGE; anything else that fails is get's.
 */

/* Root of the first `size` leaves. */
bool tree_root_at(const struct tree_hashes *h, uint64_t size, struct hash *out, struct err *e);

/* The right edge at `size`. */
bool tree_load(const struct tree_hashes *h, uint64_t size, struct tree *out, struct err *e);

struct tree_proof {
    size_t count;
    struct hash hash[TREE_DEPTH_MAX + 1];
};

/* Inclusion, RFC 9162 section 2.1.3.1; index < size; leaf sibling first. */
bool tree_prove(const struct tree_hashes *h, uint64_t index, uint64_t size, struct tree_proof *out,
                struct err *e);

/* RFC 9162 section 2.1.4.1; 0 < old <= size. */
bool tree_prove_consistency(const struct tree_hashes *h, uint64_t old, uint64_t size,
                            struct tree_proof *out, struct err *e);

/*
 * Does the proof lead from the leaf to the root, from the old root to the root?
 * Every size and any count will do. False where index >= size, old > size or
 * old == 0: the empty tree is consistent with every tree, by the empty proof only,
 * and a caller that means it says so itself.
 */
bool tree_check(uint64_t index, uint64_t size, struct hash leaf, const struct hash *proof,
                size_t count, struct hash root);
bool tree_check_consistency(uint64_t old, uint64_t size, const struct hash *proof, size_t count,
                            struct hash old_root, struct hash root);

#endif
