#include "dataset/names.h"

enum { FIRST_SLOTS = 64 };

static bool has_control(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool c1 = s.p[i] == 0xc2 && i + 1 < s.n && s.p[i + 1] < 0xa0;
        if (s.p[i] < ' ' || s.p[i] == 0x7f || c1)
            return true;
    }
    return false;
}

bool file_name_check(struct span name, struct err *e)
{
    if (name.n == 0)
        return err_set(e, ERR_FORMAT, "an empty file name");
    if (name.n > FILE_NAME_MAX)
        return err_set(e, ERR_FORMAT, "a file name of %zu bytes, %d is the longest", name.n,
                       FILE_NAME_MAX);
    if (!span_utf8(name))
        return err_set(e, ERR_FORMAT, "a file name that is not UTF-8");
    if (has_control(name))
        return err_set(e, ERR_FORMAT, "a file name with a control character");
    if (span_find(name, 0, '/') < name.n || span_find(name, 0, '\\') < name.n)
        return err_set(e, ERR_FORMAT, "%.*s: a file name with a slash or backslash",
                       SPAN_ARGS(name));
    if (span_eq(name, SPAN(".")) || span_eq(name, SPAN("..")))
        return err_set(e, ERR_FORMAT, "%.*s is not a file name", SPAN_ARGS(name));
    return true;
}

/* FNV-1a. Sets are small and limited, so an attacker's collisions cost little. */
static size_t hash(struct span s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ s.p[i]) * 0x100000001b3u;
    return (size_t)(h ^ h >> 32);
}

/* Where the name is or would go; there always is a free slot. */
static struct span *find(const struct name_set *s, struct span name)
{
    size_t i = hash(name) & (s->slots - 1);
    while (s->slot[i].p != NULL && !span_eq(s->slot[i], name))
        i = (i + 1) & (s->slots - 1);
    return &s->slot[i];
}

static void grow(struct name_set *s)
{
    struct name_set wider = {.slots = s->slots == 0 ? FIRST_SLOTS : s->slots * 2};
    wider.slot = mem_new(wider.slots * sizeof *wider.slot);
    for (size_t i = 0; i < s->slots; i++)
        if (s->slot[i].p != NULL)
            *find(&wider, s->slot[i]) = s->slot[i];
    mem_free(s->slot);
    s->slot = wider.slot;
    s->slots = wider.slots;
}

bool name_set_add(struct name_set *s, struct span name)
{
    if (s->used * 2 >= s->slots)
        grow(s);
    struct span *slot = find(s, name);
    if (slot->p != NULL)
        return false;
    *slot = span_of(arena_str(&s->arena, name), name.n);
    s->used++;
    return true;
}

void name_set_close(struct name_set *s)
{
    arena_close(&s->arena);
    mem_free(s->slot);
    *s = (struct name_set){0};
}
