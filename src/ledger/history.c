#include "ledger/history.h"

#include <string.h>

#include "base/name_map.h"
#include "base/sort.h"
#include "base/time.h"
#include "ledger/revision.h"

/* What is known of a dataset; datasets are found by name, ignoring ASCII case. */
struct dataset {
    struct span name;
    uint64_t revisions;
    size_t next; /* the dataset whose revision came behind the last one of this */
    struct revision_known last[DATA_FORMATS]; /* the last revision in that format */
};

/* What tells whether two revisions hold the same data; of those whose data was read. */
struct known_data {
    uint64_t form;
    struct hash schema, strict;
};
#define NOT_READ SIZE_MAX

struct history {
    struct arena arena;
    struct span origin;
    struct entry study;
    uint64_t size, bundle_size;
    int64_t time;

    struct history_revision *revision;
    size_t revisions, revision_cap;
    struct known_data *known;
    size_t knowns, known_cap;

    struct history_seal *seal;
    size_t seals, seal_cap;

    struct erasures erasures;

    struct dataset *dataset;
    size_t dataset_cap, latest; /* the dataset of the last revision */
    struct name_map names;      /* to indexes of dataset */
    struct name_map folders;    /* names, and their parts up to each '/': the same, of the first */

    uint64_t transfer;                      /* the open one */
    uint64_t want_revisions, want_refusals; /* of the open one, still to come */
    struct history_counts counts;
};

struct history *history_open(struct span origin)
{
    struct history *h = mem_new(sizeof *h);
    h->origin = origin;
    return h;
}

void history_close(struct history *h)
{
    if (h == NULL)
        return;
    arena_close(&h->arena);
    mem_free(h->revision);
    mem_free(h->known);
    mem_free(h->seal);
    erasures_close(&h->erasures);
    mem_free(h->dataset);
    name_map_close(&h->names);
    name_map_close(&h->folders);
    mem_free(h);
}

/* --- datasets by name --- */

static size_t find_dataset(struct history *h, struct span name)
{
    size_t *at = name_map_at(&h->names, name);
    if (*at != NAME_MAP_NEW)
        return *at;
    h->dataset =
        mem_room(h->dataset, (size_t)h->counts.datasets, &h->dataset_cap, sizeof *h->dataset);
    *at = (size_t)h->counts.datasets++;
    struct dataset *d = &h->dataset[*at];
    *d = (struct dataset){.name = arena_copy(&h->arena, name)};
    for (int f = 0; f < DATA_FORMATS; f++)
        d->last[f].entry = ENTRY_NONE;
    return *at;
}

/* Transfers have much the same datasets in the same order, so the next one is most often known. */
static struct dataset *dataset_of(struct history *h, struct span name)
{
    size_t next = h->counts.datasets > 0 ? h->dataset[h->latest].next : 0;
    if (next == h->counts.datasets || !span_eq(h->dataset[next].name, name)) {
        next = find_dataset(h, name);
        h->dataset[h->latest].next = next;
    }
    h->latest = next;
    return &h->dataset[next];
}

/* --- rules, by kind --- */

static bool add_study(struct history *h, const struct entry *x, struct err *e)
{
    if (h->size != 0)
        return err_set(e, ERR_FORMAT, "a study entry that is not entry 0");
    h->study = *x;
    h->study.study.log = arena_copy(&h->arena, x->study.log);
    h->study.study.notary = arena_copy(&h->arena, x->study.notary);
    h->study.study.origin = arena_copy(&h->arena, x->study.origin);
    h->study.study.study = arena_copy(&h->arena, x->study.study);
    struct span origin = x->study.origin, name = x->study.study;
    if (h->origin.n > 0 && !span_eq(origin, h->origin))
        return err_set(e, ERR_FORMAT, "the study's origin is not the checkpoint's");
    if (!span_ends(origin, name) || origin.n <= name.n + 1 ||
        origin.p[origin.n - name.n - 1] != '/')
        return err_set(e, ERR_FORMAT, "the origin does not end with the study's name");
    if (!hash_eq(x->subject, sha256_of(x->study.log)))
        return err_set(e, ERR_FORMAT, "the subject is not the log key's");
    return true;
}

static bool add_system(const struct entry *x, struct err *e)
{
    if (!hash_eq(x->subject, x->system.details))
        return err_set(e, ERR_FORMAT, "the subject is not the configuration that it names");
    return true;
}

