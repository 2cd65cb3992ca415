/*
 * Doubles in their canonical form. Most have few decimals, or at least a size at which x * 10^q
 * fits in 128 bits; for what is left there is printf.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "content/decimal.h"

/* f / 2^scale, with f of 53 bits: the size of a double that is not among the smallest. */
struct binary {
    uint64_t f;
    int scale;
};

enum { POWER_MOST = 27 };

static const uint64_t power_of_5[POWER_MOST + 1] = {
    1,
    5,
    25,
    125,
    625,
    3125,
    15625,
    78125,
    390625,
    1953125,
    9765625,
    48828125,
    244140625,
    1220703125,
    6103515625,
    30517578125,
    152587890625,
    762939453125,
    3814697265625,
    19073486328125,
    95367431640625,
    476837158203125,
    2384185791015625,
    11920928955078125,
    59604644775390625,
    298023223876953125,
    1490116119384765625,
    7450580596923828125,
};

enum { FRACTION_BITS = 52, BIAS = 1023 };

static inline struct binary binary_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint64_t fraction = bits & ((UINT64_C(1) << FRACTION_BITS) - 1);
    int exponent = (int)(bits >> FRACTION_BITS & 0x7ff);
    return (struct binary){fraction | UINT64_C(1) << FRACTION_BITS,
                           BIAS + FRACTION_BITS - exponent};
}

/*
 * x * 10^q = f * 5^q / 2^shift, rounded to the nearest integer, ties to even: exactly so, as all of
 * the product is there. Returns whether *n / 10^q is x again, that is, no other double is nearer to
 * it. Seen in units of 1 / 2^shift, where x * 10^q and *n lie, the doubles beside x are 5^q away,
 * the one below a power of two half of that. 5^q is odd, so nothing is just in the middle.
 *
 * 0 < shift < 64 is scale - q; q <= POWER_MOST, so 5^q has 63 bits.
 */
static inline bool times_power(struct binary x, int q, uint64_t *n)
{
    assert(q >= 0 && q <= POWER_MOST && x.scale - q > 0 && x.scale - q < 64);
    unsigned shift = (unsigned)(x.scale - q);
    uint64_t power = power_of_5[q], unit = UINT64_C(1) << shift;
    unsigned __int128 product = (unsigned __int128)x.f * power;
    uint64_t down = (uint64_t)(product >> shift), rest = (uint64_t)product & (unit - 1);
    bool up = rest + (down & 1) > unit / 2;
    bool dense = !up && x.f == UINT64_C(1) << FRACTION_BITS;
    uint64_t distance = up ? unit - rest : rest;
    *n = down + up;
    return distance <= power >> (1 + dense);
}

/* --- few decimals --- */

static inline void put_lowest_first(char *to, uint64_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    memcpy(to, &v, sizeof v);
}

/*
 * The eight digits of v < 10^8, a byte each, the first one in the lowest: cut in two parts, each of
 * these in two, and so on, of all parts at once. Division by 100 and 10 is by multiplication, which
 * is exact for parts below 10^4 and 10^2. A part x with h = x / 100 becomes h | (x - 100 * h)
 * << 16.
 */
static inline uint64_t eight_digits(uint32_t v)
{
    uint64_t parts = v / 10000 | (uint64_t)(v % 10000) << 32;
    uint64_t high = (parts * 10486 >> 20) & 0x0000007f0000007fu;
    parts = (parts << 16) - ((100 << 16) - 1) * high;
    high = (parts * 103 >> 10) & 0x000f000f000f000fu;
    return (parts << 8) - ((10 << 8) - 1) * high;
}

static const uint64_t ascii = 0x3030303030303030u;

enum { FEW = 10000000 };

/* v < FEW over 10^decimals: at most eight characters, which are put together in a register. */
static inline size_t put_few(char *to, uint32_t v, unsigned decimals)
{
    uint64_t digits = eight_digits(v);
    uint64_t before_point = UINT64_C(1) << (56 - 8 * decimals); /* a digit that is always there */
    unsigned zeroes = (unsigned)__builtin_ctzll(digits | before_point) / 8, n = 8 - zeroes;
    uint64_t text = (digits | ascii) >> (8 * zeroes);
    if (decimals > 0) {
        unsigned point = 8 * (n - decimals);
        uint64_t whole = text & ((UINT64_C(1) << point) - 1);
        text = whole | (uint64_t)'.' << point | text >> point << 8 << point;
        n++;
    }
    put_lowest_first(to, text);
    return n;
}

