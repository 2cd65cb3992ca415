#include "dataset/canonical.h"

#include <string.h>

#include "base/buf.h"
#include "base/sort.h"
#include "dataset/ibm.h"
#include "dataset/number.h"
#include "dataset/sas_time.h"
#include "format/json_write.h"

enum oddity {
    ODD_FINE,
    ODD_TEXT,
    ODD_TIME,
    ODD_INEXACT,
    ODD_UNNORMALISED,
    ODD_BYTES,
    ODDITIES,
};

static const char *const oddity_text[ODDITIES] = {
    [ODD_FINE] = "a number that no double carries, kept as text",
    [ODD_TEXT] = "text in a column of numbers",
    [ODD_TIME] = "text that is no date or time, though the column says so",
    [ODD_INEXACT] = "a number of more than 53 bits, rounded",
    [ODD_UNNORMALISED] = "a number whose first digit is 0",
    [ODD_BYTES] = "text that is not UTF-8, taken for Windows-1252",
};

/* A column at its place by name. */
struct place {
    size_t index; /* in the row */
    enum column_class class;
    struct span name; /* canonical */
    unsigned noted;   /* 1 << oddity */
};

struct canonical {
    const struct dataset_info *info;
    struct issues *notes;
    const char *where;
    struct arena arena;
    struct place *place;
    uint32_t *cell; /* where each begins in `bytes` */
    struct buf bytes, strict, text;
    size_t room;             /* as much as this row may need in each of bytes and strict */
    uint8_t *to, *strict_to; /* where its next cell goes */
    bool rounded;            /* it has a cell whose strict form is another */
};

/* --- classes --- */

static enum column_class declared_class(struct span type)
{
    static const struct {
        const char *type;
        enum column_class class;
    } classes[] = {{"date", CLASS_DATE}, {"datetime", CLASS_DATETIME}, {"time", CLASS_TIME}};
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (span_eq(type, span_str(classes[i].type)))
            return classes[i].class;
    return CLASS_NUMBER;
}

enum column_class column_class(const struct column *c)
{
    if (c->type != COLUMN_NUMBER)
        return CLASS_TEXT;
    enum column_class class = declared_class(c->type_name);
    return class == CLASS_NUMBER ? sas_format_class(c->format.name) : class;
}

/* --- text --- */

static inline uint64_t little_endian(const uint8_t *p)
{
    return (uint64_t)p[7] << 56 | (uint64_t)p[6] << 48 | (uint64_t)p[5] << 40 |
           (uint64_t)p[4] << 32 | (uint64_t)p[3] << 24 | (uint64_t)p[2] << 16 |
           (uint64_t)p[1] << 8 | p[0];
}

/*
 * Without blanks and NULs at its end. XPT pads with them, so they are passed eight at a time, as a
 * number whose highest byte is the last: bit 5 is all in which a blank differs from NUL.
 */
static inline struct span strip(struct span s)
{
    const uint64_t but_bit_5 = 0xdfdfdfdfdfdfdfdfu;
    if (s.n == 0 || (s.p[s.n - 1] & 0xdf) != 0)
        return s;
    while (s.n >= sizeof(uint64_t)) {
        uint64_t word = little_endian(s.p + s.n - sizeof word) & but_bit_5;
        if (word != 0) {
            s.n -= (size_t)__builtin_clzll(word) / 8;
            return s;
        }
        s.n -= sizeof word;
    }
    while (s.n > 0 && (s.p[s.n - 1] & 0xdf) == 0)
        s.n--;
    return s;
}

/* Windows-1252 where it differs from ISO 8859-1; 0: it has none there, so U+0080 to U+009F. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

static void add_1252(struct buf *b, uint8_t c)
{
    uint16_t u = c >= 0x80 && c < 0xa0 && windows_1252[c - 0x80] != 0 ? windows_1252[c - 0x80] : c;
    if (u < 0x80) {
        buf_byte(b, (uint8_t)u);
        return;
    }
    if (u >= 0x800) {
        buf_byte(b, (uint8_t)(0xe0 | u >> 12));
        buf_byte(b, (uint8_t)(0x80 | (u >> 6 & 0x3f)));
    } else {
        buf_byte(b, (uint8_t)(0xc0 | u >> 6));
    }
    buf_byte(b, (uint8_t)(0x80 | (u & 0x3f)));
}

/* As UTF-8: as it is, or in *b; without blanks and NULs at its end. *utf8: it was. */
static struct span canonical_text(struct buf *b, struct span s, bool *utf8)
{
    s = strip(s);
    *utf8 = span_ascii(s) || span_utf8(s);
    if (*utf8)
        return s;
    buf_clear(b);
    for (size_t i = 0; i < s.n; i++)
        add_1252(b, s.p[i]);
    return buf_span(b);
}

