#include "dataset/hash_sort.h"

#include "os/dir.h"
#include "tests/test.h"

static int open_scratch(void)
{
    int folder = -1;
    CU_ASSERT_TRUE_FATAL(dir_open_path("/tmp", &folder, NULL));
    return folder;
}

static struct hash hash_number(uint64_t n)
{
    return sha256_of(span_of(&n, sizeof n));
}

/* n hashes of `kinds` kinds, each kind as often as another: in order, none lost, none added. */
static bool sorts_parked(uint64_t n, uint64_t kinds, uint64_t every)
{
    int folder = open_scratch();
    struct hash_sort *s = hash_sort_open(folder);
    struct hash h, before = {{0}};
    struct err e = {0};
    bool more = true, good = true;
    uint64_t seen = 0, changes = 0;
    uint8_t sum = 0;
    for (uint64_t i = 0; i < n; i++) {
        h = hash_number(i % kinds);
        sum ^= h.b[5];
        good = good && hash_sort_add(s, h, &e) && ((i + 1) % every != 0 || hash_sort_park(s, &e));
    }
    while (good && (good = hash_sort_next(s, &h, &more, &e)) && more) {
        good = memcmp(&before, &h, sizeof h) <= 0;
        changes += memcmp(&before, &h, sizeof h) != 0;
        before = h;
        sum ^= h.b[5];
        seen++;
    }
    hash_sort_close(s);
    dir_close(folder);
    return good && seen == n && changes == (n < kinds ? n : kinds) && sum == 0;
}

static bool sorts(uint64_t n, uint64_t kinds)
{
    return sorts_parked(n, kinds, UINT64_MAX);
}

static void test_hash_sort__gives_none_where_none_was_added(void)
{
    CU_ASSERT_TRUE(sorts(0, 1));
}

static void test_hash_sort__sorts_in_memory(void)
{
    for (uint64_t n = 1; n < 60; n++)
        CU_ASSERT_TRUE(sorts(n, n));
    CU_ASSERT_TRUE(sorts(5000, 5000));
    CU_ASSERT_TRUE(sorts(HASH_SORT_RUN, HASH_SORT_RUN));
}

static void test_hash_sort__merges_runs(void)
{
    CU_ASSERT_TRUE(sorts(HASH_SORT_RUN + 1, HASH_SORT_RUN + 1));
    CU_ASSERT_TRUE(sorts(3 * (uint64_t)HASH_SORT_RUN + 77, 3 * (uint64_t)HASH_SORT_RUN));
}

static void test_hash_sort__keeps_repeats(void)
{
    CU_ASSERT_TRUE(sorts(3 * (uint64_t)HASH_SORT_RUN, 1));
    CU_ASSERT_TRUE(sorts(3 * (uint64_t)HASH_SORT_RUN, 2));
    CU_ASSERT_TRUE(sorts(100000, 100));
}

static void test_hash_sort__may_be_parked(void)
{
    CU_ASSERT_TRUE(sorts_parked(20000, 20000, 20000));
    CU_ASSERT_TRUE(sorts_parked(20000, 7, 5000));
    CU_ASSERT_TRUE(sorts_parked(100, 100, 10));
    CU_ASSERT_TRUE(sorts_parked(HASH_SORT_RUN + 1, HASH_SORT_RUN + 1, HASH_SORT_RUN));
}

static void test_hash_sort__closes_what_was_not_taken(void)
{
    int folder = open_scratch();
    struct hash_sort *s = hash_sort_open(folder);
    for (uint64_t i = 0; i < 2 * (uint64_t)HASH_SORT_RUN; i++)
        CU_ASSERT_TRUE(hash_sort_add(s, hash_number(i), NULL));
    hash_sort_close(s);
    hash_sort_close(NULL);
    dir_close(folder);
}

SUITE(hash_sort, TEST(test_hash_sort__gives_none_where_none_was_added),
      TEST(test_hash_sort__sorts_in_memory), TEST(test_hash_sort__merges_runs),
      TEST(test_hash_sort__keeps_repeats), TEST(test_hash_sort__may_be_parked),
      TEST(test_hash_sort__closes_what_was_not_taken))
