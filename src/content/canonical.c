#include "content/canonical.h"

#include <string.h>

#include "base/buf.h"
#include "content/canonical_columns.h"
#include "content/canonical_packed.h"
#include "content/canonical_put.h"
#include "content/number.h"
#include "content/sas_time.h"

enum oddity {
    ODD_FINE,
    ODD_TEXT,
    ODD_TIME,
    ODD_INEXACT,
    ODD_UNNORMALISED,
    ODD_BYTES,
    ODDITIES,
};

static const char *const oddity_text[ODDITIES] = {
    [ODD_FINE] = "a number that no double carries, kept as text",
    [ODD_TEXT] = "text in a column of numbers",
    [ODD_TIME] = "text that is no date or time, though the column says so",
    [ODD_INEXACT] = "a number of more than 53 bits, rounded",
    [ODD_UNNORMALISED] = "a number whose first digit is 0",
    [ODD_BYTES] = "text that is not UTF-8, taken for Windows-1252",
};

/* A column, by name. */
struct row_column {
    const struct cell *cell; /* of the row that is written */
    enum column_class class;
    unsigned noted; /* 1 << oddity */
    size_t index;   /* in the row */
};

struct canonical {
    const struct dataset_info *info;
    struct issues *notes;
    const char *place; /* of notes */
    struct arena arena;
    const struct canonical_column *column;
    struct row_column *row_column;
    const struct cell *cells; /* that these point to: most readers have but one array */
    const uint8_t **cell;     /* where each begins in `bytes` */
    struct buf bytes, strict, text;
    struct packed packed;
    size_t in_strict; /* bytes of the row that `strict` stands for; 0: nothing was rounded */
};

/* --- cells: each returns what is behind it --- */

static void note(struct canonical *c, struct row_column *p, const struct row *row, enum oddity odd)
{
    if ((p->noted >> odd & 1) != 0)
        return;
    p->noted |= 1u << odd;
    issues_add(c->notes, ISSUE_FORMAT_NOTE, c->place, "column %zu: %s, first in row %llu",
               p->index + 1, oddity_text[odd], (unsigned long long)row->number);
}

/* Into the strict bytes goes what came since the last such cell, and this one in its other form. */
static uint8_t *put_rounded(struct canonical *c, uint8_t *to, const struct number *x)
{
    uint8_t strict[2 + NUMBER_TEXT_MAX];
    uint8_t *end = canonical_put_value(strict, CANONICAL_NUMBER, number_strict(x));
    const uint8_t *from = c->bytes.p + c->in_strict;
    if (c->in_strict == 0)
        buf_clear(&c->strict);
    buf_add(&c->strict, span_of(from, (size_t)(to - from)));
    buf_add(&c->strict, span_of(strict, (size_t)(end - strict)));
    to = canonical_put_value(to, CANONICAL_NUMBER, number_text(x));
    c->in_strict = (size_t)(to - c->bytes.p);
    return to;
}

static uint8_t *put_number(struct canonical *c, uint8_t *to, const struct number *x)
{
    if (x->strict_n > 0)
        return put_rounded(c, to, x);
    return canonical_put_value(to, CANONICAL_NUMBER, number_text(x));
}

static uint8_t *put_text(struct canonical *c, uint8_t *to, struct row_column *p,
                         const struct row *row, struct span s)
{
    bool utf8 = true;
    s = row->ascii ? canonical_strip(s) : canonical_text(&c->text, s, &utf8);
    if (!utf8)
        note(c, p, row, ODD_BYTES);
    return canonical_put_text(to, s);
}

static uint8_t *put_ibm(struct canonical *c, uint8_t *to, struct row_column *p,
                        const struct row *row, struct span bytes)
{
    struct ibm ibm = ibm_parse(ibm_bits(bytes));
    struct number x;
    if (ibm.kind == IBM_MISSING)
        return canonical_put_nothing(to);
    if (ibm.kind == IBM_SPECIAL)
        return canonical_put_special(to, ibm.letter);
    if (ibm.inexact)
        note(c, p, row, ODD_INEXACT);
    if (ibm.unnormalised)
        note(c, p, row, ODD_UNNORMALISED);
    number_of_double(ibm.value, &x);
    return put_number(c, to, &x);
}

