/*
 * Dataset-JSON (CDISC), versions 1.0 and 1.1: one JSON text; or, 1.1 only, lines: the
 * head, then a row a line; plain or in gzip or zlib. Members of an object may come
 * in any order, so rows may stand before their columns: such rows are read over, and
 * read again once the columns are known.
 *
 * A row has one value for each column: string, number, boolean or null. A value of a
 * kind that its column does not declare is data all the same; it is noted. Version 1.0
 * puts a column ITEMGROUPDATASEQ before the others, which counts the rows: it belongs
 * to the format, not to the data, so it is checked and left out.
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "dataset/blocks.h"
#include "dataset/dataset_json_head.h"
#include "dataset/dataset_json_scan.h"
#include "format/json_tree.h"

enum level { IN_FILE = PLACE_FILE, IN_DATA = PLACE_DATA, IN_GROUP = PLACE_GROUP, IN_GROUPS };

struct dataset_json {
    struct blocks *blocks;
    struct json_reader *json;
    struct dataset_json_head head;
    enum level level;
    bool ended; /* the object of the file */
    struct dataset_json_object object[PLACE_GROUP + 1];
    struct name_set groups; /* 1.0: OIDs that were there */

    /* Of the current dataset. */
    bool pending;     /* begun, and not given to the caller yet */
    bool rows_passed; /* they were before their columns, */
    uint64_t rows_at; /* here */
    struct blocks *late_blocks;
    struct json_reader *late;
    struct json_reader *rows; /* where rows are read from; NULL: there are none */
    bool lines;               /* each is a line */
    bool counted;             /* ITEMGROUPDATASEQ is the first column */
    bool *noted;              /* for each column: a value of another kind */
    uint8_t *fine;            /* for each column, 1 << cell_kind: nothing needs to be said of it */
    struct dataset_json_scan scan;
    struct cell *cell; /* and MARK_CUT_ROOM more */
    size_t cells;
    struct buf text; /* of the cells of a row that is not plain */
};

static struct json_reader *open_json(struct blocks *b)
{
    return json_open((struct json_input){blocks_next, b});
}

static bool expect(struct json_reader *json, enum json_token wanted, const char *what,
                   struct err *e)
{
    enum json_token token;
    struct span text;
    return json_next(json, &token, &text, e) &&
           (token == wanted || dataset_json_refuse(json, e, "%s", what));
}

static bool dataset_json_open(struct rows *r, struct err *e)
{
    struct dataset_json *d = r->state = mem_new(sizeof *d);
    dataset_json_scan_open(&d->scan, mark_way(0));
    enum json_token token;
    struct span text;
    d->blocks = r->in.format == FILE_DSJC ? blocks_open_inflated(r->in.source)
                                          : blocks_open(r->in.source, 0);
    d->json = open_json(d->blocks);
    d->head = (struct dataset_json_head){.json = d->json,
                                         .arena = &r->file,
                                         .rows = r,
                                         .versions = DATASET_JSON_1_0 | DATASET_JSON_1_1};
    dataset_json_begin(&d->object[IN_FILE], PLACE_FILE);
    if (!json_next(d->json, &token, &text, e))
        return false;
    if (token == JSON_ARRAY)
        return dataset_json_refuse(d->json, e, "a plain JSON array, which is not Dataset-JSON");
    return token == JSON_OBJECT || dataset_json_refuse(d->json, e, "not an object");
}

static void close_rows(struct dataset_json *d)
{
    json_close(d->late);
    blocks_close(d->late_blocks);
    mem_free(d->noted);
    mem_free(d->fine);
    mem_free(d->cell);
    mem_free(d->head.column);
    dataset_json_scan_forget(&d->scan);
    d->late = d->rows = NULL;
    d->late_blocks = NULL;
    d->noted = NULL;
    d->fine = NULL;
    d->cell = NULL;
    d->head.column = NULL;
    d->head.columns = d->head.column_cap = 0;
}

static void dataset_json_close(struct rows *r)
{
    struct dataset_json *d = r->state;
    close_rows(d);
    for (size_t i = 0; i <= PLACE_GROUP; i++)
        dataset_json_end(&d->object[i]);
    name_set_close(&d->groups);
    json_close(d->json);
    blocks_close(d->blocks);
    dataset_json_scan_close(&d->scan);
    buf_close(&d->text);
    mem_free(d);
}

/* --- where the rows are --- */

static bool pass_rows(struct dataset_json *d, struct err *e)
{
    enum json_token token;
    struct span text;
    if (!json_next(d->json, &token, &text, e))
        return false;
    d->rows_passed = true;
    d->rows_at = json_offset(d->json);
    return dataset_json_skip(&d->head, token, e);
}

