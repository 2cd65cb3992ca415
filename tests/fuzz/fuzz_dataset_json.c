/*
 * Any bytes as Dataset-JSON, plain and compressed: read, or refused; what is read has as
 * many records as it says and a cell for each column; and reading again is the same.
 * What is read and plain, SQLite's JSON finds valid, line by line where it is lines, and
 * it finds the same number of rows and the same texts in them. And each way of the fast path
 * beside the tokenizer.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "dataset/rows.h"
#include "tests/dataset/json_judge.h"

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

static bool old; /* version 1.0 */

static enum rows_step read_member(struct rows *rows, struct buf *out, struct err *e)
{
    struct row row;
    enum rows_step more;
    const struct dataset_info *info = rows_info(rows);
    old = span_starts(info->standard, SPAN("Dataset-JSON 1.0"));
    while ((more = rows_next(rows, &row, e)) == ROWS_MORE) {
        if (row.cells != info->columns)
            abort();
        for (size_t i = 0; i < row.cells; i++) {
            size_t n = row.cell[i].bytes.n;
            buf_byte(out, (uint8_t)row.cell[i].kind);
            buf_add(out, span_of(&n, sizeof n));
            buf_add(out, row.cell[i].bytes);
        }
    }
    if (more == ROWS_END && info->records != info->records_said)
        abort();
    return more;
}

static bool read_all(struct span file, enum file_format format, struct buf *out)
{
    struct issues notes = {0};
    struct err e = {0};
    struct rows *rows;
    struct rows_input in = {
        .source = source_of(&file), .format = format, .name = "f", .notes = &notes};
    enum rows_step more = ROWS_FAILED;
    if (rows_open(&in, &rows, &e)) {
        while ((more = rows_member(rows, &e)) == ROWS_MORE)
            if (read_member(rows, out, &e) == ROWS_FAILED)
                break;
        rows_close(rows);
    }
    if (more != ROWS_END && e.kind != ERR_FORMAT && e.kind != ERR_LIMIT)
        abort();
    issues_close(&notes);
    return more == ROWS_END;
}

/* --- beside the tokenizer --- */

enum { TRIED = 8 };

/* Arrays may lie in arrays: so from each of the first ones. */
static void check_scan(struct span file)
{
    struct json_judged judged;
    for (size_t i = 0, at = 0; i < TRIED && (at = span_find(file, at, '[')) < file.n; i++, at++)
        for (size_t w = 0; mark_way(w) != NULL; w++)
            if (!json_judge(span_skip(file, at), mark_way(w), &judged))
                abort();
}

/* --- beside SQLite --- */

/* Of one text: is it valid JSON; of a whole file: its rows' values, one behind the other. */
static sqlite3_stmt *valid, *values;

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        abort();
    return s;
}

static void start_sqlite(void)
{
    sqlite3 *db;
    if (valid != NULL)
        return;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK)
        abort();
    valid = prepare(db, "SELECT json_valid(?1)");
    values =
        prepare(db, "SELECT c.type, c.value FROM json_each(?1, '$.rows') r, json_each(r.value) c "
                    "ORDER BY r.key, c.key");
}

static void bind(sqlite3_stmt *s, struct span text)
{
    sqlite3_reset(s);
    if (sqlite3_bind_text64(s, 1, (const char *)text.p, text.n, SQLITE_STATIC, SQLITE_UTF8) !=
        SQLITE_OK)
        abort();
}

static bool is_valid(struct span text)
{
    bind(valid, text);
    return sqlite3_step(valid) == SQLITE_ROW && sqlite3_column_int(valid, 0) == 1;
}

static bool are_valid_lines(struct span file)
{
    while (file.n > 0) {
        size_t n = span_find(file, 0, '\n');
        if (!is_valid(span_of(file.p, n)))
            return false;
        file = span_skip(file, n < file.n ? n + 1 : n);
    }
    return true;
}

/* Kinds and texts of cells, as read_member wrote them; SQLite ends a text at U+0000. */
static bool has_value(struct span *cells, const char *type, struct span text)
{
    static const struct {
        const char *type;
        enum cell_kind kind;
    } kinds[] = {{"text", CELL_TEXT},    {"integer", CELL_NUMBER}, {"real", CELL_NUMBER},
                 {"true", CELL_BOOLEAN}, {"false", CELL_BOOLEAN},  {"null", CELL_NULL}};
    size_t i = 0;
    while (strcmp(kinds[i].type, type) != 0)
        i++;
    if (cells->n < 1 + sizeof(size_t) || cells->p[0] != kinds[i].kind)
        return false;
    size_t n;
    memcpy(&n, cells->p + 1, sizeof n);
    struct span cell = span_of(cells->p + 1 + sizeof n, n);
    *cells = span_skip(*cells, 1 + sizeof n + n);
    return kinds[i].kind != CELL_TEXT ||
           span_eq(span_of(cell.p, span_find(cell, 0, 0)), span_of(text.p, span_find(text, 0, 0)));
}

static bool has_values(struct span file, struct span cells)
{
    bind(values, file);
    while (sqlite3_step(values) == SQLITE_ROW) {
        struct span text =
            span_of(sqlite3_column_text(values, 1), (size_t)sqlite3_column_bytes(values, 1));
        if (!has_value(&cells, (const char *)sqlite3_column_text(values, 0), text))
            return false;
    }
    return cells.n == 0;
}

/* Version 1.0 has its rows elsewhere. */
static void compare_with_sqlite(struct span file, struct span cells)
{
    start_sqlite();
    bool whole = is_valid(file);
    if (!whole && !are_valid_lines(file))
        abort();
    if (whole && !old && !has_values(file, cells))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static const enum file_format formats[] = {FILE_JSON, FILE_DSJC};
    check_scan(span_of(p, n));
    for (size_t i = 0; i < 2; i++) {
        struct buf once = {0}, twice = {0};
        bool good = read_all(span_of(p, n), formats[i], &once);
        if (good != read_all(span_of(p, n), formats[i], &twice) ||
            !span_eq(buf_span(&once), buf_span(&twice)))
            abort();
        if (good && formats[i] == FILE_JSON)
            compare_with_sqlite(span_of(p, n), buf_span(&once));
        buf_close(&once);
        buf_close(&twice);
    }
    return 0;
}
