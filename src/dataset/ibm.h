/*
 * The numbers of SAS transport files (TS-140): 2 to 8 bytes of an IBM System/360 double, cut.
 * Here, since all cells with numbers go through it.
 */
#ifndef DATASET_IBM_H
#define DATASET_IBM_H

#include <string.h>

#include "base/bytes.h"
#include "base/span.h"

enum ibm_kind {
    IBM_NUMBER,
    IBM_MISSING, /* "." */
    IBM_SPECIAL, /* "._" or ".A" to ".Z": `letter` says which */
};

struct ibm {
    enum ibm_kind kind;
    char letter;       /* IBM_SPECIAL: '_' or 'A' to 'Z' */
    double value;      /* IBM_NUMBER, rounded to nearest even */
    bool inexact;      /* it has more than 53 bits */
    bool unnormalised; /* its first hexadecimal digit is 0, but it is not */
};

enum { IBM_BYTES = 8, IBM_FRACTION_BITS = 56, IBM_EXCESS = 64 };

/* Up to eight bytes, and zeroes behind them. */
static inline uint64_t ibm_bits(struct span bytes)
{
    uint8_t whole[IBM_BYTES] = {0};
    if (bytes.n >= IBM_BYTES)
        return bytes_eight(bytes.p);
    if (bytes.n > 0)
        memcpy(whole, bytes.p, bytes.n);
    return bytes_eight(whole);
}

/* 4 * (characteristic - 64): the power of two that the fraction, below 1, is multiplied by. */
static inline int ibm_exponent(uint64_t bits)
{
    return 4 * ((int)(bits >> IBM_FRACTION_BITS & 0x7f) - IBM_EXCESS);
}

/* 2^n, of exponents that are far from the ends of the range of doubles. */
static inline double ibm_power_of_two(int n)
{
    enum { BIAS = 1023, MANTISSA_BITS = 52 };
    uint64_t bits = (uint64_t)(n + BIAS) << MANTISSA_BITS;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* What has no fraction: a missing value, by its first byte, or zero. */
static inline struct ibm ibm_without_fraction(uint8_t first)
{
    if (first == '.')
        return (struct ibm){.kind = IBM_MISSING};
    if (first == '_' || (first >= 'A' && first <= 'Z'))
        return (struct ibm){.kind = IBM_SPECIAL, .letter = (char)first};
    return (struct ibm){.value = 0};
}

static inline struct ibm ibm_parse(uint64_t bits)
{
    int64_t fraction = (int64_t)(bits & ((UINT64_C(1) << IBM_FRACTION_BITS) - 1));
    if (fraction == 0)
        return ibm_without_fraction((uint8_t)(bits >> IBM_FRACTION_BITS));
    double rounded = (double)fraction;
    double size = rounded * ibm_power_of_two(ibm_exponent(bits) - IBM_FRACTION_BITS);
    return (struct ibm){
        .value = bits >> 63 != 0 ? -size : size,
        .inexact = (int64_t)rounded != fraction,
        .unnormalised = fraction >> (IBM_FRACTION_BITS - 4) == 0,
    };
}

#endif
