#ifndef SHA256_SODIUM

#include "crypto/sha256_way.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>
#include <stdbool.h>
#include <string.h>

/*
 * Sixteen messages at once, a word of each in every register. Where the SHA instructions take
 * two messages hardly faster than one (Sapphire Rapids: 1.2 times), this is 1.6 times as fast as
 * these; where they take two twice as fast (Zen 4) it is as fast. One long message is theirs in any
 * case.
 */
#define AVX512        __attribute__((target("avx512f,avx512bw,bmi2")))
#define AVX512_INLINE static inline __attribute__((always_inline, target("avx512f,avx512bw,bmi2")))

AVX512_INLINE __m512i add(__m512i a, __m512i b)
{
    return _mm512_add_epi32(a, b);
}

/* Bit by bit from a truth table: of three inputs, of which the first counts four. */
enum { XOR = 0x96, CHOOSE = 0xca, MAJORITY = 0xe8 };

/* The functions of FIPS 180-4 section 4.1.2. */
AVX512_INLINE __m512i sum_a(__m512i a)
{
    return _mm512_ternarylogic_epi32(_mm512_ror_epi32(a, 2), _mm512_ror_epi32(a, 13),
                                     _mm512_ror_epi32(a, 22), XOR);
}

AVX512_INLINE __m512i sum_e(__m512i e)
{
    return _mm512_ternarylogic_epi32(_mm512_ror_epi32(e, 6), _mm512_ror_epi32(e, 11),
                                     _mm512_ror_epi32(e, 25), XOR);
}

AVX512_INLINE __m512i sigma_0(__m512i w)
{
    return _mm512_ternarylogic_epi32(_mm512_ror_epi32(w, 7), _mm512_ror_epi32(w, 18),
                                     _mm512_srli_epi32(w, 3), XOR);
}

AVX512_INLINE __m512i sigma_1(__m512i w)
{
    return _mm512_ternarylogic_epi32(_mm512_ror_epi32(w, 17), _mm512_ror_epi32(w, 19),
                                     _mm512_srli_epi32(w, 10), XOR);
}

/* Words from big-endian bytes, and back. */
AVX512_INLINE __m512i swapped(__m512i words)
{
    const __m128i swap = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    return _mm512_shuffle_epi8(words, _mm512_broadcast_i32x4(swap));
}

/* What row i had in column j, column i has in row j. */
AVX512_INLINE void transpose(__m512i r[16])
{
    __m512i t[16];
#pragma GCC unroll 8
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 16; i += 4) {
        r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
        r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
        r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
        r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
        t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
        t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
        t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
        r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
        r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
    }
}

/* Sixteen messages in columns, and of each a block: its schedule, and a to h on their way. */
struct lanes {
    _Alignas(64) uint64_t n[SHA256_WIDE];    /* bytes of the message */
    _Alignas(64) uint64_t last[SHA256_WIDE]; /* where its last block begins */
    _Alignas(64) uint32_t state[8][SHA256_WIDE], work[8][SHA256_WIDE], w[64][SHA256_WIDE];
    uint64_t end; /* where that of the longest begins */
};

/* Behind a message come a 1 bit and eight bytes of length. */
AVX512_INLINE __m512i last_block(const uint64_t n[8])
{
    const __m512i past = _mm512_add_epi64(_mm512_load_si512(n), _mm512_set1_epi64(8));
    return _mm512_andnot_si512(_mm512_set1_epi64(SHA256_BLOCK - 1), past);
}

AVX512 static void lanes_begin(struct lanes *l, const struct span in[SHA256_WIDE])
{
    for (int i = 0; i < SHA256_WIDE; i++)
        l->n[i] = in[i].n;
    const __m512i low = last_block(l->n), high = last_block(l->n + 8);
    _mm512_store_si512(l->last, low);
    _mm512_store_si512(l->last + 8, high);
    l->end = _mm512_reduce_max_epu64(_mm512_max_epu64(low, high));
    for (int i = 0; i < 8; i++)
        _mm512_store_si512(l->state[i], _mm512_set1_epi32((int)sha256_initial[i]));
}

/*
 * What a message has at `at`, and behind its end a 1 bit and zeroes (FIPS 180-4 section 5.1.1).
 * Bytes that the mask leaves out are not read; but masked reads of no memory at all are slow.
 */
AVX512_INLINE __m512i padded(struct span m, uint64_t at)
{
    static const uint8_t end[2 * SHA256_BLOCK + 1] = {[SHA256_BLOCK] = 0x80};
    bool past = m.n < at;
    uint64_t left = past ? 0 : m.n - at, n = left < SHA256_BLOCK ? left : SHA256_BLOCK;
    __mmask64 mask = _bzhi_u64(UINT64_MAX, (unsigned)n);
    __m512i bytes = _mm512_maskz_loadu_epi8(mask, n > 0 ? m.p + at : end);
    return _mm512_or_si512(bytes, _mm512_loadu_si512(end + SHA256_BLOCK - n + past));
}

