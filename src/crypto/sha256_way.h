/*
 * How the ways of SHA-256 plug into sha256.c, sha256_narrow.c and sha256_wide.c; only src/crypto
 * includes this. A way is the compression function of FIPS 180-4 section 6.2.2, for one message or
 * two: padding and streaming are done once, in sha256.c. Sixteen messages at once it takes whole,
 * for there their ends would cost as much as they.
 */
#ifndef CRYPTO_SHA256_WAY_H
#define CRYPTO_SHA256_WAY_H

#include "crypto/sha256.h"

enum {
    SHA256_BLOCK = 64,
    SHA256_WIDE = 16,
    SHA256_WIDE_LEAST = 9, /* with fewer messages at work than this pairs are faster */
};

/* Messages that are not hashed yet. */
struct sha256_queue {
    size_t n;
    const struct span *in;
    struct hash *out;
};

/* Blocks that go into a state. */
struct sha256_blocks {
    uint32_t *state;
    const uint8_t *p;
    size_t n;
};

/*
 * A long stream, of which blocks are taken beside sixteen messages. Its rounds wait for each other
 * and leave the processor half idle; but its schedule would take away what the messages need. So
 * that is made before, for sixteen blocks at once, which costs a quarter.
 */
struct sha256_beside {
    struct sha256_blocks left; /* not taken yet */
    size_t pace;               /* rounds of it beside four of the messages: 16 or 32 */

    size_t ready, column; /* blocks whose schedule is there, and the first one's place in it */
    size_t t;             /* rounds of that one which are done */
    _Alignas(64) uint32_t work[8];
    _Alignas(64) uint32_t kw[32][SHA256_WIDE][2]; /* words, with their constants, of two rounds */
};

struct sha256_way {
    const char *name;

    /* Takes n blocks at p (of any alignment) into the state. */
    void (*one)(uint32_t state[8], const uint8_t *p, size_t n);

    /* The same for two messages at once; NULL where that gains nothing. */
    void (*two)(uint32_t s[8], const uint8_t *p, uint32_t t[8], const uint8_t *q, size_t n);

    /*
     * The digests of sixteen messages, in the time that the longest takes, and beside them some
     * blocks of a stream, if it has any. Or NULL.
     */
    void (*sixteen)(const struct span in[SHA256_WIDE], struct hash out[SHA256_WIDE],
                    struct sha256_beside *b);
};

/* Each is NULL where this program or this CPU does not have it. */
const struct sha256_way *sha256_avx512(void); /* beside SHA-NI, which takes fewer than sixteen */
const struct sha256_way *sha256_sha_ni(void);
const struct sha256_way *sha256_armv8(void);
const struct sha256_way *sha256_portable(void); /* always there */

/* Of SHA-NI, where it is. */
void sha256_sha_ni_one(uint32_t state[8], const uint8_t *p, size_t n);
void sha256_sha_ni_two(uint32_t s[8], const uint8_t *p, uint32_t t[8], const uint8_t *q, size_t n);
void sha256_sha_ni_beside(struct sha256_beside *b); /* once b->pace rounds; b->ready > 0 */

/* That of this process. */
const struct sha256_way *sha256_chosen(void);

/* Take blocks of a stream and messages: all of them, one or two at a time. */
void sha256_take_narrow(const struct sha256_way *way, struct sha256_blocks *stream,
                        struct sha256_queue *q);

/* On a way that has sixteen: all messages, and of the stream what goes beside them. */
void sha256_take_wide(const struct sha256_way *way, struct sha256_blocks *stream,
                      struct sha256_queue *q);

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
