#ifndef SHA256_SODIUM

#include "crypto/sha256_way.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>
#include <stdbool.h>

/*
 * One message's state and the 16 message words that come next. The SHA instructions
 * want the state's words in the order f e b a and h g d c, lowest lane first.
 * A round waits for the one before it, so one message leaves half of the unit idle:
 * a second one beside it costs almost nothing. A third and a fourth gain less than a tenth
 * with GCC 12 and nothing with Clang 14 (Zen 4): there are only 16 registers.
 */
struct regs {
    __m128i feba, hgdc;
    __m128i w0, w1, w2, w3;
};

#define SHA_NI        __attribute__((target("sha,ssse3")))
#define SHA_NI_INLINE static inline __attribute__((always_inline, target("sha,ssse3")))

/* x1 x0 y1 y0 and x3 x2 y3 y2, lowest lane first. */
SHA_NI_INLINE __m128i low_reversed(__m128i x, __m128i y)
{
    return _mm_castps_si128(
        _mm_shuffle_ps(_mm_castsi128_ps(x), _mm_castsi128_ps(y), _MM_SHUFFLE(0, 1, 0, 1)));
}

SHA_NI_INLINE __m128i high_reversed(__m128i x, __m128i y)
{
    return _mm_castps_si128(
        _mm_shuffle_ps(_mm_castsi128_ps(x), _mm_castsi128_ps(y), _MM_SHUFFLE(2, 3, 2, 3)));
}

SHA_NI_INLINE void state_load(struct regs *r, const uint32_t s[8])
{
    __m128i abcd = _mm_loadu_si128((const __m128i *)s);
    __m128i efgh = _mm_loadu_si128((const __m128i *)(s + 4));
    r->feba = low_reversed(efgh, abcd);
    r->hgdc = high_reversed(efgh, abcd);
}

SHA_NI_INLINE void state_store(const struct regs *r, uint32_t s[8])
{
    _mm_storeu_si128((__m128i *)s, high_reversed(r->feba, r->hgdc));
    _mm_storeu_si128((__m128i *)(s + 4), low_reversed(r->feba, r->hgdc));
}

SHA_NI_INLINE void state_add(struct regs *r, const struct regs *before)
{
    r->feba = _mm_add_epi32(r->feba, before->feba);
    r->hgdc = _mm_add_epi32(r->hgdc, before->hgdc);
}

/* Four big-endian words. */
SHA_NI_INLINE __m128i words(const uint8_t *p)
{
    const __m128i swap = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)p), swap);
}

/*
 * Four rounds. Each pair of them makes the next f e b a out of h g d c, and what was f e b a is
 * then h g d c; so after two pairs the names are right again.
 */
SHA_NI_INLINE void rounds(struct regs *r, __m128i w, const uint32_t *k)
{
    __m128i kw = _mm_add_epi32(w, _mm_loadu_si128((const __m128i *)k));
    r->hgdc = _mm_sha256rnds2_epu32(r->hgdc, r->feba, kw);
    r->feba = _mm_sha256rnds2_epu32(r->feba, r->hgdc, _mm_shuffle_epi32(kw, 0x0e));
}

SHA_NI_INLINE void first_rounds(struct regs *r, const uint8_t *p)
{
    rounds(r, r->w0 = words(p), sha256_k);
    rounds(r, r->w1 = words(p + 16), sha256_k + 4);
    rounds(r, r->w2 = words(p + 32), sha256_k + 8);
    rounds(r, r->w3 = words(p + 48), sha256_k + 12);
}

/* The next four words of the schedule, and their rounds. */
SHA_NI_INLINE void next_rounds(struct regs *r, const uint32_t *k)
{
    __m128i w = _mm_sha256msg1_epu32(r->w0, r->w1);
    w = _mm_add_epi32(w, _mm_alignr_epi8(r->w3, r->w2, 4));
    w = _mm_sha256msg2_epu32(w, r->w3);
    r->w0 = r->w1;
    r->w1 = r->w2;
    r->w2 = r->w3;
    r->w3 = w;
    rounds(r, w, k);
}

