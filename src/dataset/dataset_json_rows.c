/* The rows of a dataset: most are cut as they lie, any other is read token by token. */
#include <inttypes.h>
#include <string.h>

#include "dataset/dataset_json_part.h"
#include "format/json_tree.h"

/* Whether there may be one more. */
static bool find_row(struct rows *r, bool *more, struct err *e)
{
    struct dataset_json *d = r->state;
    *more = d->rows != NULL;
    /* The first line was found when the head ended. */
    return !d->lines || r->info.records == 0 || json_next_line(d->rows, more, e);
}

/* Whether there is one more; its array has begun then. */
static bool begin_row(struct rows *r, bool *more, struct err *e)
{
    struct dataset_json *d = r->state;
    enum json_token token;
    struct span text;
    if (!json_next(d->rows, &token, &text, e))
        return false;
    *more = d->lines || token != JSON_ARRAY_END;
    return !*more || token == JSON_ARRAY ||
           dataset_json_refuse(d->rows, e, "row %" PRIu64 " is no array", r->info.records + 1);
}

static bool check_count(const struct rows *r, struct err *e)
{
    const struct dataset_json *d = r->state;
    const struct dataset_info *info = &r->info;
    if (info->records == info->records_said)
        return true;
    return dataset_json_refuse(d->rows != NULL ? d->rows : d->json, e,
                               "the file says %" PRIu64 " records, and has %" PRIu64,
                               info->records_said, info->records);
}

static void note_value(struct rows *r, size_t column, const char *what)
{
    struct dataset_json *d = r->state;
    if (!d->noted[column])
        rows_note(r, "column %zu: %s, first in row %" PRIu64, column + 1 - d->counted, what,
                  r->info.records + 1);
    d->noted[column] = true;
}

/* 2^53 - 1 is the largest integer that every reader reads alike. */
static bool is_exact(struct span lexeme)
{
    int64_t n;
    return json_integer_parse(lexeme, &n) || span_eq(lexeme, SPAN("-0"));
}

static void judge(struct rows *r, size_t column, enum json_token token, struct span text)
{
    struct dataset_json *d = r->state;
    const struct dataset_json_column *c = &d->head.column[column];
    if (token != JSON_NULL && (c->declared->tokens >> token & 1) == 0)
        note_value(r, column, "a value of another kind than the column's type");
    else if (token == JSON_NUMBER && span_eq(c->type, SPAN("integer")) && !is_exact(text))
        note_value(r, column, "not an integer below 2^53");
}

static bool read_cell(struct rows *r, enum json_token token, struct span text, struct err *e)
{
    static const enum cell_kind kinds[] = {
        [JSON_STRING] = CELL_TEXT,   [JSON_NUMBER] = CELL_NUMBER, [JSON_TRUE] = CELL_BOOLEAN,
        [JSON_FALSE] = CELL_BOOLEAN, [JSON_NULL] = CELL_NULL,
    };
    struct dataset_json *d = r->state;
    if (token == JSON_OBJECT || token == JSON_ARRAY)
        return dataset_json_refuse(d->rows, e, "an object or array as a value");
    if (d->cells == d->head.columns)
        return dataset_json_refuse(d->rows, e, "row %" PRIu64 " has more values than columns",
                                   r->info.records + 1);
    if (token == JSON_TRUE || token == JSON_FALSE)
        text = token == JSON_TRUE ? SPAN("true") : SPAN("false");
    if (text.n > r->in.limits->cell || text.n > r->in.limits->row - d->text.n)
        return err_set(e, ERR_LIMIT, "line %" PRIu64 ": a cell or row that is too long",
                       json_line(d->rows));
    if (token == JSON_STRING)
        rows_saw_text(r, text, r->info.records + 1);
    judge(r, d->cells, token, text);
    d->cell[d->cells++] = (struct cell){kinds[token], false, span_of(NULL, text.n)};
    buf_add(&d->text, text);
    return true;
}

