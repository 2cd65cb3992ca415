#include "content/sort_key.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

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
static inline uint8_t *put_number(uint8_t *to, double x, uint8_t says)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    *to++ = KIND_NUMBER;
    bytes_put_eight(to, (bits >> 63) != 0 ? ~bits : bits | UINT64_C(1) << 63);
    to[sizeof bits] = says;
    return to + sizeof bits + 1;
}

/* Some byte of the eight is 00 or 01; bytes above 7f are none. */
static inline bool has_low(uint64_t v)
{
    return ((v - UINT64_C(0x0202020202020202)) & ~v & UINT64_C(0x8080808080808080)) != 0;
}

/* What is less than a word is looked at from both ends. */
static inline bool needs_escape(struct span s)
{
    bool low = false;
    if (s.n >= 8) {
        for (size_t i = 0; i + 8 <= s.n; i += 8)
            low |= has_low(bytes_eight(s.p + i));
        return low | has_low(bytes_eight(s.p + s.n - 8));
    }
    if (s.n >= 4)
        return has_low((uint64_t)bytes_four(s.p) << 32 | bytes_four(s.p + s.n - 4));
    for (size_t i = 0; i < s.n; i++)
        low |= s.p[i] <= ESCAPE;
    return low;
}

static uint8_t *put_escaped(uint8_t *to, struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool escaped = s.p[i] <= ESCAPE;
        if (escaped)
            *to++ = ESCAPE;
        *to++ = (uint8_t)(s.p[i] + escaped);
    }
    return to;
}

/* 00 ends it, so a text comes before what it begins; 00 and 01 in it are escaped. */
static inline uint8_t *put_bytes(uint8_t *to, struct span s)
{
    *to++ = KIND_TEXT;
    if (needs_escape(s)) {
        to = put_escaped(to, s);
    } else {
        bytes_copy(to, s.p, s.n);
        to += s.n;
    }
    *to++ = END;
    return to;
}

static uint8_t *put_cell(uint8_t *to, const struct canonical_cell *c)
{
    uint64_t v;
    bool plain = c->tag >= CANONICAL_NUMBER && plain_digits(c->value, &v);
    switch (c->tag) {
    case CANONICAL_NOTHING:
        *to++ = KIND_NOTHING;
        break;
    case CANONICAL_SPECIAL:
        *to++ = KIND_SPECIAL;
        *to++ = c->value.p[0];
        break;
    case CANONICAL_NUMBER:
        return put_number(to, plain ? (double)v : number_value(c->value), SAYS_NUMBER);
    case CANONICAL_TEXT:
        return plain ? put_number(to, (double)v, SAYS_TEXT) : put_bytes(to, c->value);
    }
    return to;
}

/* The i-th by name; most are short. */
static inline struct canonical_cell cell_of(const struct canonical_record *r, size_t i)
{
    const uint8_t *p = r->cell[i];
    if (p[0] < CANONICAL_NUMBER || p[1] >= 0x80)
        return canonical_cell(r, i);
    return (struct canonical_cell){(enum canonical_tag)p[0], {p + 2, p[1]}};
}

/* A part of the key for what is too long for it. */
static void shorten(struct buf *key, size_t from)
{
    struct hash whole = sha256_of(span_of(key->p + from, key->n - from));
    key->n = from + SORT_KEY_WHOLE;
    buf_add(key, hash_span(&whole));
}

void sort_key_add(const struct canonical_record *r, const size_t *place, size_t count,
                  struct buf *out)
{
    size_t from = out->n;
    for (size_t i = 0; i < count; i++) {
        struct canonical_cell c = cell_of(r, place[i]);
        size_t most = c.value.n < NUMBER_SIZE ? 2 * NUMBER_SIZE : 2 * c.value.n + 2;
        uint8_t *to = out->cap - out->n < most ? buf_room(out, most) : out->p + out->n;
        out->n += (size_t)(put_cell(to, &c) - to);
    }
    if (out->n - from > SORT_KEY_WHOLE)
        shorten(out, from);
}
