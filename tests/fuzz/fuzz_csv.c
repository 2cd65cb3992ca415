/*
 * Any bytes as CSV, beside a splitter of a few lines that knows RFC 4180 only:
 * both read the same cells, or both refuse. And the fast path beside libcsv: what it takes
 * for a row, wherever it begins, libcsv cuts into the same cells.
 */
#include <csv.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "dataset/csv_scan.h"

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

/* Appends the cell at *at, without its quotes; false where it is malformed. */
static bool split_cell(struct span s, size_t *at, struct buf *out)
{
    size_t i = *at;
    bool quoted = i < s.n && s.p[i] == '"';
    for (i += quoted; i < s.n; i++) {
        if (quoted && s.p[i] == '"' && (i + 1 == s.n || s.p[i + 1] != '"'))
            break;
        if (quoted && s.p[i] == '"')
            i++;
        else if (!quoted && (s.p[i] == ',' || s.p[i] == '\n' || s.p[i] == '\r'))
            break;
        else if (s.p[i] == 0 || (!quoted && s.p[i] == '"'))
            return false;
        buf_byte(out, s.p[i]);
    }
    if (quoted && i == s.n)
        return false;
    *at = i + quoted;
    buf_byte(out, 0);
    return true;
}

/* Cells end in NUL, rows in LF. */
static bool split(struct span s, struct buf *out)
{
    size_t at = span_starts(s, SPAN("\xef\xbb\xbf")) ? 3 : 0, columns = 0;
    if (at == s.n || s.p[at] == '\n' || (s.p[at] == '\r' && at + 1 < s.n && s.p[at + 1] == '\n'))
        return false;
    while (at < s.n) {
        size_t cells = 0;
        for (bool more = true; more; cells++) {
            if (!split_cell(s, &at, out))
                return false;
            more = at < s.n && s.p[at] == ',';
            at += more;
        }
        bool crlf = at + 1 < s.n && s.p[at] == '\r' && s.p[at + 1] == '\n';
        if (at < s.n && s.p[at] != '\n' && !crlf)
            return false;
        at += at == s.n ? 0 : 1u + crlf;
        columns = columns == 0 ? cells : columns;
        if (cells != columns)
            return false;
        buf_byte(out, '\n');
    }
    return true;
}

static bool read_all(struct span file, struct buf *out)
{
    struct issues notes = {0};
    struct err e = {0};
    struct rows *rows;
    struct row row;
    struct rows_input in = {
        .source = source_of(&file), .format = FILE_CSV, .name = "f", .notes = &notes};
    if (!rows_open(&in, &rows, &e))
        abort();
    enum rows_step more = rows_member(rows, &e);
    for (size_t i = 0; more == ROWS_MORE && i < rows_info(rows)->columns; i++) {
        buf_add(out, rows_info(rows)->column[i].name);
        buf_byte(out, 0);
    }
    buf_byte(out, '\n');
    while (more == ROWS_MORE && (more = rows_next(rows, &row, &e)) == ROWS_MORE) {
        for (size_t i = 0; i < row.cells; i++) {
            buf_add(out, row.cell[i].bytes);
            buf_byte(out, 0);
        }
        buf_byte(out, '\n');
    }
    rows_close(rows);
    issues_close(&notes);
    return more == ROWS_END;
}

/* --- the fast path beside libcsv --- */

static int is_never_space(unsigned char c)
{
    (void)c;
    return 0;
}

static int is_row_end(unsigned char c)
{
    return c == '\n';
}

/* Cells end in NUL; no cell of a plain row holds one. */
static void on_cell(void *bytes, size_t n, void *out)
{
    buf_add(out, span_of(bytes, n));
    buf_byte(out, 0);
}

static void on_row(int end, void *out)
{
    (void)end;
    (void)out;
}

/* A row without its end; libcsv says nothing of one without a byte, which is a row of one cell. */
static bool ask_libcsv(struct span row, struct buf *out)
{
    struct csv_parser parser;
    if (row.n == 0) {
        buf_byte(out, 0);
        return true;
    }
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        abort();
    csv_set_space_func(&parser, is_never_space);
    csv_set_term_func(&parser, is_row_end);
    bool good = csv_parse(&parser, row.p, row.n, on_cell, on_row, out) == row.n &&
                csv_fini(&parser, on_cell, on_row, out) == 0;
    csv_free(&parser);
    return good;
}

static void compare_row(const struct cell *cell, const struct csv_plain_row *row, struct span bytes)
{
    struct buf fast = {0}, strict = {0};
    for (size_t i = 0; i < row->cells; i++) {
        if (cell[i].quoted != (cell[i].bytes.p > bytes.p && cell[i].bytes.p[-1] == '"'))
            abort();
        buf_add(&fast, cell[i].bytes);
        buf_byte(&fast, 0);
    }
    if (!ask_libcsv(span_of(bytes.p, row->n - row->end), &strict) ||
        !span_eq(buf_span(&fast), buf_span(&strict)) ||
        row->ascii != span_ascii(span_of(bytes.p, row->n)))
        abort();
    buf_close(&fast);
    buf_close(&strict);
}

/* Behind a row that is not plain it tries again behind the next LF. */
static void scan_all(struct span file)
{
    struct cell *cell = mem_new(rows_limits_default.columns * sizeof *cell);
    struct csv_plain_row row, cut;
    while (file.n > 0) {
        size_t n = span_find(file, 0, '\n');
        n += n < file.n;
        if (csv_scan(file, &rows_limits_default, cell, &row)) {
            compare_row(cell, &row, file);
            n = row.n;
            if (csv_scan(span_of(file.p, n - 1), &rows_limits_default, cell, &cut))
                abort();
        }
        file = span_skip(file, n);
    }
    mem_free(cell);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct buf ours = {0}, theirs = {0};
    bool read = read_all(span_of(p, n), &ours), good = split(span_of(p, n), &theirs);
    if (read != good || (read && !span_eq(buf_span(&ours), buf_span(&theirs))))
        abort();
    buf_close(&ours);
    buf_close(&theirs);
    scan_all(span_of(p, n));
    return 0;
}
