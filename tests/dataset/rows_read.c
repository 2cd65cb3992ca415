#include "tests/dataset/rows_read.h"

#include <string.h>

static void add_row(struct rows_read *out, const struct row *row)
{
    for (size_t i = 0; i < row->cells; i++) {
        const struct cell *c = &row->cell[i];
        buf_str(&out->text, c->quoted ? "<\"" : "<");
        if (c->kind == CELL_IBM)
            buf_hex(&out->text, c->bytes);
        else
            buf_add(&out->text, c->bytes);
        buf_str(&out->text, c->quoted ? "\">" : ">");
    }
    buf_byte(&out->text, '\n');
}

static enum rows_step read_members(struct rows *rows, struct rows_read *out)
{
    struct row row;
    enum rows_step more;
    while ((more = rows_member(rows, &out->err)) == ROWS_MORE) {
        out->members++;
        while ((more = rows_next(rows, &row, &out->err)) == ROWS_MORE)
            add_row(out, &row);
        const struct dataset_info *info = rows_info(rows);
        out->rows += info->records;
        out->columns = info->columns;
        out->tail_ambiguous += info->tail_ambiguous;
        out->encoding = info->encoding;
        if (more == ROWS_FAILED)
            break;
    }
    return more;
}

struct rows_read rows_read(struct span file, enum file_format format,
                           const struct rows_limits *limits)
{
    struct rows_read out = {0};
    struct rows *rows = NULL;
    struct rows_input in = {.source = source_of(&file),
                            .format = format,
                            .name = "file",
                            .limits = limits,
                            .notes = &out.notes};
    if (rows_open(&in, &rows, &out.err))
        out.good = rows == NULL || read_members(rows, &out) == ROWS_END;
    rows_close(rows);
    return out;
}

void rows_read_close(struct rows_read *r)
{
    issues_close(&r->notes);
    buf_close(&r->text);
}

bool rows_read_noted(const struct rows_read *r, const char *part)
{
    for (size_t i = 0; i < r->notes.samples; i++)
        if (strstr(r->notes.sample[i].detail, part) != NULL)
            return true;
    return false;
}
