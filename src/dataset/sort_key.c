#include "dataset/sort_key.h"

#include <stdlib.h>
#include <string.h>

/* What a value begins with: the order of kinds. */
enum kind {
    KIND_NOTHING,
    KIND_SPECIAL,
    KIND_NUMBER, /* also texts that say one */
    KIND_TEXT,
};

enum { DIGITS_MAX = 15, NUMBER_SIZE = 10, SAYS_NUMBER = 0, SAYS_TEXT = 1, END = 0, ESCAPE = 1 };

/* 1 to 15 digits, without a zero before others: a double carries it. */
static bool plain_digits(struct span s, uint64_t *out)
{
    uint64_t v = 0;
    if (s.n == 0 || s.n > DIGITS_MAX || (s.p[0] == '0' && s.n > 1))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned)s.p[i] - '0';
        if (digit > 9)
            return false;
        v = v * 10 + digit;
    }
    *out = v;
    return true;
}

static double number_value(struct span form)
{
    char text[64];
    size_t n = form.n < sizeof text ? form.n : sizeof text - 1;
    memcpy(text, form.p, n);
    text[n] = '\0';
    return strtod(text, NULL);
}

/* Bits of doubles are in their order once the sign is turned, and, of negative ones, all. */
static void add_number(struct buf *out, double x, uint8_t says)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits = (bits >> 63) != 0 ? ~bits : bits | UINT64_C(1) << 63;
    uint8_t *to = buf_room(out, NUMBER_SIZE);
    to[0] = KIND_NUMBER;
    for (unsigned i = 0; i < sizeof bits; i++)
        to[1 + i] = (uint8_t)(bits >> (56 - 8 * i));
    to[NUMBER_SIZE - 1] = says;
    out->n += NUMBER_SIZE;
}

/* 00 ends it, so a text comes before what it begins; 00 and 01 in it are escaped. */
static void add_bytes(struct buf *out, struct span s)
{
    uint8_t *to = buf_room(out, 2 * s.n + 2);
    *to++ = KIND_TEXT;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] <= ESCAPE) {
            *to++ = ESCAPE;
            *to++ = (uint8_t)(s.p[i] + 1);
        } else {
            *to++ = s.p[i];
        }
    }
    *to++ = END;
    out->n = (size_t)(to - out->p);
}

static void add_text(struct buf *out, struct span s)
{
    uint64_t v;
    if (plain_digits(s, &v))
        add_number(out, (double)v, SAYS_TEXT);
    else
        add_bytes(out, s);
}

static void add_number_form(struct buf *out, struct span form)
{
    uint64_t v;
    add_number(out, plain_digits(form, &v) ? (double)v : number_value(form), SAYS_NUMBER);
}

static void add_cell(struct buf *out, const struct canonical_cell *c)
{
    switch (c->tag) {
    case CANONICAL_NOTHING:
        buf_byte(out, KIND_NOTHING);
        break;
    case CANONICAL_SPECIAL:
        buf_byte(out, KIND_SPECIAL);
        buf_add(out, c->value);
        break;
    case CANONICAL_NUMBER:
        add_number_form(out, c->value);
        break;
    case CANONICAL_TEXT:
        add_text(out, c->value);
        break;
    }
}

void sort_key_add(const struct canonical_record *r, const size_t *place, size_t count,
                  struct buf *out)
{
    size_t from = out->n;
    for (size_t i = 0; i < count; i++) {
        struct canonical_cell cell = canonical_cell(r, place[i]);
        add_cell(out, &cell);
    }
    if (out->n - from <= SORT_KEY_MAX)
        return;
    struct hash whole = sha256_of(span_of(out->p + from, out->n - from));
    out->n = from + SORT_KEY_MAX - SHA256_SIZE;
    buf_add(out, hash_span(&whole));
}
