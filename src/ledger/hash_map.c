#include "ledger/hash_map.h"

#include <string.h>

enum { FIRST_SLOTS = 64 };

struct hash_slot {
    struct hash key;
    uint64_t value;
    bool taken;
};

static size_t place_of(struct hash key)
{
    struct hash mixed = sha256_of(hash_span(&key));
    size_t place;
    memcpy(&place, mixed.b, sizeof place);
    return place;
}

/* Where the key is, or the free slot where it would be. */
static struct hash_slot *find(const struct hash_map *m, struct hash key)
{
    size_t i = place_of(key) & (m->slots - 1);
    while (m->slot[i].taken && !hash_eq(m->slot[i].key, key))
        i = (i + 1) & (m->slots - 1);
    return &m->slot[i];
}

static void grow(struct hash_map *m)
{
    struct hash_map old = *m;
    m->slots = old.slots == 0 ? FIRST_SLOTS : old.slots * 2;
    m->slot = mem_new(m->slots * sizeof *m->slot);
    for (size_t i = 0; i < old.slots; i++)
        if (old.slot[i].taken)
            *find(m, old.slot[i].key) = old.slot[i];
    mem_free(old.slot);
}

const uint64_t *hash_map_find(const struct hash_map *m, struct hash key)
{
    if (m->used == 0)
        return NULL;
    const struct hash_slot *s = find(m, key);
    return s->taken ? &s->value : NULL;
}

void hash_map_add(struct hash_map *m, struct hash key, uint64_t value)
{
    if (m->used * 2 >= m->slots)
        grow(m);
    struct hash_slot *s = find(m, key);
    if (s->taken)
        return;
    *s = (struct hash_slot){key, value, true};
    m->used++;
}

bool hash_map_each(const struct hash_map *m,
                   bool (*each)(void *ctx, struct hash key, uint64_t value, struct err *e),
                   void *ctx, struct err *e)
{
    for (size_t i = 0; i < m->slots; i++)
        if (m->slot[i].taken && !each(ctx, m->slot[i].key, m->slot[i].value, e))
            return false;
    return true;
}

void hash_map_close(struct hash_map *m)
{
    mem_free(m->slot);
    *m = (struct hash_map){0};
}
