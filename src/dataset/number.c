#include "dataset/number.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum {
    SHORT_DIGITS = 15,   /* every decimal of so many digits survives the way through a double */
    LONG_DIGITS = 17,    /* so many tell any two doubles apart */
    SAFE_EXPONENT = 290, /* below it doubles have their full precision */
    PLAIN_LEAST = -6,    /* exponents of numbers that are written without one */
    PLAIN_MOST = 14,
    LEXEME_MAX = 1024, /* bytes that are looked at */
};

/* 0.d1d2d3... * 10^(exponent + 1): exponent is that of the first digit. No digits: zero. */
struct decimal {
    bool negative;
    char digit[LONG_DIGITS];
    size_t digits; /* significant ones: no zero at either end; may be more than fit */
    int exponent;
    bool whole; /* written without point and exponent */
};

struct span number_text(const struct number *x)
{
    return span_of(x->text, x->n);
}

struct span number_exact(const struct number *x)
{
    return x->exact_n == 0 ? number_text(x) : span_of(x->exact, x->exact_n);
}

/* --- writing --- */

static char *put(char *to, const char *from, size_t n)
{
    memcpy(to, from, n);
    return to + n;
}

static char *put_zeroes(char *to, int n)
{
    for (; n > 0; n--)
        *to++ = '0';
    return to;
}

static char *put_plain(char *to, const struct decimal *d)
{
    int whole = d->exponent + 1, digits = (int)d->digits; /* digits before the point */
    if (whole <= 0) {
        to = put(to, "0.", 2);
        to = put_zeroes(to, -whole);
        return put(to, d->digit, d->digits);
    }
    if (whole >= digits)
        return put_zeroes(put(to, d->digit, d->digits), whole - digits);
    to = put(to, d->digit, (size_t)whole);
    *to++ = '.';
    return put(to, d->digit + whole, (size_t)(digits - whole));
}

static char *put_scientific(char *to, const struct decimal *d)
{
    *to++ = d->digit[0];
    if (d->digits > 1) {
        *to++ = '.';
        to = put(to, d->digit + 1, d->digits - 1);
    }
    *to++ = 'e';
    int n = d->exponent;
    if (n < 0)
        *to++ = '-';
    n = n < 0 ? -n : n;
    if (n >= 100)
        *to++ = (char)('0' + n / 100);
    if (n >= 10)
        *to++ = (char)('0' + n / 10 % 10);
    *to++ = (char)('0' + n % 10);
    return to;
}

static uint8_t write_decimal(const struct decimal *d, char text[NUMBER_TEXT_MAX])
{
    char *to = text;
    if (d->digits == 0) {
        *to++ = '0';
        return 1;
    }
    if (d->negative)
        *to++ = '-';
    bool plain = d->exponent >= PLAIN_LEAST && d->exponent <= PLAIN_MOST;
    to = plain ? put_plain(to, d) : put_scientific(to, d);
    assert(to - text <= NUMBER_TEXT_MAX);
    return (uint8_t)(to - text);
}

/* --- doubles --- */

/* At that many significant digits, as text and taken apart; returns what the text means. */
static double round_to(double x, int digits, struct decimal *out)
{
    char text[40];
    size_t n = text_format(text, sizeof text, "%.*e", digits - 1, x);
    char *e = memchr(text, 'e', n), *p = text;
    *out = (struct decimal){.exponent = (int)strtol(e + 1, NULL, 10)};
    out->negative = *p == '-';
    for (; p < e; p++)
        if (*p >= '0' && *p <= '9')
            out->digit[out->digits++] = *p;
    while (out->digits > 0 && out->digit[out->digits - 1] == '0')
        out->digits--;
    return strtod(text, NULL);
}

/* Decimal digits, at least `least` of them, the last before `end`; returns the first. */
static char *digits_before(char *end, uint64_t v, size_t least)
{
    char *p = end;
    for (; v > 0; v /= 10)
        *--p = (char)('0' + v % 10);
    while (end - p < (ptrdiff_t)least)
        *--p = '0';
    return p;
}

/* Written out, so that a compiler sees one store. */
static inline void put_lowest_first(char *to, uint64_t v)
{
    to[0] = (char)v, to[1] = (char)(v >> 8), to[2] = (char)(v >> 16), to[3] = (char)(v >> 24);
    to[4] = (char)(v >> 32), to[5] = (char)(v >> 40), to[6] = (char)(v >> 48);
    to[7] = (char)(v >> 56);
}

/*
 * The same as write_ratio, where all of it is at most eight characters: they are put together in a
 * register, the first one in the lowest byte, since bytes that were just stored one by one are slow
 * to load together.
 */