/* Rows come next; *now: their columns are known. */
static bool take_rows(struct dataset_json *d, bool *now, struct err *e)
{
    *now = dataset_json_ready(&d->head, &d->object[d->level]);
    if (!*now)
        return pass_rows(d, e);
    d->rows = d->json;
    return expect(d->rows, JSON_ARRAY, "rows that are no array", e);
}

static bool go_back_to_rows(struct rows *r, struct err *e)
{
    struct dataset_json *d = r->state;
    if (r->in.format == FILE_DSJC)
        return dataset_json_refuse(d->json, e, "rows before their columns, in a compressed file");
    d->late_blocks = blocks_open(r->in.source, d->rows_at);
    d->rows = d->late = open_json(d->late_blocks);
    return expect(d->rows, JSON_ARRAY, "rows that are no array", e);
}

/* The head of version 1.1 has ended, without rows or behind them. */
static bool end_head(struct rows *r, struct err *e)
{
    struct dataset_json *d = r->state;
    if (d->rows_passed)
        return go_back_to_rows(r, e);
    bool one_line = json_line(d->json) == 1;
    if (!json_next_line(d->json, &d->lines, e))
        return false;
    if (d->lines && !one_line)
        return dataset_json_refuse(d->json, e, "lines behind a head that is not one line");
    d->rows = d->lines ? d->json : NULL;
    return true;
}

/* --- from dataset to dataset --- */

static bool is_old(const struct dataset_json *d)
{
    return (d->head.versions & DATASET_JSON_1_1) == 0;
}

static bool enter(struct dataset_json *d, enum level level, const char *what, struct err *e)
{
    if (level <= IN_GROUP) {
        dataset_json_end(&d->object[level]);
        dataset_json_begin(&d->object[level], (enum dataset_json_place)level);
    }
    d->level = level;
    return expect(d->json, JSON_OBJECT, what, e);
}

/* The next dataset of version 1.0, or the end of the object that holds them. */
static bool next_group(struct rows *r, struct err *e)
{
    struct dataset_json *d = r->state;
    enum json_token token;
    struct span oid;
    if (!json_next(d->json, &token, &oid, e))
        return false;
    if (token == JSON_OBJECT_END) {
        d->level = IN_DATA;
        return true;
    }
    if (!name_set_add(&d->groups, oid))
        return dataset_json_refuse(d->json, e, "a dataset twice");
    if (d->groups.used > r->in.limits->members)
        return err_set(e, ERR_LIMIT, "more than %zu members", r->in.limits->members);
    d->pending = true;
    d->rows_passed = false;
    return enter(d, IN_GROUP, "a dataset that is no object", e);
}

/* An object has ended. */
static bool leave(struct rows *r, bool *now, struct err *e)
{
    struct dataset_json *d = r->state;
    enum level from = d->level;
    *now = d->pending && (from == IN_GROUP || (from == IN_FILE && !is_old(d)));
    d->ended = from == IN_FILE;
    d->level = from == IN_GROUP ? IN_GROUPS : IN_FILE;
    if (!*now)
        return true;
    return from == IN_FILE ? end_head(r, e) : !d->rows_passed || go_back_to_rows(r, e);
}

/* One step towards the next dataset (*now: it may be given) or the end of the file's object. */
static bool step(struct rows *r, bool *now, struct err *e)
{
    struct dataset_json *d = r->state;
    enum dataset_json_stop stop;
    if (d->level == IN_GROUPS)
        return next_group(r, e);
    if (!dataset_json_read(&d->head, &d->object[d->level], &stop, e))
        return false;
    switch (stop) {
    case STOP_DATA:
        return enter(d, IN_DATA, "the data are no object", e);
    case STOP_GROUPS:
        return enter(d, IN_GROUPS, "itemGroupData is no object", e);
    case STOP_ROWS:
        return take_rows(d, now, e);
    default:
        return leave(r, now, e);
    }
}

/* --- columns --- */

static bool take_column(const struct dataset_json *d, const struct dataset_json_column *from,
                        struct column *to, struct err *e)
{
    if (from->length > UINT32_MAX || from->key > UINT32_MAX)
        return dataset_json_refuse(d->json, e, "a length or keySequence of a column is too large");
    *to = (struct column){
        .name = from->name,
        .label = from->label,
        .type = from->declared->type,
        .length = (unsigned)from->length,
        .key = (unsigned)from->key,
        .type_name = from->type,
        .target_type = from->target,
    };
    if (span_eq(from->target, SPAN("integer")) || span_eq(from->target, SPAN("decimal")))
        to->type = COLUMN_NUMBER;
    if (from->format.n > 0)
        to->format = column_format_parse(from->format);
    return true;
}

