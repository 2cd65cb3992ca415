#include "dataset/xpt_header.h"

static struct span part_of(struct span s, size_t at, size_t n)
{
    return span_of(s.p + at, n);
}

struct span xpt_trim(struct span s)
{
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == 0))
        s.n--;
    return s;
}

bool xpt_all(struct span s, uint8_t c)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != c)
            return false;
    return true;
}

static unsigned be16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)be16(p) << 16 | be16(p + 2);
}

/* A header record: "HEADER RECORD*******" name(8) "HEADER RECORD!!!!!!!" digits(30), 2 blanks. */

enum { NAME_AT = 20, NAME_END = 28, DIGITS_AT = 48, DIGITS_END = 78 };

static const struct {
    struct span v5, v8;
    const char *what;
} parts[] = {
#define PART(v5, v8, what)                                                                         \
    {                                                                                              \
        {(const uint8_t *)(v5), 8}, {(const uint8_t *)(v8), 8}, what                               \
    }
    [XPT_LIBRARY] = PART("LIBRARY ", "LIBV8   ", "library header"),
    [XPT_MEMBER] = PART("MEMBER  ", "MEMBV8  ", "member header"),
    [XPT_DESCRIPTOR] = PART("DSCRPTR ", "DSCPTV8 ", "descriptor header"),
    [XPT_NAMES] = PART("NAMESTR ", "NAMSTV8 ", "NAMESTR header"),
    [XPT_LABELS] = PART("LABELV8 ", "LABELV9 ", "label header"),
    [XPT_ROWS] = PART("OBS     ", "OBSV8   ", "observation header"),
#undef PART
};

static bool is_named(struct span record, struct span name)
{
    return span_starts(record, SPAN("HEADER RECORD*******")) &&
           span_eq(part_of(record, NAME_AT, NAME_END - NAME_AT), name) &&
           span_eq(part_of(record, NAME_END, DIGITS_AT - NAME_END), SPAN("HEADER RECORD!!!!!!!"));
}

bool xpt_is(struct span record, enum xpt_part part, bool v8)
{
    if (part == XPT_LABELS)
        return v8 && (is_named(record, parts[part].v5) || is_named(record, parts[part].v8));
    return is_named(record, v8 ? parts[part].v8 : parts[part].v5);
}

static bool refuse(enum xpt_part part, struct err *e)
{
    return err_set(e, ERR_FORMAT, "no well-formed %s", parts[part].what);
}

/* Bytes [from, to) of the record are ASCII zeroes, and the last two are blanks. */
static bool zeroes(struct span record, size_t from, size_t to)
{
    return xpt_all(part_of(record, from, to - from), '0') &&
           xpt_all(span_skip(record, DIGITS_END), ' ');
}

bool xpt_plain_parse(struct span record, enum xpt_part part, bool v8, struct err *e)
{
    return (xpt_is(record, part, v8) && zeroes(record, DIGITS_AT, DIGITS_END)) || refuse(part, e);
}

/* Decimal with leading zeroes. */
static bool number(struct span digits, uint64_t *out)
{
    while (digits.n > 1 && digits.p[0] == '0')
        digits = span_skip(digits, 1);
    return span_u64(digits, out);
}

bool xpt_member_parse(struct span record, bool v8, size_t *namestr, struct err *e)
{
    uint64_t n;
    bool good = xpt_is(record, XPT_MEMBER, v8) &&
                span_starts(span_skip(record, DIGITS_AT), SPAN("000000000000000001600000000")) &&
                number(part_of(record, 75, 3), &n) && zeroes(record, 78, 78) &&
                (n == XPT_NAMESTR || (n == XPT_NAMESTR_MIN && !v8));
    if (!good)
        return refuse(XPT_MEMBER, e);
    *namestr = (size_t)n;
    return true;
}

/* Version 5 has four digits for it, version 8 six. */
bool xpt_names_parse(struct span record, bool v8, size_t *variables, struct err *e)
{
    uint64_t n;
    size_t from = v8 ? 52 : 54;
    bool good = xpt_is(record, XPT_NAMES, v8) && zeroes(record, DIGITS_AT, from) &&
                number(part_of(record, from, 58 - from), &n) && zeroes(record, 58, DIGITS_END);
    if (!good)
        return refuse(XPT_NAMES, e);
    *variables = (size_t)n;
    return true;
}

