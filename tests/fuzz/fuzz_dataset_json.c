/*
 * Any bytes as Dataset-JSON, plain and compressed: read, or refused; what is read has as
 * many records as it says and a cell for each column; and reading again is the same.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "dataset/rows.h"

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

static enum rows_step read_member(struct rows *rows, struct buf *out, struct err *e)
{
    struct row row;
    enum rows_step more;
    const struct dataset_info *info = rows_info(rows);
    while ((more = rows_next(rows, &row, e)) == ROWS_MORE) {
        if (row.cells != info->columns)
            abort();
        for (size_t i = 0; i < row.cells; i++) {
            buf_byte(out, (uint8_t)row.cell[i].kind);
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

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static const enum file_format formats[] = {FILE_JSON, FILE_DSJC};
    for (size_t i = 0; i < 2; i++) {
        struct buf once = {0}, twice = {0};
        bool good = read_all(span_of(p, n), formats[i], &once);
        if (good != read_all(span_of(p, n), formats[i], &twice) ||
            !span_eq(buf_span(&once), buf_span(&twice)))
            abort();
        buf_close(&once);
        buf_close(&twice);
    }
    return 0;
}
