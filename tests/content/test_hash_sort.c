#include "content/hash_sort.h"

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

/* n hashes, of which number i is make(i), parked after each `every`: in order, none lost, none
 * added. */
static bool sorts_made(uint64_t n, uint64_t kinds, struct hash (*make)(uint64_t), uint64_t every)
{
    int folder = open_scratch();
    struct hash_sort *s = hash_sort_open(folder);
    struct hash h, before = {{0}};
    const struct hash *next = NULL;
    struct err e = {0};
    bool good = true;
    uint64_t seen = 0, changes = 0, sum = 0;
    size_t some = 1;
    for (uint64_t i = 0; good && i < n; i++) {
        h = make(i % kinds);
        sum += (uint64_t)h.b[5] << 32 | (uint64_t)h.b[29] << 8 | h.b[31];
        good = hash_sort_add(s, &h, 1, &e) && ((i + 1) % every != 0 || hash_sort_park(s, &e));
    }
    while (good && (good = hash_sort_next(s, &next, &some, &e)) && some > 0) {
        for (size_t i = 0; i < some; i++) {
            int order = memcmp(&before, &next[i], sizeof h);
            good = good && order <= 0;
            changes += order != 0;
            before = next[i];
            sum -= (uint64_t)before.b[5] << 32 | (uint64_t)before.b[29] << 8 | before.b[31];
        }
        seen += some;
    }
    hash_sort_close(s);
    dir_close(folder);
    return good && seen == n && changes == (n < kinds ? n : kinds) && sum == 0;
}

static bool sorts_parked(uint64_t n, uint64_t kinds, uint64_t every)
{
    return sorts_made(n, kinds, hash_number, every);
}

static bool sorts(uint64_t n, uint64_t kinds)
{
    return sorts_parked(n, kinds, UINT64_MAX);
}

static void test_hash_sort__gives_none_where_none_was_added(void)
{
    int folder = open_scratch();
    struct hash_sort *s = hash_sort_open(folder);
    const struct hash *next = NULL;
    size_t some = 1;
    CU_ASSERT_TRUE(hash_sort_add(s, NULL, 0, NULL));
    CU_ASSERT_TRUE(hash_sort_next(s, &next, &some, NULL));
    CU_ASSERT_EQUAL(some, 0);
    hash_sort_close(s);
    dir_close(folder);
    CU_ASSERT_TRUE(sorts(0, 1));
}

static void test_hash_sort__sorts_in_memory(void)
{
    for (uint64_t n = 1; n < 60; n++)
        CU_ASSERT_TRUE(sorts(n, n));
    CU_ASSERT_TRUE(sorts(5000, 5000));
    CU_ASSERT_TRUE(sorts(HASH_SORT_MEMORY, HASH_SORT_MEMORY));
}

static void test_hash_sort__parts_runs(void)
{
    CU_ASSERT_TRUE(sorts(HASH_SORT_MEMORY + 1, HASH_SORT_MEMORY + 1));
    CU_ASSERT_TRUE(sorts(3 * (uint64_t)HASH_SORT_MEMORY + 77, 3 * (uint64_t)HASH_SORT_MEMORY));
}

static void test_hash_sort__keeps_repeats(void)
{
    CU_ASSERT_TRUE(sorts(3 * (uint64_t)HASH_SORT_MEMORY, 1));
    CU_ASSERT_TRUE(sorts(3 * (uint64_t)HASH_SORT_MEMORY, 2));
    CU_ASSERT_TRUE(sorts(100000, 100));
}

/* As somebody may have searched for them: six bytes in common. */
static struct hash alike(uint64_t n)
{
    struct hash h = hash_number(n);
    memset(h.b, 'a', 6);
    return h;
}

/* They differ in the last bytes only. */
static struct hash nearly_the_same(uint64_t n)
{
    struct hash h = {{1}};
    for (size_t i = 0; i < 4; i++)
        h.b[SHA256_SIZE - 1 - i] = (uint8_t)(n >> (8 * i));
    return h;
}

/* Half of them are one, and others differ from it late. */
static struct hash often(uint64_t n)
{
    return n % 2 == 0 ? hash_number(0) : n % 64 == 1 ? alike(n) : hash_number(n);
}

static void test_hash_sort__sorts_hashes_that_are_not_spread(void)
{
    enum { MANY = 3 * HASH_SORT_MEMORY + 5 };
    CU_ASSERT_TRUE(sorts_made(5000, 5000, alike, UINT64_MAX));
    CU_ASSERT_TRUE(sorts_made(MANY, MANY, alike, UINT64_MAX));
    CU_ASSERT_TRUE(sorts_made(5000, 5000, nearly_the_same, UINT64_MAX));
    CU_ASSERT_TRUE(sorts_made(MANY, MANY, nearly_the_same, UINT64_MAX));
    CU_ASSERT_TRUE(sorts_made(MANY, 1, nearly_the_same, 100000));
}

static void test_hash_sort__sorts_what_repeats_among_others(void)
{
    enum { MANY = 4 * HASH_SORT_MEMORY };
    int folder = open_scratch();
    struct hash_sort *s = hash_sort_open(folder);
    const struct hash *next = NULL;
    struct hash h, before = {{0}}, common = hash_number(0);
    size_t some = 1;
    uint64_t seen = 0, repeats = 0;
    for (uint64_t i = 0; i < MANY; i++) {
        h = often(i);
        CU_ASSERT_TRUE_FATAL(hash_sort_add(s, &h, 1, NULL));
    }
    while (some > 0) {
        CU_ASSERT_TRUE_FATAL(hash_sort_next(s, &next, &some, NULL));
        for (size_t i = 0; i < some; i++) {
            CU_ASSERT_TRUE_FATAL(memcmp(&before, &next[i], sizeof h) <= 0);
            before = next[i];
            repeats += hash_eq(before, common);
        }
        seen += some;
    }
    CU_ASSERT_EQUAL(seen, MANY);
    CU_ASSERT_EQUAL(repeats, MANY / 2);
    hash_sort_close(s);
    dir_close(folder);
}

static void test_hash_sort__may_be_parked(void)
{
    CU_ASSERT_TRUE(sorts_parked(20000, 20000, 20000));
    CU_ASSERT_TRUE(sorts_parked(20000, 7, 5000));
    CU_ASSERT_TRUE(sorts_parked(100, 100, 10));
    CU_ASSERT_TRUE(sorts_parked(HASH_SORT_MEMORY + 1, HASH_SORT_MEMORY + 1, HASH_SORT_MEMORY));
}

static void test_hash_sort__closes_what_was_not_taken(void)
{
    int folder = open_scratch();
    struct hash_sort *s = hash_sort_open(folder);
    struct hash h;
    for (uint64_t i = 0; i < 2 * (uint64_t)HASH_SORT_MEMORY; i++) {
        h = hash_number(i);
        CU_ASSERT_TRUE(hash_sort_add(s, &h, 1, NULL));
    }
    hash_sort_close(s);
    hash_sort_close(NULL);
    dir_close(folder);
}

SUITE(hash_sort, TEST(test_hash_sort__gives_none_where_none_was_added),
      TEST(test_hash_sort__sorts_in_memory), TEST(test_hash_sort__parts_runs),
      TEST(test_hash_sort__keeps_repeats), TEST(test_hash_sort__sorts_hashes_that_are_not_spread),
      TEST(test_hash_sort__sorts_what_repeats_among_others), TEST(test_hash_sort__may_be_parked),
      TEST(test_hash_sort__closes_what_was_not_taken))
