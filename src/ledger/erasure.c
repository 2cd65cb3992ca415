#include "ledger/erasure.h"

#include "base/sort.h"

void erasures_close(struct erasures *s)
{
    hash_map_close(&s->fixed);
    hash_map_close(&s->gone);
    mem_free(s->erased);
    mem_free(s->named);
    *s = (struct erasures){0};
}

/* --- rule 11 --- */

static bool is_gone(const struct erasures *s, struct hash h)
{
    return hash_map_find(&s->gone, h) != NULL;
}

bool erasures_allow(const struct erasures *s, const struct entry *x, struct err *e)
{
    struct hash h;
    if (s->count == 0)
        return true;
    bool gone = (entry_details(x, &h) && is_gone(s, h)) || (entry_file(x, &h) && is_gone(s, h));
    if (x->kind == ENTRY_SEAL)
        gone = is_gone(s, x->subject) || is_gone(s, x->seal.checkpoint);
    return !gone || err_set(e, ERR_FORMAT, "it names what was erased before");
}

/* --- what can be erased --- */

void erasures_remember(struct erasures *s, uint64_t index, const struct entry *x)
{
    struct named n = {.entry = index};
    if (x->kind == ENTRY_SYSTEM)
        hash_map_add(&s->fixed, x->system.details, index);
    if (x->kind == ENTRY_SEAL) {
        hash_map_add(&s->fixed, x->subject, index);
        hash_map_add(&s->fixed, x->seal.checkpoint, index);
    }
    if (x->kind == ENTRY_SYSTEM || x->kind == ENTRY_REVISION || !entry_details(x, &n.text))
        return;
    n.has_file = entry_file(x, &n.file);
    s->named = mem_room(s->named, s->names, &s->name_cap, sizeof *s->named);
    s->named[s->names++] = n;
}

const struct named *erasures_named(const struct erasures *s, uint64_t index)
{
    size_t i = sort_find_number(s->named, s->names, sizeof *s->named, offsetof(struct named, entry),
                                index);
    return i < s->names && s->named[i].entry == index ? &s->named[i] : NULL;
}

/* --- rule 10 --- */

bool erasures_add(struct erasures *s, uint64_t index, const struct entry *x,
                  const struct named *from, struct err *e)
{
    bool file = x->erasure.of == ERASED_FILE;
    bool names = from != NULL && (file ? from->has_file && hash_eq(from->file, x->subject)
                                       : hash_eq(from->text, x->subject));
    bool again = is_gone(s, x->subject), fixed = hash_map_find(&s->fixed, x->subject) != NULL;
    s->erased = mem_room(s->erased, s->count, &s->cap, sizeof *s->erased);
    hash_map_add(&s->gone, x->subject, s->count);
    s->erased[s->count++] = (struct erased){index, x->subject, (enum erasure_of)x->erasure.of};
    if (!names)
        return err_set(e, ERR_FORMAT, "erases what entry %llu does not name",
                       (unsigned long long)x->erasure.entry);
    if (again)
        return err_set(e, ERR_FORMAT, "erases what was erased before");
    return !fixed || err_set(e, ERR_FORMAT, "erases what a system or seal entry names");
}
