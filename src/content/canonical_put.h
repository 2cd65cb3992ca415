/*
 * Cells as they are written (FORMAT 12.2): to where there is room for them, and for CANONICAL_SLACK
 * bytes more, which what follows writes over. Each returns what is behind the cell.
 */
#ifndef CONTENT_CANONICAL_PUT_H
#define CONTENT_CANONICAL_PUT_H

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "content/canonical.h"
#include "content/canonical_text.h"

enum { CANONICAL_SLACK = 64 };

/* Lengths are LEB128: seven bits a byte, the lowest first, the top bit set but in the last. */
static inline uint8_t *canonical_put_length(uint8_t *to, size_t n)
{
    for (; n >= 0x80; n >>= 7)
        *to++ = (uint8_t)(0x80 | (n & 0x7f));
    *to++ = (uint8_t)n;
    return to;
}

static inline uint8_t *canonical_put_nothing(uint8_t *to)
{
    *to++ = CANONICAL_NOTHING;
    return to;
}

static inline uint8_t *canonical_put_special(uint8_t *to, char letter)
{
    *to++ = CANONICAL_SPECIAL;
    *to++ = (uint8_t)letter;
    return to;
}

static inline uint8_t *canonical_put_value(uint8_t *to, enum canonical_tag tag, struct span s)
{
    *to++ = (uint8_t)tag;
    to = canonical_put_length(to, s.n);
    if (s.n > 0)
        memcpy(to, s.p, s.n);
    return to + s.n;
}

/* A text in its canonical form. */
static inline uint8_t *canonical_put_text(uint8_t *to, struct span s)
{
    return s.n == 0 ? canonical_put_nothing(to) : canonical_put_value(to, CANONICAL_TEXT, s);
}

/* 1 to ROW_ROOM bytes, behind which as many may be read, whatever they are: so many are copied. */
static inline uint8_t *canonical_put_short(uint8_t *to, enum canonical_tag tag, struct span s)
{
    memcpy(to + 2, s.p, ROW_ROOM);
    to[0] = (uint8_t)tag;
    to[1] = (uint8_t)s.n;
    return to + 2 + s.n;
}

/* A text of ASCII, with such room behind it. Most are short and do not end in a blank. */
static inline uint8_t *canonical_put_ascii(uint8_t *to, struct span s)
{
    if (s.n - 1 < ROW_ROOM && (s.p[s.n - 1] & 0xdf) != 0)
        return canonical_put_short(to, CANONICAL_TEXT, s);
    return s.n == 0 ? canonical_put_nothing(to) : canonical_put_text(to, canonical_strip(s));
}

/* A bit for each byte that `own` has a bit for, 63 at most, and that is above 0x7F. */
#ifdef __SSE2__
static inline uint64_t canonical_high(const uint8_t *from, uint64_t own)
{
    const __m128i *p = (const __m128i *)(const void *)from;
    uint64_t high = (unsigned)_mm_movemask_epi8(_mm_loadu_si128(p));
    if (own >> 16 != 0)
        high |= (uint64_t)_mm_movemask_epi8(_mm_loadu_si128(p + 1)) << 16;
    if (own >> 32 != 0)
        high |= (uint64_t)_mm_movemask_epi8(_mm_loadu_si128(p + 2)) << 32 |
                (uint64_t)_mm_movemask_epi8(_mm_loadu_si128(p + 3)) << 48;
    return high & own;
}
#else
static inline uint64_t canonical_high(const uint8_t *from, uint64_t own)
{
    uint64_t high = 0;
    for (unsigned i = 0; own >> i != 0; i++)
        high |= (uint64_t)(from[i] >> 7) << i;
    return high & own;
}
#endif

/* With ROW_ROOM bytes behind it that may be read. False says nothing of long ones. */
static inline bool canonical_is_ascii(struct span s)
{
    return s.n <= ROW_ROOM && canonical_high(s.p, (UINT64_C(1) << s.n) - 1) == 0;
}

/*
 * A text of ASCII that is padded to a width: `own` has a bit for each byte of it, at most 16, or
 * at most 63. Their end is found while they are copied.
 */
#ifdef __SSE2__
/* Copies 16 bytes; a bit for each that is a blank or NUL. */
static inline uint64_t canonical_copy_16(uint8_t *to, const uint8_t *from)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)from);
    __m128i but_bit_5 = _mm_and_si128(v, _mm_set1_epi8((char)0xdf));
    _mm_storeu_si128((__m128i *)(void *)to, v);
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(but_bit_5, _mm_setzero_si128()));
}

/* `text` has a bit for each byte at `to` + 2 that is no padding. */
static inline uint8_t *canonical_end_text(uint8_t *to, uint64_t text)
{
    if (text == 0)
        return canonical_put_nothing(to);
    unsigned n = 1 + (63u ^ (unsigned)__builtin_clzll(text)); /* so that it is one bsr */
    to[0] = CANONICAL_TEXT;
    to[1] = (uint8_t)n;
    return to + 2 + n;
}

static inline uint8_t *canonical_put_16(uint8_t *to, const uint8_t *from, uint64_t own)
{
    return canonical_end_text(to, own & ~canonical_copy_16(to + 2, from));
}

static inline uint8_t *canonical_put_63(uint8_t *to, const uint8_t *from, uint64_t own)
{
    uint64_t pad = canonical_copy_16(to + 2, from) | canonical_copy_16(to + 18, from + 16) << 16;
    if (own >> 32 != 0)
        pad |= canonical_copy_16(to + 34, from + 32) << 32 | canonical_copy_16(to + 50, from + 48)
                                                                 << 48;
    return canonical_end_text(to, own & ~pad);
}
#else
static inline uint8_t *canonical_put_16(uint8_t *to, const uint8_t *from, uint64_t own)
{
    return canonical_put_ascii(to, span_of(from, 64 - (size_t)__builtin_clzll(own)));
}

static inline uint8_t *canonical_put_63(uint8_t *to, const uint8_t *from, uint64_t own)
{
    return canonical_put_16(to, from, own);
}
#endif

#endif