/* Which of the numbers are less than `limit`. */
AVX512_INLINE __mmask16 less(const uint64_t x[SHA256_WIDE], uint64_t limit)
{
    const __m512i y = _mm512_set1_epi64((long long)limit);
    return _mm512_kunpackb(_mm512_cmplt_epu64_mask(_mm512_load_si512(x + 8), y),
                           _mm512_cmplt_epu64_mask(_mm512_load_si512(x), y));
}

/* Which messages end there. */
AVX512_INLINE __mmask16 are_last(const struct lanes *l, uint64_t at)
{
    return (__mmask16)(less(l->last, at + 1) & ~less(l->last, at));
}

/* The lengths in bytes, shifted right: the low words of that. */
AVX512_INLINE __m512i length_words(const struct lanes *l, unsigned right)
{
    __m512i low = _mm512_srli_epi64(_mm512_load_si512(l->n), right);
    __m512i high = _mm512_srli_epi64(_mm512_load_si512(l->n + 8), right);
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi64_epi32(low)),
                              _mm512_cvtepi64_epi32(high), 1);
}

/* w[t] is word t of each message's block there. */
AVX512_INLINE void load_words(__m512i w[16], const struct lanes *l, const struct span *in,
                              uint64_t at)
{
    if (less(l->n, at + SHA256_BLOCK) == 0) {
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++)
            w[i] = swapped(_mm512_loadu_si512(in[i].p + at));
    } else {
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++)
            w[i] = swapped(padded(in[i], at));
    }
    transpose(w);
}

AVX512 static void block_begin(struct lanes *l, const struct span in[SHA256_WIDE], uint64_t at)
{
    __m512i w[16];
    __mmask16 last = are_last(l, at);
    load_words(w, l, in, at);
    w[14] = _mm512_mask_mov_epi32(w[14], last, length_words(l, 29));
    w[15] = _mm512_mask_slli_epi32(w[15], last, length_words(l, 0), 3);
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++)
        _mm512_store_si512(l->w[i], w[i]);
    memcpy(l->work, l->state, sizeof l->work);
}

/* s is a to h of the first round. In each next one every letter means what the one before it
 * did. */
AVX512_INLINE void round_of(__m512i s[8], size_t t, __m512i w, uint32_t k)
{
    __m512i *a = &s[(8 - t) % 8], *b = &s[(9 - t) % 8], *c = &s[(10 - t) % 8],
            *d = &s[(11 - t) % 8];
    __m512i *e = &s[(12 - t) % 8], *f = &s[(13 - t) % 8], *g = &s[(14 - t) % 8],
            *h = &s[(15 - t) % 8];
    __m512i wk = add(w, _mm512_set1_epi32((int)k));
    __m512i one = add(add(*h, wk), add(sum_e(*e), _mm512_ternarylogic_epi32(*e, *f, *g, CHOOSE)));
    __m512i two = add(sum_a(*a), _mm512_ternarylogic_epi32(*a, *b, *c, MAJORITY));
    *d = add(*d, one);
    *h = add(one, two);
}

AVX512_INLINE void next_word(uint32_t w[17][SHA256_WIDE])
{
    __m512i s0 = sigma_0(_mm512_load_si512(w[1])), s1 = sigma_1(_mm512_load_si512(w[14]));
    __m512i sum = add(_mm512_load_si512(w[0]), _mm512_load_si512(w[9]));
    _mm512_store_si512(w[16], add(sum, add(s0, s1)));
}

/* Rounds t to t+3, and the words of the rounds sixteen later. After four rounds e to h are in the
 * places of a to d. */
AVX512 static void four_rounds(struct lanes *l, size_t t)
{
    __m512i s[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++)
        s[i] = _mm512_load_si512(l->work[i]);
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; i++)
        round_of(s, i, _mm512_load_si512(l->w[t + i]), sha256_k[t + i]);
    if (t < 48) {
#pragma GCC unroll 4
        for (size_t i = 0; i < 4; i++)
            next_word(l->w + t + i);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++)
        _mm512_store_si512(l->work[i], s[(i + 4) % 8]);
}

/* A message that has ended keeps its state. */
AVX512 static void block_end(struct lanes *l, uint64_t at)
{
    const __mmask16 on = (__mmask16)~less(l->last, at);
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
        __m512i before = _mm512_load_si512(l->state[i]);
        __m512i now = _mm512_mask_add_epi32(before, on, before, _mm512_load_si512(l->work[i]));
        _mm512_store_si512(l->state[i], now);
    }
}

