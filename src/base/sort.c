#include "base/sort.h"

#include <string.h>

static void swap(uint8_t *a, uint8_t *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t c = a[i];
        a[i] = b[i];
        b[i] = c;
    }
}

/* Lets the item at `root` sink until no child in the heap of `count` is larger. */
static void sink(uint8_t *items, size_t root, size_t count, size_t size,
                 int (*compare)(const void *, const void *))
{
    for (size_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
        if (child + 1 < count && compare(items + child * size, items + (child + 1) * size) < 0)
            child++;
        if (compare(items + root * size, items + child * size) >= 0)
            return;
        swap(items + root * size, items + child * size, size);
        root = child;
    }
}

void sort_items(void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    uint8_t *p = items;
    for (size_t root = count / 2; root-- > 0;)
        sink(p, root, count, size, compare);
    for (size_t end = count; end-- > 1;) {
        swap(p, p + end * size, size);
        sink(p, 0, end, size, compare);
    }
}

size_t sort_find(const void *items, size_t count, size_t size, const void *item,
                 int (*compare)(const void *, const void *))
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare((const uint8_t *)items + middle * size, item) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t sort_find_number(const void *items, size_t count, size_t size, size_t offset,
                        uint64_t number)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint64_t there;
        memcpy(&there, (const uint8_t *)items + middle * size + offset, sizeof there);
        if (there < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
