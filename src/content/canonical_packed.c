#include "content/canonical_packed.h"

#include "content/number.h"

uint8_t *packed_put_new(uint8_t *to, uint64_t bits)
{
    struct ibm x = ibm_parse(bits);
    if (x.kind == IBM_MISSING)
        return canonical_put_nothing(to);
    if (x.kind == IBM_SPECIAL)
        return canonical_put_special(to, x.letter);
    size_t n = x.inexact || x.unnormalised ? 0 : number_short(x.value, (char *)to + 2);
    to[0] = CANONICAL_NUMBER;
    to[1] = (uint8_t)n;
    return n == 0 ? NULL : to + 2 + n;
}

/* Copied as it was written: bytes that were just stored one by one are slow to load together. */
static void keep(struct packed_known *known, uint64_t bits, const uint8_t *cell, size_t n)
{
    if (n > sizeof known->cell)
        return;
    known->bits = bits;
    known->cell[0] = cell[0];
    known->cell[1] = cell[1];
    memcpy(known->cell + 2, cell + 2, sizeof known->cell - 2);
    known->n = (uint8_t)n;
}

uint8_t *packed_put_unknown(const struct packed *p, struct packed_column *c, uint8_t *to,
                            uint64_t bits, uint64_t row)
{
    enum { ENOUGH = 1000, PART = 4 };
    uint8_t *end = packed_put_new(to, bits);
    if (++c->missed > ENOUGH && c->missed > row / PART)
        c->form = PACKED_NEW_NUMBER;
    if (end != NULL)
        keep(packed_known(p, bits), bits, to, (size_t)(end - to));
    return end;
}

static struct packed_column column_of(const struct column *c, size_t at)
{
    size_t width = c->length;
    struct packed_column out = {.at = at};
    if (c->type == COLUMN_TEXT && width > 0 && width < 64) {
        out.form = width <= 16 ? PACKED_TEXT_16 : PACKED_TEXT_63;
        out.own = (UINT64_C(1) << width) - 1;
    } else if (c->type == COLUMN_NUMBER && width > 0 && width <= IBM_BYTES) {
        out.form = PACKED_NUMBER;
        out.own = UINT64_MAX << (8 * (IBM_BYTES - width));
    }
    return out;
}

struct packed packed_open(const struct dataset_info *info, const struct canonical_column *sorted,
                          struct arena *a)
{
    struct packed p = {.column = arena_array(a, info->columns, sizeof *p.column),
                       .known = arena_array(a, PACKED_KNOWN, sizeof *p.known)};
    size_t *at = arena_array(a, info->columns + 1, sizeof *at);
    for (size_t i = 0; i < info->columns; i++)
        at[i + 1] = at[i] + info->column[i].length;
    for (size_t i = 0; i < info->columns; i++) {
        size_t index = sorted[i].index;
        p.column[i] = column_of(&info->column[index], at[index]);
    }
    for (size_t i = 0; i < PACKED_KNOWN; i++)
        p.known[i] = (struct packed_known){.cell = {CANONICAL_NUMBER, 1, '0'}, .n = 3};
    return p;
}