SHA_NI void sha256_sha_ni_one(uint32_t state[8], const uint8_t *p, size_t n)
{
    struct regs a;
    state_load(&a, state);
    for (; n > 0; n--, p += SHA256_BLOCK) {
        const struct regs before = a;
        first_rounds(&a, p);
        for (size_t t = 16; t < 64; t += 4)
            next_rounds(&a, sha256_k + t);
        state_add(&a, &before);
    }
    state_store(&a, state);
}

SHA_NI void sha256_sha_ni_two(uint32_t s[8], const uint8_t *p, uint32_t t[8], const uint8_t *q,
                              size_t n)
{
    struct regs a, b;
    state_load(&a, s);
    state_load(&b, t);
    for (; n > 0; n--, p += SHA256_BLOCK, q += SHA256_BLOCK) {
        const struct regs before_a = a, before_b = b;
        first_rounds(&a, p);
        first_rounds(&b, q);
        for (const uint32_t *k = sha256_k + 16; k < sha256_k + 64; k += 16) {
            next_rounds(&a, k), next_rounds(&b, k);
            next_rounds(&a, k + 4), next_rounds(&b, k + 4);
            next_rounds(&a, k + 8), next_rounds(&b, k + 8);
            next_rounds(&a, k + 12), next_rounds(&b, k + 12);
        }
        state_add(&a, &before_a);
        state_add(&b, &before_b);
    }
    state_store(&a, s);
    state_store(&b, t);
}

/* Four rounds of a block whose schedule is there. */
SHA_NI_INLINE void ready_rounds(struct regs *r, const struct sha256_beside *b, size_t t)
{
    __m128i first = _mm_loadl_epi64((const __m128i *)b->kw[t / 2][b->column]);
    __m128i second = _mm_loadl_epi64((const __m128i *)b->kw[t / 2 + 1][b->column]);
    r->hgdc = _mm_sha256rnds2_epu32(r->hgdc, r->feba, first);
    r->feba = _mm_sha256rnds2_epu32(r->feba, r->hgdc, second);
}

/* Between a block's rounds a to h are kept as the instructions want them. */
SHA_NI_INLINE void beside_begin(struct regs *r, const struct sha256_beside *b)
{
    if (b->t == 0) {
        state_load(r, b->left.state);
    } else {
        r->feba = _mm_load_si128((const __m128i *)b->work);
        r->hgdc = _mm_load_si128((const __m128i *)(b->work + 4));
    }
}

SHA_NI_INLINE void beside_end(struct regs *r, struct sha256_beside *b)
{
    struct regs before;
    if (b->t < 64) {
        _mm_store_si128((__m128i *)b->work, r->feba);
        _mm_store_si128((__m128i *)(b->work + 4), r->hgdc);
        return;
    }
    state_load(&before, b->left.state);
    state_add(r, &before);
    state_store(r, b->left.state);
    b->left.p += SHA256_BLOCK;
    b->left.n--;
    b->ready--;
    b->column++;
    b->t = 0;
}

SHA_NI void sha256_sha_ni_beside(struct sha256_beside *b)
{
    struct regs r;
    beside_begin(&r, b);
    for (const size_t end = b->t + b->pace; b->t < end; b->t += 16) {
        ready_rounds(&r, b, b->t);
        ready_rounds(&r, b, b->t + 4);
        ready_rounds(&r, b, b->t + 8);
        ready_rounds(&r, b, b->t + 12);
    }
    beside_end(&r, b);
}

const struct sha256_way *sha256_sha_ni(void)
{
    static const struct sha256_way way = {"sha-ni", sha256_sha_ni_one, sha256_sha_ni_two, NULL};
    unsigned a, b, c, d;
    bool ssse3 = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSSE3) != 0;
    bool sha = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA) != 0;
    return ssse3 && sha ? &way : NULL;
}

#else

const struct sha256_way *sha256_sha_ni(void)
{
    return NULL;
}

#endif
#endif
