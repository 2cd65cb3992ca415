/*
 * SAS transport files, versions 5 and 8, strictly: library header, then members,
 * each of headers, NAMESTRs, and rows packed one after the other and padded to 80.
 *
 * Where rows end. Version 8 may say how many there are; then they end there, and
 * a member header or the end of the file must follow. Otherwise a member ends
 * where a record, that is 80 bytes at a multiple of 80, begins like a member
 * header, or at the end of the file: SAS itself has no other rule, so a text cell
 * that holds such a header at such a place splits the member. What is left behind
 * the last whole row is padding: fewer than 80 bytes, all blank, or all NUL (noted).
 *
 * Rows shorter than 80 bytes leave a doubt: rows at the very end that consist of
 * nothing but padding bytes, wholly within what padding can be, are taken for
 * padding and counted in tail_ambiguous.
 */
#include <stdlib.h>
#include <string.h>

#include "dataset/reader.h"
#include "dataset/xpt_header.h"

struct xpt {
    bool v8;
    uint64_t at; /* of the next header or row */

    /* Of the current member. */
    struct xpt_variable *variable;
    struct cell *cell; /* all but where they begin is the same in every row */
    uint8_t *high;     /* as many bytes as a row has, in whole chunks: 0x80 where texts are */
    size_t row_bytes;
    uint64_t data;     /* where rows begin */
    uint64_t searched; /* no member header between data and here */
    bool bounded;      /* what follows is known */
    uint64_t rows_end, end;
    const uint8_t *ready; /* rows that lie in the window and are sure to be rows, */
    size_t ready_rows;    /* so many, */
    bool ready_roomy;     /* with room behind them */
};

static bool xpt_fail(const struct xpt *x, struct err *e)
{
    return err_at(e, "offset %llu", (unsigned long long)x->at);
}

/* The next n bytes, valid until the next call. */
static bool peek(struct rows *r, size_t n, struct span *out, struct err *e)
{
    struct xpt *x = r->state;
    if (r->in.source.size - x->at < n) {
        err_set(e, ERR_FORMAT, "the file ends within its headers");
        return xpt_fail(x, e);
    }
    if (!window_read(&r->window, x->at, n, out, e))
        return false;
    out->n = n;
    return true;
}

/* Those two are used as one: what was looked at is passed when it was good. */
static bool pass(struct rows *r, size_t n, bool good, struct err *e)
{
    struct xpt *x = r->state;
    if (!good)
        return xpt_fail(x, e);
    x->at += n;
    return true;
}

/* Up to the next record; it must be blank. */
static bool pass_padding(struct rows *r, struct err *e)
{
    struct xpt *x = r->state;
    struct span padding;
    size_t n = (size_t)((XPT_RECORD - x->at % XPT_RECORD) % XPT_RECORD);
    if (!peek(r, n, &padding, e))
        return false;
    bool blank = xpt_all(padding, ' ');
    if (!blank)
        err_set(e, ERR_FORMAT, "padding that is not blank");
    return pass(r, n, blank, e);
}

static bool pass_plain(struct rows *r, enum xpt_part part, struct err *e)
{
    struct xpt *x = r->state;
    struct span record;
    return peek(r, XPT_RECORD, &record, e) &&
           pass(r, XPT_RECORD, xpt_plain_parse(record, part, x->v8, e), e);
}

static void note_odd(struct rows *r, bool odd)
{
    if (odd)
        rows_note(r, "NUL bytes in a header where blanks belong");
}

static bool read_library(struct rows *r, struct err *e)
{
    struct span real;
    bool odd = false;
    if (!pass_plain(r, XPT_LIBRARY, e) || !peek(r, 2 * XPT_RECORD, &real, e))
        return false;
    real = arena_copy(&r->file, real);
    if (!pass(r, real.n, xpt_library_real_parse(real, &r->info.file, &odd, e), e))
        return false;
    note_odd(r, odd);
    return true;
}

static bool xpt_open(struct rows *r, struct err *e)
{
    struct xpt *x = r->state = mem_new(sizeof *x);
    x->v8 = r->in.format == FILE_XPT8;
    if (r->in.source.size % XPT_RECORD != 0)
        return err_set(e, ERR_FORMAT, "%llu bytes are not a multiple of %d: cut off, or added to",
                       (unsigned long long)r->in.source.size, XPT_RECORD);
    return read_library(r, e);
}

