/* Decimals taken apart, and written as numbers are (FORMAT 12.1). */
#ifndef CONTENT_DECIMAL_H
#define CONTENT_DECIMAL_H

#include "content/number.h"

enum {
    SHORT_DIGITS = 15, /* every decimal of so many digits survives the way through a double */
    LONG_DIGITS = 17,  /* so many tell any two doubles apart */
    PLAIN_LEAST = -6,  /* exponents of numbers that are written without one */
    PLAIN_MOST = 14,
};

/* 0.d1d2d3... * 10^(exponent + 1): exponent is that of the first digit. No digits: zero. */
struct decimal {
    bool negative;
    char digit[LONG_DIGITS];
    size_t digits; /* significant ones: no zero at either end; may be more than fit */
    int exponent;
    bool whole; /* written without point and exponent */
};

/* Returns how long the text is; of a decimal whose digits fit. */
uint8_t decimal_write(const struct decimal *d, char text[NUMBER_TEXT_MAX]);

#endif
