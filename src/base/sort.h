/* Items in order. */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

/* In place, in O(n log n) whatever the order, without memory: heapsort. Not stable. */
void sort_items(void *items, size_t count, size_t size, int (*compare)(const void *, const void *));

/*
 * The first of sorted items that is not before `item`, which has what `compare` looks at; `count`
 * where all are.
 */
size_t sort_find(const void *items, size_t count, size_t size, const void *item,
                 int (*compare)(const void *, const void *));

/* The same of items that ascend by a uint64_t, which is `offset` bytes into each. */
size_t sort_find_number(const void *items, size_t count, size_t size, size_t offset,
                        uint64_t number);

#endif
