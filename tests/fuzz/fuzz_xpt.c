/* Any bytes as a transport file: read or refused, with as many cells as columns. */
#include <stdlib.h>

#include "dataset/rows.h"

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

static void check_row(const struct dataset_info *info, const struct row *row)
{
    volatile uint8_t sink = 0;
    if (row->cells != info->columns || row->number != info->records)
        abort();
    for (size_t i = 0; i < row->cells; i++) {
        if (row->cell[i].bytes.n != info->column[i].length)
            abort();
        sink ^= row->cell[i].bytes.p[0] ^ row->cell[i].bytes.p[row->cell[i].bytes.n - 1];
    }
    (void)sink;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct span file = span_of(p, n);
    struct issues notes = {0};
    struct err e = {0};
    struct rows *rows;
    struct row row;
    bool v8 = file_identify(file) == FILE_XPT8;
    struct rows_input in = {.source = source_of(&file),
                            .format = v8 ? FILE_XPT8 : FILE_XPT5,
                            .name = "f",
                            .notes = &notes};
    if (rows_open(&in, &rows, &e)) {
        enum rows_step more;
        while ((more = rows_member(rows, &e)) == ROWS_MORE)
            while (rows_next(rows, &row, &e) == ROWS_MORE)
                check_row(rows_info(rows), &row);
        if ((more == ROWS_FAILED) != (e.kind != ERR_NONE))
            abort();
        rows_close(rows);
    }
    issues_close(&notes);
    return 0;
}
