/*
 * Any bytes as CSV, beside a splitter of a few lines that knows RFC 4180 only:
 * both read the same cells, or both refuse. And each way of the fast path beside libcsv.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "tests/dataset/csv_judge.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct buf ours = {0}, theirs = {0};
    bool read = read_all(span_of(p, n), &ours), good = split(span_of(p, n), &theirs);
    if (read != good || (read && !span_eq(buf_span(&ours), buf_span(&theirs))))
        abort();
    buf_close(&ours);
    buf_close(&theirs);
    struct csv_judged judged;
    for (size_t i = 0; mark_way(i) != NULL; i++)
        if (!csv_judge(span_of(p, n), mark_way(i), &judged))
            abort();
    return 0;
}
