/*
 * The CRC-32 of ZIP and gzip (RFC 1952, section 8). zlib's, but for long data where
 * the CPU multiplies polynomials: zlib takes half as long as SHA-NI for the same
 * bytes. It finds accidents; that nobody altered anything, SHA-256 says.
 */
#ifndef CRYPTO_CRC32_H
#define CRYPTO_CRC32_H

#include <stdint.h>

#include "base/span.h"

/* The CRC of what gave `crc` and then s; of nothing it is 0. */
uint32_t crc32_feed(uint32_t crc, struct span s);

#endif
