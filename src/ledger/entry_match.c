#include "ledger/entry_match.h"

#include <assert.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

enum { HASH_DIGITS = 2 * SHA256_SIZE, HASH_TEXT = HASH_DIGITS + 2 };

static bool match_hash(struct cursor *c, struct hash *out)
{
    if (c->end - c->p < HASH_TEXT || c->p[0] != '"' || c->p[HASH_TEXT - 1] != '"' ||
        !hash_parse(span_of(c->p + 1, HASH_DIGITS), out))
        return false;
    c->p += HASH_TEXT;
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

static inline __attribute__((always_inline)) bool
match_value(struct cursor *c, const struct entry_field *f, struct entry *x)
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

/* --- by its kind alone --- */

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

static inline struct entry_place place_of(struct span text, const uint8_t *begin,
                                          const uint8_t *end, bool borrowed)
{
    return (struct entry_place){(uint16_t)(begin - text.p), (uint16_t)(end - text.p), borrowed};
}

static bool match_subject(struct cursor *c, const struct entry_form *k, struct entry *x)
{
    return TAKE(c, "},\"predicateType\":\"" PREDICATE_TYPE) && take_name(c, k->name) &&
           TAKE(c, "/v1\",\"subject\":[{\"digest\":{\"sha256\":") && match_hash(c, &x->subject);
}

static bool match_end(struct cursor *c, const struct entry_form *k)
{
    return TAKE(c, "},\"name\":\"") && take_name(c, k->subject) && TAKE(c, "\"}]}") &&
           c->p == c->end;
}

/* c stands before the second member: "at" is the first of all. */
static bool match_kind(struct span text, struct cursor c, enum entry_kind kind, struct entry *x,
                       struct entry_place *value)
{
    const struct entry_form *k = entry_form(kind);
    assert(k->count < ENTRY_VALUES_MAX);
    for (size_t i = 1; i < k->count; i++) {
        const struct entry_field *f = &k->fields[i];
        if (!take_lead(&c, f))
            return false;
        const uint8_t *begin = c.p;
        if (!match_value(&c, f, x))
            return false;
        value[i] = place_of(text, begin, c.p, f->type == A_TEXT);
    }
    x->kind = kind;
    if (!match_subject(&c, k, x))
        return false;
    value[k->count] = place_of(text, c.p - HASH_TEXT, c.p, false);
    return match_end(&c, k);
}

static bool match_any(struct span text, struct entry *out, struct entry_place *value)
{
    struct cursor c = {text.p, text.p + text.n};
    int64_t at;
    if (!TAKE(&c, "{\"_type\":\"" STATEMENT_TYPE "\",\"predicate\":{\"at\":"))
        return false;
    const uint8_t *begin = c.p;
    if (!match_time(&c, &at))
        return false;
    value[0] = place_of(text, begin, c.p, false);
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++) {
        struct cursor second = c;
        /* The kind stands behind the predicate; but this name tells most of them apart. */
        if (!take_lead(&second, &entry_form(k)->fields[1]))
            continue;
        *out = (struct entry){.at = at};
        if (match_kind(text, c, k, out, value))
            return true;
    }
    return false;
}

/* --- by the one before --- */

/* How many of the first n bytes are the same. */
static size_t same_bytes(const uint8_t *p, const uint8_t *q, size_t n)
{
    size_t i = 0;
#ifdef __SSE2__
    for (; n - i >= sizeof(__m128i); i += sizeof(__m128i)) {
        __m128i a = _mm_loadu_si128((const __m128i *)(p + i));
        __m128i b = _mm_loadu_si128((const __m128i *)(q + i));
        unsigned other = 0xffffU ^ (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b));
        if (other != 0)
            return i + (unsigned)__builtin_ctz(other);
    }
#endif
    while (i < n && p[i] == q[i])
        i++;
    return i;
}

static void place_move(struct entry_place *p, size_t further)
{
    p->begin = (uint16_t)(p->begin + further);
    p->end = (uint16_t)(p->end + further);
}

static size_t same_from(struct span old, size_t at_old, struct span new, size_t at_new)
{
    size_t old_rest = old.n - at_old, new_rest = new.n - at_new;
    return same_bytes(old.p + at_old, new.p + at_new, old_rest < new_rest ? old_rest : new_rest);
}

/* The value at c: number i of the kind, of which the subject is the last. */
static inline bool match_which(struct cursor *c, const struct entry_form *k, size_t i,
                               struct entry *x)
{
    return i == k->count ? match_hash(c, &x->subject) : match_value(c, &k->fields[i], x);
}

/*
 * A value stays where its text is the same up to the next value. Otherwise it is read, and both
 * texts go on behind it. What has no value must be the same. On the way, value[] becomes the new
 * one's.
 */
static bool match_like(struct entry_before *b, struct span text, struct entry *out)
{
    const struct entry_form *k = entry_form(b->x->kind);
    const uint8_t *end = text.p + text.n;
    size_t at_old = 0, at_new = 0, i = 0; /* how far both texts have been read; values */
    memcpy(out, b->x, k->size);
    for (;;) {
        size_t same = same_from(b->text, at_old, text, at_new), further = at_new - at_old;
        for (; i <= k->count && b->value[i + 1].begin <= at_old + same && !b->value[i].borrowed;
             i++)
            place_move(&b->value[i], further);
        if (i > k->count)
            return at_old + same == b->text.n && at_new + same == text.n;
        struct entry_place *v = &b->value[i];
        if (v->begin > at_old + same)
            return false;
        const uint8_t *begin = text.p + (v->begin + further);
        struct cursor c = {begin, end};
        if (!match_which(&c, k, i++, out))
            return false;
        at_old = v->end;
        at_new = (size_t)(c.p - text.p);
        *v = place_of(text, begin, c.p, v->borrowed);
    }
}

/* --- the whole --- */

bool entry_match_next(struct entry_before *b, struct span bytes, struct entry *out)
{
    bool good = bytes.n <= ENTRY_MAX &&
                ((b->text.n > 0 && match_like(b, bytes, out)) || match_any(bytes, out, b->value));
    b->text = good ? bytes : SPAN("");
    b->x = out;
    if (good)
        b->value[entry_form(out->kind)->count + 1].begin = (uint16_t)bytes.n;
    return good;
}

bool entry_match(struct span bytes, struct entry *out)
{
    struct entry_before none = {0};
    return entry_match_next(&none, bytes, out);
}