/* Integers need a look at each. */
static uint8_t fine_kinds(const struct dataset_json_column *c)
{
    unsigned tokens = c->declared->tokens, fine = 1u << CELL_NULL;
    if ((tokens >> JSON_STRING & 1) != 0)
        fine |= 1u << CELL_TEXT;
    if ((tokens >> JSON_NUMBER & 1) != 0 && !span_eq(c->type, SPAN("integer")))
        fine |= 1u << CELL_NUMBER;
    if ((tokens >> JSON_TRUE & 1) != 0 && (tokens >> JSON_FALSE & 1) != 0)
        fine |= 1u << CELL_BOOLEAN;
    return (uint8_t)fine;
}

static bool take_columns(struct rows *r, struct err *e)
{
    struct dataset_json *d = r->state;
    const struct dataset_json_head *h = &d->head;
    struct column *column = arena_array(&r->member, h->columns, sizeof *column);
    d->counted = is_old(d) && span_eq(h->column[0].name, SPAN("ITEMGROUPDATASEQ"));
    for (size_t i = d->counted; i < h->columns; i++) {
        rows_saw_text(r, h->column[i].name, 0);
        rows_saw_text(r, h->column[i].label, 0);
        if (!take_column(d, &h->column[i], &column[i - d->counted], e))
            return false;
    }
    r->info.column = column;
    r->info.columns = h->columns - d->counted;
    d->cell = mem_new((h->columns + MARK_CUT_ROOM) * sizeof *d->cell);
    d->noted = mem_new(h->columns * sizeof *d->noted);
    d->fine = mem_new(h->columns * sizeof *d->fine);
    for (size_t i = 0; i < h->columns; i++)
        d->fine[i] = fine_kinds(&h->column[i]);
    rows_note_names(r);
    return true;
}

static struct span describe(struct rows *r, const struct dataset_json *d)
{
    struct buf b = {0};
    buf_str(&b, "Dataset-JSON ");
    buf_add(&b, d->head.version);
    if (d->lines)
        buf_str(&b, ", a row a line");
    struct span s = arena_copy(&r->member, buf_span(&b));
    buf_close(&b);
    return s;
}

static bool give(struct rows *r, struct err *e)
{
    struct dataset_json *d = r->state;
    const struct dataset_json_head *h = &d->head;
    struct dataset_info *info = &r->info;
    d->pending = false;
    info->standard = describe(r, d);
    info->name = h->name;
    info->label = h->label;
    info->records_declared = true;
    info->records_said = h->records;
    info->file = info->member = (struct provenance){.version = h->system_version,
                                                    .system = h->system,
                                                    .created = h->created,
                                                    .modified = h->modified};
    rows_saw_text(r, h->name, 0);
    rows_saw_text(r, h->label, 0);
    return take_columns(r, e);
}

/* What ends a file after its last dataset. */
static bool end_file(struct rows *r, struct err *e)
{
    struct dataset_json *d = r->state;
    if (r->members == 0)
        return dataset_json_refuse(d->json, e, "no dataset");
    return expect(d->json, JSON_END, "something behind the end", e);
}

static enum rows_step dataset_json_member(struct rows *r, struct err *e)
{
    struct dataset_json *d = r->state;
    bool now = false;
    if (r->members == 0)
        d->pending = true; /* version 1.1: the file itself */
    close_rows(d);
    while (!now && !d->ended)
        if (!step(r, &now, e))
            return ROWS_FAILED;
    if (now)
        return give(r, e) ? ROWS_MORE : ROWS_FAILED;
    return end_file(r, e) ? ROWS_END : ROWS_FAILED;
}

/* --- rows --- */

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

/* The text is complete, so its place is fixed. */
static void point_cells(struct dataset_json *d)
{
    size_t at = 0;
    memset(buf_room(&d->text, ROW_ROOM), 0, ROW_ROOM);
    for (size_t i = 0; i < d->cells; i++) {
        d->cell[i].bytes.p = d->text.p + at;
        at += d->cell[i].bytes.n;
    }
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
    point_cells(d);
    return true;
}

static enum rows_step dataset_json_next(struct rows *r, struct row *out, struct err *e)
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
    if (d->lines && !expect(d->rows, JSON_END, "something behind a row", e))
        return ROWS_FAILED;
    check_counter(r);
    *out = (struct row){.cell = d->cell + d->counted,
                        .cells = d->cells - d->counted,
                        .line = line,
                        .ascii = plain && ascii,
                        .roomy = true};
    return ROWS_MORE;
}

const struct rows_reader rows_dataset_json = {
    .formats = 1u << FILE_JSON | 1u << FILE_DSJC,
    .open = dataset_json_open,
    .member = dataset_json_member,
    .next = dataset_json_next,
    .close = dataset_json_close,
};
