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

SUITE(sort, TEST(test_sort__puts_any_order_in_order))
