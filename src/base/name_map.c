#include "base/name_map.h"

enum { FIRST_SLOTS = 64 };

struct name_slot {
    struct span name; /* .p == NULL: free */
    size_t value;
};

bool name_same(struct span a, struct span b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (name_lower(a.p[i]) != name_lower(b.p[i]))
            return false;
    return true;
}

/* FNV-1a of the lower-case name. */
static size_t name_hash(struct span name)
{
    uint64_t v = 0xcbf29ce484222325u;
    for (size_t i = 0; i < name.n; i++)
        v = (v ^ name_lower(name.p[i])) * 0x100000001b3u;
    return (size_t)v;
}

static struct name_slot *find(const struct name_map *m, struct span name)
{
    size_t i = name_hash(name) & (m->slots - 1);
    while (m->slot[i].name.p != NULL && !name_same(m->slot[i].name, name))
        i = (i + 1) & (m->slots - 1);
    return &m->slot[i];
}

static void grow(struct name_map *m)
{
    struct name_map old = *m;
    m->slots = old.slots == 0 ? FIRST_SLOTS : old.slots * 2;
    m->slot = mem_new(m->slots * sizeof *m->slot);
    for (size_t i = 0; i < old.slots; i++)
        if (old.slot[i].name.p != NULL)
            *find(m, old.slot[i].name) = old.slot[i];
    mem_free(old.slot);
}

size_t *name_map_at(struct name_map *m, struct span name)
{
    if (m->used * 2 >= m->slots)
        grow(m);
    struct name_slot *s = find(m, name);
    if (s->name.p == NULL) {
        *s = (struct name_slot){arena_copy(&m->names, name), NAME_MAP_NEW};
        m->used++;
    }
    return &s->value;
}

void name_map_close(struct name_map *m)
{
    mem_free(m->slot);
    arena_close(&m->names);
    *m = (struct name_map){0};
}
