#include "ledger/twin.h"

#include <stddef.h>

#include "base/name_map.h"
#include "base/sort.h"
#include "ledger/hash_map.h"
#include "ledger/revision.h"

const struct twin twin_none = {.entry = ENTRY_NONE};

struct twin_side twin_side_of(uint64_t index, const struct entry *x)
{
    return (struct twin_side){
        .entry = index,
        .number = x->revision.revision,
        .transfer = x->revision.transfer,
        .records = x->revision.records,
        .withdrawn = ENTRY_NONE,
        .dataset = x->revision.dataset,
        .format = span_str(data_format_name((enum data_format)x->revision.format)),
        .sha256 = x->subject,
        .data = &x->revision.data,
        .against = &x->revision.against,
    };
}

bool twin_sought(const struct revision_data *data, const struct revision_change *against)
{
    bool told = against->change != CHANGE_UNKNOWN && against->change < CHANGE_FUZZ;
    return data->form != ENTRY_NONE && !told && against->reverted == ENTRY_NONE;
}

/* --- the best of them --- */

/* Two datasets of one file have the same bytes behind them, too. */
static enum change change_between(const struct twin_side *earlier, const struct twin_side *now)
{
    if (hash_eq(earlier->sha256, now->sha256) && earlier->transfer != now->transfer)
        return CHANGE_NONE;
    return revision_change_by_digests(earlier->data, now->data);
}

/* Without records, all datasets of the same columns are the same: that tells nothing. */
static bool may_be_twins(const struct twin_side *now, const struct twin_side *earlier,
                         bool same_dataset)
{
    return earlier->data->form == now->data->form &&
           hash_eq(earlier->data->content, now->data->content) &&
           (same_dataset || now->records > 0);
}

static int weight(const struct twin *t)
{
    return t->entry == ENTRY_NONE ? -1 : 2 * (t->change < CHANGE_FUZZ) + t->same_dataset;
}

void twin_meet(struct twin *best, const struct twin_side *now, const struct twin_side *earlier)
{
    struct twin t = {.entry = earlier->entry,
                     .number = earlier->number,
                     .dataset = earlier->dataset,
                     .format = earlier->format,
                     .same_dataset = span_eq(earlier->dataset, now->dataset),
                     .withdrawn = earlier->withdrawn < now->entry};
    if (earlier->entry >= now->entry || !may_be_twins(now, earlier, t.same_dataset))
        return;
    t.change = change_between(earlier, now);
    if (t.change == CHANGE_FUZZ && now->against->change == CHANGE_FUZZ)
        return; /* so does the one before */
    if (weight(&t) > weight(best))
        *best = t;
}

/* --- all of a ledger --- */

/* What is needed of an earlier one; there may be a million. */
struct known {
    uint64_t entry, number, transfer, withdrawn, form;
    size_t dataset;
    size_t like; /* the one before it with the same digest, or itself */
    size_t last; /* of the first with its digest: the last one */
    enum data_format format;
    struct hash sha256, strict, strict_order, metadata;
};

struct twins {
    struct name_map names;
    struct span *dataset; /* as it is spelled; of the arena */
    struct known *known;
    size_t datasets, count, dataset_cap, cap;
    struct hash_map first; /* with each digest, in known[] */
    struct arena arena;
};

struct twins *twins_open(void)
{
    return mem_new(sizeof(struct twins));
}

void twins_close(struct twins *t)
{
    if (t == NULL)
        return;
    name_map_close(&t->names);
    hash_map_close(&t->first);
    mem_free(t->dataset);
    mem_free(t->known);
    arena_close(&t->arena);
    mem_free(t);
}

static size_t dataset_of(struct twins *t, struct span name)
{
    size_t *known = name_map_at(&t->names, name);
    if (*known != NAME_MAP_NEW)
        return *known;
    t->dataset = mem_room(t->dataset, t->datasets, &t->dataset_cap, sizeof *t->dataset);
    t->dataset[t->datasets] = arena_copy(&t->arena, name);
    *known = t->datasets;
    return t->datasets++;
}

static void meet(const struct twins *t, const struct twin_side *now, const struct known *k,
                 struct twin *best)
{
    const struct revision_data data = {.form = k->form,
                                       .content = now->data->content,
                                       .strict = k->strict,
                                       .strict_order = k->strict_order,
                                       .metadata = k->metadata};
    const struct twin_side earlier = {
        .entry = k->entry,
        .number = k->number,
        .transfer = k->transfer,
        .withdrawn = k->withdrawn,
        .dataset = t->dataset[k->dataset],
        .format = span_str(data_format_name(k->format)),
        .sha256 = k->sha256,
        .data = &data,
    };
    twin_meet(best, now, &earlier);
}

static void find(const struct twins *t, const struct twin_side *now, size_t from, struct twin *out)
{
    for (size_t looked = 0; looked < TWIN_LOOK; looked++) {
        meet(t, now, &t->known[from], out);
        if (t->known[from].like == from)
            return;
        from = t->known[from].like;
    }
}

static void remember(struct twins *t, const struct twin_side *now, size_t first,
                     const struct entry *x)
{
    size_t at = t->count;
    t->known = mem_room(t->known, t->count, &t->cap, sizeof *t->known);
    t->known[t->count++] = (struct known){
        .entry = now->entry,
        .number = now->number,
        .transfer = now->transfer,
        .withdrawn = ENTRY_NONE,
        .form = now->data->form,
        .dataset = dataset_of(t, now->dataset),
        .like = first == at ? at : t->known[first].last,
        .format = (enum data_format)x->revision.format,
        .sha256 = now->sha256,
        .strict = revision_strict(now->data),
        .strict_order = revision_strict_order(now->data),
        .metadata = now->data->metadata,
    };
    t->known[first].last = at;
}

static void add_revision(struct twins *t, uint64_t index, const struct entry *x, struct twin *out)
{
    struct twin_side now = twin_side_of(index, x);
    if (now.data->form == ENTRY_NONE)
        return;
    const uint64_t *met = hash_map_find(&t->first, now.data->content);
    size_t first = met != NULL ? (size_t)*met : t->count;
    if (met == NULL)
        hash_map_add(&t->first, now.data->content, first);
    else if (twin_sought(now.data, now.against))
        find(t, &now, t->known[first].last, out);
    remember(t, &now, first, x);
}

static void withdraw(struct twins *t, uint64_t index, uint64_t revision)
{
    size_t i = sort_find_number(t->known, t->count, sizeof *t->known, offsetof(struct known, entry),
                                revision);
    if (i < t->count && t->known[i].entry == revision)
        t->known[i].withdrawn = index;
}

void twins_add(struct twins *t, uint64_t index, const struct entry *x, struct twin *out)
{
    *out = twin_none;
    if (x->kind == ENTRY_REVISION)
        add_revision(t, index, x, out);
    else if (x->kind == ENTRY_WITHDRAWAL)
        withdraw(t, index, x->withdrawal.revision);
}
