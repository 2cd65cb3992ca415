#include "base/io.h"

#include <string.h>

#include "base/arena.h"
#include "tests/test.h"

static bool equal(const uint8_t *a, size_t n, const uint8_t *b, size_t m)
{
    struct span x = span_of(a, n), y = span_of(b, m);
    bool same = false;
    CU_ASSERT_TRUE(source_equal(source_of(&x), source_of(&y), &same, NULL));
    return same;
}

static void test_io__tells_sources_apart_by_one_byte_anywhere(void)
{
    enum { MOST = 600 * 1024 };
    static const size_t at[] = {0, 1, 256 * 1024 - 1, 256 * 1024, 512 * 1024, MOST - 1};
    uint8_t *a = mem_new(MOST), *b = mem_new(MOST);
    CU_ASSERT_TRUE(equal(a, MOST, b, MOST));
    CU_ASSERT_TRUE(equal(a, 0, b, 0));
    CU_ASSERT_FALSE(equal(a, MOST, b, MOST - 1));
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        b[at[i]] = 1;
        CU_ASSERT_FALSE(equal(a, MOST, b, MOST));
        b[at[i]] = 0;
    }
    mem_free(a);
    mem_free(b);
}

static bool fail(void *ctx, uint64_t at, void *p, size_t n, struct err *e)
{
    (void)ctx;
    (void)at;
    memset(p, 0, n);
    return err_set(e, ERR_IO, "the disk is gone");
}

static void test_io__never_takes_what_cannot_be_read_for_equal(void)
{
    struct span bytes = SPAN("\0\0\0\0");
    struct source gone = {fail, NULL, bytes.n};
    struct err e = {0};
    bool same = true;
    CU_ASSERT_FALSE(source_equal(source_of(&bytes), gone, &same, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_IO);
    CU_ASSERT_FALSE(same);
}

SUITE(io, TEST(test_io__tells_sources_apart_by_one_byte_anywhere),
      TEST(test_io__never_takes_what_cannot_be_read_for_equal))
