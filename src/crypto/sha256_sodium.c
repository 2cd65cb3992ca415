#ifdef SHA256_SODIUM

#include <sodium/crypto_hash_sha256.h>
#include <string.h>

#include "crypto/sha256.h"

/*
 * libsodium's state travels in struct sha256 as bytes, so that its header need not be
 * in ours and both builds have the same structure.
 */
_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct sha256), "libsodium's state fits");

static crypto_hash_sha256_state state_of(const struct sha256 *s)
{
    crypto_hash_sha256_state state;
    memcpy(&state, s, sizeof state);
    return state;
}

void sha256_begin(struct sha256 *s)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    memcpy(s, &state, sizeof state);
}

void sha256_feed(struct sha256 *s, struct span data)
{
    crypto_hash_sha256_state state = state_of(s);
    crypto_hash_sha256_update(&state, data.p, data.n);
    memcpy(s, &state, sizeof state);
}

struct hash sha256_end(struct sha256 *s)
{
    crypto_hash_sha256_state state = state_of(s);
    struct hash h;
    crypto_hash_sha256_final(&state, h.b);
    return h;
}

struct hash sha256_of(struct span data)
{
    struct hash h;
    crypto_hash_sha256(h.b, data.p, data.n);
    return h;
}

void sha256_many(size_t n, const struct span *in, struct hash *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = sha256_of(in[i]);
}

void sha256_feed_many(struct sha256 *s, struct span data, size_t n, const struct span *in,
                      struct hash *out)
{
    sha256_feed(s, data);
    sha256_many(n, in, out);
}

const char *sha256_way(void)
{
    return "sodium";
}

bool sha256_use(const char *way)
{
    return strcmp(way, "sodium") == 0;
}

#endif
