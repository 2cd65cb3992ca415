#include "dataset/dataset_json_scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "format/json.h"

/* --- looking ahead --- */

/*
 * What stands behind a backslash that is not itself behind one. In a run of backslashes that is
 * every second byte from the second on; adding finds where runs end, and by carrying, how long
 * they are.
 */
static uint64_t find_escaped(uint64_t backslash, uint64_t *carry)
{
    const uint64_t even = UINT64_C(0x5555555555555555);
    uint64_t run_ends;
    backslash &= ~*carry;
    uint64_t behind = backslash << 1 | *carry;
    uint64_t odd_begins = backslash & ~even & ~behind;
    *carry = __builtin_add_overflow(odd_begins, backslash, &run_ends);
    return (even ^ (run_ends << 1)) & behind;
}

/* A string begins a value, or it is odd; behind one that ends none is no number. */
static inline uint64_t find_in_chunk(const struct json_chunk *c, struct marks *m,
                                     struct mark_carry *carry)
{
    uint64_t quote = c->quote;
    if ((c->backslash | carry->backslash) != 0)
        quote &= ~find_escaped(c->backslash, &carry->backslash);
    uint64_t inside = mark_parities(quote) ^ (0 - carry->inside);
    carry->inside = inside >> 63;
    uint64_t closed = mark_behind(quote & ~inside, &carry->closing);
    uint64_t comma = c->comma & ~inside, bracket = c->bracket & ~inside;
    *m = (struct marks){comma | bracket, bracket, closed & (comma | bracket)};
    uint64_t begins = mark_behind(comma, &carry->mark);
    if (carry->blanks)
        begins = mark_behind(begins & c->blank, &carry->blank);
    begins |= mark_behind(bracket, &carry->bracket);
    return c->backslash | (inside & c->bad) | (quote & inside & ~begins);
}

static void find(struct mark_index *x, const uint8_t *p, size_t first, size_t n,
                 struct mark_carry *carry, struct marks *out)
{
    struct json_chunk chunk[MARK_GROUP];
    uint64_t *odd = x->odd + first, any_odd = 0;
    x->way->look_at_json(p, n, chunk);
    for (size_t i = 0; i < n; i++)
        any_odd |= odd[i] = find_in_chunk(&chunk[i], &out[i], carry);
    x->any_odd |= any_odd != 0;
}

void dataset_json_scan_open(struct dataset_json_scan *s, const struct mark_way *way)
{
    *s = (struct dataset_json_scan){.n = 0};
    mark_index_open(&s->found, way);
}

void dataset_json_scan_close(struct dataset_json_scan *s)
{
    mark_index_close(&s->found);
}

void dataset_json_scan_forget(struct dataset_json_scan *s)
{
    s->n = 0;
}

/* As the first comma outside quotes has it, and so, in most files, all of them. */
static bool blanks_behind_commas(struct span ahead)
{
    bool in_quotes = false;
    for (size_t i = 0; i + 1 < ahead.n && ahead.p[i] != '\n'; i++) {
        in_quotes ^= ahead.p[i] == '"';
        if (ahead.p[i] == ',' && !in_quotes)
            return ahead.p[i + 1] == ' ';
    }
    return false;
}

static void look(struct dataset_json_scan *s, struct span ahead, uint64_t at)
{
    static const struct mark_format json = {']', find};
    s->blanks = blanks_behind_commas(ahead);
    s->at = at;
    s->next = 0;
    s->n = mark_index_look(&s->found, &json, (struct mark_carry){.blanks = s->blanks}, ahead);
}

/* --- rows --- */

static bool take_word(struct cell *c)
{
    static const struct {
        struct span text;
        enum cell_kind kind;
    } words[] = {
        {SPAN("null"), CELL_NULL}, {SPAN("true"), CELL_BOOLEAN}, {SPAN("false"), CELL_BOOLEAN}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!span_eq(c->bytes, words[i].text))
            continue;
        c->kind = words[i].kind;
        c->bytes.n = c->kind == CELL_NULL ? 0 : c->bytes.n;
        return true;
    }
    return false;
}