/* --- cells --- */

static void note(struct canonical *c, struct place *p, const struct row *row, enum oddity odd)
{
    if ((p->noted >> odd & 1) != 0)
        return;
    p->noted |= 1u << odd;
    issues_add(c->notes, ISSUE_FORMAT_NOTE, c->where, "column %zu: %s, first in row %llu",
               p->index + 1, oddity_text[odd], (unsigned long long)row->number);
}

/* Short ones by two loads that overlap: calling memcpy takes longer than the copy. */
static inline uint8_t *put_bytes(uint8_t *to, struct span s)
{
    if (s.n > 32) {
        memcpy(to, s.p, s.n);
    } else if (s.n >= 16) {
        memcpy(to, s.p, 16);
        memcpy(to + s.n - 16, s.p + s.n - 16, 16);
    } else if (s.n >= 8) {
        memcpy(to, s.p, 8);
        memcpy(to + s.n - 8, s.p + s.n - 8, 8);
    } else if (s.n >= 4) {
        memcpy(to, s.p, 4);
        memcpy(to + s.n - 4, s.p + s.n - 4, 4);
    } else if (s.n > 0) {
        to[0] = s.p[0];
        to[s.n / 2] = s.p[s.n / 2];
        to[s.n - 1] = s.p[s.n - 1];
    }
    return to + s.n;
}

/* Lengths are LEB128: seven bits a byte, the lowest first, the top bit set but in the last. */
static inline uint8_t *put_length(uint8_t *to, size_t n)
{
    for (; n >= 0x80; n >>= 7)
        *to++ = (uint8_t)(0x80 | (n & 0x7f));
    *to++ = (uint8_t)n;
    return to;
}

static inline uint8_t *put_value(uint8_t *to, enum canonical_tag tag, struct span s)
{
    *to++ = (uint8_t)tag;
    return put_bytes(put_length(to, s.n), s);
}

/* A text may grow to three times its bytes; a tag, a length and any number or time are below 64. */
static size_t row_room(const struct row *row)
{
    size_t room = 0;
    for (size_t i = 0; i < row->cells; i++)
        room += row->cell[i].bytes.n;
    return 3 * room + 64 * row->cells;
}

static void begin_row(struct canonical *c, const struct row *row)
{
    buf_clear(&c->bytes);
    c->room = row_room(row);
    c->to = buf_room(&c->bytes, c->room);
    c->rounded = false;
}

/* The strict bytes are written from the first cell on that differs. */
static void add_rounded(struct canonical *c, enum canonical_tag tag, struct span text,
                        struct span exact)
{
    if (!c->rounded) {
        struct span before = span_of(c->bytes.p, (size_t)(c->to - c->bytes.p));
        c->rounded = true;
        buf_clear(&c->strict);
        c->strict_to = buf_room(&c->strict, c->room);
        c->strict_to = put_bytes(c->strict_to, before);
    }
    c->to = put_value(c->to, tag, text);
    c->strict_to = put_value(c->strict_to, tag, exact);
}

static inline void add_cell(struct canonical *c, enum canonical_tag tag, struct span s)
{
    c->to = put_value(c->to, tag, s);
    if (c->rounded)
        c->strict_to = put_value(c->strict_to, tag, s);
}

static inline void add_nothing(struct canonical *c)
{
    *c->to++ = CANONICAL_NOTHING;
    if (c->rounded)
        *c->strict_to++ = CANONICAL_NOTHING;
}

static void add_special(struct canonical *c, char letter)
{
    const uint8_t mark[] = {CANONICAL_SPECIAL, (uint8_t)letter};
    c->to = put_bytes(c->to, span_of(mark, sizeof mark));
    if (c->rounded)
        c->strict_to = put_bytes(c->strict_to, span_of(mark, sizeof mark));
}

static inline void add_text(struct canonical *c, struct place *p, const struct row *row,
                            struct span s)
{
    bool utf8 = true;
    s = row->ascii ? strip(s) : canonical_text(&c->text, s, &utf8);
    if (!utf8)
        note(c, p, row, ODD_BYTES);
    if (s.n == 0)
        add_nothing(c);
    else
        add_cell(c, CANONICAL_TEXT, s);
}

static void add_number(struct canonical *c, const struct number *x)
{
    if (x->exact_n == 0)
        add_cell(c, CANONICAL_NUMBER, number_text(x));
    else
        add_rounded(c, CANONICAL_NUMBER, number_text(x), number_exact(x));
}

