/* SHA-512 (FIPS 180-4), by libsodium: for SSH signatures and the lists of a renewal (FORMAT 6.5).
 */
#ifndef CRYPTO_SHA512_H
#define CRYPTO_SHA512_H

#include <sodium/crypto_hash_sha512.h>

#include "base/span.h"

enum { SHA512_SIZE = 64 };

struct sha512 {
    struct crypto_hash_sha512_state state;
};

void sha512_begin(struct sha512 *s);
void sha512_feed(struct sha512 *s, struct span data);
void sha512_end(struct sha512 *s, uint8_t out[SHA512_SIZE]); /* s must be begun again then */

void sha512_of(struct span data, uint8_t out[SHA512_SIZE]);

#endif
