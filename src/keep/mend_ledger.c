/* A ledger's checkpoint, entry bundles and tiles, put anew as its proved leaf hashes say. */
#include <string.h>

#include "base/sort.h"
#include "keep/mending.h"
#include "store/log_mend.h"

/* --- the checkpoint --- */

struct candidate {
    struct mending *m;
    struct span note;
    const char *from; /* NULL: the one that is published */
    bool found, forked;
};

/* The largest that the log key signed. */
static bool consider(void *ctx, struct span note, const char *from, struct err *e)
{
    struct candidate *c = ctx;
    struct mending *m = c->m;
    struct checkpoint is;
    struct err why = {0};
    (void)e;
    note = arena_copy(&m->of_study, note);
    if (!signed_checkpoint(&m->of_study, note, &m->key, &is, &why))
        return true;
    if (c->found && is.size == m->checkpoint.size && !hash_eq(is.root, m->checkpoint.root))
        c->forked = true;
    if (c->found && is.size <= m->checkpoint.size)
        return true;
    c->found = true;
    c->note = note;
    c->from = from;
    m->checkpoint = is;
    return true;
}

static bool find_checkpoint(struct candidate *c, struct err *e)
{
    struct mending *m = c->m;
    struct span published = span_of(NULL, 0);
    m->checkpoint = (struct checkpoint){0};
    if (!log_checkpoint(m->log, &m->of_study, &published, e) && !mending_may_fail(e))
        return false;
    return (published.n == 0 || consider(c, published, NULL, e)) &&
           mending_each_note(m, consider, c, e);
}

static const char *checkpoint_place(struct mending *m)
{
    char place[STUDY_NAME_MAX + 32];
    text_format(place, sizeof place, "ledger/%s/checkpoint", m->study);
    return arena_str(&m->of_study, span_str(place));
}

/* Behind the files that it is about. */
static bool mend_checkpoint(const struct candidate *c, struct err *e)
{
    struct mending *m = c->m;
    if (c->from == NULL)
        return true;
    if (!m->options->only_say && !log_mend_publish(m->home, m->log, m->options->now, c->note, e))
        return false;
    mending_tell(m, mending_done(m), checkpoint_place(m), c->from);
    return true;
}

bool mending_ledger(struct mending *m, bool *whole, struct err *e)
{
    struct candidate c = {.m = m};
    *whole = false;
    if (!find_checkpoint(&c, e))
        return false;
    if (!c.found || c.forked) {
        mending_tell(m, MEND_LOST, checkpoint_place(m),
                     c.forked ? "two signed states of one size contradict each other"
                              : "none that the log key signed is anywhere");
        return true;
    }
    if (!mending_leaves(m, e))
        return false;
    if (m->leaf == NULL) {
        char place[STUDY_NAME_MAX + 16];
        text_format(place, sizeof place, "ledger/%s", m->study);
        mending_tell(m, MEND_LOST, place, "nothing that is there gives the signed root");
        return true;
    }
    return mending_files(m, whole, e) && (!*whole || mend_checkpoint(&c, e));
}

/* --- entries --- */

/* An entry that the ledger lacks, and its bytes once a source had them. */
struct lacking {
    uint64_t index;
    struct hash leaf;
    struct span bytes; /* in the arena of the study; .p is NULL as long as nobody has it */
    const char *from;
};

struct lacks {
    struct mending *m;
    struct lacking *item; /* ascending by leaf */
    size_t count, cap;
};

static int by_leaf(const void *a, const void *b)
{
    const struct lacking *x = a, *y = b;
    return memcmp(&x->leaf, &y->leaf, sizeof x->leaf);
}

