#include "dataset/odm_ids.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "crypto/sha256.h"

enum { FIRST_SLOTS = 64 };

struct odm_id {
    uint64_t name;           /* 0: a free slot */
    uint64_t line;           /* of the first that has it */
    uint32_t items, records; /* that have it; UINT32_MAX or more */
};

void odm_ids_close(struct odm_ids *s)
{
    mem_free(s->id);
    s->id = NULL;
    s->slots = s->used = 0;
}

/* Where it is or would go; there always is a free slot. */
static struct odm_id *slot_of(const struct odm_ids *s, uint64_t name)
{
    size_t i = (size_t)name & (s->slots - 1);
    while (s->id[i].name != 0 && s->id[i].name != name)
        i = (i + 1) & (s->slots - 1);
    return &s->id[i];
}

static void grow(struct odm_ids *s)
{
    struct odm_ids wider = {.slots = s->slots == 0 ? FIRST_SLOTS : s->slots * 2};
    wider.id = mem_new(wider.slots * sizeof *wider.id);
    for (size_t i = 0; i < s->slots; i++)
        if (s->id[i].name != 0)
            *slot_of(&wider, s->id[i].name) = s->id[i];
    mem_free(s->id);
    s->id = wider.id;
    s->slots = wider.slots;
}

/* NULL where there are too many. */
static struct odm_id *find(struct odm_ids *s, struct span text, uint64_t line)
{
    if (s->too_many)
        return NULL;
    if (s->used >= s->slots / 4 * 3)
        grow(s);
    struct hash h = sha256_of(text);
    uint64_t name = bytes_eight(h.b);
    struct odm_id *x = slot_of(s, name == 0 ? 1 : name);
    if (x->name != 0)
        return x;
    s->too_many = s->used == ODM_IDS_MAX;
    if (s->too_many) {
        odm_ids_close(s);
        return NULL;
    }
    s->used++;
    *x = (struct odm_id){.name = name == 0 ? 1 : name, .line = line};
    return x;
}

static void count(uint32_t *n)
{
    *n += *n < UINT32_MAX;
}

void odm_ids_item(struct odm_ids *s, struct span id, uint64_t line)
{
    struct odm_id *x = find(s, id, line);
    s->items++;
    if (x != NULL)
        count(&x->items);
}

void odm_ids_record(struct odm_ids *s, struct span id, uint64_t line, bool apart)
{
    s->records += apart;
    if (id.n == 0) {
        s->nameless += apart;
        if (apart && s->nameless_first == 0)
            s->nameless_first = line;
        return;
    }
    struct odm_id *x = find(s, id, line);
    if (x == NULL)
        return;
    count(&x->records);
    if (!apart)
        count(&x->items); /* what it stands in is as good as an item that names it */
}

static void take(uint64_t n, uint64_t line, uint64_t *sum, uint64_t *first)
{
    if (n > 0 && (*first == 0 || line < *first))
        *first = line;
    *sum += n;
}

struct odm_ids_lost odm_ids_lost(const struct odm_ids *s)
{
    struct odm_ids_lost lost = {.records = s->nameless, .records_first = s->nameless_first};
    for (size_t i = 0; i < s->slots; i++) {
        const struct odm_id *x = &s->id[i];
        if (x->records == 0)
            take(x->items, x->line, &lost.items, &lost.items_first);
        if (x->items == 0)
            take(x->records, x->line, &lost.records, &lost.records_first);
    }
    return lost;
}