static void add_ibm(struct canonical *c, struct place *p, const struct row *row, struct span bytes)
{
    struct ibm ibm = ibm_parse(ibm_bits(bytes));
    struct number x;
    if (ibm.kind == IBM_MISSING) {
        add_nothing(c);
        return;
    }
    if (ibm.kind == IBM_SPECIAL) {
        add_special(c, ibm.letter);
        return;
    }
    if (ibm.inexact)
        note(c, p, row, ODD_INEXACT);
    if (ibm.unnormalised)
        note(c, p, row, ODD_UNNORMALISED);
    number_of_double(ibm.value, &x);
    add_number(c, &x);
}

/* A text where numbers, dates or times are declared. Blanks around it say nothing there. */
static void add_lexeme(struct canonical *c, struct place *p, const struct row *row, struct span s)
{
    struct number x;
    char text[SAS_TIME_MAX];
    struct span lexeme = strip(s);
    while (lexeme.n > 0 && lexeme.p[0] == ' ')
        lexeme = span_skip(lexeme, 1);
    size_t n = sas_time_number(p->class, lexeme, text);
    enum number_lexeme kind = number_parse(n > 0 ? span_of(text, n) : lexeme, &x);
    if (kind == NUMBER_GOOD) {
        add_number(c, &x);
        return;
    }
    if (lexeme.n > 0)
        note(c, p, row,
             kind == NUMBER_TOO_FINE    ? ODD_FINE
             : p->class == CLASS_NUMBER ? ODD_TEXT
                                        : ODD_TIME);
    add_text(c, p, row, s);
}

static void add_any(struct canonical *c, struct place *p, const struct row *row)
{
    const struct cell *cell = &row->cell[p->index];
    switch (cell->kind) {
    case CELL_NULL:
        add_nothing(c);
        break;
    case CELL_IBM:
        add_ibm(c, p, row, cell->bytes);
        break;
    default:
        if (p->class == CLASS_TEXT)
            add_text(c, p, row, cell->bytes);
        else
            add_lexeme(c, p, row, cell->bytes);
    }
}

/* 16 bytes at a time, whatever is behind them: `to` has room for more than is written. */
static inline uint8_t *put_roomy(uint8_t *to, struct span s)
{
    if (s.n > ROW_ROOM) {
        memcpy(to, s.p, s.n);
        return to + s.n;
    }
    memcpy(to, s.p, 16);
    if (s.n > 16)
        memcpy(to + 16, s.p + 16, 16);
    return to + s.n;
}

/* As strip; texts that are shorter than a word are looked at as one, with what is behind them. */
static inline struct span strip_roomy(struct span s)
{
    const uint64_t but_bit_5 = 0xdfdfdfdfdfdfdfdfu;
    if (s.n == 0 || s.n >= sizeof(uint64_t))
        return strip(s);
    uint64_t own = (UINT64_C(1) << (8 * s.n)) - 1, word = little_endian(s.p) & but_bit_5 & own;
    s.n = word == 0 ? 0 : sizeof word - (size_t)__builtin_clzll(word) / 8;
    return s;
}

/* Most cells by far: what is ASCII has one form, and `to` stays in a register. */
static inline uint8_t *put_plain(uint8_t *to, struct span s)
{
    s = strip_roomy(s);
    if (s.n == 0) {
        *to++ = CANONICAL_NOTHING;
        return to;
    }
    *to++ = CANONICAL_TEXT;
    return put_roomy(put_length(to, s.n), s);
}

void canonical_row(struct canonical *c, const struct row *row, struct canonical_record *out)
{
    begin_row(c, row);
    uint8_t *to = c->to;
    bool plain = row->ascii && row->roomy;
    const uint8_t *from = c->bytes.p;
    uint32_t *begins = c->cell;
    struct place *end = c->place + c->info->columns;
    for (struct place *p = c->place; p < end; p++) {
        const struct cell *cell = &row->cell[p->index];
        *begins++ = (uint32_t)(to - from);
        if (plain && p->class == CLASS_TEXT && cell->kind == CELL_TEXT && !c->rounded) {
            to = put_plain(to, cell->bytes);
        } else {
            c->to = to;
            add_any(c, p, row);
            to = c->to;
        }
    }
    c->bytes.n = (size_t)(to - c->bytes.p);
    out->bytes = buf_span(&c->bytes);
    if (c->rounded)
        c->strict.n = (size_t)(c->strict_to - c->strict.p);
    out->strict = c->rounded ? buf_span(&c->strict) : out->bytes;
    out->cell = c->cell;
}

struct canonical_cell canonical_cell(const struct canonical_record *r, size_t i)
{
    const uint8_t *p = r->bytes.p + r->cell[i];
    enum canonical_tag tag = (enum canonical_tag) * p++;
    if (tag == CANONICAL_NOTHING)
        return (struct canonical_cell){tag, span_of(NULL, 0)};
    if (tag == CANONICAL_SPECIAL)
        return (struct canonical_cell){tag, span_of(p, 1)};
    size_t n = 0;
    for (unsigned shift = 0;; shift += 7) {
        n |= (size_t)(*p & 0x7f) << shift;
        if (*p++ < 0x80)
            return (struct canonical_cell){tag, span_of(p, n)};
    }
}

