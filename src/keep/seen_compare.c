/* What others hold, beside the ledger that is there. */
#include "base/time.h"
#include "keep/seen_part.h"
#include "ledger/entry.h"
#include "study/signed.h"

struct comparing {
    const struct seen_ledger *ledger;
    const struct seen_state *state;
    struct issues *issues;
    uint64_t shown; /* entries that the state showed and the ledger lacks */
};

/* "STUDY#12" */
static void place_of(const struct comparing *c, uint64_t index, char out[128])
{
    text_format(out, 128, "%s#%llu", c->ledger->study, (unsigned long long)index);
}

static bool tell_missing(void *ctx, uint64_t index, struct span bytes, struct err *e)
{
    struct comparing *c = ctx;
    struct arena a = {0};
    struct entry x;
    char place[128], at[TIME_TEXT + 1];
    (void)e;
    place_of(c, index, place);
    if (!entry_parse(&a, bytes, &x, NULL))
        issues_add(c->issues, ISSUE_BACKUP_BEHIND, place, "%s shows it", c->state->where);
    else if (x.kind == ENTRY_REVISION)
        issues_add(c->issues, ISSUE_BACKUP_BEHIND, place, "revision %.*s@%llu of %s; %s shows it",
                   SPAN_ARGS(x.revision.dataset), (unsigned long long)x.revision.revision,
                   time_write(x.at, at), c->state->where);
    else
        issues_add(c->issues, ISSUE_BACKUP_BEHIND, place, "%s of %s; %s shows it",
                   entry_kind_name(x.kind), time_write(x.at, at), c->state->where);
    c->shown++;
    arena_close(&a);
    return true;
}

/* Those that it shows one by one, then that there are more. */
static bool tell_behind(struct comparing *c, uint64_t size, struct err *e)
{
    uint64_t have = c->ledger->size;
    if (!seen_each_entry(c->state, have, size, tell_missing, c, e))
        return false;
    if (c->shown < size - have)
        issues_add(c->issues, ISSUE_BACKUP_BEHIND, c->ledger->study,
                   "%s is of %llu entries, here are %llu", c->state->where,
                   (unsigned long long)size, (unsigned long long)have);
    return true;
}

static bool compare_entry(void *ctx, uint64_t index, struct span bytes, struct err *e)
{
    struct comparing *c = ctx;
    struct arena a = {0};
    struct span here;
    bool ok = log_entry(c->ledger->log, index, c->ledger->size, &a, &here, e);
    if (ok && !span_eq(here, bytes)) {
        char place[128];
        place_of(c, index, place);
        issues_add(c->issues, ISSUE_LEDGER_FORK, place, "%s shows another entry", c->state->where);
    }
    arena_close(&a);
    return ok;
}

/* An earlier state, or the same: then its entries are ours. */
static bool compare_earlier(struct comparing *c, const struct checkpoint *k, struct err *e)
{
    struct hash root;
    if (!log_root(c->ledger->log, c->ledger->size, k->size, &root, e))
        return false;
    if (!hash_eq(root, k->root))
        issues_add(c->issues, ISSUE_LEDGER_FORK, c->ledger->study, "%s, %llu entries",
                   c->state->where, (unsigned long long)k->size);
    return c->state->bundle != NULL || seen_each_entry(c->state, 0, k->size, compare_entry, c, e);
}

static bool compare_state(struct comparing *c, struct err *e)
{
    struct arena a = {0};
    struct checkpoint k;
    bool ok;
    if (!signed_checkpoint(&a, c->state->note, &c->ledger->key, &k, NULL))
        ok =
            err_set(e, ERR_INTEGRITY, "%s: its checkpoint of %s is not one that its log key signed",
                    c->state->where, c->ledger->study);
    else
        ok = k.size > c->ledger->size ? tell_behind(c, k.size, e) : compare_earlier(c, &k, e);
    arena_close(&a);
    return ok;
}

bool seen_compare(struct seen *s, const struct seen_ledger *l, struct issues *issues, struct err *e)
{
    for (size_t i = 0; i < s->count; i++) {
        struct seen_state *x = &s->state[i];
        struct comparing c = {.ledger = l, .state = x, .issues = issues};
        if (!span_eq(x->origin, l->key.name))
            continue;
        x->used = true;
        if (!compare_state(&c, e))
            return false;
    }
    return true;
}

bool seen_all_used(const struct seen *s, struct err *e)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->state[i].by_hand && !s->state[i].used)
            return err_set(e, ERR_USAGE, "%s is of no study of this backup: its ledger is %.*s",
                           s->state[i].where, SPAN_ARGS(s->state[i].origin));
    return true;
}
