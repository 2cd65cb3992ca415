/*
 * Records as the index has them: by sort key (FORMAT 12.5), then hash, then strict hash. What
 * they are compared by is one string: key, hash, and the strict hash where it is another.
 * For content/record_*.c only.
 */
#ifndef CONTENT_RECORD_H
#define CONTENT_RECORD_H

#include "base/bytes.h"
#include "content/sort_key.h"
#include "crypto/sha256.h"

enum { RECORD_STRING_MAX = SORT_KEY_MAX + 2 * SHA256_SIZE };

struct record {
    const uint8_t *string;
    size_t key;      /* bytes of it that are the key; 0: the hash is the key */
    bool has_strict; /* a strict hash stands behind the hash */
};

/* The same in pieces, wherever they lie; strict: NULL where it is h. */
struct record_parts {
    struct span key;
    const uint8_t *h, *strict;
};

static inline size_t record_size(const struct record *r)
{
    return r->key + (r->has_strict ? 2u : 1u) * SHA256_SIZE;
}

static inline const uint8_t *record_hash(const struct record *r)
{
    return r->string + r->key;
}

static inline struct record_parts record_parts(const struct record *r)
{
    const uint8_t *h = record_hash(r);
    return (struct record_parts){{r->string, r->key}, h, r->has_strict ? h + SHA256_SIZE : NULL};
}

static inline struct span record_key(const struct record *r)
{
    return span_of(r->string, r->key > 0 ? r->key : SHA256_SIZE);
}

/* Puts them together, the key without its first `shared` bytes; returns what is behind them. */
static inline uint8_t *record_parts_put(uint8_t *to, const struct record_parts *r, size_t shared)
{
    size_t own = r->key.n - shared;
    if (own > 0)
        bytes_copy(to, r->key.p + shared, own);
    to += own;
    memcpy(to, r->h, SHA256_SIZE);
    if (r->strict == NULL)
        return to + SHA256_SIZE;
    memcpy(to + SHA256_SIZE, r->strict, SHA256_SIZE);
    return to + 2 * SHA256_SIZE;
}

static inline struct span record_parts_key(const struct record_parts *r)
{
    return r->key.n > 0 ? r->key : span_of(r->h, SHA256_SIZE);
}

/* Of two with the same key. */
static inline int record_hashes_cmp(const struct record_parts *a, const struct record_parts *b)
{
    int order = memcmp(a->h, b->h, SHA256_SIZE);
    if (order != 0 || a->strict == NULL || b->strict == NULL)
        return order != 0 ? order : (a->strict != NULL) - (b->strict != NULL);
    return memcmp(a->strict, b->strict, SHA256_SIZE);
}

/* The order of their strings: no key begins another one. */
static inline int record_parts_cmp(const struct record_parts *a, const struct record_parts *b)
{
    int order = span_cmp(a->key, b->key);
    return order != 0 ? order : record_hashes_cmp(a, b);
}

/* The same order; of what lies in one piece it is one comparison. */
static inline int record_cmp(const struct record *a, const struct record *b)
{
    return span_cmp(span_of(a->string, record_size(a)), span_of(b->string, record_size(b)));
}

/* Eight bytes from `at` on as a number that is in their order; zeroes stand for what is missing. */
static inline uint64_t string_head(const uint8_t *s, size_t n, size_t at)
{
    uint64_t v = 0;
    if (at + sizeof v <= n)
        return bytes_eight(s + at);
    for (size_t i = 0; i < sizeof v; i++)
        v = v << 8 | (at + i < n ? s[at + i] : 0);
    return v;
}

#endif
