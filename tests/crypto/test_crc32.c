#include "crypto/crc32.h"

#include "tests/test.h"

/* RFC 1952, section 8, a bit at a time. */
static uint32_t slow(struct span s)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < s.n; i++) {
        crc ^= s.p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static void test_crc32__gives_the_published_check_value(void)
{
    CU_ASSERT_EQUAL(crc32_feed(0, SPAN("123456789")), 0xcbf43926);
    CU_ASSERT_EQUAL(crc32_feed(0, span_of(NULL, 0)), 0);
}

static void test_crc32__is_the_definition_for_every_length_and_alignment(void)
{
    uint8_t noise[640];
    uint64_t random = 1;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)test_random(&random);
    for (size_t n = 0; n <= 600; n++) {
        struct span s = span_of(noise + n % 33, n);
        CU_ASSERT_EQUAL(crc32_feed(0, s), slow(s));
    }
}

static void test_crc32__does_not_depend_on_how_data_is_cut(void)
{
    uint8_t noise[700];
    uint64_t random = 2;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)test_random(&random);
    uint32_t whole = slow(span_of(noise, sizeof noise));
    for (size_t cut = 0; cut <= sizeof noise; cut++) {
        uint32_t crc = crc32_feed(0, span_of(noise, cut));
        CU_ASSERT_EQUAL(crc32_feed(crc, span_of(noise + cut, sizeof noise - cut)), whole);
    }
}

SUITE(crc32, TEST(test_crc32__gives_the_published_check_value),
      TEST(test_crc32__is_the_definition_for_every_length_and_alignment),
      TEST(test_crc32__does_not_depend_on_how_data_is_cut))
