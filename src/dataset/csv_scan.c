#include "dataset/csv_scan.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"

enum {
    CHUNKS = 256,       /* of a block: it and what is found in it stay in the nearest cache */
    MOST_CHUNKS = 4096, /* where rows are longer */
    GROUP = 16,         /* chunks that are looked at one after the other */
};

/* What a chunk leaves to the next one: of its last byte, as the lowest bit. */
struct carry {
    uint64_t inside; /* quotes */
    uint64_t mark, closing, cr;
};

/* --- looking ahead --- */

static void make_room(struct csv_scan *s, size_t chunks)
{
    csv_scan_close(s);
    s->chunks = chunks;
    s->mark = mem_new((1 + chunks * CSV_CHUNK + CSV_LIST_ROOM) * sizeof *s->mark);
    s->odd = mem_new(chunks * sizeof *s->odd);
    s->high = mem_new(chunks * sizeof *s->high);
    *s->mark++ = UINT32_MAX; /* so that the first row begins at 0 */
}

void csv_scan_open(struct csv_scan *s, const struct csv_look *way)
{
    *s = (struct csv_scan){.way = way};
    make_room(s, CHUNKS);
}

void csv_scan_close(struct csv_scan *s)
{
    mem_free(s->mark == NULL ? NULL : s->mark - 1);
    mem_free(s->odd);
    mem_free(s->high);
}

size_t csv_scan_wish(const struct csv_scan *s)
{
    return s->chunks * CSV_CHUNK;
}

/* Each bit is the parity of those up to it: set from an opening quote up to before its closing. */
static inline uint64_t parities(uint64_t bits)
{
    for (unsigned by = 1; by < 64; by *= 2)
        bits ^= bits << by;
    return bits;
}

/* Each bit moves to the next byte. */
static inline uint64_t behind(uint64_t bits, uint64_t *carry)
{
    uint64_t moved = bits << 1 | *carry;
    *carry = bits >> 63;
    return moved;
}

/*
 * A quote opens where a cell begins, and where it closes the cell ends; so a doubled quote, which
 * closes and opens, is odd. Returns what is odd; of CRs the caller knows.
 */
static inline uint64_t find_quoted(const struct csv_chunk *c, struct csv_marks *m,
                                   struct carry *carry)
{
    uint64_t inside = parities(c->quote) ^ (0 - carry->inside);
    carry->inside = inside >> 63;
    m->any &= ~inside;
    m->lf &= ~inside;
    uint64_t closed = behind(c->quote & ~inside, &carry->closing);
    m->quoted = closed & m->any;
    uint64_t stray = c->quote & inside & ~behind(m->any, &carry->mark);
    return stray | (closed & ~(m->any | c->cr)) | (inside & c->lf);
}

/* The same; most chunks have no quotes. */
static inline uint64_t find_marks(const struct csv_chunk *c, struct csv_marks *m,
                                  struct carry *carry)
{
    uint64_t odd = c->nul | (behind(c->cr, &carry->cr) & ~c->lf);
    *m = (struct csv_marks){.any = c->comma | c->lf, .lf = c->lf};
    if ((c->quote | carry->inside | carry->closing) != 0)
        return odd | find_quoted(c, m, carry);
    carry->mark = m->any >> 63;
    return odd;
}

/* Of n chunks, the first of which is called `first`. */
static void look_at_group(struct csv_scan *s, const uint8_t *p, size_t first, size_t n,
                          struct carry *carry)
{
    struct csv_chunk chunk[GROUP];
    struct csv_marks marks[GROUP];
    uint64_t *odd = s->odd + first, *high = s->high + first;
    uint64_t any_odd = 0, any_high = 0;
    s->way->look(p, n, chunk);
    for (size_t i = 0; i < n; i++) {
        any_odd |= odd[i] = find_marks(&chunk[i], &marks[i], carry);
        any_high |= high[i] = chunk[i].high;
    }
    s->any_odd |= any_odd != 0;
    s->any_high |= any_high != 0;
    s->marks += s->way->list(marks, n, (uint32_t)(first * CSV_CHUNK), s->mark + s->marks);
}

/* Bytes that are fewer than a chunk; blanks behind them are found to be nothing. */
static void look_at_rest(struct csv_scan *s, struct span rest, size_t chunk, struct carry *carry)
{
    uint8_t padded[CSV_CHUNK];
    memset(padded, ' ', sizeof padded);
    memcpy(padded, rest.p, rest.n);
    look_at_group(s, padded, chunk, 1, carry);
}

static inline size_t place(const struct csv_scan *s, size_t mark)
{
    return s->mark[mark] & CSV_PLACE;
}

static void look_at_block(struct csv_scan *s, struct span block)
{
    struct carry carry = {.mark = 1};
    size_t chunks = block.n / CSV_CHUNK, whole = chunks * CSV_CHUNK;
    s->any_odd = s->any_high = false;
    s->marks = s->from = s->next = 0;
    for (size_t i = 0, n; i < chunks; i += n) {
        n = chunks - i < GROUP ? chunks - i : GROUP;
        look_at_group(s, block.p + i * CSV_CHUNK, i, n, &carry);
    }
    if (whole < block.n)
        look_at_rest(s, span_skip(block, whole), chunks, &carry);
    while (s->marks > 0 && block.p[place(s, s->marks - 1)] != '\n')
        s->marks--;
}

void csv_scan_look(struct csv_scan *s, struct span ahead)
{
    s->ahead = ahead;
    for (;;) {
        size_t room = csv_scan_wish(s);
        look_at_block(s, span_of(ahead.p, ahead.n < room ? ahead.n : room));
        if (s->marks > 0 || ahead.n <= room || s->chunks == MOST_CHUNKS)
            return;
        make_room(s, s->chunks * 2);
    }
}

/* --- rows --- */

/* Of two bits and all between them. */
static bool any_set(const uint64_t *bits, size_t from, size_t to)
{
    size_t first = from / 64, last = to / 64;
    uint64_t head = UINT64_MAX << from % 64, tail = UINT64_MAX >> (63 - to % 64);
    if (first == last)
        return (bits[first] & head & tail) != 0;
    uint64_t any = (bits[first] & head) | (bits[last] & tail);
    while (++first < last)
        any |= bits[first];
    return any != 0;
}

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
    const uint8_t *p = s->ahead.p;
    size_t from = s->from, last = s->next + cells - 1;
    if (!csv_scan_has(s) || cells > s->marks - s->next ||
        !s->way->cut(p, s->mark + s->next, cells, cell))
        return false;
    size_t end = place(s, last), begin = cells == 1 ? from : place(s, last - 1) + 1;
    *crlf = end > from && p[end - 1] == '\r';
    cell[cells - 1] = csv_cell(p, begin, end - *crlf);
    if ((s->any_odd && any_set(s->odd, from, end)) ||
        !check_lengths(limits, cell, cells, end - *crlf - from))
        return false;
    s->from = end + 1;
    s->next += cells;
    *n = end + 1 - from;
    out->ascii = !s->any_high || !any_set(s->high, from, end);
    out->roomy = s->ahead.n - end > ROW_ROOM;
    return true;
}

void csv_scan_pass(struct csv_scan *s, size_t n)
{
    size_t end = s->from + n - 1;
    while (csv_scan_has(s) && place(s, s->next) < end)
        s->next++;
    assert(csv_scan_has(s) && place(s, s->next) == end);
    s->next++;
    s->from += n;
}
