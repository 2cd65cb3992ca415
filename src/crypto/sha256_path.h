/*
 * How the paths of SHA-256 plug into sha256.c; only src/crypto includes this.
 * A path is the compression function of FIPS 180-4 section 6.2.2 and nothing else:
 * padding and streaming are done once, in sha256.c.
 */
#ifndef CRYPTO_SHA256_PATH_H
#define CRYPTO_SHA256_PATH_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BLOCK = 64, SHA256_WIDE = 16 };

struct sha256_path {
    const char *name;

    /* Takes n blocks at p (of any alignment) into the state. */
    void (*one)(uint32_t state[8], const uint8_t *p, size_t n);

    /* The same for two messages at once; NULL where that gains nothing. */
    void (*two)(uint32_t s[8], const uint8_t *p, uint32_t t[8], const uint8_t *q, size_t n);

    /* One block of each of sixteen messages, whose states are columns; or NULL. */
    void (*sixteen)(uint32_t state[8][SHA256_WIDE], const uint8_t *const p[SHA256_WIDE]);
};

/* Each is NULL where this program or this CPU does not have it. */
const struct sha256_path *sha256_avx512(void); /* beside SHA-NI, which takes fewer than sixteen */
const struct sha256_path *sha256_sha_ni(void);
const struct sha256_path *sha256_armv8(void);
const struct sha256_path *sha256_portable(void); /* always there */

/* Of SHA-NI, where it is. */
void sha256_sha_ni_one(uint32_t state[8], const uint8_t *p, size_t n);
void sha256_sha_ni_two(uint32_t s[8], const uint8_t *p, uint32_t t[8], const uint8_t *q, size_t n);

/* The constants of FIPS 180-4 section 4.2.2. */
extern const uint32_t sha256_k[64];

#endif