/* SAS writes the number left-justified among blanks, ReadStat once wrote five digits and zeroes. */
bool xpt_labels_parse(struct span record, size_t *labels, bool *formats, struct err *e)
{
    uint64_t n;
    struct span digits = xpt_trim(span_skip(record, DIGITS_AT));
    if (digits.n == DIGITS_END - DIGITS_AT && zeroes(record, DIGITS_AT + 5, DIGITS_END))
        digits = part_of(record, DIGITS_AT, 5);
    if (!xpt_is(record, XPT_LABELS, true) || !number(digits, &n) || n > SIZE_MAX)
        return refuse(XPT_LABELS, e);
    *labels = (size_t)n;
    *formats = is_named(record, parts[XPT_LABELS].v8);
    return true;
}

/*
 * SAS writes the number right-justified in 15 bytes, then 17 blanks. Zeroes in
 * all of them, as in version 5, are what other writers put there: no number.
 */
bool xpt_rows_parse(struct span record, bool v8, bool *known, uint64_t *rows, struct err *e)
{
    *known = false;
    *rows = 0;
    if (!xpt_is(record, XPT_ROWS, v8))
        return refuse(XPT_ROWS, e);
    if (zeroes(record, DIGITS_AT, DIGITS_END))
        return true;
    struct span digits = part_of(record, DIGITS_AT, 15), rest = span_skip(record, DIGITS_AT + 15);
    while (digits.n > 0 && digits.p[0] == ' ')
        digits = span_skip(digits, 1);
    bool padded = xpt_all(rest, ' ') || zeroes(record, DIGITS_AT + 15, DIGITS_END);
    if (!v8 || !padded || !number(digits, rows))
        return refuse(XPT_ROWS, e);
    *known = true;
    return true;
}

static bool is_filler(struct span s, bool *odd)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != ' ' && s.p[i] != 0)
            return false;
        *odd |= s.p[i] == 0;
    }
    return true;
}

bool xpt_library_real_parse(struct span records, struct provenance *out, bool *odd, struct err *e)
{
    bool good = span_starts(records, SPAN("SAS     SAS     SASLIB  ")) &&
                is_filler(part_of(records, 40, 24), odd) &&
                is_filler(part_of(records, 96, 64), odd);
    if (!good)
        return err_set(e, ERR_FORMAT, "no well-formed real header of the library");
    *out = (struct provenance){
        .version = xpt_trim(part_of(records, 24, 8)),
        .system = xpt_trim(part_of(records, 32, 8)),
        .created = xpt_trim(part_of(records, 64, 16)),
        .modified = xpt_trim(part_of(records, 80, 16)),
    };
    return true;
}

/* The name has 8 bytes and, in version 8, 32, which then leaves no room for blanks. */
bool xpt_member_real_parse(struct span records, bool v8, struct dataset_info *out, bool *odd,
                           struct err *e)
{
    size_t name = v8 ? 32 : 8;
    bool good = span_starts(records, SPAN("SAS     ")) &&
                span_eq(part_of(records, 8 + name, 8), SPAN("SASDATA ")) &&
                is_filler(part_of(records, 32 + name, 32 - name), odd) &&
                is_filler(part_of(records, 96, 16), odd);
    if (!good)
        return err_set(e, ERR_FORMAT, "no well-formed real header of the member");
    out->name = xpt_trim(part_of(records, 8, name));
    out->label = xpt_trim(part_of(records, 112, 40));
    out->type = xpt_trim(part_of(records, 152, 8));
    out->member = (struct provenance){
        .version = xpt_trim(part_of(records, 16 + name, 8)),
        .system = xpt_trim(part_of(records, 24 + name, 8)),
        .created = xpt_trim(part_of(records, 64, 16)),
        .modified = xpt_trim(part_of(records, 80, 16)),
    };
    return true;
}