/* --- columns --- */

static struct span upper_name(struct arena *a, struct buf *b, struct span s)
{
    bool utf8;
    s = canonical_text(b, s, &utf8);
    uint8_t *name = arena_new(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        name[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (uint8_t)(s.p[i] - ('a' - 'A')) : s.p[i];
    return span_of(name, s.n);
}

static int by_name(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int order = span_cmp(x->name, y->name);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

static struct place *sort_columns(const struct dataset_info *info, struct arena *a, struct buf *b)
{
    struct place *place = arena_array(a, info->columns, sizeof *place);
    for (size_t i = 0; i < info->columns; i++) {
        struct span name = upper_name(a, b, info->column[i].name);
        place[i] = (struct place){i, column_class(&info->column[i]), name, 0};
    }
    sort_items(place, info->columns, sizeof *place, by_name);
    return place;
}

struct canonical *canonical_open(const struct dataset_info *info, struct issues *notes,
                                 const char *place)
{
    struct canonical *c = mem_new(sizeof *c);
    c->info = info;
    c->notes = notes;
    c->where = place;
    c->place = sort_columns(info, &c->arena, &c->text);
    c->cell = arena_array(&c->arena, info->columns, sizeof *c->cell);
    return c;
}

size_t canonical_place(const struct canonical *c, size_t index)
{
    size_t i = 0;
    while (c->place[i].index != index)
        i++;
    return i;
}

struct span canonical_name_of(struct span name, struct arena *a)
{
    struct buf b = {0};
    struct span s = upper_name(a, &b, name);
    buf_close(&b);
    return s;
}

struct span canonical_name(const struct canonical *c, size_t i)
{
    return c->place[i].name;
}

void canonical_close(struct canonical *c)
{
    if (c == NULL)
        return;
    buf_close(&c->bytes);
    buf_close(&c->strict);
    buf_close(&c->text);
    arena_close(&c->arena);
    mem_free(c);
}

struct hash canonical_columns(const struct canonical *c)
{
    struct buf b = {0};
    buf_str(&b, "trialseal content 1\n");
    for (size_t i = 0; i < c->info->columns; i++) {
        uint8_t length[10];
        buf_add(&b, span_of(length, (size_t)(put_length(length, c->place[i].name.n) - length)));
        buf_add(&b, c->place[i].name);
    }
    struct hash h = sha256_of(buf_span(&b));
    buf_close(&b);
    return h;
}

/* --- metadata --- */

static void out_text(struct json_out *o, const char *name, struct span s)
{
    struct buf b = {0};
    bool utf8;
    json_out_string(o, name, canonical_text(&b, s, &utf8));
    buf_close(&b);
}

static void out_number(struct json_out *o, const char *name, unsigned v)
{
    if (v == 0)
        json_out_null(o, name);
    else
        json_out_integer(o, name, v);
}

static void out_format(struct json_out *o, const char *name, const struct column_format *f)
{
    json_out_object(o, name);
    out_number(o, "decimals", f->decimals);
    out_text(o, "name", f->name);
    out_number(o, "width", f->width);
    json_out_object_end(o);
}

static void out_column(struct json_out *o, const struct column *c)
{
    static const char *const types[] = {"undeclared", "text", "number"};
    json_out_object(o, NULL);
    out_format(o, "format", &c->format);
    out_format(o, "informat", &c->informat);
    out_number(o, "key", c->key);
    out_text(o, "label", c->label);
    out_number(o, "length", c->length);
    out_text(o, "name", c->name);
    out_text(o, "target", c->target_type);
    out_text(o, "type", c->type_name.n > 0 ? c->type_name : span_str(types[c->type]));
    json_out_object_end(o);
}

struct hash canonical_metadata(const struct dataset_info *info, enum canonical_columns_order order)
{
    struct arena a = {0};
    struct buf b = {0};
    struct json_out o = {.b = &b};
    const struct place *place = sort_columns(info, &a, &b);
    buf_clear(&b);
    json_out_object(&o, NULL);
    json_out_array(&o, "columns");
    for (size_t i = 0; i < info->columns; i++)
        out_column(&o, &info->column[order == CANONICAL_BY_NAME ? place[i].index : i]);
    json_out_array_end(&o);
    out_text(&o, "label", info->label);
    out_text(&o, "name", info->name);
    if (info->has_rest)
        json_out_hex(&o, "rest", hash_span(&info->rest));
    out_text(&o, "type", info->type);
    json_out_object_end(&o);
    struct hash h = sha256_of(buf_span(&b));
    buf_close(&b);
    arena_close(&a);
    return h;
}
