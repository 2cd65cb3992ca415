/*
 * A log for tests: entry i is the decimal number i, without LF. All hashes of all
 * full subtrees are there, made with libsodium alone, so that what libcore computes
 * can be compared with them.
 */
#ifndef TESTS_SAMPLE_LOG_H
#define TESTS_SAMPLE_LOG_H

#include "base/buf.h"
#include "ledger/tile.h"
#include "ledger/tree.h"

struct sample_log {
    uint64_t size;
    struct hash *row[TREE_DEPTH_MAX + 1]; /* row[level][index], size >> level of them */
};

/* Lives until the test's process ends. */
struct sample_log *sample_log(uint64_t size);

/* Any tree whose leaf hashes are given. */
struct sample_log *sample_log_of(const struct hash *leaf, uint64_t size);

/* Fails with ERR_USAGE where the subtree is not full. */
struct tree_hashes sample_log_hashes(struct sample_log *l);

/* What belongs into that tile. */
void sample_log_tile(const struct sample_log *l, struct tile t, struct buf *out);

/* The decimal number i, valid until the next call. */
struct span sample_entry(uint64_t i);

struct hash sodium_leaf(struct span entry);
struct hash sodium_node(struct hash left, struct hash right);

/* For one-line constants: the hash of 64 hex digits. */
struct hash test_hash(const char *digits);

#endif
