#ifndef SHA256_SODIUM

#include "crypto/sha256.h"

#include <stdatomic.h>
#include <string.h>

#include "crypto/sha256_way.h"

/* Fastest first; the last is always there. */
static const struct sha256_way *(*const ways[])(void) = {
    sha256_avx512,
    sha256_sha_ni,
    sha256_armv8,
    sha256_portable,
};

/*
 * NULL until first used. Threads that come at once find the same way and each store it; all that
 * it points to is constant, so relaxed order is enough.
 */
static const struct sha256_way *_Atomic chosen;

const struct sha256_way *sha256_chosen(void)
{
    const struct sha256_way *way = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (way != NULL)
        return way;
    for (size_t i = 0; way == NULL && i < sizeof ways / sizeof ways[0]; i++)
        way = ways[i]();
    atomic_store_explicit(&chosen, way, memory_order_relaxed);
    return way;
}

const char *sha256_way(void)
{
    return sha256_chosen()->name;
}

bool sha256_use(const char *way)
{
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        const struct sha256_way *candidate = ways[i]();
        if (candidate != NULL && strcmp(candidate->name, way) == 0) {
            atomic_store_explicit(&chosen, candidate, memory_order_relaxed);
            return true;
        }
    }
    return false;
}

const uint32_t sha256_initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/* v as it stands in memory where the first byte is the highest. */
static uint32_t big_endian(uint32_t v)
{
    const uint8_t bytes[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
                              (uint8_t)v};
    memcpy(&v, bytes, sizeof v);
    return v;
}

void sha256_write(const uint32_t state[8], struct hash *out)
{
    for (size_t i = 0; i < 8; i++) {
        const uint32_t word = big_endian(state[i]);
        memcpy(out->b + 4 * i, &word, sizeof word);
    }
}

size_t sha256_pad(uint8_t end[SHA256_END_MAX], struct span left, uint64_t total)
{
    size_t blocks = (left.n + 1 + 8 + SHA256_BLOCK - 1) / SHA256_BLOCK;
    if (left.n > 0)
        memcpy(end, left.p, left.n);
    memset(end + left.n, 0, blocks * SHA256_BLOCK - left.n);
    end[left.n] = 0x80;
    const uint32_t bits[2] = {big_endian((uint32_t)(total >> 29)),
                              big_endian((uint32_t)(total << 3))};
    memcpy(end + blocks * SHA256_BLOCK - sizeof bits, bits, sizeof bits);
    return blocks;
}

void sha256_begin(struct sha256 *s)
{
    memcpy(s->state, sha256_initial, sizeof s->state);
    s->fed = 0;
}

/* Fills up the block that was begun; returns what did not go into it. */
static struct span block_fill(struct sha256 *s, struct span data)
{
    size_t at = s->fed % SHA256_BLOCK;
    if (at == 0)
        return data;
    size_t n = data.n < SHA256_BLOCK - at ? data.n : SHA256_BLOCK - at;
    if (n > 0)
        memcpy(s->block + at, data.p, n);
    if (at + n == SHA256_BLOCK)
        sha256_chosen()->one(s->state, s->block, 1);
    s->fed += n;
    return span_skip(data, n);
}

/* Keeps what is left behind the whole blocks. */
static void block_keep(struct sha256 *s, struct span data)
{
    size_t n = data.n % SHA256_BLOCK;
    if (n > 0)
        memcpy(s->block, data.p + data.n - n, n);
    s->fed += data.n;
}

void sha256_feed(struct sha256 *s, struct span data)
{
    struct span rest = block_fill(s, data);
    if (rest.n >= SHA256_BLOCK)
        sha256_chosen()->one(s->state, rest.p, rest.n / SHA256_BLOCK);
    block_keep(s, rest);
}

/* Blocks of a stream and messages, all of them. */
static void take(struct sha256_blocks *stream, struct sha256_queue *q)
{
    const struct sha256_way *way = sha256_chosen();
    if (way->sixteen != NULL && q->n >= SHA256_WIDE_LEAST)
        sha256_take_wide(way, stream, q);
    sha256_take_narrow(way, stream, q);
}

void sha256_feed_many(struct sha256 *s, struct span data, size_t n, const struct span *in,
                      struct hash *out)
{
    struct span rest = block_fill(s, data);
    struct sha256_blocks blocks = {s->state, rest.p, rest.n / SHA256_BLOCK};
    take(&blocks, &(struct sha256_queue){n, in, out});
    block_keep(s, rest);
}

struct hash sha256_end(struct sha256 *s)
{
    uint8_t end[SHA256_END_MAX];
    struct hash h;
    size_t blocks = sha256_pad(end, span_of(s->block, s->fed % SHA256_BLOCK), s->fed);
    sha256_chosen()->one(s->state, end, blocks);
    sha256_write(s->state, &h);
    return h;
}

/* The end is made first: what was just stored in pieces cannot be read at once. */
struct hash sha256_of(struct span data)
{
    const struct sha256_way *way = sha256_chosen();
    uint32_t state[8];
    uint8_t end[SHA256_END_MAX];
    struct hash h;
    size_t whole = data.n / SHA256_BLOCK;
    size_t blocks = sha256_pad(end, span_skip(data, whole * SHA256_BLOCK), data.n);
    memcpy(state, sha256_initial, sizeof state);
    if (whole > 0)
        way->one(state, data.p, whole);
    way->one(state, end, blocks);
    sha256_write(state, &h);
    return h;
}

void sha256_many(size_t n, const struct span *in, struct hash *out)
{
    take(&(struct sha256_blocks){0}, &(struct sha256_queue){n, in, out});
}

#endif
