/*
 * The tree over the records of a dataset in the order of their keys (FORMAT 12.6), which an entry
 * signs.
 */
#ifndef CONTENT_RECORD_TREE_H
#define CONTENT_RECORD_TREE_H

#include "content/record_index.h"
#include "crypto/chacha20.h"

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

#endif