/* Offsets in a NAMESTR as in TS-140, numbers big-endian. */
enum {
    NTYPE = 0,
    NLNG = 4,
    NVAR0 = 6,
    NNAME = 8,
    NLABEL = 16,
    NFORM = 56,
    NIFORM = 72,
    NPOS = 84,
    LONGNAME = 88, /* version 8 */
    LABLEN = 120,
};

/* Name, width and decimals lie side by side in both. */
static struct column_format format_at(struct span namestr, size_t at)
{
    return (struct column_format){
        .name = xpt_trim(part_of(namestr, at, 8)),
        .width = be16(namestr.p + at + 8),
        .decimals = be16(namestr.p + at + 10),
    };
}

static bool check_length(unsigned type, unsigned length, struct err *e)
{
    if (type != 1 && type != 2)
        return err_set(e, ERR_FORMAT, "type %u is neither number (1) nor text (2)", type);
    if (type == 1 && (length < 2 || length > 8))
        return err_set(e, ERR_FORMAT, "a number of %u bytes; 2 to 8 are allowed", length);
    if (type == 2 && (length < 1 || length > XPT_TEXT_MAX))
        return err_set(e, ERR_FORMAT, "a text of %u bytes; 1 to %d are allowed", length,
                       XPT_TEXT_MAX);
    return true;
}

bool xpt_namestr_parse(struct span namestr, bool v8, struct xpt_variable *out, struct err *e)
{
    const uint8_t *p = namestr.p;
    if (!check_length(be16(p + NTYPE), be16(p + NLNG), e))
        return false;
    if (be32(p + NPOS) > INT32_MAX)
        return err_set(e, ERR_FORMAT, "a position below zero");
    struct span name = xpt_trim(part_of(namestr, NNAME, 8));
    struct span longer = v8 ? xpt_trim(part_of(namestr, LONGNAME, 32)) : name;
    *out = (struct xpt_variable){
        .column = {.name = longer.n > 0 ? longer : name,
                   .label = xpt_trim(part_of(namestr, NLABEL, 40)),
                   .type = be16(p + NTYPE) == 1 ? COLUMN_NUMBER : COLUMN_TEXT,
                   .length = be16(p + NLNG),
                   .format = format_at(namestr, NFORM),
                   .informat = format_at(namestr, NIFORM)},
        .position = be32(p + NPOS),
        .number = (int)be16(p + NVAR0),
        .label = v8 ? be16(p + LABLEN) : 0,
    };
    if (out->column.name.n == 0)
        return err_set(e, ERR_FORMAT, "a variable without a name");
    return true;
}

/* A format's name never ends in a digit, so "LONGFORMAT12.3" has one reading. */
static struct span without_width(struct span s)
{
    while (s.n > 0 && ((s.p[s.n - 1] >= '0' && s.p[s.n - 1] <= '9') || s.p[s.n - 1] == '.'))
        s.n--;
    return s;
}

/* LABELV8: number, lengths of name and label, the two texts. LABELV9: format and informat too. */
bool xpt_label_take(struct span *rest, bool formats, struct xpt_label *out, struct err *e)
{
    size_t numbers = formats ? 5 : 3;
    struct span *const text[] = {&out->name, &out->label, &out->format, &out->informat};
    if (rest->n < numbers * 2)
        return err_set(e, ERR_FORMAT, "the labels end too soon");
    *out = (struct xpt_label){.number = be16(rest->p)};
    const uint8_t *lengths = rest->p + 2;
    *rest = span_skip(*rest, numbers * 2);
    for (size_t i = 0; i < numbers - 1; i++) {
        size_t n = be16(lengths + 2 * i);
        if (n > XPT_LABEL_MAX)
            return err_set(e, ERR_LIMIT, "a label or format of %zu bytes, %d are allowed", n,
                           XPT_LABEL_MAX);
        if (n > rest->n)
            return err_set(e, ERR_FORMAT, "the labels end too soon");
        *text[i] = span_of(rest->p, n);
        *rest = span_skip(*rest, n);
    }
    out->format = without_width(out->format);
    out->informat = without_width(out->informat);
    return true;
}
