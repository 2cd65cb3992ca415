/*
 * Few bytes at a time, written out in line: of a key or a hash a call of memcpy or memcmp costs
 * more than the bytes do. Nothing here touches a byte that it was not told of.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Eight bytes, or four, as a number that is in their order; written so that a compiler sees one
 * load. */
static inline uint64_t bytes_eight(const uint8_t *p)
{
    return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 |
           (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
           (uint64_t)p[6] << 8 | p[7];
}

static inline uint32_t bytes_four(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Eight bytes as a number of which the first is the lowest: what stands first is found by ctz. */
static inline uint64_t bytes_eight_lowest_first(const uint8_t *p)
{
    return (uint64_t)p[7] << 56 | (uint64_t)p[6] << 48 | (uint64_t)p[5] << 40 |
           (uint64_t)p[4] << 32 | (uint64_t)p[3] << 24 | (uint64_t)p[2] << 16 |
           (uint64_t)p[1] << 8 | p[0];
}

static inline void bytes_put_eight(uint8_t *to, uint64_t v)
{
    to[0] = (uint8_t)(v >> 56);
    to[1] = (uint8_t)(v >> 48);
    to[2] = (uint8_t)(v >> 40);
    to[3] = (uint8_t)(v >> 32);
    to[4] = (uint8_t)(v >> 24);
    to[5] = (uint8_t)(v >> 16);
    to[6] = (uint8_t)(v >> 8);
    to[7] = (uint8_t)v;
}

/* How many bytes two strings of n begin with are the same. */
static inline size_t bytes_common(const uint8_t *a, const uint8_t *b, size_t n)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t differ = bytes_eight(a + i) ^ bytes_eight(b + i);
        if (differ != 0)
            return i + (size_t)__builtin_clzll(differ) / 8;
    }
    while (i < n && a[i] == b[i])
        i++;
    return i;
}

/* Of n bytes, `size` <= n <= 2 * size: both ends, which meet or overlap. */
#define BYTES_COPY_ENDS(size, to, from, n)                                                         \
    do {                                                                                           \
        memcpy((to), (from), (size));                                                              \
        memcpy((to) + (n) - (size), (from) + (n) - (size), (size));                                \
    } while (0)

/* memcpy, for n that is most often below 64. */
static inline void bytes_copy(uint8_t *to, const uint8_t *from, size_t n)
{
    if (n > 64)
        memcpy(to, from, n);
    else if (n >= 32)
        BYTES_COPY_ENDS(32, to, from, n);
    else if (n >= 16)
        BYTES_COPY_ENDS(16, to, from, n);
    else if (n >= 8)
        BYTES_COPY_ENDS(8, to, from, n);
    else if (n >= 4)
        BYTES_COPY_ENDS(4, to, from, n);
    else
        for (size_t i = 0; i < n; i++)
            to[i] = from[i];
}

#endif
