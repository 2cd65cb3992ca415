#include <string.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "crypto/sha256.h"

struct span hash_span(const struct hash *h)
{
    return span_of(h->b, sizeof h->b);
}

char *hash_hex(struct hash h, char text[65])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof h.b; i++) {
        text[2 * i] = digits[h.b[i] >> 4];
        text[2 * i + 1] = digits[h.b[i] & 15];
    }
    text[2 * sizeof h.b] = '\0';
    return text;
}

#ifdef __SSE2__
/* The values of sixteen digits. *bad gets bits where one is no digit. */
static inline __m128i digit_values(const uint8_t *p, __m128i *bad)
{
    __m128i c = _mm_loadu_si128((const __m128i *)p);
    __m128i letter = _mm_cmpgt_epi8(c, _mm_set1_epi8('a' - 1));
    __m128i v = _mm_sub_epi8(c, _mm_set1_epi8('0'));
    v = _mm_sub_epi8(v, _mm_and_si128(letter, _mm_set1_epi8('a' - 10 - '0')));
    /* Unsigned, so that what is below zero is too much as well. */
    __m128i most = _mm_add_epi8(_mm_set1_epi8(9), _mm_and_si128(letter, _mm_set1_epi8(6)));
    *bad = _mm_or_si128(*bad, _mm_subs_epu8(v, most));
    return v;
}

/* Of each pair the first digit is the low byte: v << 4 of it, or the second, in 16 bits. */
static inline __m128i digit_pairs(__m128i v)
{
    __m128i high = _mm_slli_epi16(_mm_and_si128(v, _mm_set1_epi16(0xff)), 4);
    return _mm_or_si128(high, _mm_srli_epi16(v, 8));
}

static inline __m128i parse_half(const uint8_t *p, __m128i *bad)
{
    __m128i first = digit_values(p, bad), second = digit_values(p + 16, bad);
    return _mm_packus_epi16(digit_pairs(first), digit_pairs(second));
}

static bool parse_hash(const uint8_t *p, struct hash *out)
{
    __m128i bad = _mm_setzero_si128();
    __m128i first = parse_half(p, &bad), second = parse_half(p + 32, &bad);
    if (_mm_movemask_epi8(_mm_cmpeq_epi8(bad, _mm_setzero_si128())) != 0xffff)
        return false;
    _mm_storeu_si128((__m128i *)out->b, first);
    _mm_storeu_si128((__m128i *)(out->b + 16), second);
    return true;
}
#else
static bool parse_hash(const uint8_t *p, struct hash *out)
{
    struct hash h = {{0}};
    if (!span_hex(span_of(p, 2 * sizeof h.b), h.b, sizeof h.b))
        return false;
    *out = h;
    return true;
}
#endif

bool hash_parse(struct span digits, struct hash *out)
{
    return digits.n == 2 * sizeof out->b && parse_hash(digits.p, out);
}

static bool feed(void *ctx, struct span s, struct err *e)
{
    (void)e;
    sha256_feed(ctx, s);
    return true;
}

struct sink sha256_sink(struct sha256 *s)
{
    return (struct sink){feed, s};
}