/* The same of v < 10^16; copies have a size that is known, as then they are short. */
__attribute__((noinline)) static size_t put_many(char *to, bool sign, uint64_t v, unsigned decimals)
{
    enum { ROOM = 16 };
    char digit[2 * ROOM] = {0};
    put_lowest_first(digit, eight_digits((uint32_t)(v / 100000000)) | ascii);
    put_lowest_first(digit + 8, eight_digits((uint32_t)(v % 100000000)) | ascii);
    const char *from = digit, *point = digit + ROOM - decimals;
    while (*from == '0' && from + 1 < point)
        from++;
    size_t whole = (size_t)(point - from);
    memcpy(to + sign, from, ROOM);
    if (decimals == 0)
        return sign + whole;
    to[sign + whole] = '.';
    memcpy(to + sign + whole + 1, point, 8);
    return sign + whole + 1 + decimals;
}

static inline size_t put_ratio(char *to, bool sign, uint64_t v, unsigned decimals)
{
    to[0] = '-';
    return v < FEW ? sign + put_few(to + sign, (uint32_t)v, decimals)
                   : put_many(to, sign, v, decimals);
}

/*
 * With few decimals f * 5^k has 64 bits. As above, the integer next to x * 10^k is x again if it is
 * at most 5^k / 2 away on either side; a power of two is met exactly or not at all. The fewest
 * decimals are looked for, so there is no zero at their end; and the decimal has at most 15 digits,
 * as x is below 2^36, so it is that of x at 15 digits, too.
 */
size_t number_short(double x, char text[NUMBER_TEXT_MAX])
{
    enum { DECIMALS_MOST = 4, SCALE_LEAST = 17, SCALE_MOST = 63 };
    struct binary b = binary_of(x);
    text[0] = '0';
    if (b.scale < SCALE_LEAST || b.scale > SCALE_MOST)
        return x == 0;
    for (unsigned k = 0; k <= DECIMALS_MOST; k++) {
        unsigned shift = (unsigned)b.scale - k;
        uint64_t reach = power_of_5[k] / 2, product = b.f * power_of_5[k] + reach;
        if ((product & ((UINT64_C(1) << shift) - 1)) <= 2 * reach)
            return put_ratio(text, x < 0, product >> shift, k);
    }
    return 0;
}

/* --- many digits --- */

/* n / 10^q, of at most 17 digits. */
static void take_apart(uint64_t n, int q, struct decimal *out)
{
    char digit[24] = {0};
    digit[7] = (char)('0' + n / UINT64_C(10000000000000000));
    put_lowest_first(digit + 8, eight_digits((uint32_t)(n / 100000000 % 100000000)) | ascii);
    put_lowest_first(digit + 16, eight_digits((uint32_t)(n % 100000000)) | ascii);
    const char *from = digit + 7, *end = digit + sizeof digit;
    while (*from == '0')
        from++;
    out->exponent = (int)(end - from) - 1 - q;
    while (end[-1] == '0')
        end--;
    out->digits = (size_t)(end - from);
    memcpy(out->digit, from, out->digits);
}

/* --- any --- */

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

static void write_any(double x, struct number *out)
{
    struct decimal d;
    bool same = round_to(x, SHORT_DIGITS, &d) == x;
    out->n = decimal_write(&d, out->text);
    for (int digits = SHORT_DIGITS + 1; !same && digits <= LONG_DIGITS; digits++)
        same = round_to(x, digits, &d) == x;
    out->strict_n = decimal_write(&d, out->strict);
    if (span_eq(number_text(out), span_of(out->strict, out->strict_n)))
        out->strict_n = 0;
}

/*
 * 10^-9 <= |x| < 10^15: as an integer of 15 digits over a power of ten, and, where that is not x,
 * with one or two digits more. The power is estimated from that of two, since the logarithm of 2 is
 * 1233 / 4096, and may be one too high.
 */
static void write_long(double x, struct number *out)
{
    const uint64_t ten_15 = 1000000000000000;
    struct binary b = binary_of(x);
    struct decimal d = {.negative = x < 0};
    uint64_t n;
    int q = SHORT_DIGITS - 1 - ((FRACTION_BITS - b.scale) * 1233 >> 12);
    bool same = times_power(b, q, &n);
    if (n > ten_15)
        same = times_power(b, --q, &n);
    take_apart(n, q, &d);
    out->n = decimal_write(&d, out->text);
    if (same)
        return;
    while (!times_power(b, ++q, &n))
        ;
    take_apart(n, q, &d);
    out->strict_n = decimal_write(&d, out->strict);
}

void number_of_double(double x, struct number *out)
{
    assert(isfinite(x));
    out->strict_n = 0;
    out->n = (uint8_t)number_short(x, out->text);
    if (out->n > 0)
        return;
    if (fabs(x) >= 1e-9 && fabs(x) < 1e15)
        write_long(x, out);
    else
        write_any(x, out);
}
