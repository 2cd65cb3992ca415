#include "seal/token.h"

#include <string.h>

#include "tests/test.h"

static const uint8_t nonce[SEAL_NONCE_SIZE] = {0x80, 2, 3, 4, 5, 6, 7, 8};

static bool write_request(const char *policy, struct buf *out, struct err *e)
{
    buf_clear(out);
    return seal_request_write(SPAN("data\n"), SEAL_SHA256, nonce, span_str(policy), out, e);
}

static void test_request__refuses_a_policy_that_is_no_OID(void)
{
    static const char *const cases[] = {"1", "1.", "x", "1.2.x", "9.9.9", "time stamping"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf b = {0};
        struct err e = {0};
        CU_ASSERT_FALSE(write_request(cases[i], &b, &e));
        CU_ASSERT_EQUAL(e.kind, ERR_USAGE);
        buf_close(&b);
    }
}

/* "1.2" and then ".1" again and again: never cut to one that is shorter. */
static void test_request__refuses_a_policy_that_is_too_long(void)
{
    char policy[SEAL_POLICY_MAX + 3] = "1.2";
    struct buf b = {0};
    struct err e = {0};
    for (size_t i = 3; i < SEAL_POLICY_MAX; i += 2)
        memcpy(policy + i, ".1", 3);
    CU_ASSERT_EQUAL(strlen(policy), SEAL_POLICY_MAX);
    CU_ASSERT(write_request(policy, &b, &e));
    policy[SEAL_POLICY_MAX] = '1';
    CU_ASSERT_FALSE(write_request(policy, &b, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_USAGE);
    CU_ASSERT_EQUAL(b.n, 0);
    buf_close(&b);
}

static void test_request__says_what_is_asked(void)
{
    struct buf b = {0};
    struct err e = {0};
    const uint8_t policy[] = {0x06, 0x03, 0x2a, 0x03, 0x04}; /* 1.2.3.4 */
    const uint8_t number[] = {0x02, 0x09, 0x00, 0x80, 2, 3, 4, 5, 6, 7, 8};
    const uint8_t want_certificate[] = {0x01, 0x01, 0xff};
    CU_ASSERT_FATAL(write_request("1.2.3.4", &b, &e));
    CU_ASSERT_PTR_NOT_NULL(memmem(b.p, b.n, policy, sizeof policy));
    CU_ASSERT_PTR_NOT_NULL(memmem(b.p, b.n, number, sizeof number));
    CU_ASSERT(span_ends(buf_span(&b), span_of(want_certificate, sizeof want_certificate)));
    buf_close(&b);
}

SUITE(request, TEST(test_request__refuses_a_policy_that_is_no_OID),
      TEST(test_request__refuses_a_policy_that_is_too_long), TEST(test_request__says_what_is_asked))
