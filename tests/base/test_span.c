#include "base/span.h"

#include "tests/test.h"

static void test_span__refuses_numbers_that_are_not_canonical(void)
{
    uint64_t v = 7;
    CU_ASSERT_FALSE(span_u64(SPAN(""), &v));
    CU_ASSERT_FALSE(span_u64(SPAN("01"), &v));
    CU_ASSERT_FALSE(span_u64(SPAN("+1"), &v));
    CU_ASSERT_FALSE(span_u64(SPAN("1 "), &v));
    CU_ASSERT_FALSE(span_u64(SPAN("18446744073709551616"), &v));
    CU_ASSERT_EQUAL(v, 7);
    CU_ASSERT_TRUE(span_u64(SPAN("18446744073709551615"), &v));
    CU_ASSERT_EQUAL(v, UINT64_MAX);
    CU_ASSERT_TRUE(span_u64(SPAN("0"), &v));
    CU_ASSERT_EQUAL(v, 0);
}

static void test_span__refuses_hex_of_wrong_length_or_case(void)
{
    uint8_t b[2];
    CU_ASSERT_FALSE(span_hex(SPAN("0aF0"), b, 2));
    CU_ASSERT_FALSE(span_hex(SPAN("0af"), b, 2));
    CU_ASSERT_TRUE(span_hex(SPAN("0aff"), b, 2));
    CU_ASSERT(b[0] == 0x0a && b[1] == 0xff);
}

static void test_span__refuses_malformed_utf8(void)
{
    CU_ASSERT_FALSE(span_utf8(SPAN("\xc0\x80")));         /* overlong */
    CU_ASSERT_FALSE(span_utf8(SPAN("\xe0\x9f\xbf")));     /* overlong */
    CU_ASSERT_FALSE(span_utf8(SPAN("\xed\xa0\x80")));     /* surrogate */
    CU_ASSERT_FALSE(span_utf8(SPAN("\xf4\x90\x80\x80"))); /* above U+10FFFF */
    CU_ASSERT_FALSE(span_utf8(SPAN("\xe2\x80")));         /* cut */
    CU_ASSERT_FALSE(span_utf8(SPAN("\x80")));
    CU_ASSERT_TRUE(span_utf8(SPAN("a\xc3\xa9\xe2\x80\x94\xf0\x9f\x98\x80\xed\x9f\xbf")));
}

static void test_span__takes_only_whole_lines(void)
{
    struct span rest = SPAN("one\n\ntwo"), line;
    CU_ASSERT_TRUE(span_line(&rest, &line));
    ASSERT_SPAN(line, SPAN("one"));
    CU_ASSERT_TRUE(span_line(&rest, &line));
    ASSERT_SPAN(line, SPAN(""));
    CU_ASSERT_FALSE(span_line(&rest, &line));
    ASSERT_SPAN(rest, SPAN("two"));
}

static void test_span__orders_bytes_as_unsigned(void)
{
    CU_ASSERT(span_cmp(SPAN("a"), SPAN("ab")) < 0);
    CU_ASSERT(span_cmp(SPAN("\x7f"), SPAN("\x80")) < 0);
    CU_ASSERT(span_cmp(SPAN(""), SPAN("")) == 0);
    CU_ASSERT_TRUE(span_alnum(SPAN("aZ9._-"), "._-"));
    CU_ASSERT_FALSE(span_alnum(SPAN("a/b"), "._-"));
    CU_ASSERT_FALSE(span_alnum(SPAN("a\0"), "._-"));
}

SUITE(span, TEST(test_span__refuses_numbers_that_are_not_canonical),
      TEST(test_span__refuses_hex_of_wrong_length_or_case), TEST(test_span__refuses_malformed_utf8),
      TEST(test_span__takes_only_whole_lines), TEST(test_span__orders_bytes_as_unsigned))
