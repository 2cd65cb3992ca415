#include "dataset/dataset_json_scan.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "format/json.h"

enum { CHUNK = 64 };

/* Of the bytes of a chunk, a bit each. */
struct chunk {
    uint64_t quotes;
    uint64_t odd; /* backslash, control, not ASCII: what may not be in a plain string */
};

/*
 * The quotes of a text, one after the other, found ahead of the values: where a string ends does
 * not wait for where it begins.
 */
struct quotes {
    struct span s;
    size_t at;          /* of the chunk that is looked at */
    struct chunk chunk; /* without the quotes that were given */
    bool seen_odd;      /* in a chunk before */
};

/* The last bytes, or all where there is nothing faster. */
__attribute__((noinline)) static struct chunk look_slowly(const uint8_t *p, size_t n)
{
    struct chunk c = {0, 0};
    for (size_t i = 0; i < n; i++) {
        c.quotes |= (uint64_t)(p[i] == '"') << i;
        c.odd |= (uint64_t)(p[i] < 0x20 || p[i] >= 0x80 || p[i] == '\\') << i;
    }
    return c;
}

#ifdef __SSE2__
static inline struct chunk look_at_16(const uint8_t *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i below_space = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)); /* signed: not ASCII is below */
    __m128i odd = _mm_or_si128(below_space, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
    __m128i quotes = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    return (struct chunk){(uint32_t)_mm_movemask_epi8(quotes), (uint32_t)_mm_movemask_epi8(odd)};
}
#endif

static inline struct chunk look(struct span s, size_t at)
{
    size_t n = s.n - at;
#ifdef __SSE2__
    if (n >= CHUNK) {
        const uint8_t *p = s.p + at;
        struct chunk a = look_at_16(p), b = look_at_16(p + 16);
        struct chunk c = look_at_16(p + 32), d = look_at_16(p + 48);
        return (struct chunk){a.quotes | b.quotes << 16 | c.quotes << 32 | d.quotes << 48,
                              a.odd | b.odd << 16 | c.odd << 32 | d.odd << 48};
    }
#endif
    return look_slowly(s.p + at, n < CHUNK ? n : CHUNK);
}

/* The next quote, or s.n. */
static inline size_t next_quote(struct quotes *q)
{
    while (q->chunk.quotes == 0) {
        q->seen_odd |= q->chunk.odd != 0;
        if (q->s.n - q->at <= CHUNK)
            return q->s.n;
        q->at += CHUNK;
        q->chunk = look(q->s, q->at);
    }
    unsigned bit = (unsigned)__builtin_ctzll(q->chunk.quotes);
    q->chunk.quotes &= q->chunk.quotes - 1;
    return q->at + bit;
}

/* Nothing odd up to the last quote that was given; `end` is behind it. */
static inline bool was_plain(const struct quotes *q, size_t end)
{
    size_t seen = end - q->at;
    uint64_t mask = seen >= CHUNK ? UINT64_MAX : (UINT64_C(1) << seen) - 1;
    return !q->seen_odd && (q->chunk.odd & mask) == 0;
}

/* true, false or null, by its first letter. */
static size_t take_word(struct span s, size_t at, struct cell *out)
{
    static const struct {
        const char *text;
        enum cell_kind kind;
    } words[] = {{"null", CELL_NULL}, {"true", CELL_BOOLEAN}, {"false", CELL_BOOLEAN}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t n = strlen(words[i].text);
        if (s.n - at < n || memcmp(s.p + at, words[i].text, n) != 0)
            continue;
        *out = (struct cell){words[i].kind, false, {s.p + at, words[i].kind == CELL_NULL ? 0 : n}};
        return at + n;
    }
    return 0;
}

/* Returns what is behind the value at `at`; 0 where it is not plain. */
static inline size_t take_value(struct span s, size_t at, struct quotes *q, struct cell *out)
{
    uint8_t c = s.p[at];
    if (c == '"') {
        size_t begin = next_quote(q), end = next_quote(q);
        *out = (struct cell){CELL_TEXT, false, {s.p + at + 1, end - at - 1}};
        return begin == at && end < s.n ? end + 1 : 0;
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        size_t end = json_number_end(s, at);
        *out = (struct cell){CELL_NUMBER, false, {s.p + at, end - at}};
        return end - at - 1 < JSON_NUMBER_MAX ? end : 0; /* no number: end is `at` */
    }
    return take_word(s, at, out);
}

size_t dataset_json_scan(struct span ahead, const struct rows_limits *limits, struct cell *cell,
                         size_t cells)
{
    if (cells == 0 || ahead.n == 0 || ahead.p[0] != '[')
        return 0;
    struct quotes q = {.s = ahead, .chunk = look(ahead, 0)};
    size_t at = 1, end = 1; /* behind the last string */
    for (size_t i = 0; i < cells; i++) {
        if (at >= ahead.n || (at = take_value(ahead, at, &q, &cell[i])) == 0 || at >= ahead.n)
            return 0;
        end = cell[i].kind == CELL_TEXT ? at : end;
        if (ahead.p[at++] != (i + 1 < cells ? ',' : ']'))
            return 0;
        at += at < ahead.n && ahead.p[at] == ' ' && i + 1 < cells;
    }
    return was_plain(&q, end) && at <= limits->cell && at <= limits->row ? at : 0;
}
