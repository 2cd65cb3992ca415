/*
 * Many hashes in order, within a fixed memory: sorted runs go to a scratch file and are
 * merged. Repeats stay. Add all, then take all.
 */
#ifndef DATASET_HASH_SORT_H
#define DATASET_HASH_SORT_H

#include "base/err.h"
#include "crypto/sha256.h"

enum { HASH_SORT_RUN = 128 * 1024, HASH_SORT_RUNS_MAX = 8192 }; /* 4 MiB a run; 2^30 hashes */

struct hash_sort; /* opaque */

/* `folder`: descriptor of where scratch files may be; it outlives the sort. */
struct hash_sort *hash_sort_open(int folder);
void hash_sort_close(struct hash_sort *s);

/* ERR_IO from the scratch file, ERR_LIMIT above HASH_SORT_RUN * HASH_SORT_RUNS_MAX hashes. */
bool hash_sort_add(struct hash_sort *s, struct hash h, struct err *e);

/* Moves what is in memory to the scratch file, for one of many sorts that waits; a few hashes stay.
 */
bool hash_sort_park(struct hash_sort *s, struct err *e);

/* The next in ascending order; *more is false behind the last. No hash_sort_add after it. */
bool hash_sort_next(struct hash_sort *s, struct hash *out, bool *more, struct err *e);

#endif