/* A text where numbers, dates or times are declared. Blanks around it say nothing there. */
static uint8_t *put_lexeme(struct canonical *c, uint8_t *to, struct row_column *p,
                           const struct row *row, struct span s)
{
    struct number x;
    char text[SAS_TIME_MAX];
    struct span lexeme = canonical_strip(s);
    while (lexeme.n > 0 && lexeme.p[0] == ' ')
        lexeme = span_skip(lexeme, 1);
    size_t n = sas_time_number(p->class, lexeme, text);
    enum number_lexeme kind = number_parse(n > 0 ? span_of(text, n) : lexeme, &x);
    if (kind == NUMBER_GOOD)
        return put_number(c, to, &x);
    if (lexeme.n > 0)
        note(c, p, row,
             kind == NUMBER_TOO_FINE    ? ODD_FINE
             : p->class == CLASS_NUMBER ? ODD_TEXT
                                        : ODD_TIME);
    return put_text(c, to, p, row, s);
}

static uint8_t *put_any(struct canonical *c, uint8_t *to, struct row_column *p,
                        const struct row *row)
{
    const struct cell *cell = p->cell;
    switch (cell->kind) {
    case CELL_NULL:
        return canonical_put_nothing(to);
    case CELL_IBM:
        return put_ibm(c, to, p, row, cell->bytes);
    default:
        return p->class == CLASS_TEXT ? put_text(c, to, p, row, cell->bytes)
                                      : put_lexeme(c, to, p, row, cell->bytes);
    }
}

/* --- rows --- */

/* Of its cells, at most. */
static size_t row_bytes(const struct row *row)
{
    size_t n = 0;
    if (row->roomy && row->cells > 0) {
        const struct span *first = &row->cell[0].bytes, *last = &row->cell[row->cells - 1].bytes;
        return (size_t)(last->p + last->n - first->p);
    }
    for (size_t i = 0; i < row->cells; i++)
        n += row->cell[i].bytes.n;
    return n;
}

/* A text may grow to three times its bytes; a tag, a length and any number or time are below 64. */
static uint8_t *begin_row(struct canonical *c, const struct row *row)
{
    size_t room = 3 * row_bytes(row) + 64 * row->cells + CANONICAL_SLACK;
    c->in_strict = 0;
    c->bytes.n = 0;
    return room <= c->bytes.cap ? c->bytes.p : buf_room(&c->bytes, room);
}

static void end_row(struct canonical *c, const uint8_t *end, struct canonical_record *out)
{
    c->bytes.n = (size_t)(end - c->bytes.p);
    out->bytes = out->strict = (struct span){c->bytes.p, c->bytes.n};
    out->cell = c->cell;
    if (c->in_strict == 0)
        return;
    buf_add(&c->strict, span_skip(out->bytes, c->in_strict));
    out->strict = buf_span(&c->strict);
}

static uint8_t *put_row(struct canonical *c, uint8_t *to, const struct row *row)
{
    for (size_t i = 0; i < row->cells; i++) {
        c->cell[i] = to;
        to = put_any(c, to, &c->row_column[i], row);
    }
    return to;
}

/* Of texts the kind is not asked: what is nothing has no bytes. */
static inline __attribute__((always_inline)) uint8_t *
put_roomy_row(struct canonical *c, uint8_t *to, const struct row *row, bool ascii)
{
    const uint8_t **begins = c->cell;
    struct row_column *end = c->row_column + row->cells;
    for (struct row_column *p = c->row_column; p < end; p++) {
        struct span s = p->cell->bytes;
        *begins++ = to;
        if (p->class == CLASS_TEXT && (ascii || canonical_is_ascii(s)))
            to = canonical_put_ascii(to, s);
        else if (p->class == CLASS_NUMBER && number_is_canonical(s))
            to = canonical_put_short(to, CANONICAL_NUMBER, s);
        else
            to = put_any(c, to, p, row);
    }
    return to;
}

