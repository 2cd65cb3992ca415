#include "base/bytes.h"

#include <stdlib.h>

#include "tests/test.h"

enum { LONG = 200 };

/* At the very ends of memory of their own, so that a byte too many is seen. */
static bool copies(size_t n)
{
    uint8_t *from = malloc(n + 1), *to = malloc(n + 1);
    for (size_t i = 0; i < n; i++) {
        from[i] = (uint8_t)(i * 37 + n);
        to[i] = (uint8_t)~from[i];
    }
    from[n] = 1;
    to[n] = 2;
    bytes_copy(to, from, n);
    bool same = memcmp(to, from, n) == 0 && to[n] == 2;
    free(from);
    free(to);
    return same;
}

static void test_bytes__copies_as_many_as_it_is_told(void)
{
    for (size_t n = 0; n < LONG; n++)
        CU_ASSERT_TRUE(copies(n));
}

static void test_bytes__finds_where_strings_part(void)
{
    uint8_t a[LONG], b[LONG];
    memset(a, 'x', sizeof a);
    for (size_t n = 0; n < LONG; n++)
        for (size_t at = 0; at <= n; at++) {
            memset(b, 'x', sizeof b);
            memset(b + at, 0xff, sizeof b - at);
            CU_ASSERT_EQUAL(bytes_common(a, b, n), at);
        }
}

static void test_bytes__numbers_are_in_the_order_of_bytes(void)
{
    uint8_t a[8], b[8];
    uint64_t state = 1;
    for (int i = 0; i < 10000; i++) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        memcpy(a, &state, sizeof a);
        memcpy(b, &state, sizeof b);
        b[state % 8] ^= (uint8_t)(state >> 40);
        int order = memcmp(a, b, sizeof a);
        uint64_t x = bytes_eight(a), y = bytes_eight(b);
        CU_ASSERT_EQUAL((x > y) - (x < y), (order > 0) - (order < 0));
    }
}

static void test_bytes__a_number_with_the_lowest_first_tells_the_first_bytes(void)
{
    uint8_t a[8];
    for (unsigned i = 0; i < sizeof a; i++)
        a[i] = (uint8_t)(1 + 37 * i);
    uint64_t x = bytes_eight_lowest_first(a);
    for (unsigned i = 0; i < sizeof a; i++)
        CU_ASSERT_EQUAL(x >> 8 * i & 0xff, a[i]);
}

SUITE(bytes, TEST(test_bytes__copies_as_many_as_it_is_told),
      TEST(test_bytes__finds_where_strings_part),
      TEST(test_bytes__numbers_are_in_the_order_of_bytes),
      TEST(test_bytes__a_number_with_the_lowest_first_tells_the_first_bytes))
