/*
 * SHA-256 (FIPS 180-4) of messages of less than 2^61 bytes. Own code, because it is
 * the hot path: SHA-NI where CPUID shows it, and AVX-512 for many messages; ARMv8 instructions
 * where the compiler was told that it may use them (-march=armv8-a+crypto), for a program cannot
 * ask an ARM CPU itself; else portable C. `make SHA256=sodium` takes libsodium's instead. All ways
 * give the same bytes. Threads may call all of this at once, but share no struct sha256.
 */
#ifndef CRYPTO_SHA256_H
#define CRYPTO_SHA256_H

#include <stdint.h>
#include <string.h>

#include "base/io.h"

enum { SHA256_SIZE = 32 };

struct hash {
    uint8_t b[SHA256_SIZE];
};

/* A stream of bytes that is being hashed. Its members are for src/crypto only. */
struct sha256 {
    uint32_t state[8];
    uint64_t fed; /* bytes */
    uint8_t block[64];
};

void sha256_begin(struct sha256 *s);
void sha256_feed(struct sha256 *s, struct span data);
struct hash sha256_end(struct sha256 *s); /* s must be begun again before further use */

struct hash sha256_of(struct span data);

struct sink sha256_sink(struct sha256 *s); /* feeds s */

/*
 * out[i] = SHA-256(in[i]); two messages or sixteen advance at once, so many short ones cost half:
 * best 64 or more in one call, and a multiple of sixteen.
 * out overlaps neither in nor what in points to.
 */
void sha256_many(size_t n, const struct span *in, struct hash *out);

/*
 * One long stream advances beside short messages: feeds `data` to s and hashes the n messages. Same
 * results as the two calls apart. Best with a quarter to a half as many blocks of the stream as of
 * messages: then, with AVX-512, they cost half.
 */
void sha256_feed_many(struct sha256 *s, struct span data, size_t n, const struct span *in,
                      struct hash *out);

/* Not for secrets. By words, since memcmp would be a call. */
static inline bool hash_eq(struct hash a, struct hash b)
{
    uint64_t x[4], y[4];
    memcpy(x, a.b, sizeof x);
    memcpy(y, b.b, sizeof y);
    return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3])) == 0;
}

/* What no digest is: "none" in structs. */
static inline bool hash_is_zero(struct hash h)
{
    return hash_eq(h, (struct hash){{0}});
}

struct span hash_span(const struct hash *h);

/* 64 lower-case hex digits into text[65], NUL-terminated; returns text. */
char *hash_hex(struct hash h, char text[65]);

/* Exactly 64 lower-case hex digits. */
bool hash_parse(struct span digits, struct hash *out);

/*
 * "avx-512", "sha-ni", "armv8", "portable" or "sodium": what runs here. For tests and bench,
 * sha256_use("portable") forces a way, also for streams already begun; false, and
 * nothing changed, where it is not available.
 */
const char *sha256_way(void);
bool sha256_use(const char *way);

#endif
