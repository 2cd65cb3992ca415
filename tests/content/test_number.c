#include "content/number.h"
#include "dataset/ibm.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

#include "tests/test.h"

static void test_number__refuses_what_is_no_number(void)
{
    static const char *const none[] = {"",     "-",     "+",     ".",   "e5",  "1e",
                                       "1e+",  "1.2.3", "1 2",   " 1",  "1 ",  "--1",
                                       "0x1",  "1e5x",  "1,000", "NA",  "inf", "nan",
                                       "1e5.", "1e1.5", "..",    "1d5", "+-1", "\xd9\xa1"};
    struct number x;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        CU_ASSERT_EQUAL(number_parse(span_str(none[i]), &x), NUMBER_NONE);
}

static void test_number__knows_what_no_double_carries(void)
{
    static const char *const fine[] = {
        "123456789012345678",
        "0.123456789012345678",
        "9007199254740993",
        "-9007199254740993",
        "1e309",
        "1e-400",
        "1e99999999999999999999",
        "1.7976931348623159e308",
    };
    struct number x;
    char longest[1026];
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        CU_ASSERT_EQUAL(number_parse(span_str(fine[i]), &x), NUMBER_TOO_FINE);
    memset(longest, '0', sizeof longest);
    CU_ASSERT_EQUAL(number_parse(span_of(longest, 1024), &x), NUMBER_GOOD);
    CU_ASSERT_EQUAL(number_parse(span_of(longest, 1025), &x), NUMBER_TOO_FINE);
}

static void test_number__has_one_form(void)
{
    static const struct {
        const char *lexeme, *text, *strict;
    } sample[] = {
        {"0", "0", "0"},
        {"-0", "0", "0"},
        {"0.000", "0", "0"},
        {"0e99", "0", "0"},
        {"1", "1", "1"},
        {"+01.500", "1.5", "1.5"},
        {".5", "0.5", "0.5"},
        {"5.", "5", "5"},
        {"-12e3", "-12000", "-12000"},
        {"120", "120", "120"},
        {"0.05", "0.05", "0.05"},
        {"0.000001", "0.000001", "0.000001"},
        {"0.0000001", "1e-7", "1e-7"},
        {"123456789012345", "123456789012345", "123456789012345"},
        {"999999999999999", "999999999999999", "999999999999999"},
        {"1000000000000000", "1e15", "1e15"},
        {"1.5E+20", "1.5e20", "1.5e20"},
        {"100e20", "1e22", "1e22"},
        {"8.549999999999999", "8.55", "8.549999999999999"},
        {"0.39999999999999997", "0.4", "0.39999999999999997"},
        {"0.1", "0.1", "0.1"},
        {"0.30000000000000004", "0.3", "0.30000000000000004"},
        {"9007199254740991", "9.00719925474099e15", "9.007199254740991e15"},
        {"9007199254740992", "", ""},
        {"12345678901234567", "", ""},
        {"1.7976931348623157e308", "1.79769313486232e308", "1.7976931348623157e308"},
        {"4.9406564584124654e-324", "4.94065645841247e-324", "4.94065645841247e-324"},
        {"2.2250738585072014e-308", "2.2250738585072e-308", "2.2250738585072014e-308"},
    };
    for (size_t i = 0; i < sizeof sample / sizeof sample[0]; i++) {
        struct number x;
        enum number_lexeme kind = number_parse(span_str(sample[i].lexeme), &x);
        if (sample[i].text[0] == '\0') {
            CU_ASSERT_EQUAL(kind, NUMBER_TOO_FINE);
            continue;
        }
        CU_ASSERT_EQUAL(kind, NUMBER_GOOD);
        ASSERT_SPAN(number_text(&x), span_str(sample[i].text));
        ASSERT_SPAN(number_strict(&x), span_str(sample[i].strict));
    }
}

static double value_of(struct span text)
{
    char copy[NUMBER_TEXT_MAX + 1];
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    return strtod(copy, NULL);
}

/* The form says what printf says at 15 digits, and the strict one gives the double back. */
static void check_double(double d)
{
    struct number x, again;
    char text[40];
    number_of_double(d, &x);
    CU_ASSERT_TRUE(value_of(number_strict(&x)) == d);
    snprintf(text, sizeof text, "%.14e", d);
    CU_ASSERT_TRUE(value_of(number_text(&x)) == strtod(text, NULL));
    if (!isfinite(strtod(text, NULL)))
        return; /* rounded to 15 digits, the largest doubles are larger than any */
    CU_ASSERT_EQUAL(number_parse(number_text(&x), &again), NUMBER_GOOD);
    ASSERT_SPAN(number_text(&again), number_text(&x));
    CU_ASSERT_EQUAL(again.strict_n, 0);
}

