#include "base/sort.h"

#include "tests/test.h"

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void test_sort__puts_any_order_in_order(void)
{
    uint64_t random = 3, item[200], other[200];
    for (size_t n = 0; n <= 200; n++) {
        for (size_t i = 0; i < n; i++)
            item[i] = other[i] = test_random(&random) % 50;
        sort_items(item, n, sizeof *item, compare);
        qsort(other, n, sizeof *other, compare);
        CU_ASSERT(memcmp(item, other, n * sizeof *item) == 0);
    }
}

/* What is looked for is there once, several times, or not at all: before, between or behind. */
static void test_sort__finds_the_first_that_is_not_before(void)
{
    enum { MOST = 40, NUMBERS = 25 };
    uint64_t random = 5;
    struct pair {
        char other;
        uint64_t number;
    } pair[MOST];
    uint64_t item[MOST];
    for (size_t n = 0; n <= MOST; n++) {
        for (size_t i = 0; i < n; i++)
            item[i] = 1 + test_random(&random) % NUMBERS;
        sort_items(item, n, sizeof *item, compare);
        for (size_t i = 0; i < n; i++)
            pair[i].number = item[i];
        for (uint64_t k = 0; k <= NUMBERS + 1; k++) {
            size_t first = 0;
            while (first < n && item[first] < k)
                first++;
            CU_ASSERT_EQUAL(sort_find(item, n, sizeof *item, &k, compare), first);
            CU_ASSERT_EQUAL(
                sort_find_number(pair, n, sizeof *pair, offsetof(struct pair, number), k), first);
        }
    }
}

SUITE(sort, TEST(test_sort__puts_any_order_in_order),
      TEST(test_sort__finds_the_first_that_is_not_before))
