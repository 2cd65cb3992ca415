#include "base/time.h"

#include <time.h>

#include "tests/test.h"

static void test_time__refuses_what_is_no_time(void)
{
    static const char *const bad[] = {
        "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",  "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",  "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z", "2026-01-01 00:00:00Z",  "2026-01-01T00:00:00",
        "1969-12-31T23:59:59Z", "2026-01-01T00:00:00Z ", "2026-1-01T00:00:000Z",
        "2100-02-29T00:00:00Z",
    };
    int64_t t;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_FALSE(time_parse(span_str(bad[i]), &t));
    CU_ASSERT_FALSE(date_check(SPAN("2023-02-30")));
    CU_ASSERT_TRUE(date_check(SPAN("1960-02-29")));
}

static void test_time__agrees_with_the_c_library(void)
{
    uint64_t random = 1;
    for (int i = 0; i < 20000; i++) {
        int64_t t = i < 10 ? i * 86400 : (int64_t)(test_random(&random) % TIME_LAST), back;
        if (i == 10)
            t = TIME_LAST;
        char text[TIME_TEXT + 1], want[64];
        time_t c = (time_t)t;
        struct tm tm;
        strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&c, &tm));
        CU_ASSERT_STRING_EQUAL(time_write(t, text), want);
        CU_ASSERT(time_parse(span_str(text), &back) && back == t);
    }
}

SUITE(time, TEST(test_time__refuses_what_is_no_time), TEST(test_time__agrees_with_the_c_library))