static void xpt_close(struct rows *r)
{
    mem_free(r->state);
}

static bool read_member_headers(struct rows *r, size_t *namestr, size_t *variables, struct err *e)
{
    struct xpt *x = r->state;
    struct span s;
    bool odd = false;
    if (!peek(r, XPT_RECORD, &s, e) || !pass(r, s.n, xpt_member_parse(s, x->v8, namestr, e), e) ||
        !pass_plain(r, XPT_DESCRIPTOR, e) || !peek(r, 2 * XPT_RECORD, &s, e))
        return false;
    s = arena_copy(&r->member, s);
    if (!pass(r, s.n, xpt_member_real_parse(s, x->v8, &r->info, &odd, e), e) ||
        !peek(r, XPT_RECORD, &s, e) || !pass(r, s.n, xpt_names_parse(s, x->v8, variables, e), e))
        return false;
    note_odd(r, odd);
    if (*variables > r->in.limits->columns)
        return err_set(e, ERR_LIMIT, "%zu variables, %zu are allowed", *variables,
                       r->in.limits->columns) ||
               xpt_fail(x, e);
    return true;
}

static bool read_variable(struct rows *r, size_t i, size_t size, struct err *e)
{
    struct xpt *x = r->state;
    struct span namestr;
    if (!peek(r, size, &namestr, e))
        return false;
    namestr = arena_copy(&r->member, namestr);
    if (!xpt_namestr_parse(namestr, x->v8, &x->variable[i], e)) {
        err_at(e, "variable %zu", i + 1);
        return pass(r, size, false, e);
    }
    if (x->variable[i].number != (int)(i + 1))
        rows_note(r, "variable %zu says that it is number %d", i + 1, x->variable[i].number);
    if (x->variable[i].column.length > r->in.limits->cell)
        return err_set(e, ERR_LIMIT, "variable %zu: %u bytes, %zu are allowed", i + 1,
                       x->variable[i].column.length, r->in.limits->cell);
    x->row_bytes += x->variable[i].column.length;
    return pass(r, size, true, e);
}

static bool read_variables(struct rows *r, size_t n, size_t namestr, struct err *e)
{
    struct xpt *x = r->state;
    x->variable = arena_array(&r->member, n, sizeof *x->variable);
    x->row_bytes = 0;
    for (size_t i = 0; i < n; i++)
        if (!read_variable(r, i, namestr, e))
            return false;
    if (x->row_bytes > r->in.limits->row)
        return err_set(e, ERR_LIMIT, "rows of %zu bytes, %zu are allowed", x->row_bytes,
                       r->in.limits->row);
    return pass_padding(r, e);
}

static int by_position(const void *a, const void *b)
{
    const struct xpt_variable *const *x = a, *const *y = b;
    return ((*x)->position > (*y)->position) - ((*x)->position < (*y)->position);
}

/*
 * Positions must cover a row without overlap or gap. They say nothing about where
 * a variable lies: SAS writes into version 8 the positions that variables had in
 * its own data set, numbers first, while rows go in the order of the NAMESTRs.
 */
static bool check_positions(struct rows *r, size_t n, struct err *e)
{
    struct xpt *x = r->state;
    const struct xpt_variable **sorted = arena_array(&r->member, n, sizeof *sorted);
    for (size_t i = 0; i < n; i++)
        sorted[i] = &x->variable[i];
    qsort(sorted, n, sizeof *sorted, by_position);
    size_t at = 0;
    bool moved = false;
    for (size_t i = 0; i < n; i++) {
        if (sorted[i]->position != at)
            return err_set(e, ERR_FORMAT, "%.*s lies at byte %zu of a row, but byte %zu is next",
                           SPAN_ARGS(sorted[i]->column.name), sorted[i]->position, at);
        at += sorted[i]->column.length;
        moved |= sorted[i] != &x->variable[i];
    }
    if (moved)
        rows_note(r, "the positions of variables are not in their order");
    return true;
}