/*
 * Up to 16 digits with a point among them or without; of other numbers it says no. Looking digit by
 * digit for the end of a number that was cut already would cost a misprediction for most of them.
 */
#ifdef __SSE2__
static inline bool is_short_number(const uint8_t *p, size_t n)
{
    enum { MOST = 16 };
    if (n > MOST)
        return false;
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i from_0 = _mm_sub_epi8(v, _mm_set1_epi8('0'));
    __m128i digit = _mm_cmpeq_epi8(_mm_min_epu8(from_0, _mm_set1_epi8(9)), from_0);
    unsigned all = (1u << n) - 1, inner = all >> 1 & ~1u;
    unsigned digits = (unsigned)_mm_movemask_epi8(digit) & all;
    unsigned point = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('.'))) & inner;
    bool zero = p[0] == '0' && (digits & 2) != 0; /* before another digit */
    return (digits | point) == all && (point & (point - 1)) == 0 && !zero;
}
#else
static inline bool is_short_number(const uint8_t *p, size_t n)
{
    (void)p;
    (void)n;
    return false;
}
#endif

/* What is no string. Where cells overlap, its length has wrapped around and is too large. */
static bool take_bare(struct cell *c)
{
    struct span s = c->bytes;
    if (s.n - 1 >= JSON_NUMBER_MAX)
        return false;
    if (is_short_number(s.p, s.n))
        return true;
    return s.p[0] > '9' ? take_word(c) : json_number_end(s, 0) == s.n;
}

static bool take_all_bare(const struct dataset_json_scan *s, struct cell *cell, size_t cells)
{
    for (size_t i = 0; i < cells; i++) {
        struct cell *c = &cell[i];
        if (c->kind != CELL_TEXT &&
            (!take_bare(c) || (s->blanks && i > 0 && c->bytes.p[-1] != ' ')))
            return false;
    }
    return true;
}

/* The next mark is that at which the row begins, unless none at which a row ends comes then. */
static bool find_row(struct dataset_json_scan *s, uint64_t at)
{
    const struct mark_index *x = &s->found;
    if (at - s->at >= s->n)
        return false;
    while (s->next < x->marks && mark_index_place(x, s->next) < at - s->at)
        s->next++;
    return s->next < x->marks;
}

/* All that is odd are letters beyond ASCII, in UTF-8. */
static bool has_only_letters(const struct mark_index *x, const uint8_t *p, size_t from, size_t end)
{
    for (size_t i = from / 64; i <= end / 64; i++) {
        uint64_t own = i == from / 64 ? UINT64_MAX << from % 64 : UINT64_MAX;
        own &= i == end / 64 ? UINT64_MAX >> (63 - end % 64) : UINT64_MAX;
        for (uint64_t odd = x->odd[i] & own; odd != 0; odd &= odd - 1)
            if (p[64 * i + (unsigned)__builtin_ctzll(odd)] < 0x80)
                return false;
    }
    return span_utf8(span_of(p + from, end - from));
}

size_t dataset_json_scan_take(struct dataset_json_scan *s, struct span ahead, uint64_t at,
                              const struct rows_limits *limits, struct cell *cell, size_t cells,
                              bool *ascii)
{
    const struct mark_index *x = &s->found;
    if (cells == 0 || ahead.n == 0 || ahead.p[0] != '[')
        return 0;
    if (!find_row(s, at))
        look(s, ahead, at);
    size_t from = (size_t)(at - s->at), first = s->next + 1, last = s->next + cells;
    const uint8_t *p = ahead.p - from;
    if (last >= x->marks || mark_index_place(x, s->next) != from ||
        !x->way->cut_json(p, x->mark + first, cells, s->blanks, cell))
        return 0;
    size_t end = mark_index_place(x, last), n = end + 1 - from;
    cell[0] = mark_json_cell(p, from + 1, mark_index_place(x, first));
    s->next = last + 1;
    *ascii = !x->any_odd || !mark_index_any(x->odd, from, end);
    if (p[end] != ']' || (!*ascii && !has_only_letters(x, p, from, end)) ||
        !take_all_bare(s, cell, cells))
        return 0;
    return n <= limits->cell && n <= limits->row ? n : 0;
}
