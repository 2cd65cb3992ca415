/* The keystream of ChaCha20 (RFC 8439 section 2.4) under a zero nonce, by libsodium. */
#ifndef CRYPTO_CHACHA20_H
#define CRYPTO_CHACHA20_H

#include <stddef.h>
#include <stdint.h>

enum { CHACHA20_KEY = 32, CHACHA20_BLOCK = 64 };

/* Its blocks from `block` on, the counter's value; `blocks` of them, none with a counter over
 * 2^32-1. */
void chacha20_blocks(const uint8_t key[CHACHA20_KEY], uint32_t block, size_t blocks, uint8_t *out);

#endif
