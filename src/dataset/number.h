/*
 * Numbers in their canonical form (FORMAT 12.1): the nearest IEEE 754 double at 15
 * significant digits, and, where that is not all of it, at as many as tell it from
 * every other double. Correctly rounded, ties to even; no locale.
 */
#ifndef DATASET_NUMBER_H
#define DATASET_NUMBER_H

#include "base/span.h"

enum { NUMBER_TEXT_MAX = 32 };

struct number {
    char text[NUMBER_TEXT_MAX]; /* at 15 digits; no NUL behind it */
    char exact[NUMBER_TEXT_MAX];
    uint8_t n, exact_n; /* exact_n is 0 where exact is the same text */
};

struct span number_text(const struct number *x);
struct span number_exact(const struct number *x); /* text where there is nothing beside it */

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

/* A finite double. */
void number_of_double(double x, struct number *out);

/* What 2 to 8 bytes of a SAS transport file are (TS-140): IBM System/360 doubles, cut. */
enum ibm_kind {
    IBM_NUMBER,
    IBM_MISSING, /* "." */
    IBM_SPECIAL, /* "._" or ".A" to ".Z": *letter says which */
};

struct ibm {
    enum ibm_kind kind;
    char letter;       /* IBM_SPECIAL: '_' or 'A' to 'Z' */
    double value;      /* IBM_NUMBER, rounded to nearest even */
    bool inexact;      /* it has more than 53 bits */
    bool unnormalised; /* its first hexadecimal digit is 0, but it is not */
};

struct ibm ibm_parse(struct span bytes);

#endif
