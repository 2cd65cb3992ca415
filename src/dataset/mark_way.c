#include "dataset/mark_way.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/bytes.h"

/* --- anywhere: eight bytes in a word --- */

/* The highest bits of the bytes, side by side: no two products fall on one bit. */
static inline uint64_t gather_high(uint64_t word)
{
    return (word >> 7 & UINT64_C(0x0101010101010101)) * UINT64_C(0x0102040810204080) >> 56;
}

static inline uint64_t which_in_word(uint64_t word, char c)
{
    const uint64_t each = UINT64_C(0x0101010101010101), low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t other = word ^ each * (uint8_t)c; /* 0 where it is c */
    return gather_high(~(((other & low) + low) | other));
}

static void look_at_csv(const uint8_t *p, size_t n, struct csv_chunk *out)
{
    for (; n > 0; n--, out++) {
        struct csv_chunk c = {0};
        for (unsigned i = 0; i < MARK_CHUNK; i += 8, p += 8) {
            uint64_t word = bytes_eight_lowest_first(p);
            c.comma |= which_in_word(word, ',') << i;
            c.quote |= which_in_word(word, '"') << i;
            c.lf |= which_in_word(word, '\n') << i;
            c.cr |= which_in_word(word, '\r') << i;
            c.nul |= which_in_word(word, 0) << i;
            c.high |= gather_high(word) << i;
        }
        *out = c;
    }
}

/* Below a blank, or not ASCII. */
static inline uint64_t which_is_bad(uint64_t word)
{
    const uint64_t each = UINT64_C(0x0101010101010101), low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    return gather_high(~((word & low) + each * (0x80 - ' ')) | word);
}

static void look_at_json(const uint8_t *p, size_t n, struct json_chunk *out)
{
    for (; n > 0; n--, out++) {
        struct json_chunk c = {0};
        for (unsigned i = 0; i < MARK_CHUNK; i += 8, p += 8) {
            uint64_t word = bytes_eight_lowest_first(p);
            c.comma |= which_in_word(word, ',') << i;
            c.quote |= which_in_word(word, '"') << i;
            c.backslash |= which_in_word(word, '\\') << i;
            c.blank |= which_in_word(word, ' ') << i;
            c.bracket |= (which_in_word(word, '[') | which_in_word(word, ']')) << i;
            c.bad |= which_is_bad(word) << i;
        }
        *out = c;
    }
}

