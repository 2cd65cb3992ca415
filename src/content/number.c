#include "content/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "content/decimal.h"

enum {
    SAFE_EXPONENT = 290, /* below it doubles have their full precision */
    LEXEME_MAX = 1024,   /* bytes that are looked at */
};

struct span number_text(const struct number *x)
{
    return span_of(x->text, x->n);
}

struct span number_strict(const struct number *x)
{
    return x->strict_n == 0 ? number_text(x) : span_of(x->strict, x->strict_n);
}

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
bool number_is_canonical(struct span s)
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
    if (number_is_canonical(lexeme)) {
        memcpy(out->text, lexeme.p, lexeme.n);
        out->n = (uint8_t)lexeme.n;
        out->strict_n = 0;
        return NUMBER_GOOD;
    }
    if (!parse_decimal(lexeme, &d))
        return NUMBER_NONE;
    if (d.digits > LONG_DIGITS || lexeme.n > LEXEME_MAX)
        return NUMBER_TOO_FINE;
    if (d.digits > 0 &&
        (d.digits > SHORT_DIGITS || d.exponent > SAFE_EXPONENT || d.exponent < -SAFE_EXPONENT))
        return parse_slowly(lexeme, &d, out);
    out->strict_n = 0;
    out->n = decimal_write(&d, out->text);
    return NUMBER_GOOD;
}