static void write_few(bool negative, uint32_t whole, size_t decimals, struct number *out)
{
    uint64_t text = 0;
    size_t n = 0;
    for (; n < decimals; n++, whole /= 10)
        text = text << 8 | ('0' + whole % 10);
    if (decimals > 0)
        text = text << 8 | '.', n++;
    do {
        text = text << 8 | ('0' + whole % 10), n++;
        whole /= 10;
    } while (whole > 0);
    if (negative)
        text = text << 8 | '-', n++;
    put_lowest_first(out->text, text);
    out->n = (uint8_t)n;
}

/*
 * `whole` over a power of ten, with no zero behind the point that could be left out: at most 15
 * digits, so it is the shortest and the rounded form, and exponents are those that are written
 * plainly.
 */
static void write_ratio(bool negative, uint64_t whole, uint64_t power, size_t decimals,
                        struct number *out)
{
    if (whole < 1000000 && decimals <= 5) {
        write_few(negative, (uint32_t)whole, decimals, out);
        return;
    }
    char text[2 * NUMBER_TEXT_MAX], *end = text + NUMBER_TEXT_MAX, *p = end;
    if (decimals > 0) {
        p = digits_before(p, whole % power, decimals);
        *--p = '.';
        whole /= power;
    }
    p = digits_before(p, whole, 1);
    if (negative)
        *--p = '-';
    out->n = (uint8_t)(end - p);
    memcpy(out->text, p, sizeof out->text); /* all of it: the size is known, the copy is short */
}

/*
 * Most numbers have few decimals: r / 10^k, both exact as doubles, is rounded once, so
 * where it is x again, x is the double of that decimal.
 */