static bool add_transfer(struct history *h, const struct entry *x, struct err *e)
{
    uint64_t new = x->transfer.new, unchanged = x->transfer.unchanged, held = x->transfer.held;
    h->counts.transfers++;
    h->transfer = h->size;
    h->want_revisions = x->transfer.revisions;
    h->want_refusals = held;
    if (x->transfer.received != new + unchanged + held)
        return err_set(e, ERR_FORMAT, "received files are not the sum of new, unchanged and held");
    if (x->transfer.revisions < new || (new == 0 && x->transfer.revisions > 0))
        return err_set(e, ERR_FORMAT, "fewer revisions than new files, or revisions of no file");
    return true;
}

static size_t remember_content(struct history *h, const struct revision_data *data)
{
    if (data->form == ENTRY_NONE)
        return NOT_READ;
    h->known = mem_room(h->known, h->knowns, &h->known_cap, sizeof *h->known);
    struct known_data *c = &h->known[h->knowns];
    c->form = data->form;
    c->schema = data->schema;
    c->strict = revision_strict(data);
    return h->knowns++;
}

/* Member by member: a whole one would be made on the stack, cleared and copied. */
static void remember(struct history *h, const struct entry *x, struct span dataset)
{
    h->revision = mem_room(h->revision, h->revisions, &h->revision_cap, sizeof *h->revision);
    struct history_revision *r = &h->revision[h->revisions++];
    r->entry = h->size;
    r->dataset = dataset;
    r->revision = x->revision.revision;
    r->size = x->revision.size;
    r->subject = x->subject;
    r->details = x->revision.details;
    r->data = remember_content(h, &x->revision.data);
    r->format = (enum data_format)x->revision.format;
    r->withdrawn = false;
}

/* A bundle is a tree of folders, which many systems open whatever the case of their names. */
static bool check_spelling(struct history *h, struct dataset *d, struct err *e)
{
    struct span name = d->name;
    for (size_t end = 0; end < name.n;) {
        end = span_find(name, end + 1, '/');
        size_t *first = name_map_at(&h->folders, span_of(name.p, end));
        if (*first == NAME_MAP_NEW)
            *first = (size_t)(d - h->dataset);
        struct span other = h->dataset[*first].name;
        if (memcmp(other.p, name.p, end) != 0)
            return err_set(e, ERR_FORMAT,
                           "the dataset's name, or a folder of it, differs from "
                           "\"%.*s\" in case only",
                           SPAN_ARGS(other));
    }
    return true;
}

static struct history_revision *find_revision(struct history *h, uint64_t entry)
{
    size_t i = sort_find_number(h->revision, h->revisions, sizeof *h->revision,
                                offsetof(struct history_revision, entry), entry);
    return i < h->revisions && h->revision[i].entry == entry ? &h->revision[i] : NULL;
}

static bool same_content(const struct history *h, const struct history_revision *r,
                         const struct revision_data *data)
{
    if (r->data == NOT_READ)
        return data->form == ENTRY_NONE;
    const struct known_data *c = &h->known[r->data];
    return c->form == data->form && hash_eq(c->schema, data->schema) &&
           hash_eq(c->strict, revision_strict(data));
}

/* What x says to hold the same data as is an earlier revision of which that is true. */
static bool check_reverted(struct history *h, const struct dataset *d, const struct entry *x,
                           struct err *e)
{
    uint64_t entry = x->revision.against.reverted;
    if (entry == ENTRY_NONE)
        return true;
    const struct history_revision *r =
        entry < x->revision.previous ? find_revision(h, entry) : NULL;
    if (r == NULL || r->dataset.p != d->name.p || r->format != x->revision.format ||
        !same_content(h, r, &x->revision.data))
        return err_set(e, ERR_FORMAT, "reverted to what does not hold the same data");
    return true;
}

