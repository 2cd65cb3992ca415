/*
 * The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1), SHA-256.
 * Proofs are checked as RFC 9162 sections 2.1.3.2 and 2.1.4.2 say.
 */
#ifndef LEDGER_TREE_H
#define LEDGER_TREE_H

#include "base/err.h"
#include "crypto/sha256.h"

enum { TREE_DEPTH_MAX = 63 };

struct hash tree_empty(void);                               /* SHA-256("") */
struct hash tree_leaf(struct span entry);                   /* SHA-256(00 || entry) */
struct hash tree_node(struct hash left, struct hash right); /* SHA-256(01 || l || r) */

/* The right edge of a growing tree: the roots of its full subtrees, largest first. */
struct tree {
    uint64_t size;
    unsigned count;
    struct hash peak[64];
};

/* `struct tree t = {0};` is the empty tree. */
void tree_add(struct tree *t, struct hash leaf);
struct hash tree_root(const struct tree *t);

/* Where hashes come from: the root of the full subtree of 2^level leaves that begins at index <<
 * level. */
struct tree_hashes {
    bool (*get)(void *ctx, unsigned level, uint64_t index, struct hash *out, struct err *e);
    void *ctx;
};

/* Root of the first `size` leaves. */
bool tree_root_at(const struct tree_hashes *h, uint64_t size, struct hash *out, struct err *e);

/* The right edge at `size`. */
bool tree_load(const struct tree_hashes *h, uint64_t size, struct tree *out, struct err *e);

struct tree_proof {
    size_t count;
    struct hash hash[TREE_DEPTH_MAX + 1];
};

/* index < size; leaf sibling first. */
bool tree_prove(const struct tree_hashes *h, uint64_t index, uint64_t size, struct tree_proof *out,
                struct err *e);

/* 0 < old <= size. */
bool tree_prove_consistency(const struct tree_hashes *h, uint64_t old, uint64_t size,
                            struct tree_proof *out, struct err *e);

bool tree_check(uint64_t index, uint64_t size, struct hash leaf, const struct hash *proof,
                size_t count, struct hash root);
bool tree_check_consistency(uint64_t old, uint64_t size, const struct hash *proof, size_t count,
                            struct hash old_root, struct hash root);

#endif
