/*
 * Records as the index has them: by sort key (FORMAT 12.5), then hash, then strict hash. What
 * they are compared by is one string: key, hash, and the strict hash where it is another.
 * For dataset/record_*.c only.
 */
#ifndef DATASET_RECORD_H
#define DATASET_RECORD_H

#include <string.h>

#include "crypto/sha256.h"
#include "dataset/sort_key.h"

enum { RECORD_STRING_MAX = SORT_KEY_MAX + 2 * SHA256_SIZE };

struct record {
    const uint8_t *string;
    size_t key; /* bytes of it that are the key; 0: the hash is the key */
    bool exact; /* a strict hash stands behind the hash */
};

static inline size_t record_size(const struct record *r)
{
    return r->key + (r->exact ? 2u : 1u) * SHA256_SIZE;
}

static inline const uint8_t *record_hash(const struct record *r)
{
    return r->string + r->key;
}

static inline struct span record_key(const struct record *r)
{
    return span_of(r->string, r->key > 0 ? r->key : SHA256_SIZE);
}

static inline int record_cmp(const struct record *a, const struct record *b)
{
    return span_cmp(span_of(a->string, record_size(a)), span_of(b->string, record_size(b)));
}

/* How many bytes two strings of n begin with are the same. */
static inline size_t common_prefix(const uint8_t *a, const uint8_t *b, size_t n)
{
    size_t i = 0;
    uint64_t x, y;
    for (; i + sizeof x <= n; i += sizeof x) {
        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        if (x != y)
            break;
    }
    while (i < n && a[i] == b[i])
        i++;
    return i;
}

/* Eight bytes from `at` on as a number that is in their order; zeroes stand for what is missing. */
static inline uint64_t string_head(const uint8_t *s, size_t n, size_t at)
{
    uint64_t v = 0;
    if (at + sizeof v <= n) {
        const uint8_t *p = s + at;
        return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 |
               (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
               (uint64_t)p[6] << 8 | p[7];
    }
    for (size_t i = 0; i < sizeof v; i++)
        v = v << 8 | (at + i < n ? s[at + i] : 0);
    return v;
}

#endif
