/*
 * Ed25519 signatures (RFC 8032) and wiping, by libsodium.
 *
 * Verification is libsodium 1.0.18's, which tests/crypto/test_sign.c measures with
 * Wycheproof and with C2SP's CCTV vectors: SB = R + kA without the cofactor, k over the
 * bytes as given. Refused: S not below the group's order; a public key or R of small order
 * or in a non-canonical encoding; what holds only after multiplying by the cofactor.
 * Accepted: a public key or R that has a component of small order beside the large one.
 * So what is accepted here is accepted with the cofactor as well, as RFC 8032 section
 * 5.1.7 permits.
 */
#ifndef CRYPTO_SIGN_H
#define CRYPTO_SIGN_H

#include <stdint.h>

#include "base/span.h"

enum { SIGN_PUBLIC = 32, SIGN_SEED = 32, SIGN_SIGNATURE = 64 };

struct public_key {
    uint8_t b[SIGN_PUBLIC];
};

/*
 * Secret: wipe with secret_key_wipe as soon as it is not needed. Made by secret_key_from_seed
 * only: signing with a public key that is not the seed's own would give the seed's secret away.
 */
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

bool public_key_eq(const struct public_key *a, const struct public_key *b);

#endif