static bool take_label(struct rows *r, const struct xpt_label *l, size_t n, struct err *e)
{
    struct xpt *x = r->state;
    if (l->number < 1 || l->number > n)
        return err_set(e, ERR_FORMAT, "a label for variable %u of %zu", l->number, n);
    struct xpt_variable *v = &x->variable[l->number - 1];
    if (!span_eq(xpt_trim(l->name), v->column.name))
        return err_set(e, ERR_FORMAT, "a label for variable %u under another name", l->number);
    v->label = 0;
    v->column.label = arena_copy(&r->member, xpt_trim(l->label));
    if (l->format.n > 0)
        v->column.format.name = arena_copy(&r->member, l->format);
    if (l->informat.n > 0)
        v->column.informat.name = arena_copy(&r->member, l->informat);
    return true;
}

static bool read_label(struct rows *r, bool formats, size_t variables, struct err *e)
{
    struct xpt *x = r->state;
    struct span rest;
    struct xpt_label label;
    if (!window_read(&r->window, x->at, XPT_LABEL_SIZE, &rest, e))
        return false;
    size_t before = rest.n;
    bool good = xpt_label_take(&rest, formats, &label, e) && take_label(r, &label, variables, e);
    return pass(r, before - rest.n, good, e);
}

/* Labels over 40 bytes and formats over 8, in version 8, where there are any. */
static bool read_labels(struct rows *r, size_t variables, struct err *e)
{
    struct xpt *x = r->state;
    struct span record;
    size_t labels;
    bool formats;
    if (!peek(r, XPT_RECORD, &record, e))
        return false;
    if (!xpt_is(record, XPT_LABELS, x->v8))
        return true;
    if (!pass(r, XPT_RECORD, xpt_labels_parse(record, &labels, &formats, e), e))
        return false;
    for (size_t i = 0; i < labels; i++) {
        if (i == variables)
            return err_set(e, ERR_FORMAT, "%zu labels for %zu variables", labels, variables);
        if (!read_label(r, formats, variables, e))
            return false;
    }
    return pass_padding(r, e);
}

static void take_columns(struct rows *r, size_t n)
{
    struct xpt *x = r->state;
    struct column *column = arena_array(&r->member, n, sizeof *column);
    for (size_t i = 0; i < n; i++) {
        column[i] = x->variable[i].column;
        if (x->variable[i].label > column[i].label.n)
            rows_note(r, "variable %zu: only %zu bytes of a label of %zu are there", i + 1,
                      column[i].label.n, x->variable[i].label);
        rows_saw_text(r, column[i].name, 0);
        rows_saw_text(r, column[i].label, 0);
    }
    rows_saw_text(r, r->info.label, 0);
    r->info.column = column;
    r->info.columns = n;
    rows_note_names(r);
}

static void lay_out_rows(struct rows *r, size_t n)
{
    struct xpt *x = r->state;
    x->cell = arena_array(&r->member, n, sizeof *x->cell);
    uint8_t *high = x->high = arena_new(&r->member, x->row_bytes + ROW_ROOM);
    for (size_t i = 0; i < n; i++) {
        const struct column *c = &x->variable[i].column;
        bool text = c->type == COLUMN_TEXT;
        x->cell[i] = (struct cell){text ? CELL_TEXT : CELL_IBM, false, {NULL, c->length}};
        memset(high, text ? 0x80 : 0, c->length);
        high += c->length;
    }
}

/* `tail` is what lies behind the last row, up to `end`: padding, fewer than 80 bytes. */
static bool check_padding(struct rows *r, struct span tail, uint64_t end, struct err *e)
{
    if (xpt_all(tail, ' '))
        return true;
    if (!xpt_all(tail, 0))
        return err_set(e, ERR_FORMAT,
                       "offset %llu: behind the last row, %zu bytes are neither a row nor blank "
                       "padding: cut off?",
                       (unsigned long long)(end - tail.n), tail.n);
    rows_note(r, "padded with NUL bytes behind the last row");
    return true;
}

/* The record that ends at `end`. */
static bool read_last_record(struct rows *r, uint64_t end, uint8_t *record, struct err *e)
{
    const struct source *s = &r->in.source;
    return s->read_at(s->ctx, end - XPT_RECORD, record, XPT_RECORD, e);
}

