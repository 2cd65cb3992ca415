/*
 * What is made of the records of a dataset in the order of their keys: the tree that an entry
 * signs (FORMAT 12.6), and how two datasets differ (12.7).
 */
#ifndef DATASET_RECORD_TREE_H
#define DATASET_RECORD_TREE_H

#include "crypto/chacha20.h"
#include "dataset/record_index.h"

/*
 * The tree of records that come in the order of its leaves, on its way. At most 2^33 records:
 * the salts end there.
 */
struct record_leaves;

struct record_leaves *record_leaves_open(const uint8_t secret[CHACHA20_KEY]); /* copied, wiped */
void record_leaves_close(struct record_leaves *l);                            /* NULL is fine */
struct hash record_leaves_root(const struct record_leaves *l);

/* ordered: a stream that takes the hashes, too, which beside the leaves costs less; or NULL. */
bool record_leaves_add(struct record_leaves *l, const struct hash *h, size_t n,
                       struct sha256 *ordered, struct err *e);

/* The same of an index. ERR_IO from the scratch file, ERR_LIMIT above 2^33 records. */
bool record_tree_root(const struct record_index *x, const uint8_t secret[CHACHA20_KEY],
                      struct hash *root, struct err *e);

/*
 * Of two datasets with the same key. same_columns: all columns are called the same; else no
 * record is the same as one of the other, whatever its hash.
 */
struct content_changes {
    uint64_t added, removed, changed;
};

bool record_changes(const struct record_index *before, const struct record_index *after,
                    bool same_columns, struct content_changes *out, struct err *e);

#endif
