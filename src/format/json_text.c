#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/bytes.h"
#include "format/json_reader.h"

/* A token's text is bytes [from, r->at) of the block behind those that are already in r->text. */
static bool keep(struct json_reader *r, size_t from, size_t max)
{
    size_t n = r->at - from;
    if (r->text.n > max || n > max - r->text.n) {
        char what[64];
        text_format(what, sizeof what, "longer than %zu bytes", max);
        return json_refuse(r, ERR_LIMIT, r->token_at, what);
    }
    if (n > 0)
        buf_add(&r->text, span_of(r->block.p + from, n));
    return true;
}

static bool finish_text(struct json_reader *r, size_t from, size_t max, struct span *text)
{
    if (r->text.n == 0 && r->at > from && r->at - from <= max) {
        *text = span_of(r->block.p + from, r->at - from);
        return true;
    }
    if (!keep(r, from, max))
        return false;
    *text = buf_span(&r->text);
    return true;
}

#define EVERY_BYTE(c) (UINT64_C(0x0101010101010101) * (c))

/*
 * Bit 7 of each byte that needs a closer look in a string: control, '"', '\\' or
 * not ASCII. Subtracting borrows only from bytes above such a one, so the lowest
 * bit that is set is right.
 */
static uint64_t special_bytes(uint64_t w)
{
    uint64_t control = w - EVERY_BYTE(0x20);
    uint64_t quote = (w ^ EVERY_BYTE('"')) - EVERY_BYTE(1);
    uint64_t backslash = (w ^ EVERY_BYTE('\\')) - EVERY_BYTE(1);
    return (control | quote | backslash | w) & EVERY_BYTE(0x80);
}

#ifdef __SSE2__
/* The same for 16 bytes, as a bit each. */
static unsigned special_bytes16(const uint8_t *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)p);
    __m128i below_space = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)); /* signed: not ASCII is below */
    __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    __m128i backslash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(below_space, _mm_or_si128(quote, backslash)));
}
#endif

static inline size_t plain_end(struct span s, size_t at)
{
#ifdef __SSE2__
    for (; s.n - at >= 16; at += 16) {
        unsigned special = special_bytes16(s.p + at);
        if (special != 0)
            return at + (size_t)__builtin_ctz(special);
    }
#endif
    for (; s.n - at >= 8; at += 8) {
        uint64_t special = special_bytes(bytes_eight_lowest_first(s.p + at));
        if (special != 0)
            return at + (size_t)__builtin_ctzll(special) / 8;
    }
    while (at < s.n && s.p[at] >= 0x20 && s.p[at] < 0x80 && s.p[at] != '"' && s.p[at] != '\\')
        at++;
    return at;
}

static bool read_hex4(struct json_reader *r, uint32_t *out)
{
    uint32_t v = 0;
    for (int i = 0; i < 4; i++) {
        int c = json_peek(r);
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : NONE;
        if (digit == NONE)
            return json_refuse(r, ERR_FORMAT, json_here(r), "\\u wants four hex digits");
        v = v << 4 | (uint32_t)digit;
        r->at++;
    }
    *out = v;
    return true;
}

