#include "crypto/sha512.h"

_Static_assert(SHA512_SIZE == crypto_hash_sha512_BYTES, "libsodium's SHA-512");

void sha512_begin(struct sha512 *s)
{
    crypto_hash_sha512_init(&s->state);
}

void sha512_feed(struct sha512 *s, struct span data)
{
    crypto_hash_sha512_update(&s->state, data.p, data.n);
}

void sha512_end(struct sha512 *s, uint8_t out[SHA512_SIZE])
{
    crypto_hash_sha512_final(&s->state, out);
}

void sha512_of(struct span data, uint8_t out[SHA512_SIZE])
{
    crypto_hash_sha512(out, data.p, data.n);
}
