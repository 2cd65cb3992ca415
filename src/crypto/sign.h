/*
 * Ed25519 signatures (RFC 8032), SHA-512 and wiping, by libsodium. Verification
 * is libsodium's: canonical encodings only, no small-order keys or R.
 */
#ifndef CRYPTO_SIGN_H
#define CRYPTO_SIGN_H

#include <stdint.h>

#include "base/span.h"

enum { SIGN_PUBLIC = 32, SIGN_SEED = 32, SIGN_SIGNATURE = 64, SHA512_SIZE = 64 };

struct public_key {
    uint8_t b[SIGN_PUBLIC];
};

/* Secret: wipe with secret_key_wipe as soon as it is not needed. */
struct secret_key {
    uint8_t seed[SIGN_SEED];
    struct public_key public;
};

struct signature {
    uint8_t b[SIGN_SIGNATURE];
};

void secret_key_from_seed(const uint8_t seed[SIGN_SEED], struct secret_key *out);
void secret_key_wipe(struct secret_key *k);

/* Deterministic: the same key and message always give the same signature. */
struct signature sign_message(const struct secret_key *k, struct span message);
bool sign_verify(const struct public_key *k, struct span message, const struct signature *s);

void sha512_of(struct span data, uint8_t out[SHA512_SIZE]);
bool public_key_eq(const struct public_key *a, const struct public_key *b);

#endif