static void add_utf8(struct buf *b, uint32_t c)
{
    if (c < 0x80) {
        buf_byte(b, (uint8_t)c);
        return;
    }
    if (c < 0x800) {
        buf_byte(b, (uint8_t)(0xc0 | c >> 6));
    } else {
        if (c < 0x10000) {
            buf_byte(b, (uint8_t)(0xe0 | c >> 12));
        } else {
            buf_byte(b, (uint8_t)(0xf0 | c >> 18));
            buf_byte(b, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
        }
        buf_byte(b, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
    }
    buf_byte(b, (uint8_t)(0x80 | (c & 0x3f)));
}

static bool is_high_surrogate(uint32_t c)
{
    return c >= 0xd800 && c <= 0xdbff;
}

static bool is_low_surrogate(uint32_t c)
{
    return c >= 0xdc00 && c <= 0xdfff;
}

/* The second half of a pair, "\uXXXX" (RFC 8259, section 7); the first began at `start`. */
static bool read_low_surrogate(struct json_reader *r, uint64_t start, uint32_t *c)
{
    static const char lone[] = "lone surrogate";
    for (const char *p = "\\u"; *p != '\0'; p++) {
        if (json_peek(r) != *p)
            return json_refuse(r, ERR_FORMAT, start, lone);
        r->at++;
    }
    uint32_t low = 0;
    if (!read_hex4(r, &low))
        return false;
    if (!is_low_surrogate(low))
        return json_refuse(r, ERR_FORMAT, start, lone);
    *c = 0x10000 + ((*c - 0xd800) << 10 | (low - 0xdc00));
    return true;
}

static bool read_unicode_escape(struct json_reader *r, uint64_t start)
{
    uint32_t c = 0;
    if (!read_hex4(r, &c))
        return false;
    if (is_low_surrogate(c))
        return json_refuse(r, ERR_FORMAT, start, "lone surrogate");
    if (is_high_surrogate(c) && !read_low_surrogate(r, start, &c))
        return false;
    add_utf8(&r->text, c);
    return true;
}

static bool read_escape(struct json_reader *r)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    uint64_t start = json_here(r);
    r->at++;
    int c = json_peek(r);
    if (c == 'u') {
        r->at++;
        return read_unicode_escape(r, start);
    }
    const char *letter = c <= 0 ? NULL : strchr(letters, c);
    if (letter == NULL)
        return json_refuse(r, ERR_FORMAT, start, "no such escape");
    buf_byte(&r->text, (uint8_t)meanings[letter - letters]);
    r->at++;
    return true;
}

/* A UTF-8 sequence in a string. It joins the run from *from unless it crosses into a new block. */
static bool read_sequence(struct json_reader *r, size_t *from)
{
    uint64_t start = json_here(r);
    uint8_t lead = r->block.p[r->at], whole[4];
    size_t n = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (r->block.n - r->at >= n) {
        if (!span_utf8(span_of(r->block.p + r->at, n)))
            return json_refuse(r, ERR_FORMAT, start, "malformed UTF-8");
        r->at += n;
        return true;
    }
    if (!keep(r, *from, JSON_STRING_MAX))
        return false;
    for (size_t i = 0; i < n; i++, r->at++) {
        int c = json_peek(r);
        if (c == NONE)
            return json_refuse(r, ERR_FORMAT, json_here(r), "the input ends inside a string");
        whole[i] = (uint8_t)c;
    }
    if (!span_utf8(span_of(whole, n)))
        return json_refuse(r, ERR_FORMAT, start, "malformed UTF-8");
    buf_add(&r->text, span_of(whole, n));
    *from = r->at;
    return true;
}

/* What plain_end stopped at, other than the closing quote. */
static bool read_special(struct json_reader *r, size_t *from)
{
    if (r->at == r->block.n) {
        if (!keep(r, *from, JSON_STRING_MAX))
            return false;
        *from = 0;
        return json_peek(r) != NONE ||
               json_refuse(r, ERR_FORMAT, json_here(r), "the input ends inside a string");
    }
    uint8_t c = r->block.p[r->at];
    if (c >= 0x80)
        return read_sequence(r, from);
    if (c != '\\')
        return json_refuse(r, ERR_FORMAT, json_here(r), "control byte in a string");
    if (!keep(r, *from, JSON_STRING_MAX) || !read_escape(r))
        return false;
    *from = r->at;
    return true;
}

/* A string that has escapes, or is malformed, or does not end in this block. */
__attribute__((noinline)) static bool gather_string(struct json_reader *r, struct span *text)
{
    buf_clear(&r->text);
    size_t from = r->at;
    for (;;) {
        r->at = plain_end(r->block, r->at);
        if (r->at < r->block.n && r->block.p[r->at] == '"')
            break;
        if (!read_special(r, &from))
            return false;
    }
    if (!finish_text(r, from, JSON_STRING_MAX, text))
        return false;
    r->at++;
    return true;
}

/* Nearly every string is plain and stands whole in the block: then nothing is copied. */
bool json_read_string(struct json_reader *r, struct span *text)
{
    size_t from = ++r->at;
    size_t end = plain_end(r->block, from);
    if (end == r->block.n || r->block.p[end] != '"' || end - from > JSON_STRING_MAX)
        return gather_string(r, text);
    *text = (struct span){r->block.p + from, end - from};
    r->at = end + 1;
    return true;
}

static size_t digits_end(struct span s, size_t at)
{
    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
        at++;
    return at;
}

/* RFC 8259, section 6. */
size_t json_number_end(struct span s, size_t at)
{
    size_t whole = at < s.n && s.p[at] == '-' ? at + 1 : at;
    size_t end = digits_end(s, whole);
    if (end == whole || (s.p[whole] == '0' && end > whole + 1))
        return at;
    if (end < s.n && s.p[end] == '.') {
        size_t fraction = end + 1;
        end = digits_end(s, fraction);
        if (end == fraction)
            return at;
    }
    if (end < s.n && (s.p[end] == 'e' || s.p[end] == 'E')) {
        size_t exponent = end + 1;
        if (exponent < s.n && (s.p[exponent] == '+' || s.p[exponent] == '-'))
            exponent++;
        end = digits_end(s, exponent);
        if (end == exponent)
            return at;
    }
    return end;
}

static bool is_number_byte(uint8_t c)
{
    return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
}

/* A number that may go on in the next block, or is malformed. */
__attribute__((noinline)) static bool gather_number(struct json_reader *r, struct span *text)
{
    buf_clear(&r->text);
    size_t from = r->at;
    for (;;) {
        while (r->at < r->block.n && is_number_byte(r->block.p[r->at]))
            r->at++;
        if (r->at < r->block.n)
            break;
        if (!keep(r, from, JSON_NUMBER_MAX))
            return false;
        from = 0;
        if (json_peek(r) == NONE)
            break;
    }
    if (r->failed || !finish_text(r, from, JSON_NUMBER_MAX, text))
        return false;
    return json_number_end(*text, 0) == text->n ||
           json_refuse(r, ERR_FORMAT, r->token_at, "malformed number");
}

bool json_read_number(struct json_reader *r, struct span *text)
{
    size_t from = r->at;
    size_t end = json_number_end(r->block, from);
    bool whole = end > from && end < r->block.n && !is_number_byte(r->block.p[end]);
    if (!whole || end - from > JSON_NUMBER_MAX)
        return gather_number(r, text);
    *text = (struct span){r->block.p + from, end - from};
    r->at = end;
    return true;
}