static bool bound_by_count(struct rows *r, struct err *e)
{
    struct xpt *x = r->state;
    uint64_t room = r->in.source.size - x->data, rows = r->info.records_said;
    if (rows > 0 && (x->row_bytes == 0 || rows > room / x->row_bytes))
        return err_set(e, ERR_FORMAT, "says that it has %llu rows, there is room for %llu",
                       (unsigned long long)rows,
                       (unsigned long long)(x->row_bytes == 0 ? 0 : room / x->row_bytes)) ||
               xpt_fail(x, e);
    uint64_t bytes = rows * x->row_bytes;
    x->bounded = true;
    x->rows_end = x->data + bytes;
    x->end = x->data + (bytes + XPT_RECORD - 1) / XPT_RECORD * XPT_RECORD;
    uint8_t record[XPT_RECORD];
    if (x->rows_end == x->end)
        return true;
    size_t tail = (size_t)(x->end - x->rows_end);
    return read_last_record(r, x->end, record, e) &&
           check_padding(r, span_of(record + XPT_RECORD - tail, tail), x->end, e);
}

/* How many of `rows` rows at the end of `bytes` may be padding; `last` is the last record. */
static uint64_t count_ambiguous(const uint8_t *last, uint8_t pad, uint64_t rows, uint64_t bytes,
                                size_t row_bytes)
{
    uint64_t n = rows;
    while (n > 0 && (n - 1) * row_bytes > bytes - XPT_RECORD) {
        size_t at = (size_t)((n - 1) * row_bytes - (bytes - XPT_RECORD));
        if (!xpt_all(span_of(last + at, row_bytes), pad))
            break;
        n--;
    }
    return rows - n;
}

/* The rule of this file's head. The rows and their padding end at `end`. */
static bool bound_by_tail(struct rows *r, uint64_t end, struct err *e)
{
    struct xpt *x = r->state;
    uint64_t bytes = end - x->data;
    x->bounded = true;
    x->end = x->rows_end = end;
    if (bytes == 0)
        return true;
    if (x->row_bytes == 0 || bytes % x->row_bytes >= XPT_RECORD)
        return err_set(e, ERR_FORMAT,
                       "offset %llu: %llu bytes of rows do not end with a whole row of %zu",
                       (unsigned long long)end, (unsigned long long)bytes, x->row_bytes);
    uint8_t last[XPT_RECORD];
    uint64_t rows = bytes / x->row_bytes;
    size_t tail = (size_t)(bytes % x->row_bytes);
    struct span padding = span_of(last + XPT_RECORD - tail, tail);
    if (!read_last_record(r, end, last, e) || !check_padding(r, padding, end, e))
        return false;
    uint8_t pad = tail > 0 ? padding.p[0] : ' ';
    r->info.tail_ambiguous = count_ambiguous(last, pad, rows, bytes, x->row_bytes);
    x->rows_end = x->data + (rows - r->info.tail_ambiguous) * x->row_bytes;
    return true;
}

/*
 * Looks for the member's end up to a record behind the row at x->at, so that a
 * row is given out only once it is sure not to be padding.
 */
static bool search_end(struct rows *r, struct err *e)
{
    struct xpt *x = r->state;
    struct span ahead;
    if (!window_read(&r->window, x->at, x->row_bytes + 2 * XPT_RECORD, &ahead, e))
        return false;
    uint64_t seen = x->at + ahead.n;
    for (; x->searched + XPT_RECORD <= seen; x->searched += XPT_RECORD) {
        const uint8_t *record = ahead.p + (x->searched - x->at);
        if (*record == 'H' && xpt_is(span_of(record, XPT_RECORD), XPT_MEMBER, x->v8))
            return bound_by_tail(r, x->searched, e);
    }
    return seen < r->in.source.size || bound_by_tail(r, seen, e);
}

static bool begin_rows(struct rows *r, struct err *e)
{
    struct xpt *x = r->state;
    struct span record;
    struct dataset_info *info = &r->info;
    if (!peek(r, XPT_RECORD, &record, e) ||
        !pass(r, XPT_RECORD,
              xpt_rows_parse(record, x->v8, &info->records_declared, &info->records_said, e), e))
        return false;
    if (x->v8 && !info->records_declared)
        rows_note(r, "does not say how many rows it has, as version 8 should");
    x->data = x->searched = x->at;
    x->bounded = false;
    x->ready_rows = 0;
    return (!info->records_declared && x->row_bytes > 0) || bound_by_count(r, e);
}

