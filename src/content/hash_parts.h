/*
 * Hashes parted by one of their bytes, for hash_sort.c: a few of each part wait in memory, and go
 * to a scratch file when they are a piece. Add all, then hash_parts_park, then read part by part.
 */
#ifndef CONTENT_HASH_PARTS_H
#define CONTENT_HASH_PARTS_H

#include "base/err.h"
#include "crypto/sha256.h"

enum { HASH_PARTS = 256, HASH_PARTS_PIECE = 256 }; /* 8 KiB a piece */

struct hash_parts; /* opaque */

/* Parts are those of the byte at `byte`; the folder, where the scratch file is, outlives them. */
struct hash_parts *hash_parts_open(int folder, size_t byte);
void hash_parts_close(struct hash_parts *p);

/* ERR_IO from the scratch file. Less than 2^32 in all. */
bool hash_parts_add(struct hash_parts *p, const struct hash *h, size_t n, struct err *e);

/* None waits in memory any more. */
bool hash_parts_park(struct hash_parts *p, struct err *e);

/* Hashes in a part, once all were parked. */
uint64_t hash_parts_size(const struct hash_parts *p, size_t part);

/* Its pieces, in any order: `struct hash_piece i = hash_parts_first(p, part);` */
struct hash_piece {
    uint32_t next; /* 0: none */
};

struct hash_piece hash_parts_first(const struct hash_parts *p, size_t part);

/* At most HASH_PARTS_PIECE; *n is 0 behind the last. */
bool hash_parts_read(const struct hash_parts *p, struct hash_piece *i, struct hash *out, size_t *n,
                     struct err *e);

#endif
