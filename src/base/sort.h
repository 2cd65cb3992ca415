/* Sorting in place, in O(n log n) whatever the order, without memory: heapsort. Not stable. */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>

void sort_items(void *items, size_t count, size_t size, int (*compare)(const void *, const void *));

#endif