static bool write_short(double x, struct number *out)
{
    static const uint64_t power[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    double size = fabs(x);
    if (size < 1e15 && (double)(uint64_t)size == size) {
        write_ratio(x < 0, (uint64_t)size, 1, 0, out);
        return true;
    }
    for (size_t k = 1; k < sizeof power / sizeof power[0]; k++) {
        double scale = (double)power[k];
        if (!(size * scale < 1e15 - 1))
            return false;
        uint64_t r = (uint64_t)(size * scale + 0.5);
        if ((double)r / scale == size) {
            write_ratio(x < 0, r, power[k], k, out);
            return true;
        }
    }
    return false;
}

void number_of_double(double x, struct number *out)
{
    struct decimal d;
    assert(isfinite(x));
    out->exact_n = 0;
    if (write_short(x, out))
        return;
    bool same = round_to(x, SHORT_DIGITS, &d) == x;
    out->n = write_decimal(&d, out->text);
    for (int digits = SHORT_DIGITS + 1; !same && digits <= LONG_DIGITS; digits++)
        same = round_to(x, digits, &d) == x;
    out->exact_n = write_decimal(&d, out->exact);
    if (span_eq(number_text(out), span_of(out->exact, out->exact_n)))
        out->exact_n = 0;
}

/* --- lexemes --- */

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static size_t take_sign(struct span s, size_t at, bool *negative)
{
    *negative = at < s.n && s.p[at] == '-';
    return at < s.n && (s.p[at] == '-' || s.p[at] == '+') ? at + 1 : at;
}

/* Digits with at most one point; *any: there was a digit. */
static size_t take_digits(struct span s, size_t at, struct decimal *d, bool *any)
{
    bool point = false;
    size_t zeroes = 0; /* that stand behind the last significant digit */
    int before = 0;    /* digits before the point, from the first significant one on */
    for (*any = false; at < s.n && (is_digit(s.p[at]) || (s.p[at] == '.' && !point)); at++) {
        if (s.p[at] == '.') {
            point = true;
            continue;
        }
        *any = true;
        if (s.p[at] == '0') {
            zeroes += d->digits > 0;
        } else {
            for (; zeroes > 0; zeroes--, d->digits++)
                if (d->digits < LONG_DIGITS)
                    d->digit[d->digits] = '0';
            if (d->digits < LONG_DIGITS)
                d->digit[d->digits] = (char)s.p[at];
            d->digits++;
        }
        bool leading = d->digits == 0;
        before += point ? -(int)leading : (int)!leading;
    }
    d->exponent = before - 1;
    d->whole = !point;
    return at;
}

static bool take_exponent(struct span s, size_t at, struct decimal *d)
{
    bool negative;
    int n = 0;
    if (at == s.n)
        return true;
    if (s.p[at] != 'e' && s.p[at] != 'E')
        return false;
    at = take_sign(s, at + 1, &negative);
    if (at == s.n)
        return false;
    for (; at < s.n && is_digit(s.p[at]); at++)
        n = n < 100000 ? n * 10 + (s.p[at] - '0') : n;
    d->exponent += negative ? -n : n;
    d->whole = false;
    return at == s.n;
}

static bool parse_decimal(struct span s, struct decimal *d)
{
    bool any;
    *d = (struct decimal){0};
    size_t at = take_sign(s, 0, &d->negative);
    at = take_digits(s, at, d, &any);
    return any && take_exponent(s, at, d);
}

/* Through the double, where digits or range are such that it may change something. */
static enum number_lexeme parse_slowly(struct span s, const struct decimal *d, struct number *out)
{
    enum { EXACT_BITS = 53 };
    char text[LEXEME_MAX + 1];
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    double x = strtod(text, NULL);
    if (!isfinite(x) || x == 0 ||
        (d->whole && d->digits > SHORT_DIGITS && fabs(x) >= (double)(UINT64_C(1) << EXACT_BITS)))
        return NUMBER_TOO_FINE;
    number_of_double(x, out);
    return NUMBER_GOOD;
}

/*
 * Most lexemes are in their canonical form already: at most 15 digits, of which the first is not 0
 * but before the point, and the last is not 0 behind it; and not below 10^-6.
 */
static bool is_canonical(struct span s)
{
    size_t from = s.n > 0 && s.p[0] == '-', at = from, zeroes;
    if (s.n - from > SHORT_DIGITS || from == s.n ||
        (s.p[from] == '0' && s.n > 1 && from + 1 == s.n))
        return false;
    while (at < s.n && is_digit(s.p[at]))
        at++;
    if (at == from || (s.p[from] == '0' && at > from + 1))
        return false;
    if (at == s.n)
        return true;
    if (s.p[at] != '.' || s.p[s.n - 1] == '0')
        return false;
    for (zeroes = at + 1; zeroes < s.n && s.p[zeroes] == '0'; zeroes++)
        ;
    if (s.p[from] == '0' && zeroes - at > -PLAIN_LEAST)
        return false;
    for (at++; at < s.n && is_digit(s.p[at]); at++)
        ;
    return at == s.n && s.p[s.n - 1] != '.';
}

enum number_lexeme number_parse(struct span lexeme, struct number *out)
{
    struct decimal d;
    if (is_canonical(lexeme)) {
        memcpy(out->text, lexeme.p, lexeme.n);
        out->n = (uint8_t)lexeme.n;
        out->exact_n = 0;
        return NUMBER_GOOD;
    }
    if (!parse_decimal(lexeme, &d))
        return NUMBER_NONE;
    if (d.digits > LONG_DIGITS || lexeme.n > LEXEME_MAX)
        return NUMBER_TOO_FINE;
    if (d.digits > 0 &&
        (d.digits > SHORT_DIGITS || d.exponent > SAFE_EXPONENT || d.exponent < -SAFE_EXPONENT))
        return parse_slowly(lexeme, &d, out);
    out->exact_n = 0;
    out->n = write_decimal(&d, out->text);
    return NUMBER_GOOD;
}

/* --- IBM --- */

enum { IBM_BYTES = 8, IBM_FRACTION_BITS = 56, IBM_EXCESS = 64 };

static bool is_special(uint8_t c)
{
    return c == '_' || (c >= 'A' && c <= 'Z');
}

static uint64_t eight_bytes(const uint8_t *p)
{
    return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 |
           (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
           (uint64_t)p[6] << 8 | p[7];
}

/* Up to eight bytes, and zeroes behind them. */
static uint64_t ibm_bits(struct span bytes)
{
    uint8_t whole[IBM_BYTES] = {0};
    if (bytes.n >= IBM_BYTES)
        return eight_bytes(bytes.p);
    if (bytes.n > 0)
        memcpy(whole, bytes.p, bytes.n);
    return eight_bytes(whole);
}

/* 2^n, of exponents that are far from the ends of the range of doubles. */
static double power_of_two(int n)
{
    enum { BIAS = 1023, MANTISSA_BITS = 52 };
    uint64_t bits = (uint64_t)(n + BIAS) << MANTISSA_BITS;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

struct ibm ibm_parse(struct span bytes)
{
    uint64_t bits = ibm_bits(bytes);
    uint8_t first = (uint8_t)(bits >> IBM_FRACTION_BITS);
    uint64_t fraction = bits & ((UINT64_C(1) << IBM_FRACTION_BITS) - 1);
    if (fraction == 0 && first == '.')
        return (struct ibm){.kind = IBM_MISSING};
    if (fraction == 0 && is_special(first))
        return (struct ibm){.kind = IBM_SPECIAL, .letter = (char)first};
    double rounded = (double)fraction;
    int exponent = 4 * ((first & 0x7f) - IBM_EXCESS) - IBM_FRACTION_BITS; /* -312 to 196 */
    double size = rounded * power_of_two(exponent);
    return (struct ibm){
        .value = (first & 0x80) != 0 ? -size : size,
        .inexact = (uint64_t)rounded != fraction,
        .unnormalised = fraction != 0 && fraction >> (IBM_FRACTION_BITS - 4) == 0,
    };
}