static void test_number__agrees_with_printf_and_strtod(void)
{
    uint64_t state = 7;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = test_random(&state);
        double any, decimal = (double)(int64_t)(bits >> 20) / (double)(1 + bits % 100000);
        memcpy(&any, &bits, sizeof any);
        if (isfinite(any))
            check_double(any);
        check_double(decimal);
        check_double((double)(int)(bits & 0xffffff) / 1000);
        check_double(-(double)(bits >> 14));
    }
    static const double edges[] = {
        0,        -0.0, 1e15, 999999999999999,       1e15 - 0.5, 1e15 - 0.125, DBL_MAX, DBL_MIN,
        4.9e-324, 1e22, 1e-6, 9.9999999999999995e-7, 0.1 + 0.2,  1.0 / 3};
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
        check_double(edges[i]);
}

/* A lexeme and the double of it have the same forms. */
static void test_number__a_lexeme_is_its_double(void)
{
    uint64_t state = 11;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = test_random(&state);
        char text[64];
        struct number a, b;
        int digits = 1 + (int)(bits % 17);
        snprintf(text, sizeof text, "%.*e", digits - 1,
                 ldexp((double)(int64_t)test_random(&state), (int)(bits >> 8 & 255) - 160));
        CU_ASSERT_EQUAL(number_parse(span_str(text), &a), NUMBER_GOOD);
        number_of_double(strtod(text, NULL), &b);
        ASSERT_SPAN(number_text(&a), number_text(&b));
        ASSERT_SPAN(number_strict(&a), number_strict(&b));
    }
}

/* Written as people and programs do: signs, zeroes in front and behind, a point anywhere or none.
 */
static void test_number__a_plain_lexeme_is_its_double(void)
{
    uint64_t state = 13;
    for (int i = 0; i < 200000; i++) {
        char text[32], *p = text;
        size_t digits = 1 + (size_t)(test_random(&state) % 12), point = test_random(&state) % 16;
        if (test_random(&state) % 4 == 0)
            *p++ = '-';
        for (size_t at = 0; at < digits; at++) {
            if (at == point)
                *p++ = '.';
            *p++ = (char)('0' + (test_random(&state) % 3 == 0 ? test_random(&state) % 10 : 0));
        }
        *p = '\0';
        struct number a, b;
        CU_ASSERT_EQUAL_FATAL(number_parse(span_str(text), &a), NUMBER_GOOD);
        number_of_double(strtod(text, NULL), &b);
        ASSERT_SPAN(number_text(&a), number_text(&b));
        ASSERT_SPAN(number_strict(&a), number_strict(&b));
    }
}

/* At so many digits, as FORMAT 12.1 writes numbers, by way of printf. */
static struct span form_by_printf(double x, int digits, char *to)
{
    char text[40], digit[20] = {0};
    snprintf(text, sizeof text, "%.*e", digits - 1, fabs(x));
    char *p = to, *e = strchr(text, 'e');
    int exponent = atoi(e + 1), n = 1;
    digit[0] = text[0];
    for (const char *from = text + 2; from < e; from++)
        digit[n++] = *from;
    while (n > 1 && digit[n - 1] == '0')
        digit[--n] = '\0';
    p += sprintf(p, "%s", x < 0 ? "-" : "");
    if (exponent < -6 || exponent > 14)
        p += sprintf(p, "%c%s%se%d", digit[0], n > 1 ? "." : "", digit + 1, exponent);
    else if (exponent < 0)
        p += sprintf(p, "0.%.*s%s", -exponent - 1, "00000", digit);
    else if (n <= exponent + 1)
        p += sprintf(p, "%s%.*s", digit, exponent + 1 - n, "00000000000000");
    else
        p += sprintf(p, "%.*s.%s", exponent + 1, digit, digit + exponent + 1);
    return span_of(to, (size_t)(p - to));
}

/* Both forms are those of printf, with strtod to say how many digits tell it from others. */
static void check_forms(double d)
{
    struct number x;
    char text[64], strict[64];
    int digits = 15;
    number_of_double(d, &x);
    struct span want = form_by_printf(d, digits, text);
    while (value_of(form_by_printf(d, digits, strict)) != d)
        digits++;
    struct span got = number_text(&x), got_strict = number_strict(&x);
    if (!span_eq(got, want) || !span_eq(got_strict, form_by_printf(d, digits, strict)))
        ASSERT_SPAN(got, want);
    CU_ASSERT_EQUAL(x.strict_n > 0, digits > 15);
}

static void test_number__all_small_integers_and_decimals_are_written_as_printf_does(void)
{
    static const double power[] = {1, 10, 100, 1000, 1e4, 1e5, 1e6};
    uint64_t state = 17;
    for (int i = 0; i <= 1000000; i++) {
        check_forms(i);
        if (i % 4 != 0)
            continue;
        check_forms(-i / power[1 + i / 4 % 6]);
        check_forms((double)(test_random(&state) >> (14 + i / 4 % 50)) / power[i / 4 % 7]);
    }
}

