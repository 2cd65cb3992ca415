#include "crypto/chacha20.h"

#include <sodium/crypto_stream_chacha20.h>
#include <string.h>

void chacha20_blocks(const uint8_t key[CHACHA20_KEY], uint32_t block, size_t blocks, uint8_t *out)
{
    static const uint8_t nonce[crypto_stream_chacha20_ietf_NONCEBYTES];
    size_t n = blocks * CHACHA20_BLOCK;
    memset(out, 0, n);
    crypto_stream_chacha20_ietf_xor_ic(out, out, n, nonce, block, key);
}