static enum rows_step xpt_member(struct rows *r, struct err *e)
{
    struct xpt *x = r->state;
    size_t namestr, variables;
    if (r->members > 0)
        x->at = x->end;
    if (r->members > 0 && x->at == r->in.source.size)
        return ROWS_END;
    bool good = read_member_headers(r, &namestr, &variables, e) &&
                read_variables(r, variables, namestr, e) && check_positions(r, variables, e) &&
                read_labels(r, variables, e);
    if (!good)
        return ROWS_FAILED;
    take_columns(r, variables);
    lay_out_rows(r, variables);
    return begin_rows(r, e) ? ROWS_MORE : ROWS_FAILED;
}

/* Of its texts; chunk by chunk, whatever is behind the row. */
static bool has_only_ascii(const struct xpt *x, const uint8_t *row)
{
    typedef uint64_t chunk __attribute__((vector_size(ROW_ROOM / 2)));
    chunk found = {0}, a, b, high_a, high_b;
    for (size_t i = 0; i < x->row_bytes; i += 2 * sizeof a) {
        memcpy(&a, row + i, sizeof a);
        memcpy(&b, row + i + sizeof a, sizeof b);
        memcpy(&high_a, x->high + i, sizeof a);
        memcpy(&high_b, x->high + i + sizeof a, sizeof b);
        found |= (a & high_a) | (b & high_b);
    }
    return (found[0] | found[1]) == 0;
}

static void point_cells(struct xpt *x, const uint8_t *row, size_t cells)
{
    for (struct cell *c = x->cell, *end = c + cells; c < end; c++) {
        c->bytes.p = row;
        row += c->bytes.n;
    }
}

/* Of what lies ahead from x->at on: at least one row is one, and those that have room behind them.
 */
static void take_ready(struct xpt *x, struct span ahead)
{
    uint64_t sure = x->bounded ? x->rows_end : x->searched - XPT_RECORD;
    size_t n = ahead.n < ROW_ROOM ? 0 : (ahead.n - ROW_ROOM) / x->row_bytes;
    if (n > (sure - x->at) / x->row_bytes)
        n = (size_t)((sure - x->at) / x->row_bytes);
    x->ready = ahead.p;
    x->ready_roomy = n > 0;
    x->ready_rows = n > 0 ? n : 1;
}

/* Once for many rows. */
__attribute__((noinline)) static enum rows_step look_ahead(struct rows *r, struct err *e)
{
    struct xpt *x = r->state;
    struct span ahead;
    if (!x->bounded && x->at + x->row_bytes + XPT_RECORD > x->searched && !search_end(r, e))
        return ROWS_FAILED;
    if (x->bounded && x->at == x->rows_end)
        return ROWS_END;
    if (!window_read(&r->window, x->at, x->row_bytes, &ahead, e))
        return ROWS_FAILED;
    take_ready(x, ahead);
    return ROWS_MORE;
}

static enum rows_step xpt_next(struct rows *r, struct row *out, struct err *e)
{
    struct xpt *x = r->state;
    enum rows_step step = x->ready_rows > 0 ? ROWS_MORE : look_ahead(r, e);
    if (step != ROWS_MORE)
        return step;
    const uint8_t *row = x->ready;
    bool ascii = x->ready_roomy && has_only_ascii(x, row);
    point_cells(x, row, r->info.columns);
    if (!ascii)
        rows_saw_cells(r, x->cell, r->info.columns);
    *out = (struct row){.cell = x->cell,
                        .cells = r->info.columns,
                        .packed = row,
                        .ascii = ascii,
                        .roomy = x->ready_roomy};
    x->at += x->row_bytes;
    x->ready += x->row_bytes;
    x->ready_rows--;
    return ROWS_MORE;
}

const struct rows_reader rows_xpt = {
    .formats = 1u << FILE_XPT5 | 1u << FILE_XPT8,
    .open = xpt_open,
    .member = xpt_member,
    .next = xpt_next,
    .close = xpt_close,
};
