/*
 * From SHA-256 values to numbers. `struct hash_map m = {0};` is empty. Whoever writes a
 * ledger chooses what the keys are, so a key's place depends on all of its bytes, hashed.
 */
#ifndef LEDGER_HASH_MAP_H
#define LEDGER_HASH_MAP_H

#include "base/arena.h"
#include "base/err.h"
#include "crypto/sha256.h"

struct hash_map {
    struct hash_slot *slot; /* open addressing, a power of two */
    size_t slots, used;
};

/* The number of that key, or NULL; valid until the next key is added. */
const uint64_t *hash_map_find(const struct hash_map *m, struct hash key);

/* A key that is there already keeps its number. */
void hash_map_add(struct hash_map *m, struct hash key, uint64_t value);

/* All, in no order; stops where `each` fails. */
bool hash_map_each(const struct hash_map *m,
                   bool (*each)(void *ctx, struct hash key, uint64_t value, struct err *e),
                   void *ctx, struct err *e);
void hash_map_close(struct hash_map *m);

#endif
