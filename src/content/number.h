/*
 * Numbers in their canonical form (FORMAT 12.1): the nearest IEEE 754 double at 15
 * significant digits, and, where that is not all of it, at as many as tell it from
 * every other double. Correctly rounded, ties to even; no locale.
 */
#ifndef CONTENT_NUMBER_H
#define CONTENT_NUMBER_H

#include "base/span.h"

enum { NUMBER_TEXT_MAX = 32 };

struct number {
    char text[NUMBER_TEXT_MAX];   /* at 15 digits; no NUL behind it */
    char strict[NUMBER_TEXT_MAX]; /* the strict form */
    uint8_t n, strict_n;          /* strict_n is 0 where strict is the same text */
};

struct span number_text(const struct number *x);
struct span number_strict(const struct number *x); /* text where there is nothing beside it */

enum number_lexeme {
    NUMBER_NONE,     /* no number */
    NUMBER_TOO_FINE, /* one that no double carries: more than 17 digits, or out of range */
    NUMBER_GOOD,
};

/*
 * Sign, digits with a point, exponent: every number of JSON, and also "+1", "01", ".5" and "5.".
 * `out` is set where it is good.
 */
enum number_lexeme number_parse(struct span lexeme, struct number *out);

/* True of most: it is good, and its text is this. False says nothing. */
bool number_is_canonical(struct span lexeme);

/* A finite double. */
void number_of_double(double x, struct number *out);

/*
 * The text of a double, and its length, if it is a decimal of at most 15 digits with at most four
 * behind the point, as most are: it has one form. 0 of others, also of some such decimals.
 */
size_t number_short(double x, char text[NUMBER_TEXT_MAX]);

#endif
