/*
 * Many hashes in order, within a fixed memory. Hashes are spread evenly, so they are parted
 * by their first byte, on a scratch file where they are too many, and each part is sorted in
 * memory; a part that is too large for that, where hashes repeat, is parted again. Repeats
 * stay. Add all, then take all.
 */
#ifndef CONTENT_HASH_SORT_H
#define CONTENT_HASH_SORT_H

#include "base/err.h"
#include "crypto/sha256.h"

enum {
    HASH_SORT_MEMORY = 128 * 1024, /* hashes that are sorted at a time: 4 MiB, and as much again */
    HASH_SORT_MAX = 1024 * 1024 * 1024,
};

struct hash_sort; /* opaque */

/* `folder`: descriptor of where scratch files may be; it outlives the sort. */
struct hash_sort *hash_sort_open(int folder);
void hash_sort_close(struct hash_sort *s);

/* ERR_IO from the scratch file, ERR_LIMIT above HASH_SORT_MAX hashes. */
bool hash_sort_add(struct hash_sort *s, const struct hash *h, size_t n, struct err *e);

/* Moves what is in memory to the scratch file, for one of many sorts that waits; a few hashes stay.
 */
bool hash_sort_park(struct hash_sort *s, struct err *e);

/*
 * The next ones in ascending order, valid until the next call; *n is 0 behind the last. No
 * hash_sort_add after it.
 */
bool hash_sort_next(struct hash_sort *s, const struct hash **out, size_t *n, struct err *e);

#endif
