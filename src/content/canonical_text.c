#include "content/canonical_text.h"

#include <string.h>

#include "base/bytes.h"

/* Bit 5 is all in which a blank differs from NUL. */
static const uint64_t but_bit_5 = 0xdfdfdfdfdfdfdfdfu;

/* All but bits 5 of the last 32 bytes. */
static inline uint64_t last_32(struct span s)
{
    uint64_t word[4];
    memcpy(word, s.p + s.n - sizeof word, sizeof word);
    return (word[0] | word[1] | word[2] | word[3]) & but_bit_5;
}

/*
 * XPT pads with them, so they are passed many at a time, then eight, as a number whose highest byte
 * is the last.
 */
struct span canonical_strip(struct span s)
{
    if (s.n == 0 || (s.p[s.n - 1] & 0xdf) != 0)
        return s;
    while (s.n >= 4 * sizeof(uint64_t) && last_32(s) == 0)
        s.n -= 4 * sizeof(uint64_t);
    while (s.n >= sizeof(uint64_t)) {
        uint64_t word = bytes_eight_lowest_first(s.p + s.n - sizeof word) & but_bit_5;
        if (word != 0) {
            s.n -= (size_t)__builtin_clzll(word) / 8;
            return s;
        }
        s.n -= sizeof word;
    }
    while (s.n > 0 && (s.p[s.n - 1] & 0xdf) == 0)
        s.n--;
    return s;
}

/* Windows-1252 where it differs from ISO 8859-1; 0: it has none there, so U+0080 to U+009F. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

static void add_1252(struct buf *b, uint8_t c)
{
    uint16_t u = c >= 0x80 && c < 0xa0 && windows_1252[c - 0x80] != 0 ? windows_1252[c - 0x80] : c;
    if (u < 0x80) {
        buf_byte(b, (uint8_t)u);
        return;
    }
    if (u >= 0x800) {
        buf_byte(b, (uint8_t)(0xe0 | u >> 12));
        buf_byte(b, (uint8_t)(0x80 | (u >> 6 & 0x3f)));
    } else {
        buf_byte(b, (uint8_t)(0xc0 | u >> 6));
    }
    buf_byte(b, (uint8_t)(0x80 | (u & 0x3f)));
}

struct span canonical_text(struct buf *b, struct span s, bool *utf8)
{
    s = canonical_strip(s);
    *utf8 = span_ascii(s) || span_utf8(s);
    if (*utf8)
        return s;
    buf_clear(b);
    for (size_t i = 0; i < s.n; i++)
        add_1252(b, s.p[i]);
    return buf_span(b);
}
