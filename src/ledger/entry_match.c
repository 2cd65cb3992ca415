#include "ledger/entry_match.h"

#include <string.h>

#include "base/time.h"
#include "format/json_tree.h"
#include "ledger/entry_form.h"
#include "ledger/tile.h"

/* What is still to be matched. */
struct cursor {
    const uint8_t *p, *end;
};

static inline bool take(struct cursor *c, const char *text, size_t n)
{
    if ((size_t)(c->end - c->p) < n || memcmp(c->p, text, n) != 0)
        return false;
    c->p += n;
    return true;
}

#define TAKE(c, literal) take(c, literal, sizeof(literal) - 1)

/* Up to its NUL; names are short, so this beats strlen and memcmp. */
static inline bool take_name(struct cursor *c, const char *name)
{
    const uint8_t *p = c->p;
    for (; *name != '\0'; name++, p++)
        if (p == c->end || *p != (uint8_t)*name)
            return false;
    c->p = p;
    return true;
}

static inline bool take_byte(struct cursor *c, uint8_t byte)
{
    if (c->p == c->end || *c->p != byte)
        return false;
    c->p++;
    return true;
}

/* --- values --- */

static bool match_time(struct cursor *c, int64_t *out)
{
    if ((size_t)(c->end - c->p) < TIME_TEXT + 2 || c->p[0] != '"' || c->p[TIME_TEXT + 1] != '"' ||
        !time_parse(span_of(c->p + 1, TIME_TEXT), out))
        return false;
    c->p += TIME_TEXT + 2;
    return true;
}

static bool match_hash(struct cursor *c, struct hash *out)
{
    enum { DIGITS = 2 * SHA256_SIZE };
    if ((size_t)(c->end - c->p) < DIGITS + 2 || c->p[0] != '"' || c->p[DIGITS + 1] != '"' ||
        !hash_parse(span_of(c->p + 1, DIGITS), out))
        return false;
    c->p += DIGITS + 2;
    return true;
}

static bool match_number(struct cursor *c, uint64_t *out)
{
    const uint8_t *p = c->p;
    uint64_t v = 0;
    for (; p < c->end && *p >= '0' && *p <= '9'; p++) {
        v = 10 * v + (*p - '0');
        if (v > (uint64_t)JSON_INTEGER_MAX)
            return false;
    }
    if (p == c->p || (*c->p == '0' && p - c->p > 1))
        return false;
    *out = v;
    c->p = p;
    return true;
}

static bool match_word(struct cursor *c, const struct entry_field *f, uint64_t *out)
{
    for (uint64_t i = 0; f->words[i] != NULL; i++) {
        struct cursor at = *c;
        bool null = f->words[i][0] == '\0';
        if (null ? !TAKE(&at, "null")
                 : !take_byte(&at, '"') || !take_name(&at, f->words[i]) || !take_byte(&at, '"'))
            continue;
        *out = i;
        *c = at;
        return true;
    }
    return false;
}

/* Printable ASCII without escapes is the same in text and value, and has one spelling. */
static bool match_text(struct cursor *c, const struct entry_field *f, struct span *out)
{
    const uint8_t *p = c->p;
    if (TAKE(c, "null")) {
        *out = SPAN("");
        return f->check(*out);
    }
    if (p == c->end || *p != '"')
        return false;
    for (p++; p < c->end && *p != '"'; p++)
        if (*p < 0x20 || *p > 0x7e || *p == '\\')
            return false;
    *out = span_of(c->p + 1, (size_t)(p - c->p) - 1);
    if (p == c->end || out->n == 0)
        return false;
    c->p = p + 1;
    return f->check(*out);
}

static bool match_value(struct cursor *c, const struct entry_field *f, struct entry *x)
{
    void *at = (uint8_t *)x + f->offset;
    switch (f->type) {
    case A_TIME:
        return match_time(c, at);
    case A_HASH:
        return match_hash(c, at);
    case A_HASH_OR_NULL:
        if (TAKE(c, "null")) {
            *(struct hash *)at = (struct hash){{0}};
            return true;
        }
        return match_hash(c, at) && !hash_is_zero(*(struct hash *)at);
    case A_NUMBER_OR_NULL:
        if (TAKE(c, "null")) {
            *(uint64_t *)at = ENTRY_NONE;
            return true;
        }
        return match_number(c, at);
    case A_NUMBER:
        return match_number(c, at);
    case A_BOOL:
        *(bool *)at = TAKE(c, "true");
        return *(bool *)at || TAKE(c, "false");
    case A_WORD:
        return match_word(c, f, at);
    case A_TEXT:
        return match_text(c, f, at);
    }
    return false;
}

/* --- the whole --- */

/*
 * ,"name": compared eight bytes at a time. More than LEAD_MAX follow in every entry: its subject.
 */
static inline bool take_lead(struct cursor *c, const struct entry_field *f)
{
    static const uint8_t ones[2 * LEAD_MAX] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    };
    uint64_t is[LEAD_MAX / 8], must[LEAD_MAX / 8], mask[LEAD_MAX / 8];
    if (c->end - c->p < LEAD_MAX)
        return false;
    memcpy(is, c->p, LEAD_MAX);
    memcpy(must, f->lead, LEAD_MAX);
    memcpy(mask, ones + LEAD_MAX - f->lead_size, LEAD_MAX);
    if ((((is[0] ^ must[0]) & mask[0]) | ((is[1] ^ must[1]) & mask[1]) |
         ((is[2] ^ must[2]) & mask[2])) != 0)
        return false;
    c->p += f->lead_size;
    return true;
}

static bool match_subject(struct cursor *c, const struct entry_form *k, struct entry *x)
{
    return TAKE(c, "},\"predicateType\":\"" PREDICATE_TYPE) && take_name(c, k->name) &&
           TAKE(c, "/v1\",\"subject\":[{\"digest\":{\"sha256\":") && match_hash(c, &x->subject) &&
           TAKE(c, "},\"name\":\"") && take_name(c, k->subject) && TAKE(c, "\"}]}") &&
           c->p == c->end;
}

/* c stands before the second member: "at" is the first of all. */
static bool match_kind(struct cursor c, enum entry_kind kind, struct entry *x)
{
    const struct entry_form *k = entry_form(kind);
    for (size_t i = 1; i < k->count; i++)
        if (!take_lead(&c, &k->fields[i]) || !match_value(&c, &k->fields[i], x))
            return false;
    x->kind = kind;
    return match_subject(&c, k, x);
}

bool entry_match(struct span bytes, struct entry *out)
{
    struct cursor c = {bytes.p, bytes.p + bytes.n};
    int64_t at;
    if (bytes.n > ENTRY_MAX ||
        !TAKE(&c, "{\"_type\":\"" STATEMENT_TYPE "\",\"predicate\":{\"at\":") ||
        !match_time(&c, &at))
        return false;
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++) {
        struct cursor second = c;
        /* The kind stands behind the predicate; but this name tells most of them apart. */
        if (!take_lead(&second, &entry_form(k)->fields[1]))
            continue;
        *out = (struct entry){.at = at};
        if (match_kind(c, k, out))
            return true;
    }
    return false;
}
