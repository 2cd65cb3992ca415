#include "format/base64.h"

#include "tests/test.h"

static void test_base64__refuses_what_is_not_exactly_one_text(void)
{
    static const char *const bad[] = {
        "Z",        "Zg",   "Zg=",    "Zg===",    "Zh==",     "Zm9=",          "Zm8",      "====",
        "=",        "A===", "Zg==\n", " Zg==",    "Zg ==",    "Zm9v ",         "Zm9v\r\n", "Z=9v",
        "Zg==Zg==", "Zm-v", "Zm_v",   "Zm9vYg=a", "Zm9v====", "Zm9v\xc3\xa9v",
    };
    struct arena a = {0};
    struct span out = SPAN("untouched");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_FALSE(base64_parse(&a, span_str(bad[i]), &out));
    ASSERT_SPAN(out, SPAN("untouched"));
    arena_close(&a);
}

static void test_base64__refuses_another_size_than_asked_for(void)
{
    uint8_t out[4];
    CU_ASSERT_FALSE(base64_bytes(SPAN("Zm9v"), out, 2));
    CU_ASSERT_FALSE(base64_bytes(SPAN("Zm9v"), out, 4));
    CU_ASSERT_FALSE(base64_bytes(SPAN("Zm8="), out, 3));
    CU_ASSERT_TRUE(base64_bytes(SPAN("Zm8="), out, 2));
    CU_ASSERT_TRUE(base64_bytes(SPAN(""), out, 0));
}

/* RFC 4648, section 10, and both special digits. */
static void test_base64__agrees_with_rfc_4648(void)
{
    static const struct {
        const char *bytes, *text;
    } known[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xfb\xef\xbe\xff\xff\xff", "++++////"},
    };
    struct arena a = {0};
    struct buf b = {0};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct span out;
        buf_clear(&b);
        base64_write(&b, span_str(known[i].bytes));
        ASSERT_SPAN(buf_span(&b), span_str(known[i].text));
        CU_ASSERT_TRUE_FATAL(base64_parse(&a, span_str(known[i].text), &out));
        ASSERT_SPAN(out, span_str(known[i].bytes));
    }
    buf_close(&b);
    arena_close(&a);
}

static void test_base64__gives_back_any_bytes(void)
{
    uint64_t seed = 64;
    struct arena a = {0};
    struct buf b = {0};
    uint8_t bytes[70];
    for (size_t n = 0; n < sizeof bytes; n++) {
        struct span out;
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)test_random(&seed);
        buf_clear(&b);
        base64_write(&b, span_of(bytes, n));
        CU_ASSERT_TRUE_FATAL(base64_parse(&a, buf_span(&b), &out));
        ASSERT_SPAN(out, span_of(bytes, n));
    }
    buf_close(&b);
    arena_close(&a);
}

SUITE(base64, TEST(test_base64__refuses_what_is_not_exactly_one_text),
      TEST(test_base64__refuses_another_size_than_asked_for),
      TEST(test_base64__agrees_with_rfc_4648), TEST(test_base64__gives_back_any_bytes))
