/*
 * How the paths of SHA-256 plug into sha256.c and sha256_many.c; only src/crypto includes this.
 * A path is the compression function of FIPS 180-4 section 6.2.2, for one message or two: padding
 * and streaming are done once, in sha256.c. Sixteen messages at once it takes whole, for there
 * their ends would cost as much as they.
 */
#ifndef CRYPTO_SHA256_PATH_H
#define CRYPTO_SHA256_PATH_H

#include "crypto/sha256.h"

enum { SHA256_BLOCK = 64, SHA256_WIDE = 16 };

struct sha256_path {
    const char *name;

    /* Takes n blocks at p (of any alignment) into the state. */
    void (*one)(uint32_t state[8], const uint8_t *p, size_t n);

    /* The same for two messages at once; NULL where that gains nothing. */
    void (*two)(uint32_t s[8], const uint8_t *p, uint32_t t[8], const uint8_t *q, size_t n);

    /* The digests of sixteen messages, in the time that the longest takes; or NULL. */
    void (*sixteen)(const struct span in[SHA256_WIDE], struct hash out[SHA256_WIDE]);
};

/* Each is NULL where this program or this CPU does not have it. */
const struct sha256_path *sha256_avx512(void); /* beside SHA-NI, which takes fewer than sixteen */
const struct sha256_path *sha256_sha_ni(void);
const struct sha256_path *sha256_armv8(void);
const struct sha256_path *sha256_portable(void); /* always there */

/* Of SHA-NI, where it is. */
void sha256_sha_ni_one(uint32_t state[8], const uint8_t *p, size_t n);
void sha256_sha_ni_two(uint32_t s[8], const uint8_t *p, uint32_t t[8], const uint8_t *q, size_t n);

/* That of this process. */
const struct sha256_path *sha256_chosen(void);

/* Takes `blocks` blocks at p into the state, beside n messages: out[i] is the digest of in[i]. */
void sha256_take(uint32_t *state, const uint8_t *p, size_t blocks, size_t n, const struct span *in,
                 struct hash *out);

enum { SHA256_END_MAX = 2 * SHA256_BLOCK };

/*
 * Pads what is left of a message of `total` bytes (FIPS 180-4 section 5.1.1) and returns
 * how many blocks that makes: a 1 bit, zeroes, and the length in bits in the last 8 bytes.
 */
size_t sha256_pad(uint8_t end[SHA256_END_MAX], struct span left, uint64_t total);

/* The state as bytes. */
void sha256_write(const uint32_t state[8], struct hash *out);

/* The constants of FIPS 180-4 sections 5.3.3 and 4.2.2. */
extern const uint32_t sha256_initial[8];
extern const uint32_t sha256_k[64];

#endif