/* x is revision `number` of d, and `before` the last one in its format. */
static bool check_revision(struct history *h, struct dataset *d, uint64_t number,
                           const struct revision_known *before, const struct entry *x,
                           struct err *e)
{
    if (!span_eq(d->name, x->revision.dataset))
        return err_set(e, ERR_FORMAT, "the dataset's name differs from \"%.*s\" in case only",
                       SPAN_ARGS(d->name));
    if (number == 1 && !check_spelling(h, d, e))
        return false;
    if (x->revision.revision != number)
        return err_set(e, ERR_FORMAT, "revision %llu of %.*s where %llu was due",
                       (unsigned long long)x->revision.revision, SPAN_ARGS(d->name),
                       (unsigned long long)number);
    if (x->revision.previous != before->entry)
        return err_set(e, ERR_FORMAT, "\"previous\" is not the last revision in this format");
    if (x->revision.member >= x->revision.members)
        return err_set(e, ERR_FORMAT, "member %llu of %llu", (unsigned long long)x->revision.member,
                       (unsigned long long)x->revision.members);
    if (x->revision.transfer != h->transfer || h->want_revisions == 0)
        return err_set(e, ERR_FORMAT, "a revision that its transfer does not count");
    h->want_revisions--;
    return revision_check(x, before, e) && check_reverted(h, d, x, e);
}

static bool add_revision(struct history *h, const struct entry *x, struct err *e)
{
    struct dataset *d = dataset_of(h, x->revision.dataset);
    struct revision_known *last = &d->last[x->revision.format];
    remember(h, x, d->name);
    bool good = check_revision(h, d, ++d->revisions, last, x, e);
    revision_know(last, h->size, x);
    return good;
}

static bool add_refusal(struct history *h, const struct entry *x, struct err *e)
{
    h->counts.refusals++;
    if (x->refusal.of == REFUSED_TRANSFER) {
        if (x->refusal.transfer != ENTRY_NONE)
            return err_set(e, ERR_FORMAT, "a refused transfer has no transfer entry");
        return true;
    }
    if (x->refusal.transfer != h->transfer || h->want_revisions > 0 || h->want_refusals == 0)
        return err_set(e, ERR_FORMAT, "a refusal that its transfer does not count");
    h->want_refusals--;
    return true;
}

static bool add_withdrawal(struct history *h, const struct entry *x, struct err *e)
{
    struct history_revision *r = find_revision(h, x->withdrawal.revision);
    h->counts.withdrawals++;
    if (r == NULL || r->withdrawn)
        return err_set(e, ERR_FORMAT, "withdraws what is no revision or was withdrawn before");
    r->withdrawn = true;
    if (!hash_eq(x->subject, r->subject))
        return err_set(e, ERR_FORMAT, "the subject is not that of the revision it withdraws");
    return true;
}

static bool add_issued(const struct history *h, const struct entry *x, struct err *e)
{
    if (x->issued.size == 0 || x->issued.size > h->size)
        return err_set(e, ERR_FORMAT, "a bundle of %llu entries at entry %llu",
                       (unsigned long long)x->issued.size, (unsigned long long)h->size);
    return true;
}

/* The sizes never go down, so the last seal of a size is the one before. */
static bool add_seal(struct history *h, const struct entry *x, struct err *e)
{
    struct history_seal last = h->seals > 0 ? h->seal[h->seals - 1] : (struct history_seal){0};
    h->seal = mem_room(h->seal, h->seals, &h->seal_cap, sizeof *h->seal);
    h->seal[h->seals++] =
        (struct history_seal){h->size, x->seal.size, x->subject, x->seal.checkpoint, x->seal.time};
    if (x->seal.size == 0 || x->seal.size > h->size)
        return err_set(e, ERR_FORMAT, "a seal of %llu entries at entry %llu",
                       (unsigned long long)x->seal.size, (unsigned long long)h->size);
    if (x->seal.size < last.size)
        return err_set(e, ERR_FORMAT, "a seal of fewer entries than the one before");
    if (x->seal.size == last.size && !hash_eq(x->seal.checkpoint, last.checkpoint))
        return err_set(e, ERR_FORMAT, "two seals of one size name two checkpoints");
    return true;
}

static bool add_erasure(struct history *h, const struct entry *x, struct err *e)
{
    const struct named *from = erasures_named(&h->erasures, x->erasure.entry);
    const struct history_revision *r = find_revision(h, x->erasure.entry);
    struct named revision;
    if (r != NULL) {
        revision = (struct named){r->entry, true, r->subject, r->details};
        from = &revision;
    }
    return erasures_add(&h->erasures, h->size, x, from, e);
}

