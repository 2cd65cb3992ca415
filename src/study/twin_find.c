#include "study/twin_find.h"

static uint64_t or_none(int64_t n)
{
    return n == CATALOG_NONE ? ENTRY_NONE : (uint64_t)n;
}

struct twin_side twin_side_in_catalog(const struct catalog_revision *x)
{
    return (struct twin_side){
        .entry = x->index,
        .number = x->number,
        .transfer = x->transfer,
        .records = or_none(x->records),
        .withdrawn = or_none(x->withdrawn),
        .dataset = x->dataset,
        .format = x->format,
        .sha256 = x->sha256,
        .data = &x->data,
        .against = &x->against,
    };
}

struct search {
    const struct twin_side *now;
    struct arena *a;
    struct twin *best;
};

static bool meet(void *ctx, const struct catalog_revision *x, struct err *e)
{
    struct search *s = ctx;
    struct twin_side earlier = twin_side_in_catalog(x);
    uint64_t before = s->best->entry;
    (void)e;
    twin_meet(s->best, s->now, &earlier);
    if (s->best->entry != before) {
        s->best->dataset = arena_copy(s->a, s->best->dataset);
        s->best->format = arena_copy(s->a, s->best->format);
    }
    return true;
}

bool twin_find(struct catalog *c, struct span study, const struct twin_side *now, struct arena *a,
               struct twin *out, struct err *e)
{
    struct search s = {now, a, out};
    *out = twin_none;
    return !twin_sought(now->data, now->against) ||
           catalog_last_revisions_like(c, study, now->data->content, now->entry, TWIN_LOOK, meet,
                                       &s, e);
}