/* The next double of that sign, by its bits. */
static double neighbour(double x, int64_t by)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits += by;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* And their neighbours, which are not short. */
static void test_number__doubles_of_all_sizes_are_written_as_printf_does(void)
{
    uint64_t state = 19;
    for (int i = 0; i < 50000; i++) {
        double x = ldexp((double)(test_random(&state) >> 11), i % 140 - 120);
        double decimal = (double)(1 + (test_random(&state) >> (i % 40 + 20))) / 1000;
        check_forms(x);
        check_forms(x / 3);
        check_forms(neighbour(decimal, 1));
        check_forms(neighbour(decimal, -1));
    }
    for (int n = -1000; n <= 1000; n++) {
        char text[16];
        snprintf(text, sizeof text, "1e%d", n / 4);
        double two = ldexp(1, n), ten = strtod(text, NULL);
        check_forms(two);
        check_forms(neighbour(two, -1));
        check_forms(neighbour(two, 1));
        check_forms(ten);
        check_forms(neighbour(ten, -1));
        check_forms(neighbour(ten, 1));
    }
}

/* Halfway between two decimals of 15 digits: to the even one. */
static void test_number__ties_are_rounded_to_even(void)
{
    for (int64_t i = 0; i < 20000; i++) {
        check_forms((double)(INT64_C(100000000000000) + i) + 0.5);
        check_forms((double)(INT64_C(10000000000000) + i) + (double)(i % 16) / 16 + 0.0625);
        check_forms((double)(INT64_C(2000000000000000) + 5 * i));
    }
}

static struct ibm ibm_of(const char *hex)
{
    return ibm_parse(ibm_bits(test_hex(hex)));
}

static void test_number__reads_ibm_doubles(void)
{
    CU_ASSERT_EQUAL(ibm_of("4110000000000000").value, 1.0);
    CU_ASSERT_EQUAL(ibm_of("c276a00000000000").value, -118.625);
    CU_ASSERT_EQUAL(ibm_of("4110").value, 1.0);
    CU_ASSERT_EQUAL(ibm_of("0000000000000000").value, 0.0);
    CU_ASSERT_EQUAL(ibm_of("8000").kind, IBM_NUMBER);
    CU_ASSERT_EQUAL(ibm_of("8000").value, 0.0);
    CU_ASSERT_EQUAL(ibm_of("7fffffffffffffff").value, ldexp(1, 252));
    CU_ASSERT_TRUE(ibm_of("7fffffffffffffff").inexact);
    CU_ASSERT_TRUE(ibm_of("4180000000000001").inexact);
    CU_ASSERT_FALSE(ibm_of("4110000000000001").inexact);
    CU_ASSERT_EQUAL(ibm_of("0010000000000000").value, ldexp(1, -260));
    CU_ASSERT_TRUE(ibm_of("4201000000000000").unnormalised);
    CU_ASSERT_EQUAL(ibm_of("4201000000000000").value, 1.0);
    CU_ASSERT_FALSE(ibm_of("4110000000000000").unnormalised);
}

static void test_number__reads_missing_values_of_every_width(void)
{
    for (size_t n = 2; n <= 8; n++) {
        for (unsigned c = 0; c < 256; c++) {
            const uint8_t bytes[8] = {(uint8_t)c}, other[8] = {(uint8_t)c, 0x10};
            struct ibm x = ibm_parse(ibm_bits(span_of(bytes, n)));
            bool special = c == '_' || (c >= 'A' && c <= 'Z');
            CU_ASSERT_EQUAL(x.kind, c == '.' ? IBM_MISSING : special ? IBM_SPECIAL : IBM_NUMBER);
            CU_ASSERT_TRUE(!special || x.letter == (char)c);
            CU_ASSERT_EQUAL(ibm_parse(ibm_bits(span_of(other, n))).kind, IBM_NUMBER);
        }
    }
}

SUITE(number, TEST(test_number__refuses_what_is_no_number),
      TEST(test_number__knows_what_no_double_carries), TEST(test_number__has_one_form),
      TEST(test_number__agrees_with_printf_and_strtod), TEST(test_number__a_lexeme_is_its_double),
      TEST(test_number__a_plain_lexeme_is_its_double),
      TEST(test_number__all_small_integers_and_decimals_are_written_as_printf_does),
      TEST(test_number__doubles_of_all_sizes_are_written_as_printf_does),
      TEST(test_number__ties_are_rounded_to_even), TEST(test_number__reads_ibm_doubles),
      TEST(test_number__reads_missing_values_of_every_width))
