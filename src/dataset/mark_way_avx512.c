#include "dataset/mark_way.h"

#ifdef __x86_64__

#include <immintrin.h>

/*
 * A chunk in one register. VBMI2 packs the places of set bits, BMI2 what belongs to them; eight
 * cells are written at once.
 */
#define AVX512        __attribute__((target("avx512f,avx512bw,avx512vbmi2,bmi2,popcnt")))
#define AVX512_INLINE static inline __attribute__((always_inline)) AVX512

enum { AT_ONCE = 16 }; /* marks */

/* Above the place of a mark. */
static const uint32_t mark_end = 1u << 31, mark_quoted = 1u << 30;

AVX512 static void look_at_csv(const uint8_t *p, size_t n, struct csv_chunk *out)
{
    for (; n > 0; n--, p += MARK_CHUNK) {
        __m512i v = _mm512_loadu_si512(p);
        *out++ = (struct csv_chunk){
            .comma = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(',')),
            .quote = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"')),
            .lf = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n')),
            .cr = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\r')),
            .nul = _mm512_testn_epi8_mask(v, v),
            .high = _mm512_movepi8_mask(v),
        };
    }
}

AVX512 static void look_at_json(const uint8_t *p, size_t n, struct json_chunk *out)
{
    for (; n > 0; n--, p += MARK_CHUNK) {
        __m512i v = _mm512_loadu_si512(p);
        *out++ = (struct json_chunk){
            .comma = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(',')),
            .quote = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"')),
            .backslash = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\')),
            .blank = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(' ')),
            .bracket = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('[')) |
                       _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(']')),
            .bad = _mm512_cmplt_epi8_mask(v, _mm512_set1_epi8(' ')), /* signed: or not ASCII */
        };
    }
}

/* Packed: the places of all marks in a chunk, then bits for each of them. */
AVX512_INLINE __m512i next_marks(const uint8_t *packed, uint32_t from, uint64_t end,
                                 uint64_t quoted)
{
    __m128i some = _mm_loadu_si128((const __m128i *)(const void *)packed);
    __m512i mark = _mm512_add_epi32(_mm512_cvtepu8_epi32(some), _mm512_set1_epi32((int)from));
    mark = _mm512_mask_or_epi32(mark, (__mmask16)end, mark, _mm512_set1_epi32((int)mark_end));
    return _mm512_mask_or_epi32(mark, (__mmask16)quoted, mark, _mm512_set1_epi32((int)mark_quoted));
}

AVX512_INLINE size_t list_chunk(const struct marks *m, uint32_t from, __m512i places, uint32_t *out)
{
    uint8_t packed[MARK_CHUNK];
    size_t n = (size_t)__builtin_popcountll(m->any);
    uint64_t end = _pext_u64(m->end, m->any), quoted = _pext_u64(m->quoted, m->any);
    _mm512_storeu_si512(packed, _mm512_maskz_compress_epi8(m->any, places));
    for (size_t i = 0; i < n; i += AT_ONCE, end >>= AT_ONCE, quoted >>= AT_ONCE)
        _mm512_storeu_si512(out + i, next_marks(packed + i, from, end, quoted));
    return n;
}

AVX512 static size_t list(const struct marks *marks, size_t n, uint32_t from, uint32_t *out)
{
    static const uint8_t place[MARK_CHUNK] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    const __m512i places = _mm512_loadu_si512(place);
    const uint32_t *begin = out;
    for (size_t i = 0; i < n; i++, from += MARK_CHUNK)
        out += list_chunk(&marks[i], from, places, out);
    return (size_t)(out - begin);
}

_Static_assert(sizeof(struct cell) == 24 && offsetof(struct cell, quoted) == 4 &&
                   offsetof(struct cell, bytes) == 8 && CELL_TEXT == 0,
               "a cell is three words: its kind, with `quoted` above it; where; how long");

