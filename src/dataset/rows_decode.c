/* Texts of a file whose encoding was declared become UTF-8 here, for all readers. */
#include <string.h>

#include "dataset/reader.h"

static bool is_other(struct span s)
{
    return !span_ascii(s) && !span_utf8(s);
}

static bool refuse(const struct rows *r, const char *where, uint64_t row, size_t column,
                   struct err *e)
{
    return err_set(e, ERR_FORMAT, "%s %llu, column %zu: text that is not %s, as was declared",
                   where, (unsigned long long)row, column, encoding_name(r->in.encoding));
}

/* --- names and labels --- */

static bool decode_text(struct rows *r, struct span *s)
{
    if (!is_other(*s))
        return true;
    buf_clear(&r->decoded);
    if (!encoding_decode(r->in.encoding, *s, &r->decoded))
        return false;
    *s = arena_copy(&r->member, buf_span(&r->decoded));
    return true;
}

static bool decode_column(struct rows *r, struct column *c)
{
    return decode_text(r, &c->name) && decode_text(r, &c->label) &&
           decode_text(r, &c->format.name) && decode_text(r, &c->informat.name);
}

bool rows_decode_member(struct rows *r, struct err *e)
{
    struct dataset_info *info = &r->info;
    if (r->in.encoding == NULL)
        return true;
    info->declared = encoding_name(r->in.encoding);
    if (!decode_text(r, &info->name) || !decode_text(r, &info->label) ||
        !decode_text(r, &info->type))
        return err_set(e, ERR_FORMAT, "member %zu: a name or label that is not %s, as was declared",
                       r->members, info->declared);
    struct column *column = arena_array(&r->member, info->columns, sizeof *column);
    for (size_t i = 0; i < info->columns; i++) {
        column[i] = info->column[i];
        if (!decode_column(r, &column[i]))
            return refuse(r, "name or label in member", r->members, i + 1, e);
    }
    info->column = column;
    return true;
}

/* --- cells --- */

/* The first cell from `i` on that has such a text. */
static size_t next_other(const struct row *row, size_t i)
{
    while (i < row->cells && (row->cell[i].kind != CELL_TEXT || !is_other(row->cell[i].bytes)))
        i++;
    return i;
}

/* Room for all of them at once, so that what was decoded stays where it is. */
static void begin_row(struct rows *r, const struct row *row)
{
    size_t room = 0;
    for (size_t i = next_other(row, 0); i < row->cells; i = next_other(row, i + 1))
        room += ENCODING_GROWTH * row->cell[i].bytes.n;
    buf_clear(&r->decoded);
    buf_room(&r->decoded, room);
    if (r->decoded_cell == NULL)
        r->decoded_cell = arena_array(&r->member, r->info.columns, sizeof *r->decoded_cell);
    memcpy(r->decoded_cell, row->cell, row->cells * sizeof *row->cell);
}

bool rows_decode_row(struct rows *r, struct row *row, struct err *e)
{
    size_t i = row->ascii ? row->cells : next_other(row, 0);
    if (i == row->cells)
        return true;
    begin_row(r, row);
    for (; i < row->cells; i = next_other(row, i + 1)) {
        size_t from = r->decoded.n;
        if (!encoding_decode(r->in.encoding, row->cell[i].bytes, &r->decoded))
            return refuse(r, "row", row->number, i + 1, e);
        r->decoded_cell[i].bytes = span_of(r->decoded.p + from, r->decoded.n - from);
    }
    row->cell = r->decoded_cell;
    row->roomy = false;
    row->packed = NULL;
    return true;
}
