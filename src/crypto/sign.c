#include "crypto/sign.h"

#include <sodium/crypto_sign_ed25519.h>
#include <sodium/utils.h>
#include <string.h>

_Static_assert(SIGN_PUBLIC == crypto_sign_ed25519_PUBLICKEYBYTES, "libsodium's public key");
_Static_assert(SIGN_SEED == crypto_sign_ed25519_SEEDBYTES, "libsodium's seed");
_Static_assert(SIGN_SIGNATURE == crypto_sign_ed25519_BYTES, "libsodium's signature");

/* What libsodium calls a secret key: the seed and the public key behind it. */
enum { SEED_AND_PUBLIC = crypto_sign_ed25519_SECRETKEYBYTES };
_Static_assert(SEED_AND_PUBLIC == SIGN_SEED + SIGN_PUBLIC, "libsodium's secret key");

void secret_key_from_seed(const uint8_t seed[SIGN_SEED], struct secret_key *out)
{
    uint8_t both[SEED_AND_PUBLIC];
    memcpy(out->seed, seed, SIGN_SEED);
    crypto_sign_ed25519_seed_keypair(out->public.b, both, seed);
    sodium_memzero(both, sizeof both);
}

void secret_key_wipe(struct secret_key *k)
{
    sodium_memzero(k, sizeof *k);
}

struct signature sign_message(const struct secret_key *k, struct span message)
{
    struct signature s;
    uint8_t both[SEED_AND_PUBLIC];
    memcpy(both, k->seed, SIGN_SEED);
    memcpy(both + SIGN_SEED, k->public.b, SIGN_PUBLIC);
    crypto_sign_ed25519_detached(s.b, NULL, message.p, message.n, both);
    sodium_memzero(both, sizeof both);
    return s;
}

bool sign_verify(const struct public_key *k, struct span message, const struct signature *s)
{
    return crypto_sign_ed25519_verify_detached(s->b, message.p, message.n, k->b) == 0;
}

bool public_key_eq(const struct public_key *a, const struct public_key *b)
{
    return memcmp(a->b, b->b, SIGN_PUBLIC) == 0;
}
