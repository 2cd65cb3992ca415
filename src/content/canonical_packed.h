/*
 * Cells of packed rows (XPT): what is the same in all rows of a member is found out once, so that
 * little is asked of each cell. For canonical.c, which knows all other cells.
 */
#ifndef CONTENT_CANONICAL_PACKED_H
#define CONTENT_CANONICAL_PACKED_H

#include "base/bytes.h"
#include "content/canonical_columns.h"
#include "content/canonical_put.h"
#include "dataset/ibm.h"

enum packed_form {
    PACKED_ANY, /* not for us */
    PACKED_TEXT_16,
    PACKED_TEXT_63,
    PACKED_NUMBER,
    PACKED_NEW_NUMBER, /* most are not known */
};

/* Of a column, by name. */
struct packed_column {
    enum packed_form form;
    size_t at;       /* of its cells in a row */
    uint64_t own;    /* a bit for each byte of a text; or, of eight bytes, the bits of a number */
    uint64_t missed; /* numbers that were not known */
};

/*
 * A number or missing value and its cell, if that is short. Values repeat, and small integers,
 * which repeat most, each have their own place among PACKED_KNOWN.
 */
struct packed_known {
    uint64_t bits;
    uint8_t cell[10], n;
};

enum { PACKED_KNOWN = 1024 };

struct packed {
    struct packed_column *column;
    struct packed_known *known;
};

/* In the arena. */
struct packed packed_open(const struct dataset_info *info, const struct canonical_column *sorted,
                          struct arena *a);

/*
 * Puts a number or missing value. NULL where it is not to be written so: it is to be noted, is
 * rounded, or has many digits. And the same of one that was not known.
 */
uint8_t *packed_put_new(uint8_t *to, uint64_t bits);
uint8_t *packed_put_unknown(const struct packed *p, struct packed_column *c, uint8_t *to,
                            uint64_t bits, uint64_t row);

/* The place of the number among those known, by its whole part where it is neither small nor large.
 */
static inline struct packed_known *packed_known(const struct packed *p, uint64_t bits)
{
    uint64_t whole = bits << 8 >> ((64 - (unsigned)ibm_exponent(bits)) & 63);
    return &p->known[(whole + (bits >> IBM_FRACTION_BITS)) % PACKED_KNOWN];
}

static inline uint8_t *packed_put_number(const struct packed *p, struct packed_column *c,
                                         uint8_t *to, uint64_t bits, uint64_t row)
{
    const struct packed_known *known = packed_known(p, bits);
    if (known->bits != bits)
        return packed_put_unknown(p, c, to, bits, row);
    memcpy(to, known->cell, sizeof known->cell);
    return to + known->n;
}

/*
 * The cell at `from`, of a roomy row. Returns what is behind it, or NULL, as above, or where a text
 * is not ASCII. All that it takes of the row is given, since any store of bytes might change what
 * is behind a pointer.
 */
static inline __attribute__((always_inline)) uint8_t *packed_put(const struct packed *p,
                                                                 struct packed_column *c,
                                                                 uint8_t *to, const uint8_t *from,
                                                                 bool ascii, uint64_t row)
{
    bool text = c->form == PACKED_TEXT_16 || c->form == PACKED_TEXT_63;
    if (!ascii && text && canonical_high(from, c->own) != 0)
        return NULL;
    if (c->form == PACKED_TEXT_16)
        return canonical_put_16(to, from, c->own);
    if (c->form == PACKED_TEXT_63)
        return canonical_put_63(to, from, c->own);
    if (c->form == PACKED_NUMBER)
        return packed_put_number(p, c, to, bytes_eight(from) & c->own, row);
    if (c->form == PACKED_NEW_NUMBER)
        return packed_put_new(to, bytes_eight(from) & c->own);
    return NULL;
}

#endif
