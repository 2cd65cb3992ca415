#include "content/decimal.h"

#include <assert.h>
#include <string.h>

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

uint8_t decimal_write(const struct decimal *d, char text[NUMBER_TEXT_MAX])
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
