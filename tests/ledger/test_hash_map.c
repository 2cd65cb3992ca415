#include "ledger/hash_map.h"
#include "tests/test.h"

static struct hash key_of(uint64_t n)
{
    struct hash h = {{0}};
    memcpy(h.b + 7, &n, sizeof n); /* alike at both ends */
    return h;
}

static void test_hash_map__finds_nothing_that_was_not_added(void)
{
    struct hash_map m = {0};
    CU_ASSERT_PTR_NULL(hash_map_find(&m, key_of(0)));
    hash_map_add(&m, key_of(1), 1);
    CU_ASSERT_PTR_NULL(hash_map_find(&m, key_of(0)));
    hash_map_close(&m);
    CU_ASSERT_PTR_NULL(hash_map_find(&m, key_of(1)));
}

static void test_hash_map__finds_each_of_many(void)
{
    struct hash_map m = {0};
    for (uint64_t i = 0; i < 10000; i++)
        hash_map_add(&m, key_of(i), i * 3);
    CU_ASSERT_EQUAL(m.used, 10000);
    for (uint64_t i = 0; i < 10000; i++) {
        const uint64_t *n = hash_map_find(&m, key_of(i));
        CU_ASSERT(n != NULL && *n == i * 3);
    }
    CU_ASSERT_PTR_NULL(hash_map_find(&m, key_of(10000)));
    hash_map_close(&m);
}

struct sum {
    uint64_t keys, values, most;
};

static bool add_up(void *ctx, struct hash key, uint64_t value, struct err *e)
{
    struct sum *s = ctx;
    (void)key;
    s->keys++;
    s->values += value;
    return s->keys < s->most || err_set(e, ERR_STATE, "enough");
}

static void test_hash_map__visits_each_once_and_stops_when_told(void)
{
    struct hash_map m = {0};
    struct sum all = {.most = 1000}, some = {.most = 3};
    struct err e = {0};
    CU_ASSERT(hash_map_each(&m, add_up, &all, &e) && all.keys == 0);
    for (uint64_t i = 0; i < 100; i++)
        hash_map_add(&m, key_of(i), i);
    CU_ASSERT(hash_map_each(&m, add_up, &all, &e));
    CU_ASSERT(all.keys == 100 && all.values == 4950);
    CU_ASSERT(!hash_map_each(&m, add_up, &some, &e) && some.keys == 3);
    hash_map_close(&m);
}

static void test_hash_map__keeps_the_first_number_of_a_key(void)
{
    struct hash_map m = {0};
    hash_map_add(&m, key_of(5), 1);
    hash_map_add(&m, key_of(5), 2);
    CU_ASSERT(m.used == 1 && *hash_map_find(&m, key_of(5)) == 1);
    hash_map_close(&m);
}

SUITE(hash_map, TEST(test_hash_map__finds_nothing_that_was_not_added),
      TEST(test_hash_map__finds_each_of_many),
      TEST(test_hash_map__visits_each_once_and_stops_when_told),
      TEST(test_hash_map__keeps_the_first_number_of_a_key))
