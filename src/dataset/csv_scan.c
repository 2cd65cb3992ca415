#include "dataset/csv_scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { CHUNK = 16 };

/* Where bytes are that may belong to the structure: , " LF CR NUL. */
struct marks {
    struct span s;
    size_t at;      /* of the chunk that is looked at */
    unsigned left;  /* its marks that were not given yet, a bit each */
    unsigned high;  /* its bytes that are not ASCII */
    bool seen_high; /* one of a chunk before */
};

static bool is_mark(uint8_t c)
{
    return c == ',' || c == '"' || c == '\n' || c == '\r' || c == 0;
}

/* The last bytes, or all where there is nothing faster. */
static void look_slowly(struct marks *m, size_t n)
{
    m->left = m->high = 0;
    for (size_t i = 0; i < n; i++) {
        m->left |= (unsigned)is_mark(m->s.p[m->at + i]) << i;
        m->high |= (unsigned)(m->s.p[m->at + i] >> 7) << i;
    }
}

static inline void look(struct marks *m)
{
    size_t n = m->s.n - m->at;
#ifdef __SSE2__
    if (n >= CHUNK) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(m->s.p + m->at));
        __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')),
                                    _mm_cmpeq_epi8(v, _mm_set1_epi8('\r')));
        __m128i cells = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(',')),
                                     _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
        __m128i any =
            _mm_or_si128(_mm_or_si128(ends, cells), _mm_cmpeq_epi8(v, _mm_setzero_si128()));
        m->left = (unsigned)_mm_movemask_epi8(any);
        m->high = (unsigned)_mm_movemask_epi8(v);
        return;
    }
#endif
    look_slowly(m, n < CHUNK ? n : CHUNK);
}

static void begin(struct marks *m, struct span s)
{
    *m = (struct marks){.s = s};
    look(m);
}

/* The next mark, or s.n. */
static inline size_t next_mark(struct marks *m)
{
    while (m->left == 0) {
        m->seen_high = m->seen_high || m->high != 0;
        if (m->s.n - m->at <= CHUNK)
            return m->s.n;
        m->at += CHUNK;
        look(m);
    }
    unsigned bit = (unsigned)__builtin_ctz(m->left);
    m->left &= m->left - 1;
    return m->at + bit;
}

/* All bytes before `end`, which is in the chunk that is looked at. */
static bool only_ascii(const struct marks *m, size_t end)
{
    return !m->seen_high && (m->high & ((1u << (end - m->at)) - 1)) == 0;
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

bool csv_scan(struct span ahead, const struct rows_limits *limits, struct cell *cell,
              struct csv_plain_row *out)
{
    struct marks m;
    struct open_cell o = {0};
    size_t cells = 0;
    begin(&m, ahead);
    for (size_t at; (at = next_mark(&m)) < ahead.n;) {
        uint8_t c = ahead.p[at];
        if (o.in_quotes || c == '"') {
            if (!pass_quoted(&o, c, at))
                return false;
            continue;
        }
        bool crlf = c == '\r' && at + 1 < ahead.n && ahead.p[at + 1] == '\n';
        if ((c != ',' && c != '\n' && !crlf) || cells == limits->columns ||
            !take_cell(&o, ahead.p, at, &cell[cells]) || cell[cells].bytes.n > limits->cell)
            return false;
        cells++;
        o = (struct open_cell){.from = at + 1};
        if (c == ',')
            continue;
        *out = (struct csv_plain_row){at + 1 + crlf, 1u + crlf, cells, only_ascii(&m, at)};
        return at + crlf <= limits->row;
    }
    return false;
}
