/*
 * Memory. Everything in libcore comes from here; when memory runs out the
 * program's host_fatal ends it, so no caller checks for NULL.
 *
 * An arena gives memory that lives until the arena is closed: parse results
 * live in the arena that was passed to the parser. mem_* is for the few things
 * that grow and shrink.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/span.h"

/* Given by each main: says why, ends the program with exit status 2. */
_Noreturn void host_fatal(const char *why);

void *mem_new(size_t size);               /* zeroed; mem_free takes it */
void *mem_resize(void *p, size_t size);   /* contents kept; new part not zeroed */
void mem_free(void *p);                   /* NULL is fine */
void mem_wipe_free(void *p, size_t size); /* for secrets */

/*
 * Items that become more: room for one of `size` bytes behind the `count` that are
 * there. *cap is how many fit; both begin as NULL and 0.
 */
void *mem_room(void *items, size_t count, size_t *cap, size_t size);

struct arena {
    struct arena_block *block;
    size_t next_size;
};

/* `struct arena a = {0};` is an empty arena. */
void *arena_new(struct arena *a, size_t size); /* zeroed, aligned for any type */
struct span arena_copy(struct arena *a, struct span s);
char *arena_str(struct arena *a, struct span s); /* copy with a NUL behind it */

/* count * size, checked. */
void *arena_array(struct arena *a, size_t count, size_t size);

/* Gives everything back; the arena is empty again. */
void arena_close(struct arena *a);

#endif