/* How many bits are set; not every CPU can tell. */
static inline size_t count_bits(uint64_t b)
{
    b -= b >> 1 & UINT64_C(0x5555555555555555);
    b = (b & UINT64_C(0x3333333333333333)) + (b >> 2 & UINT64_C(0x3333333333333333));
    b = (b + (b >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return b * UINT64_C(0x0101010101010101) >> 56;
}

/* Twelve at a time, which is all that most chunks have: a loop to the last one would be
 * mispredicted at each chunk's end. */
static size_t list(const struct marks *marks, size_t n, uint32_t from, uint32_t *out)
{
    const uint32_t *begin = out;
    for (size_t i = 0; i < n; i++, from += MARK_CHUNK) {
        uint64_t left = marks[i].any;
        uint32_t *to = out;
        out += count_bits(left);
        do {
#pragma GCC unroll 12
            for (int k = 0; k < 12; k++, left &= left - 1)
                *to++ = from + (uint32_t)__builtin_ctzll(left | UINT64_C(1) << 63);
        } while (left != 0);
    }
    return (size_t)(out - begin);
}

static bool cut_csv(const uint8_t *p, const uint32_t *mark, size_t n, struct cell *cell)
{
    size_t from = mark[-1] + 1;
    for (size_t i = 0; i < n; i++) {
        size_t to = mark[i];
        cell[i] = mark_csv_cell(p, from, to);
        if (p[to] == '\n')
            return i + 1 == n;
        from = to + 1;
    }
    return false;
}

static bool cut_json(const uint8_t *p, const uint32_t *mark, size_t n, size_t skip,
                     struct cell *cell)
{
    size_t from = mark[-1] + 1 + skip;
    for (size_t i = 0; i < n; i++) {
        size_t to = mark[i];
        cell[i] = mark_json_cell(p, from, to);
        if (p[to] != ',')
            return i + 1 == n;
        from = to + 1 + skip;
    }
    return false;
}

static const struct mark_way anywhere = {"portable", look_at_csv, look_at_json,
                                         list,       cut_csv,     cut_json};

/* --- SSE2: four registers --- */

#ifdef __SSE2__

/* The highest bits of 64 bytes. */
static inline uint64_t gather_64(__m128i a, __m128i b, __m128i c, __m128i d)
{
    uint64_t low = (uint64_t)_mm_movemask_epi8(a) | (uint64_t)_mm_movemask_epi8(b) << 16;
    uint64_t high = (uint64_t)_mm_movemask_epi8(c) | (uint64_t)_mm_movemask_epi8(d) << 16;
    return low | high << 32;
}

static inline uint64_t which(const __m128i v[4], char c)
{
    __m128i all = _mm_set1_epi8(c);
    return gather_64(_mm_cmpeq_epi8(v[0], all), _mm_cmpeq_epi8(v[1], all),
                     _mm_cmpeq_epi8(v[2], all), _mm_cmpeq_epi8(v[3], all));
}

/* Some byte is NUL or not ASCII. */
static inline bool has_nul_or_high(const __m128i v[4])
{
    __m128i any = _mm_or_si128(_mm_or_si128(v[0], v[1]), _mm_or_si128(v[2], v[3]));
    __m128i least = _mm_min_epu8(_mm_min_epu8(v[0], v[1]), _mm_min_epu8(v[2], v[3]));
    __m128i nul = _mm_cmpeq_epi8(least, _mm_setzero_si128());
    return _mm_movemask_epi8(_mm_or_si128(any, nul)) != 0;
}

static void look_at_csv_sse2(const uint8_t *p, size_t n, struct csv_chunk *out)
{
    for (; n > 0; n--, p += MARK_CHUNK, out++) {
        const __m128i *at = (const __m128i *)(const void *)p;
        const __m128i v[4] = {_mm_loadu_si128(at), _mm_loadu_si128(at + 1), _mm_loadu_si128(at + 2),
                              _mm_loadu_si128(at + 3)};
        *out = (struct csv_chunk){.comma = which(v, ','),
                                  .quote = which(v, '"'),
                                  .lf = which(v, '\n'),
                                  .cr = which(v, '\r')};
        if (has_nul_or_high(v)) {
            out->nul = which(v, 0);
            out->high = gather_64(v[0], v[1], v[2], v[3]);
        }
    }
}

static inline __m128i is_bad(__m128i v)
{
    return _mm_cmplt_epi8(v, _mm_set1_epi8(' ')); /* signed: what is not ASCII is below */
}

static inline __m128i is_bracket(__m128i v)
{
    return _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('[')),
                        _mm_cmpeq_epi8(v, _mm_set1_epi8(']')));
}

/* Some byte is bad or a backslash. */
static inline bool has_bad(const __m128i v[4])
{
    __m128i any = _mm_setzero_si128();
    for (int i = 0; i < 4; i++)
        any = _mm_or_si128(any,
                           _mm_or_si128(is_bad(v[i]), _mm_cmpeq_epi8(v[i], _mm_set1_epi8('\\'))));
    return _mm_movemask_epi8(any) != 0;
}

static void look_at_json_sse2(const uint8_t *p, size_t n, struct json_chunk *out)
{
    for (; n > 0; n--, p += MARK_CHUNK, out++) {
        const __m128i *at = (const __m128i *)(const void *)p;
        const __m128i v[4] = {_mm_loadu_si128(at), _mm_loadu_si128(at + 1), _mm_loadu_si128(at + 2),
                              _mm_loadu_si128(at + 3)};
        *out = (struct json_chunk){.comma = which(v, ','),
                                   .quote = which(v, '"'),
                                   .blank = which(v, ' '),
                                   .bracket = gather_64(is_bracket(v[0]), is_bracket(v[1]),
                                                        is_bracket(v[2]), is_bracket(v[3]))};
        if (has_bad(v)) {
            out->backslash = which(v, '\\');
            out->bad = gather_64(is_bad(v[0]), is_bad(v[1]), is_bad(v[2]), is_bad(v[3]));
        }
    }
}

static const struct mark_way sse2 = {"sse2", look_at_csv_sse2, look_at_json_sse2,
                                     list,   cut_csv,          cut_json};

#endif

const struct mark_way *mark_way(size_t i)
{
    const struct mark_way *const all[] = {
        mark_way_avx512(),
#ifdef __SSE2__
        &sse2,
#endif
        &anywhere,
    };
    i += all[0] == NULL;
    return i < sizeof all / sizeof all[0] ? all[i] : NULL;
}
