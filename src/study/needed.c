#include "study/needed.h"

#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "ledger/history.h"

void needed_close(struct needed *n)
{
    mem_free(n->name);
    hash_map_close(&n->erased);
    mem_free(n->secret);
    arena_close(&n->arena);
    *n = (struct needed){0};
}

void needed_name(struct needed *n, struct hash name)
{
    n->name = mem_room(n->name, n->count, &n->cap, sizeof *n->name);
    n->name[n->count++] = name;
}

void needed_add(struct needed *n, const struct entry *x)
{
    struct hash name;
    if (entry_details(x, &name))
        needed_name(n, name);
    if (entry_file(x, &name))
        needed_name(n, name);
    if (x->kind == ENTRY_SEAL) {
        needed_name(n, x->subject);
        needed_name(n, x->seal.checkpoint);
    }
}

/* --- a ledger --- */

struct walk {
    struct needed *needed;
    struct span study;
    struct history *history;
    struct tree tree;
};

static void add_secret(struct walk *w, const struct entry *x)
{
    struct needed *n = w->needed;
    if (x->kind != ENTRY_REVISION || hash_is_zero(x->revision.data.secret))
        return;
    n->secret = mem_room(n->secret, n->secrets, &n->secret_cap, sizeof *n->secret);
    n->secret[n->secrets++] = (struct needed_secret){
        .study = w->study, .name = x->revision.data.secret, .file = x->subject};
}

static bool walk_entry(void *ctx, uint64_t index, struct span bytes, struct err *e)
{
    struct walk *w = ctx;
    struct arena a = {0};
    struct entry x;
    enum issue_id issue;
    tree_add(&w->tree, tree_leaf(bytes));
    bool good = entry_parse(&a, bytes, &x, e) && history_add(w->history, &x, &issue, e);
    if (good) {
        needed_add(w->needed, &x);
        add_secret(w, &x);
    }
    arena_close(&a);
    return good || err_at(e, "entry %llu", (unsigned long long)index);
}

static struct span study_of(struct span origin)
{
    size_t at = origin.n;
    while (at > 0 && origin.p[at - 1] != '/')
        at--;
    return span_skip(origin, at);
}

/* What the ledger itself says was erased; other ledgers may need the object still. */
static void take_erased_out(struct needed *n, size_t first, size_t first_secret,
                            const struct history *h)
{
    for (size_t i = first_secret; i < n->secrets; i++)
        n->secret[i].erased = history_is_erased(h, n->secret[i].file);
    size_t kept = first;
    for (size_t i = first; i < n->count; i++)
        if (!history_is_erased(h, n->name[i]))
            n->name[kept++] = n->name[i];
    n->count = kept;
    for (size_t i = 0; i < history_erasures(h); i++)
        hash_map_add(&n->erased, history_erasure(h, i)->object, history_erasure(h, i)->entry);
}

bool needed_by_ledger(struct needed *n, struct log *l, const struct checkpoint *c, struct err *e)
{
    struct walk w = {.needed = n, .history = history_open(c->origin)};
    enum issue_id issue;
    size_t first = n->count, first_secret = n->secrets;
    w.study = arena_copy(&n->arena, study_of(c->origin));
    bool good =
        log_each_entry(l, 0, c->size, walk_entry, &w, e) && history_end(w.history, &issue, e);
    if (good) {
        take_erased_out(n, first, first_secret, w.history);
    } else { /* a second attempt adds them again */
        n->count = first;
        n->secrets = first_secret;
    }
    history_close(w.history);
    if (good && hash_eq(tree_root(&w.tree), c->root))
        return true;
    if (good)
        err_set(e, ERR_INTEGRITY, "the entries do not give the root that was signed");
    else if (e != NULL && e->kind != ERR_IO)
        e->kind = ERR_INTEGRITY;
    return false;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, SHA256_SIZE);
}

void needed_sort(struct needed *n)
{
    size_t kept = 0;
    sort_items(n->name, n->count, sizeof *n->name, by_bytes);
    for (size_t i = 0; i < n->count; i++)
        if (kept == 0 || !hash_eq(n->name[kept - 1], n->name[i]))
            n->name[kept++] = n->name[i];
    n->count = kept;
}

bool needed_has(const struct needed *n, struct hash name)
{
    return n->count > 0 && bsearch(&name, n->name, n->count, sizeof *n->name, by_bytes) != NULL;
}
