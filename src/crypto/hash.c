#include <string.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "crypto/sha256.h"

bool hash_eq(struct hash a, struct hash b)
{
    return memcmp(a.b, b.b, sizeof a.b) == 0;
}

bool hash_is_zero(struct hash h)
{
    return hash_eq(h, (struct hash){{0}});
}

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
/* Sixteen digits give eight bytes in the low half. *bad gets bits where one is no digit. */
static __m128i parse_digits(const uint8_t *p, __m128i *bad)
{
    __m128i c = _mm_loadu_si128((const __m128i *)p);
    __m128i number = _mm_sub_epi8(c, _mm_set1_epi8('0'));
    __m128i letter = _mm_sub_epi8(c, _mm_set1_epi8('a'));
    /* Unsigned: x <= most is min(x, most) == x. */
    __m128i is_number = _mm_cmpeq_epi8(_mm_min_epu8(number, _mm_set1_epi8(9)), number);
    __m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter);
    __m128i ten = _mm_add_epi8(letter, _mm_set1_epi8(10));
    __m128i v = _mm_or_si128(_mm_and_si128(is_number, number), _mm_and_si128(is_letter, ten));
    *bad =
        _mm_or_si128(*bad, _mm_cmpeq_epi8(_mm_or_si128(is_number, is_letter), _mm_setzero_si128()));
    /* Of each pair the first digit is the low byte: v << 4 of it, or the second. */
    __m128i high = _mm_slli_epi16(_mm_and_si128(v, _mm_set1_epi16(0xff)), 4);
    return _mm_packus_epi16(_mm_or_si128(high, _mm_srli_epi16(v, 8)), _mm_setzero_si128());
}

static bool parse_hash(const uint8_t *p, struct hash *out)
{
    __m128i bad = _mm_setzero_si128();
    for (size_t i = 0; i < sizeof out->b / 8; i++)
        _mm_storel_epi64((__m128i *)(out->b + 8 * i), parse_digits(p + 16 * i, &bad));
    return _mm_movemask_epi8(bad) == 0;
}
#else
static bool parse_hash(const uint8_t *p, struct hash *out)
{
    return span_hex(span_of(p, 2 * sizeof out->b), out->b, sizeof out->b);
}
#endif

bool hash_parse(struct span digits, struct hash *out)
{
    struct hash h = {{0}};
    if (digits.n != 2 * sizeof h.b || !parse_hash(digits.p, &h))
        return false;
    *out = h;
    return true;
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
