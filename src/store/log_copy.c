#include "store/log.h"

struct log_source {
    struct log *from;
    uint64_t size;
    struct arena arena; /* of the entry that was asked for last */
};

static bool get_entry(void *ctx, uint64_t index, struct span *out, struct err *e)
{
    struct log_source *s = ctx;
    arena_close(&s->arena);
    return log_entry(s->from, index, s->size, &s->arena, out, e);
}

bool log_copy(struct log *from, struct log *to, uint64_t old_size, uint64_t size, struct hash root,
              struct err *e)
{
    struct log_source s = {.from = from, .size = size};
    bool ok = log_grow(to, old_size, size, root, (struct log_entries){get_entry, &s}, e);
    arena_close(&s.arena);
    return ok;
}
