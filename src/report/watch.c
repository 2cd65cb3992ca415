#include "report/watch.h"

#include "base/name_map.h"

struct watching {
    const struct model *m;
    struct watch *out;
    size_t cap;
    struct name_map files, transfers; /* names that came well in a later transfer */
};

static struct matter *add(struct watching *w, enum matter_kind kind)
{
    struct watch *out = w->out;
    out->matter = mem_room(out->matter, out->matters, &w->cap, sizeof *out->matter);
    out->matter[out->matters] = (struct matter){.kind = kind};
    return &out->matter[out->matters++];
}

/* Is it the first time that this name is met? */
static bool is_first(struct name_map *m, struct span name)
{
    size_t *met = name_map_at(m, name);
    bool first = *met == NAME_MAP_NEW;
    *met = 0;
    return first;
}

static void count_issue(const struct model *m, struct matter *x, size_t refusal)
{
    enum issue_id id = m->refusal[refusal].issue;
    if (id < ISSUE_COUNT)
        x->id[id]++;
}

static bool is_recent(const struct watching *w, size_t transfer)
{
    return w->m->transfers - transfer <= WATCH_RECENT;
}

/* --- files and transfers that did not come again --- */

/* What was erased is not awaited again. */
static void count_held(struct watching *w, size_t refusal, struct matter *held,
                       struct matter *again)
{
    struct matter *x = w->m->refusal[refusal].issue == ISSUE_FILE_ERASED ? again : held;
    x->files++;
    count_issue(w->m, x, refusal);
}

/* The k-th held file is the k-th refusal. A name counts once, the last time. */
static void watch_held(struct watching *w, size_t transfer, const struct transfer_details *d)
{
    const struct model_transfer *t = &w->m->transfer[transfer];
    struct matter held = {.kind = MATTER_HELD, .transfer = transfer};
    struct matter again = {.kind = MATTER_CAME_AGAIN, .transfer = transfer};
    size_t k = 0;
    for (size_t i = 0; d != NULL && i < d->files && k < t->refusals; i++) {
        if (!span_eq(d->file[i].outcome, SPAN("held")))
            continue;
        if (is_first(&w->files, d->file[i].name))
            count_held(w, t->first_refusal + k, &held, &again);
        k++;
    }
    for (; d == NULL && k < t->refusals; k++)
        count_held(w, t->first_refusal + k, &held, &again);
    if (held.files > 0)
        *add(w, MATTER_HELD) = held;
    if (again.files > 0 && is_recent(w, transfer))
        *add(w, MATTER_CAME_AGAIN) = again;
}

static void came_well(struct watching *w, const struct transfer_details *d)
{
    for (size_t i = 0; d != NULL && i < d->files; i++)
        if (!span_eq(d->file[i].outcome, SPAN("held")))
            is_first(&w->files, d->file[i].name);
    if (d != NULL)
        is_first(&w->transfers, d->name);
}

static void watch_refused(struct watching *w, size_t transfer, const struct transfer_details *d)
{
    if (!is_recent(w, transfer) || (d != NULL && !is_first(&w->transfers, d->name)))
        return;
    struct matter *x = add(w, MATTER_REFUSED);
    x->transfer = transfer;
    count_issue(w->m, x, w->m->transfer[transfer].first_refusal);
}

static size_t watched_from(const struct model *m)
{
    return m->transfers > WATCH_TRANSFERS ? m->transfers - WATCH_TRANSFERS : 0;
}

/* Behind the first transfer of which something was refused, nothing has to be read. */
static size_t first_trouble(const struct model *m)
{
    size_t i = watched_from(m);
    while (i < m->transfers && m->transfer[i].refusals == 0)
        i++;
    return i;
}

static bool watch_transfer(struct watching *w, size_t transfer, struct err *e)
{
    struct arena a = {0};
    const struct model_transfer *t = &w->m->transfer[transfer];
    const struct transfer_details *d;
    bool good = model_details(w->m, t, &a, &d, e);
    if (good && t->refused) {
        watch_refused(w, transfer, d);
    } else if (good) {
        came_well(w, d);
        watch_held(w, transfer, d);
    }
    arena_close(&a);
    return good;
}

/* From the last one back, so that what came well is known before what it answers. */
static bool watch_transfers(struct watching *w, struct err *e)
{
    const size_t first = first_trouble(w->m);
    bool good = true;
    for (size_t i = w->m->transfers; good && i > first; i--)
        good = watch_transfer(w, i - 1, e);
    return good;
}

/* --- datasets --- */

size_t watch_before(const struct model *m, size_t revision)
{
    size_t i = m->revision[revision].previous;
    while (i != MODEL_NONE && m->revision[i].withdrawal != MODEL_NONE)
        i = m->revision[i].previous;
    return i;
}

/* By key, where they were compared and neither is withdrawn; else by their numbers. */
static bool lacks_records(const struct model *m, const struct model_revision *now, size_t before)
{
    if (before == now->previous && now->against.removed != ENTRY_NONE)
        return now->against.removed > 0;
    return now->records != ENTRY_NONE && m->revision[before].records != ENTRY_NONE &&
           now->records < m->revision[before].records;
}

static bool is_matter(const struct model *m, enum matter_kind kind,
                      const struct model_revision *now, size_t previous)
{
    const struct model_revision *before = &m->revision[previous];
    if (kind == MATTER_REVERTED)
        return now->against.reverted != ENTRY_NONE;
    if (kind == MATTER_REMOVED)
        return lacks_records(m, now, previous);
    return now->columns != ENTRY_NONE && before->columns != ENTRY_NONE &&
           now->columns != before->columns;
}

/* The one that brought the data which that revision has. */
static size_t brought_data(const struct model *m, size_t revision)
{
    while (model_same_data(&m->revision[revision]) && m->revision[revision].previous != MODEL_NONE)
        revision = m->revision[revision].previous;
    return revision;
}

static void watch_revision(struct watching *w, enum matter_kind kind, size_t revision)
{
    const struct model *m = w->m;
    bool withdrawn = m->revision[revision].withdrawal != MODEL_NONE;
    if (kind != MATTER_WITHDRAWN)
        revision = brought_data(m, revision);
    const struct model_revision *r = &m->revision[revision];
    size_t before = watch_before(m, revision);
    bool recent = is_recent(w, r->transfer);
    if (kind == MATTER_WITHDRAWN
            ? !withdrawn
            : withdrawn || !recent || before == MODEL_NONE || !is_matter(m, kind, r, before))
        return;
    struct matter *x = add(w, kind);
    x->revision = revision;
    x->previous = before;
}

static void watch_datasets(struct watching *w, enum matter_kind kind)
{
    const struct model *m = w->m;
    for (size_t i = 0; i < m->datasets; i++) {
        const struct model_dataset *d = &m->dataset[m->by_name[i].dataset];
        watch_revision(w, kind, d->revision[d->revisions - 1]);
    }
}

bool watch_open(const struct model *m, struct watch *out, struct err *e)
{
    struct watching w = {.m = m, .out = out};
    *out = (struct watch){0};
    bool good = watch_transfers(&w, e);
    for (enum matter_kind k = MATTER_WITHDRAWN; good && k <= MATTER_COLUMNS; k++)
        watch_datasets(&w, k);
    name_map_close(&w.files);
    name_map_close(&w.transfers);
    return good;
}

void watch_close(struct watch *w)
{
    mem_free(w->matter);
    *w = (struct watch){0};
}
