/*
 * From names to numbers, where names that differ in ASCII case only are one: the
 * names of datasets and studies. `struct name_map m = {0};` is empty.
 */
#ifndef BASE_NAME_MAP_H
#define BASE_NAME_MAP_H

#include "base/arena.h"

struct name_map {
    struct arena names;
    struct name_slot *slot; /* open addressing, a power of two */
    size_t slots, used;
};

#define NAME_MAP_NEW SIZE_MAX

/* Where the number of this name is kept: NAME_MAP_NEW the first time. Valid until the next call. */
size_t *name_map_at(struct name_map *m, struct span name);
void name_map_close(struct name_map *m);

/* Of ASCII letters. */
static inline uint8_t name_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

/* Equal but for ASCII case. */
bool name_same(struct span a, struct span b);

#endif
