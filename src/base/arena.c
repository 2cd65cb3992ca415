#include "base/arena.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20, ALIGN = 16, FIRST_ITEMS = 16 };

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    _Alignas(ALIGN) uint8_t bytes[];
};

void *mem_new(size_t size)
{
    void *p = calloc(1, size == 0 ? 1 : size);
    if (p == NULL)
        host_fatal("out of memory");
    return p;
}

void *mem_resize(void *p, size_t size)
{
    void *q = realloc(p, size == 0 ? 1 : size);
    if (q == NULL)
        host_fatal("out of memory");
    return q;
}

void *mem_room(void *items, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return items;
    if (*cap > SIZE_MAX / 2 / size)
        host_fatal("out of memory");
    *cap = *cap == 0 ? FIRST_ITEMS : *cap * 2;
    return mem_resize(items, *cap * size);
}

void mem_free(void *p)
{
    free(p);
}

void mem_wipe_free(void *p, size_t size)
{
    if (p != NULL)
        sodium_memzero(p, size);
    free(p);
}

static void add_block(struct arena *a, size_t least)
{
    size_t size = a->next_size == 0 ? FIRST_BLOCK : a->next_size;
    if (size < LARGEST_BLOCK)
        a->next_size = size * 2;
    if (size < least)
        size = least;
    if (size > SIZE_MAX - sizeof(struct arena_block))
        host_fatal("out of memory");
    struct arena_block *b = mem_new(sizeof *b + size);
    b->size = size;
    b->next = a->block;
    a->block = b;
}

void *arena_new(struct arena *a, size_t size)
{
    if (size > SIZE_MAX - ALIGN)
        host_fatal("out of memory");
    size_t rounded = (size + ALIGN - 1) / ALIGN * ALIGN;
    if (a->block == NULL || a->block->size - a->block->used < rounded)
        add_block(a, rounded);
    void *p = a->block->bytes + a->block->used;
    a->block->used += rounded;
    return p;
}

struct span arena_copy(struct arena *a, struct span s)
{
    uint8_t *p = arena_new(a, s.n);
    if (s.n > 0)
        memcpy(p, s.p, s.n);
    return span_of(p, s.n);
}

char *arena_str(struct arena *a, struct span s)
{
    char *p = arena_new(a, s.n + 1);
    if (s.n > 0)
        memcpy(p, s.p, s.n);
    return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        host_fatal("out of memory");
    return arena_new(a, count * size);
}

void arena_close(struct arena *a)
{
    while (a->block != NULL) {
        struct arena_block *next = a->block->next;
        mem_free(a->block);
        a->block = next;
    }
    a->next_size = 0;
}