/* The words of eight cells, first all of one sort, go to where they belong. */
AVX512_INLINE void store_cells(__m512i kind, __m512i p, __m512i n, struct cell *cell)
{
    enum { P = 8 }; /* in a pair: of the second */
    const __m512i kp0 = _mm512_setr_epi64(0, P + 0, 0, 1, P + 1, 0, 2, P + 2);
    const __m512i kp1 = _mm512_setr_epi64(0, 3, P + 3, 0, 4, P + 4, 0, 5);
    const __m512i kp2 = _mm512_setr_epi64(P + 5, 0, 6, P + 6, 0, 7, P + 7, 0);
    const __m512i n0 = _mm512_setr_epi64(0, 0, 0, 0, 0, 1, 0, 0);
    const __m512i n1 = _mm512_setr_epi64(2, 0, 0, 3, 0, 0, 4, 0);
    const __m512i n2 = _mm512_setr_epi64(0, 5, 0, 0, 6, 0, 0, 7);
    uint8_t *to = (uint8_t *)cell;
    __m512i a = _mm512_permutex2var_epi64(kind, kp0, p);
    __m512i b = _mm512_permutex2var_epi64(kind, kp1, p);
    __m512i c = _mm512_permutex2var_epi64(kind, kp2, p);
    _mm512_storeu_si512(to, _mm512_mask_permutexvar_epi64(a, 0x24, n0, n));
    _mm512_storeu_si512(to + 64, _mm512_mask_permutexvar_epi64(b, 0x49, n1, n));
    _mm512_storeu_si512(to + 128, _mm512_mask_permutexvar_epi64(c, 0x92, n2, n));
}

AVX512_INLINE __m512i eight_marks(const uint32_t *mark)
{
    return _mm512_cvtepu32_epi64(_mm256_loadu_si256((const __m256i *)(const void *)mark));
}

/* What differs between formats. */
struct cut {
    const uint8_t *p;
    size_t skip;              /* bytes before each cell */
    struct cell bare, quoted; /* without their bytes */
};

/* The first word of a cell. */
AVX512_INLINE __m512i kind_of(struct cell c)
{
    return _mm512_set1_epi64(c.kind | (int64_t)c.quoted << 32);
}

/* Those that end at the marks from mark[i] on, and begin behind the one before. */
AVX512_INLINE void cut_eight(const struct cut *c, const uint32_t *mark, struct cell *cell)
{
    const __m512i place = _mm512_set1_epi64(MARK_PLACE), one = _mm512_set1_epi64(1);
    __m512i before = eight_marks(mark - 1), behind = eight_marks(mark);
    __m512i from = _mm512_add_epi64(before, one);
    from = _mm512_and_si512(from, place);
    from = _mm512_add_epi64(from, _mm512_set1_epi64((int64_t)c->skip));
    __m512i n = _mm512_sub_epi64(_mm512_and_si512(behind, place), from);
    __mmask8 quoted = _mm512_test_epi64_mask(behind, _mm512_set1_epi64(mark_quoted));
    n = _mm512_mask_sub_epi64(n, quoted, n, _mm512_set1_epi64(2));
    from = _mm512_mask_add_epi64(from, quoted, from, one);
    store_cells(_mm512_mask_blend_epi64(quoted, kind_of(c->bare), kind_of(c->quoted)),
                _mm512_add_epi64(from, _mm512_set1_epi64((int64_t)(uintptr_t)c->p)), n, cell);
}

AVX512_INLINE bool cut(const struct cut *c, const uint32_t *mark, size_t n, struct cell *cell)
{
    for (size_t i = 0; i < n; i += 8) {
        unsigned ends = _mm512_test_epi64_mask(eight_marks(mark + i), _mm512_set1_epi64(mark_end));
        cut_eight(c, mark + i, cell + i);
        if (ends != 0)
            return i + (size_t)__builtin_ctz(ends) + 1 == n;
    }
    return false;
}

AVX512 static bool cut_csv(const uint8_t *p, const uint32_t *mark, size_t n, struct cell *cell)
{
    const struct cut c = {p, 0, {.kind = CELL_TEXT}, {.kind = CELL_TEXT, .quoted = true}};
    return cut(&c, mark, n, cell);
}

AVX512 static bool cut_json(const uint8_t *p, const uint32_t *mark, size_t n, size_t skip,
                            struct cell *cell)
{
    const struct cut c = {p, skip, {.kind = CELL_NUMBER}, {.kind = CELL_TEXT}};
    return cut(&c, mark, n, cell);
}

const struct mark_way *mark_way_avx512(void)
{
    static const struct mark_way way = {"avx-512", look_at_csv, look_at_json,
                                        list,      cut_csv,     cut_json};
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2") &&
                   __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt")
               ? &way
               : NULL;
}

#else

const struct mark_way *mark_way_avx512(void)
{
    return NULL;
}

#endif
