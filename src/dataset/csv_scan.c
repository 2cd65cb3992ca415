#include "dataset/csv_scan.h"

#include <assert.h>

/* --- looking ahead --- */

/*
 * A quote opens where a cell begins, and where it closes the cell ends; so a doubled quote, which
 * closes and opens, is odd. Returns what is odd; lone CRs the caller judges.
 */
static inline uint64_t find_quoted(const struct csv_chunk *c, struct marks *m,
                                   struct mark_carry *carry)
{
    uint64_t inside = mark_parities(c->quote) ^ (0 - carry->inside);
    carry->inside = inside >> 63;
    m->any &= ~inside;
    m->end &= ~inside;
    uint64_t closed = mark_behind(c->quote & ~inside, &carry->closing);
    m->quoted = closed & m->any;
    uint64_t stray = c->quote & inside & ~mark_behind(m->any, &carry->mark);
    return stray | (closed & ~(m->any | c->cr)) | (inside & c->lf);
}

/* The same; most chunks have no quotes. */
static inline uint64_t find_in_chunk(const struct csv_chunk *c, struct marks *m,
                                     struct mark_carry *carry)
{
    uint64_t odd = c->nul | (mark_behind(c->cr, &carry->cr) & ~c->lf);
    *m = (struct marks){.any = c->comma | c->lf, .end = c->lf};
    if ((c->quote | carry->inside | carry->closing) != 0)
        return odd | find_quoted(c, m, carry);
    carry->mark = m->any >> 63;
    return odd;
}

static void find(struct mark_index *x, const uint8_t *p, size_t first, size_t n,
                 struct mark_carry *carry, struct marks *out)
{
    struct csv_chunk chunk[MARK_GROUP];
    uint64_t *odd = x->odd + first, *high = x->high + first, any_odd = 0, any_high = 0;
    x->way->look_at_csv(p, n, chunk);
    for (size_t i = 0; i < n; i++) {
        any_odd |= odd[i] = find_in_chunk(&chunk[i], &out[i], carry);
        any_high |= high[i] = chunk[i].high;
    }
    x->any_odd |= any_odd != 0;
    x->any_high |= any_high != 0;
}

void csv_scan_open(struct csv_scan *s, const struct mark_way *way)
{
    *s = (struct csv_scan){.next = 0};
    mark_index_open(&s->found, way);
}

void csv_scan_close(struct csv_scan *s)
{
    mark_index_close(&s->found);
}

void csv_scan_look(struct csv_scan *s, struct span ahead)
{
    static const struct mark_format csv = {'\n', find};
    s->ahead = ahead;
    s->from = s->next = 0;
    mark_index_look(&s->found, &csv, (struct mark_carry){.mark = 1}, ahead);
}

/* --- rows --- */

/* A row whose bytes keep to the limit for a cell has no cell above it. */
static inline bool check_lengths(const struct rows_limits *limits, const struct cell *cell,
                                 size_t cells, size_t n)
{
    for (size_t i = 0; n > limits->cell && i < cells; i++)
        if (cell[i].bytes.n > limits->cell)
            return false;
    return n <= limits->row;
}

bool csv_scan_take(struct csv_scan *s, const struct rows_limits *limits, struct cell *cell,
                   size_t cells, struct row *out, size_t *n, bool *crlf)
{
    const struct mark_index *x = &s->found;
    const uint8_t *p = s->ahead.p;
    size_t from = s->from, last = s->next + cells - 1;
    if (!csv_scan_has(s) || cells > x->marks - s->next ||
        !x->way->cut_csv(p, x->mark + s->next, cells, cell))
        return false;
    size_t end = mark_index_place(x, last);
    size_t begin = cells == 1 ? from : mark_index_place(x, last - 1) + 1;
    *crlf = end > from && p[end - 1] == '\r';
    cell[cells - 1] = mark_csv_cell(p, begin, end - *crlf);
    if ((x->any_odd && mark_index_any(x->odd, from, end)) ||
        !check_lengths(limits, cell, cells, end - from))
        return false;
    s->from = end + 1;
    s->next += cells;
    *n = end + 1 - from;
    out->ascii = !x->any_high || !mark_index_any(x->high, from, end);
    out->roomy = s->ahead.n - end > ROW_ROOM;
    return true;
}

void csv_scan_pass(struct csv_scan *s, size_t n)
{
    size_t end = s->from + n - 1;
    while (csv_scan_has(s) && mark_index_place(&s->found, s->next) < end)
        s->next++;
    assert(csv_scan_has(s) && mark_index_place(&s->found, s->next) == end);
    s->next++;
    s->from += n;
}
