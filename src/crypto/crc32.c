#include "crypto/crc32.h"

#include <zlib.h>

static uint32_t feed_zlib(uint32_t crc, struct span s)
{
    return s.n == 0 ? crc : (uint32_t)crc32_z(crc, s.p, s.n); /* NULL means something to it */
}

#if defined(__x86_64__)

#include <immintrin.h>

enum { LANE = 16, STRIDE = 4 * LANE };

#define CLMUL        __attribute__((target("pclmul,sse4.1")))
#define CLMUL_INLINE static inline __attribute__((always_inline, target("pclmul,sse4.1")))

CLMUL_INLINE __m128i load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

/* x, moved over as many bytes as k is for, is congruent to the sum of two products. */
CLMUL_INLINE __m128i fold(__m128i x, __m128i k, __m128i next)
{
    __m128i low = _mm_clmulepi64_si128(x, k, 0x00), high = _mm_clmulepi64_si128(x, k, 0x11);
    return _mm_xor_si128(next, _mm_xor_si128(low, high));
}

/*
 * V. Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ
 * Instruction" (Intel, 2009), for bit-reflected data: four lanes are folded over 64 bytes
 * at a time, then into one. That one has the remainder of all that it stands for, so
 * zlib, begun with an empty register, ends the work. n is a multiple of STRIDE, not 0.
 */
CLMUL static uint32_t feed_folded(uint32_t crc, const uint8_t *p, size_t n)
{
    const __m128i over_4 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
    const __m128i over_1 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
    __m128i x[4];
    uint8_t last[LANE];
    for (size_t i = 0; i < 4; i++)
        x[i] = load(p + i * LANE);
    x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128((int)~crc));
    for (size_t at = STRIDE; at < n; at += STRIDE)
        for (size_t i = 0; i < 4; i++)
            x[i] = fold(x[i], over_4, load(p + at + i * LANE));
    for (size_t i = 1; i < 4; i++)
        x[i] = fold(x[i - 1], over_1, x[i]);
    _mm_storeu_si128((__m128i *)last, x[3]);
    return feed_zlib(UINT32_MAX, span_of(last, LANE));
}

uint32_t crc32_feed(uint32_t crc, struct span s)
{
    size_t n = s.n / STRIDE * STRIDE;
    if (n == 0 || !__builtin_cpu_supports("pclmul") || !__builtin_cpu_supports("sse4.1"))
        return feed_zlib(crc, s);
    return feed_zlib(feed_folded(crc, s.p, n), span_skip(s, n));
}

#else

uint32_t crc32_feed(uint32_t crc, struct span s)
{
    return feed_zlib(crc, s);
}

#endif