static int by_index(const void *a, const void *b)
{
    const struct lacking *x = a, *y = b;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* What lies in the bundle's file is what it must be, to the last byte. */
static bool is_good_bundle(const struct mending *m, struct tile t, struct span rest)
{
    struct span entry;
    for (unsigned i = 0; i < t.width; i++)
        if (!tile_entry_next(&rest, &entry, NULL) ||
            !hash_eq(tree_leaf(entry), m->leaf[t.index * TILE_WIDTH + i]))
            return false;
    return rest.n == 0;
}

/* Takes from the damaged bundle what is good; the rest is lacking. */
static void take_bundle(struct lacks *l, struct tile t, struct span rest)
{
    struct mending *m = l->m;
    bool goes_on = true;
    for (unsigned i = 0; i < t.width; i++) {
        struct span entry = span_of(NULL, 0);
        uint64_t index = t.index * TILE_WIDTH + i;
        goes_on = goes_on && tile_entry_next(&rest, &entry, NULL);
        l->item = mem_room(l->item, l->count, &l->cap, sizeof *l->item);
        struct lacking *x = &l->item[l->count++];
        *x = (struct lacking){.index = index, .leaf = m->leaf[index]};
        if (goes_on && hash_eq(tree_leaf(entry), x->leaf))
            x->bytes = arena_copy(&m->of_study, entry);
    }
}

static bool find_damaged(struct lacks *l, struct err *e)
{
    uint64_t size = l->m->checkpoint.size;
    for (uint64_t n = 0; n * TILE_WIDTH < size; n++) {
        struct arena a = {0};
        struct span bytes;
        struct tile t = {.entries = true, .index = n, .width = tile_width(size, 0, n)};
        bool good = log_mend_read(l->m->log, t, &a, &bytes, e);
        if (good && !is_good_bundle(l->m, t, bytes))
            take_bundle(l, t, bytes);
        arena_close(&a);
        if (!good)
            return false;
    }
    sort_items(l->item, l->count, sizeof *l->item, by_leaf);
    return true;
}

/* Salts make leaf hashes differ; should two be the same, both get the bytes. */
static bool offer(void *ctx, uint64_t index, struct span bytes, const char *from, struct err *e)
{
    struct lacks *l = ctx;
    const struct lacking like = {.leaf = tree_leaf(bytes)};
    size_t i = sort_find(l->item, l->count, sizeof *l->item, &like, by_leaf);
    (void)index;
    (void)e;
    for (; i < l->count && hash_eq(l->item[i].leaf, like.leaf); i++)
        if (l->item[i].bytes.p == NULL) {
            l->item[i].bytes = arena_copy(&l->m->of_study, bytes);
            l->item[i].from = arena_str(&l->m->of_study, span_str(from));
        }
    return true;
}

/* The items of one bundle, in order. *whole becomes false where one is lost. */
static bool put_bundle(struct mending *m, const struct lacking *item, struct tile t, bool *whole,
                       struct err *e)
{
    struct buf b = {0};
    const char *from = "its own entries";
    bool complete = true, good = true;
    for (unsigned i = 0; i < t.width; i++) {
        if (item[i].bytes.p == NULL) {
            char place[STUDY_NAME_MAX + 32];
            text_format(place, sizeof place, "%s#%llu", m->study,
                        (unsigned long long)item[i].index);
            mending_tell(m, MEND_LOST, place, "no source has the entry");
            complete = false;
        } else {
            tile_entry_add(&b, item[i].bytes);
            from = item[i].from != NULL ? item[i].from : from;
        }
    }
    if (complete && !m->options->only_say)
        good = log_mend_put(m->home, m->log, m->options->now, t, buf_span(&b), e);
    if (good && complete)
        mending_tell(m, mending_done(m), log_mend_path(m->log, &m->of_study, t), from);
    *whole = *whole && complete;
    buf_close(&b);
    return good;
}

static bool mend_bundles(struct mending *m, bool *whole, struct err *e)
{
    struct lacks l = {.m = m};
    bool good = find_damaged(&l, e) && (l.count == 0 || mending_each_entry(m, offer, &l, e));
    sort_items(l.item, l.count, sizeof *l.item, by_index);
    for (size_t i = 0; good && i < l.count;) {
        struct tile t = {.entries = true, .index = l.item[i].index / TILE_WIDTH};
        t.width = tile_width(m->checkpoint.size, 0, t.index);
        good = put_bundle(m, &l.item[i], t, whole, e);
        i += t.width;
    }
    mem_free(l.item);
    return good;
}

/* --- hash tiles --- */

static bool put_tile(struct mending *m, struct tile t, const struct hash *row, struct err *e)
{
    struct arena a = {0};
    struct span is, must = span_of(row, t.width * sizeof *row);
    bool good = log_mend_read(m->log, t, &a, &is, e);
    /* A full tile serves where a partial one is asked for; else it has exactly these bytes. */
    if (good && !(is.n == must.n || is.n == TILE_WIDTH * sizeof *row))
        is.n = 0;
    bool same = good && is.n >= must.n && memcmp(is.p, must.p, must.n) == 0;
    if (good && !same && !m->options->only_say)
        good = log_mend_put(m->home, m->log, m->options->now, t, must, e);
    if (good && !same)
        mending_tell(m, mending_done(m), log_mend_path(m->log, &m->of_study, t), "the entries");
    arena_close(&a);
    return good;
}

/* The hashes of a level, `count` of them, become those of the level above. */
static uint64_t fold(struct hash *row, uint64_t count)
{
    for (uint64_t n = 0; n < count / TILE_WIDTH; n++) {
        struct tree t = {0};
        tree_add_many(&t, row + n * TILE_WIDTH, TILE_WIDTH);
        row[n] = tree_root(&t);
    }
    return count / TILE_WIDTH;
}

static bool mend_tiles(struct mending *m, struct err *e)
{
    uint64_t count = m->checkpoint.size;
    struct hash *row = mem_new((size_t)count * sizeof *row);
    bool good = true;
    memcpy(row, m->leaf, (size_t)count * sizeof *row);
    for (unsigned level = 0; good && count > 0; level++) {
        for (uint64_t n = 0; good && n * TILE_WIDTH < count; n++) {
            struct tile t = {.level = level, .index = n};
            t.width = tile_width(m->checkpoint.size, level, n);
            good = put_tile(m, t, row + n * TILE_WIDTH, e);
        }
        count = fold(row, count);
    }
    mem_free(row);
    return good;
}

bool mending_files(struct mending *m, bool *whole, struct err *e)
{
    *whole = true;
    return mend_bundles(m, whole, e) && mend_tiles(m, e);
}
