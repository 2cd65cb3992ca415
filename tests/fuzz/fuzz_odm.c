/* Any bytes as ODM: read or refused, the same in the second reading, always with all columns. */
#include <stdlib.h>

#include "base/buf.h"
#include "dataset/rows.h"

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

static void add_row(struct buf *out, const struct row *row, size_t columns)
{
    if (row->cells != columns)
        abort();
    for (size_t i = 0; i < row->cells; i++) {
        const struct cell *c = &row->cell[i];
        if ((c->kind != CELL_TEXT && c->kind != CELL_NULL) || !span_utf8(c->bytes) ||
            (c->kind == CELL_NULL && c->bytes.n > 0))
            abort();
        buf_add(out, c->bytes);
        buf_byte(out, c->kind == CELL_TEXT);
    }
}

static bool read_all(struct span file, struct buf *out, struct err *e)
{
    struct issues notes = {0};
    struct rows *rows = NULL;
    struct row row;
    struct rows_input in = {
        .source = source_of(&file), .format = FILE_ODM, .name = "f", .notes = &notes};
    bool good = rows_open(&in, &rows, e);
    if (good && rows != NULL) {
        enum rows_step more = rows_member(rows, e);
        size_t columns = rows_info(rows)->columns;
        while (more == ROWS_MORE && (more = rows_next(rows, &row, e)) == ROWS_MORE)
            add_row(out, &row, columns);
        good = more == ROWS_END;
        if (good && rows_info(rows)->records == 0)
            abort();
        buf_add(out, hash_span(&rows_info(rows)->rest));
    }
    rows_close(rows);
    issues_close(&notes);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct buf first = {0}, second = {0};
    struct err e = {0};
    bool good = read_all(span_of(p, n), &first, &e);
    if (!good && e.kind != ERR_FORMAT && e.kind != ERR_LIMIT)
        abort();
    if (good != read_all(span_of(p, n), &second, &e) ||
        !span_eq(buf_span(&first), buf_span(&second)))
        abort();
    file_identify(span_of(p, n < FILE_HEAD ? n : FILE_HEAD));
    buf_close(&first);
    buf_close(&second);
    return 0;
}
