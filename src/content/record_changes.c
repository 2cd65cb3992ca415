#include "content/record_changes.h"

#include <string.h>

struct side {
    struct record_source from;
    struct record_parts now;
    bool more;
    uint64_t unpaired; /* with the key that is looked at */
};

static bool advance(struct side *s, struct err *e)
{
    return s->from.next(s->from.ctx, &s->now, &s->more, e);
}

/* Order of what comes next; a side that has ended comes last. */
static int compare(const struct side *a, const struct side *b)
{
    if (!a->more || !b->more)
        return (int)b->more - (int)a->more;
    return record_parts_cmp(&a->now, &b->now);
}

/* Records with the hash that was seen last which are not strictly the same. */
struct alike {
    uint8_t h[SHA256_SIZE];
    uint64_t a, b;
};

struct walk {
    struct side a, b;
    bool same_columns;
    struct alike alike;
    struct content_changes changes;
    struct content_difference difference;
};

static void end_alike(struct walk *w)
{
    struct alike *x = &w->alike;
    uint64_t both = x->a < x->b ? x->a : x->b;
    w->difference.both += both;
    w->difference.only_a += x->a - both;
    w->difference.only_b += x->b - both;
    w->difference.strict &= both == 0;
    x->a = x->b = 0;
}

/* A record that no other one is the same as. */
static void leave(struct walk *w, struct side *s)
{
    struct alike *x = &w->alike;
    if (memcmp(x->h, s->now.h, sizeof x->h) != 0) {
        end_alike(w);
        memcpy(x->h, s->now.h, sizeof x->h);
    }
    *(s == &w->a ? &x->a : &x->b) += 1;
    s->unpaired++;
}

/* The key of what comes next. */
struct looked_at {
    uint8_t bytes[RECORD_STRING_MAX];
    size_t n;
};

static bool has_key(const struct side *s, const struct looked_at *key)
{
    return s->more && span_eq(record_parts_key(&s->now), span_of(key->bytes, key->n));
}

static void look_at(const struct side *s, struct looked_at *key)
{
    struct span k = record_parts_key(&s->now);
    memcpy(key->bytes, k.p, k.n);
    key->n = k.n;
}

/* All records of the least key: those that are in both are paired off, and the rest is counted. */
static bool pair_key(struct walk *w, struct err *e)
{
    struct side *a = &w->a, *b = &w->b;
    struct looked_at key;
    look_at(compare(a, b) <= 0 ? a : b, &key);
    a->unpaired = b->unpaired = 0;
    for (bool x, y; x = has_key(a, &key), y = has_key(b, &key), x || y;) {
        int order = !x ? 1 : !y ? -1 : compare(a, b);
        bool pair = order == 0 && w->same_columns;
        w->difference.both += pair;
        if (order <= 0 && !pair)
            leave(w, a);
        if (order >= 0 && !pair)
            leave(w, b);
        if ((order <= 0 && !advance(a, e)) || (order >= 0 && !advance(b, e)))
            return false;
    }
    uint64_t changed = a->unpaired < b->unpaired ? a->unpaired : b->unpaired;
    w->changes.changed += changed;
    w->changes.removed += a->unpaired - changed;
    w->changes.added += b->unpaired - changed;
    return true;
}

/* Most records are the same on both sides: these are laid aside at once. */
static bool pair_all(struct walk *w, struct err *e)
{
    if (!advance(&w->a, e) || !advance(&w->b, e))
        return false;
    while (w->a.more || w->b.more) {
        bool pair = w->same_columns && w->a.more && compare(&w->a, &w->b) == 0;
        w->difference.both += pair;
        if (pair ? !advance(&w->a, e) || !advance(&w->b, e) : !pair_key(w, e))
            return false;
    }
    end_alike(w);
    return true;
}

bool record_changes_between(struct record_source before, struct record_source after,
                            bool same_columns, struct content_changes *out,
                            struct content_difference *difference, struct err *e)
{
    struct walk w = {.a = {.from = before},
                     .b = {.from = after},
                     .same_columns = same_columns,
                     .difference = {.strict = true}};
    bool good = pair_all(&w, e);
    *out = w.changes;
    *difference = w.difference;
    return good;
}

/* --- indexes --- */

static bool walk_next(void *walk, struct record_parts *out, bool *more, struct err *e)
{
    struct record r;
    if (!record_walk_next(walk, &r, more, e))
        return false;
    if (*more)
        *out = record_parts(&r);
    return true;
}

bool record_changes(const struct record_index *before, const struct record_index *after,
                    bool same_columns, struct content_changes *out, struct err *e)
{
    struct content_difference ignored;
    struct record_source a = {walk_next, record_walk_open(before)};
    struct record_source b = {walk_next, record_walk_open(after)};
    bool good = record_changes_between(a, b, same_columns, out, &ignored, e);
    record_walk_close(a.ctx);
    record_walk_close(b.ctx);
    return good;
}
