#include "dataset/csv_scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { CHUNK = 64 };

/* Of the bytes of a chunk, a bit each. */
struct chunk {
    uint64_t marks; /* what may belong to the structure: , " LF CR NUL */
    uint64_t high;  /* not ASCII */
};

/* The marks of a text, one after the other. All of it stays in registers. */
struct marks {
    struct span s;
    size_t at;          /* of the chunk that is looked at */
    struct chunk chunk; /* without the marks that were given */
    bool seen_high;     /* in a chunk before */
};

static bool is_mark(uint8_t c)
{
    return c == ',' || c == '"' || c == '\n' || c == '\r' || c == 0;
}

/* The last bytes, or all where there is nothing faster. */
__attribute__((noinline)) static struct chunk look_slowly(const uint8_t *p, size_t n)
{
    struct chunk c = {0, 0};
    for (size_t i = 0; i < n; i++) {
        c.marks |= (uint64_t)is_mark(p[i]) << i;
        c.high |= (uint64_t)(p[i] >> 7) << i;
    }
    return c;
}

#ifdef __SSE2__
static inline struct chunk look_at_16(const uint8_t *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')),
                                _mm_cmpeq_epi8(v, _mm_set1_epi8('\r')));
    __m128i cells =
        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(',')), _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
    __m128i any = _mm_or_si128(_mm_or_si128(ends, cells), _mm_cmpeq_epi8(v, _mm_setzero_si128()));
    return (struct chunk){(uint32_t)_mm_movemask_epi8(any), (uint32_t)_mm_movemask_epi8(v)};
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
        return (struct chunk){a.marks | b.marks << 16 | c.marks << 32 | d.marks << 48,
                              a.high | b.high << 16 | c.high << 32 | d.high << 48};
    }
#endif
    return look_slowly(s.p + at, n < CHUNK ? n : CHUNK);
}

/* The next mark, or s.n. */
static inline size_t next_mark(struct marks *m)
{
    while (m->chunk.marks == 0) {
        m->seen_high |= m->chunk.high != 0;
        if (m->s.n - m->at <= CHUNK)
            return m->s.n;
        m->at += CHUNK;
        m->chunk = look(m->s, m->at);
    }
    unsigned bit = (unsigned)__builtin_ctzll(m->chunk.marks);
    m->chunk.marks &= m->chunk.marks - 1;
    return m->at + bit;
}

/* All bytes before `end`, which is in the chunk that is looked at. */
static inline bool only_ascii(const struct marks *m, size_t end)
{
    return !m->seen_high && (m->chunk.high & ((UINT64_C(1) << (end - m->at)) - 1)) == 0;
}

/* A cell on its way: from its first byte; `closed` is where the quote is that ends it, or 0. */
struct open_cell {
    size_t from, closed;
    bool in_quotes;
};

/* A quote, or within quotes anything; false where the row is not plain. */
static inline bool pass_quoted(struct open_cell *o, uint8_t c, size_t at)
{
    if (o->in_quotes) {
        o->in_quotes = c != '"';
        o->closed = at;
        return c == ',' || c == '"';
    }
    o->in_quotes = true;
    return at == o->from && o->closed == 0;
}

/* The cell that ends at `at`; false where something is behind its closing quote. */
static inline bool take_cell(const struct open_cell *o, const uint8_t *p, size_t at,
                             struct cell *out)
{
    if (o->closed == 0) {
        *out = (struct cell){CELL_TEXT, false, {p + o->from, at - o->from}};
        return true;
    }
    *out = (struct cell){CELL_TEXT, true, {p + o->from + 1, o->closed - o->from - 1}};
    return o->closed + 1 == at;
}

/* A line end at `at`: 1 for LF, 2 for CR LF, 0 where it is none. */
static inline unsigned line_end(struct span s, size_t at)
{
    if (s.p[at] == '\n')
        return 1;
    return s.p[at] == '\r' && at + 1 < s.n && s.p[at + 1] == '\n' ? 2 : 0;
}

/* A row whose bytes keep to the limit for a cell has no cell above it. */
static bool check_lengths(const struct rows_limits *limits, const struct cell *cell,
                          const struct csv_plain_row *row)
{
    for (size_t i = 0; row->n > limits->cell && i < row->cells; i++)
        if (cell[i].bytes.n > limits->cell)
            return false;
    return row->n - row->end <= limits->row;
}

bool csv_scan(struct span ahead, const struct rows_limits *limits, struct cell *cell,
              struct csv_plain_row *out)
{
    struct marks m = {.s = ahead, .chunk = look(ahead, 0)};
    struct open_cell o = {0};
    size_t cells = 0, most = limits->columns;
    for (size_t at; (at = next_mark(&m)) < ahead.n;) {
        uint8_t c = ahead.p[at];
        if (o.in_quotes || c == '"') {
            if (!pass_quoted(&o, c, at))
                return false;
            continue;
        }
        unsigned end = c == ',' ? 0 : line_end(ahead, at);
        if ((c != ',' && end == 0) || cells == most || !take_cell(&o, ahead.p, at, &cell[cells]))
            return false;
        cells++;
        if (end > 0) {
            *out = (struct csv_plain_row){at + end, end, cells, only_ascii(&m, at), false};
            return check_lengths(limits, cell, out);
        }
        o = (struct open_cell){.from = at + 1};
    }
    return false;
}