static bool read_cells(struct rows *r, struct err *e)
{
    struct dataset_json *d = r->state;
    enum json_token token;
    struct span text;
    buf_clear(&d->text);
    d->cells = 0;
    for (;;) {
        if (!json_next(d->rows, &token, &text, e))
            return false;
        if (token == JSON_ARRAY_END)
            break;
        if (!read_cell(r, token, text, e))
            return false;
    }
    return d->cells == d->head.columns ||
           dataset_json_refuse(d->rows, e, "row %" PRIu64 " has fewer values than columns",
                               r->info.records + 1);
}

static void check_counter(struct rows *r)
{
    struct dataset_json *d = r->state;
    uint64_t n;
    if (d->counted && (!span_u64(d->cell[0].bytes, &n) || n != r->info.records + 1))
        note_value(r, 0, "ITEMGROUPDATASEQ does not count the rows");
}

static void judge_plain(struct rows *r)
{
    static const enum json_token tokens[] = {
        [CELL_TEXT] = JSON_STRING, [CELL_NUMBER] = JSON_NUMBER, [CELL_NULL] = JSON_NULL};
    struct dataset_json *d = r->state;
    const struct cell *c = d->cell;
    const uint8_t *fine = d->fine;
    for (size_t i = 0, n = d->cells; i < n; i++, c++) {
        if ((fine[i] >> c->kind & 1) != 0)
            continue;
        bool is_true = c->kind == CELL_BOOLEAN && c->bytes.p[0] == 't';
        judge(r, i,
              c->kind != CELL_BOOLEAN ? tokens[c->kind]
              : is_true               ? JSON_TRUE
                                      : JSON_FALSE,
              c->bytes);
    }
}

/* Cells stay where they lie, so the block must have the line's end, too: looking for it takes no
 * other. */
static bool take_plain(struct rows *r, bool *ascii)
{
    struct dataset_json *d = r->state;
    uint64_t at;
    struct span ahead = json_ahead(d->rows, &at);
    if (ahead.n <= ROW_ROOM)
        return false;
    struct span most = span_of(ahead.p, ahead.n - ROW_ROOM);
    size_t n =
        dataset_json_scan_take(&d->scan, most, at, r->in.limits, d->cell, d->head.columns, ascii);
    bool line = ahead.p[n] == '\n' || (ahead.p[n] == '\r' && ahead.p[n + 1] == '\n');
    if (n == 0 || (d->lines && !line))
        return false;
    json_pass(d->rows, n);
    d->cells = d->head.columns;
    if (!*ascii)
        rows_saw_cells(r, d->cell, d->cells);
    judge_plain(r);
    return true;
}

/* Any row; *more is false where there is none. */
static bool take_any(struct rows *r, uint64_t *line, bool *more, struct err *e)
{
    struct dataset_json *d = r->state;
    if (!begin_row(r, more, e))
        return false;
    if (!*more)
        return true;
    *line = json_line(d->rows);
    if (!read_cells(r, e))
        return false;
    rows_point_cells(&d->text, d->cell, d->cells);
    return true;
}

enum rows_step dataset_json_next(struct rows *r, struct row *out, struct err *e)
{
    struct dataset_json *d = r->state;
    bool more, ascii = false;
    if (!find_row(r, &more, e))
        return ROWS_FAILED;
    bool plain = more && take_plain(r, &ascii);
    uint64_t line = plain ? json_line(d->rows) : 0;
    if (more && !plain && !take_any(r, &line, &more, e))
        return ROWS_FAILED;
    if (!more)
        return check_count(r, e) ? ROWS_END : ROWS_FAILED;
    if (d->lines && !dataset_json_expect(d->rows, JSON_END, "something behind a row", e))
        return ROWS_FAILED;
    check_counter(r);
    *out = (struct row){.cell = d->cell + d->counted,
                        .cells = d->cells - d->counted,
                        .line = line,
                        .ascii = plain && ascii,
                        .roomy = true};
    return ROWS_MORE;
}