static inline __attribute__((always_inline)) uint8_t *
put_packed_row(struct canonical *c, uint8_t *to, const struct row *row, bool ascii)
{
    const uint8_t *from = row->packed, **begins = c->cell;
    const uint64_t number = row->number;
    struct packed packed = c->packed;
    struct packed_column *end = packed.column + row->cells;
    for (struct packed_column *p = packed.column; p < end; p++) {
        *begins++ = to;
        uint8_t *behind = packed_put(&packed, p, to, from + p->at, ascii, number);
        to = behind != NULL ? behind : put_any(c, to, &c->row_column[p - packed.column], row);
    }
    return to;
}

/* Each way once for rows that are ASCII, as most are: nothing is asked of their cells then. */
static uint8_t *put_cells(struct canonical *c, uint8_t *to, const struct row *row)
{
    if (!row->roomy)
        return put_row(c, to, row);
    if (row->packed != NULL)
        return row->ascii ? put_packed_row(c, to, row, true) : put_packed_row(c, to, row, false);
    return row->ascii ? put_roomy_row(c, to, row, true) : put_roomy_row(c, to, row, false);
}

static void point_columns(struct canonical *c, const struct cell *cells)
{
    if (cells == c->cells)
        return;
    for (size_t i = 0; i < c->info->columns; i++)
        c->row_column[i].cell = &cells[c->row_column[i].index];
    c->cells = cells;
}

void canonical_row(struct canonical *c, const struct row *row, struct canonical_record *out)
{
    uint8_t *to = begin_row(c, row);
    point_columns(c, row->cell);
    to = put_cells(c, to, row);
    end_row(c, to, out);
}

struct canonical_cell canonical_cell(const struct canonical_record *r, size_t i)
{
    const uint8_t *p = r->cell[i];
    enum canonical_tag tag = (enum canonical_tag) * p++;
    if (tag == CANONICAL_NOTHING)
        return (struct canonical_cell){tag, span_of(NULL, 0)};
    if (tag == CANONICAL_SPECIAL)
        return (struct canonical_cell){tag, span_of(p, 1)};
    size_t n = 0;
    for (unsigned shift = 0;; shift += 7) {
        n |= (size_t)(*p & 0x7f) << shift;
        if (*p++ < 0x80)
            return (struct canonical_cell){tag, span_of(p, n)};
    }
}

/* --- columns --- */

struct canonical *canonical_open(const struct dataset_info *info, struct issues *notes,
                                 const char *place)
{
    struct canonical *c = mem_new(sizeof *c);
    c->info = info;
    c->notes = notes;
    c->place = place;
    c->column = canonical_sort(info, &c->arena);
    c->row_column = arena_array(&c->arena, info->columns, sizeof *c->row_column);
    c->cell = arena_array(&c->arena, info->columns, sizeof *c->cell);
    for (size_t i = 0; i < info->columns; i++)
        c->row_column[i] =
            (struct row_column){.index = c->column[i].index, .class = c->column[i].class};
    if (info->format == FILE_XPT5 || info->format == FILE_XPT8)
        c->packed = packed_open(info, c->column, &c->arena);
    return c;
}

size_t canonical_place(const struct canonical *c, size_t index)
{
    size_t i = 0;
    while (c->column[i].index != index)
        i++;
    return i;
}

struct span canonical_name(const struct canonical *c, size_t i)
{
    return c->column[i].name;
}

enum column_class canonical_class(const struct canonical *c, size_t i)
{
    return c->column[i].class;
}

void canonical_close(struct canonical *c)
{
    if (c == NULL)
        return;
    buf_close(&c->bytes);
    buf_close(&c->strict);
    buf_close(&c->text);
    arena_close(&c->arena);
    mem_free(c);
}

struct hash canonical_columns(const struct canonical *c)
{
    struct buf b = {0};
    buf_str(&b, "trialseal content 1\n");
    for (size_t i = 0; i < c->info->columns; i++) {
        uint8_t length[10];
        uint8_t *end = canonical_put_length(length, c->column[i].name.n);
        buf_add(&b, span_of(length, (size_t)(end - length)));
        buf_add(&b, c->column[i].name);
    }
    struct hash h = sha256_of(buf_span(&b));
    buf_close(&b);
    return h;
}