static bool add_by_kind(struct history *h, const struct entry *x, struct err *e)
{
    switch (x->kind) {
    case ENTRY_STUDY:
        return add_study(h, x, e);
    case ENTRY_SYSTEM:
        return add_system(x, e);
    case ENTRY_TRANSFER:
        return add_transfer(h, x, e);
    case ENTRY_REVISION:
        return add_revision(h, x, e);
    case ENTRY_REFUSAL:
        return add_refusal(h, x, e);
    case ENTRY_WITHDRAWAL:
        return add_withdrawal(h, x, e);
    case ENTRY_ISSUED:
        return add_issued(h, x, e);
    case ENTRY_SEAL:
        return add_seal(h, x, e);
    case ENTRY_ERASURE:
        return add_erasure(h, x, e);
    case ENTRY_KINDS:
        break;
    }
    return err_set(e, ERR_FORMAT, "no such kind");
}

/* Everything of an open transfer comes before any entry of another kind. */
static bool check_transfer_done(const struct history *h, const struct entry *x, struct err *e)
{
    bool belongs = x != NULL && (x->kind == ENTRY_REVISION ||
                                 (x->kind == ENTRY_REFUSAL && x->refusal.of == REFUSED_FILE));
    if (!belongs && h->want_revisions + h->want_refusals > 0)
        return err_set(e, ERR_FORMAT, "transfer %llu lacks %llu of its entries",
                       (unsigned long long)h->transfer,
                       (unsigned long long)(h->want_revisions + h->want_refusals));
    return true;
}

static bool check_time(const struct history *h, const struct entry *x, struct err *e)
{
    char text[TIME_TEXT + 1];
    if (h->size > 0 && x->at < h->time)
        return err_set(e, ERR_FORMAT, "%s is before the entry before", time_write(x->at, text));
    return true;
}

/* What a ledger begins with. */
static bool check_start(const struct history *h, const struct entry *x, struct err *e)
{
    if (h->size == 0 && x->kind != ENTRY_STUDY)
        return err_set(e, ERR_FORMAT, "entry 0 is not a study entry");
    if (h->size == 1 && (x->kind != ENTRY_SYSTEM || x->system.event != EVENT_START))
        return err_set(e, ERR_FORMAT, "entry 1 is not a system entry that says start");
    return true;
}

bool history_add(struct history *h, const struct entry *x, enum issue_id *issue, struct err *e)
{
    *issue = ISSUE_ENTRY_CHAIN;
    bool good =
        check_start(h, x, e) && check_transfer_done(h, x, e) && erasures_allow(&h->erasures, x, e);
    bool good_kind = add_by_kind(h, x, good ? e : NULL); /* the first fault is told */
    good = good && good_kind;
    if (good && !check_time(h, x, e)) {
        *issue = ISSUE_ENTRY_TIME;
        good = false;
    }
    erasures_remember(&h->erasures, h->size, x);
    h->time = x->at;
    h->size++;
    if (x->kind != ENTRY_ISSUED)
        h->bundle_size = h->size;
    return good;
}

void history_skip(struct history *h)
{
    h->bundle_size = ++h->size;
}

bool history_end(struct history *h, enum issue_id *issue, struct err *e)
{
    *issue = ISSUE_ENTRY_CHAIN;
    return check_transfer_done(h, NULL, e);
}

uint64_t history_size(const struct history *h)
{
    return h->size;
}

int64_t history_time(const struct history *h)
{
    return h->time;
}

uint64_t history_bundle_size(const struct history *h)
{
    return h->bundle_size;
}

const struct entry *history_study(const struct history *h)
{
    return h->size == 0 || h->study.study.origin.n == 0 ? NULL : &h->study;
}

size_t history_revisions(const struct history *h)
{
    return h->revisions;
}

const struct history_revision *history_revision(const struct history *h, size_t i)
{
    return &h->revision[i];
}

size_t history_seals(const struct history *h)
{
    return h->seals;
}

const struct history_seal *history_seal(const struct history *h, size_t i)
{
    return &h->seal[i];
}

size_t history_erasures(const struct history *h)
{
    return h->erasures.count;
}

const struct erased *history_erasure(const struct history *h, size_t i)
{
    return &h->erasures.erased[i];
}

bool history_is_erased(const struct history *h, struct hash object)
{
    return hash_map_find(&h->erasures.gone, object) != NULL;
}

struct history_counts history_counts(const struct history *h)
{
    return h->counts;
}