AVX512 static void lanes_end(const struct lanes *l, struct hash out[SHA256_WIDE])
{
    __m512i r[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++)
        r[i] = i < 8 ? _mm512_load_si512(l->state[i]) : _mm512_setzero_si512();
    transpose(r);
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++)
        _mm256_storeu_si256((__m256i *)out[i].b, _mm512_castsi512_si256(swapped(r[i])));
}

/* The schedule of the next sixteen rounds. */
AVX512_INLINE void next_words(__m512i w[16])
{
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++)
        w[i] = add(add(w[i], w[(i + 9) % 16]),
                   add(sigma_0(w[(i + 1) % 16]), sigma_1(w[(i + 14) % 16])));
}

/* The words of two rounds, with their constants, side by side for each block. */
AVX512_INLINE void store_pairs(uint32_t kw[SHA256_WIDE][2], const __m512i w[2], const uint32_t k[2])
{
    __m512i first = add(w[0], _mm512_set1_epi32((int)k[0]));
    __m512i second = add(w[1], _mm512_set1_epi32((int)k[1]));
    _mm512_store_si512(kw[0], _mm512_unpacklo_epi32(first, second));
    _mm512_store_si512(kw[8], _mm512_unpackhi_epi32(first, second));
}

/* Where store_pairs finds what it puts at i. */
AVX512_INLINE size_t unpacked_from(size_t i)
{
    return i / 8 * 2 + i / 2 % 4 * 4 + i % 2;
}

/* Schedules the next blocks of the stream, up to sixteen. */
AVX512 static void beside_schedule(struct sha256_beside *b)
{
    __m512i w[16];
    const size_t ready = b->left.n < SHA256_WIDE ? b->left.n : SHA256_WIDE;
#pragma GCC unroll 16
    for (size_t i = 0; i < 16; i++) {
        const uint8_t *p = b->left.p + (i < ready ? i : 0) * SHA256_BLOCK;
        w[unpacked_from(i)] = swapped(_mm512_loadu_si512(p));
    }
    transpose(w);
    for (size_t t = 0; t < 64; t += 16) {
        if (t > 0)
            next_words(w);
#pragma GCC unroll 8
        for (size_t i = 0; i < 16; i += 2)
            store_pairs(b->kw[(t + i) / 2], w + i, sha256_k + t + i);
    }
    b->ready = ready;
    b->column = 0;
}

/* With fewer blocks than this a schedule costs more than it saves. */
enum { BESIDE_LEAST = 6 };

/*
 * The stream's rounds, each of which waits for the one before it, and those of the messages, which
 * only need room, are few at a time and take turns: so the processor sees both. They stand in
 * functions of their own, for at the end of each of these the compiler clears the registers' upper
 * halves, and while these are in use an SHA instruction takes hundreds of cycles (Sapphire Rapids).
 */
static void avx512_sixteen(const struct span in[SHA256_WIDE], struct hash out[SHA256_WIDE],
                           struct sha256_beside *b)
{
    struct lanes l;
    lanes_begin(&l, in);
    for (uint64_t at = 0; at <= l.end; at += SHA256_BLOCK) {
        if (b->ready == 0 && b->left.n >= BESIDE_LEAST)
            beside_schedule(b);
        block_begin(&l, in, at);
        for (size_t t = 0; t < 64; t += 4) {
            if (b->ready > 0)
                sha256_sha_ni_beside(b);
            four_rounds(&l, t);
        }
        block_end(&l, at);
    }
    lanes_end(&l, out);
}

/* The system must keep what these registers hold, too: XCR0 says so. */
__attribute__((target("xsave"))) static bool has_avx512(void)
{
    enum { SSE = 1 << 1, AVX = 1 << 2, AVX512_STATE = 7 << 5, KEPT = SSE | AVX | AVX512_STATE };
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & bit_OSXSAVE) == 0 || (_xgetbv(0) & KEPT) != KEPT)
        return false;
    enum { NEEDED = bit_AVX512F | bit_AVX512BW | bit_BMI2 };
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & NEEDED) == NEEDED;
}

const struct sha256_way *sha256_avx512(void)
{
    static const struct sha256_way way = {"avx-512", sha256_sha_ni_one, sha256_sha_ni_two,
                                          avx512_sixteen};
    return sha256_sha_ni() != NULL && has_avx512() ? &way : NULL;
}

#else

const struct sha256_way *sha256_avx512(void)
{
    return NULL;
}

#endif
#endif
