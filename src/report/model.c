#include "report/model.h"

#include "base/name_map.h"
#include "base/sort.h"
#include "format/note.h"
#include "ledger/detached.h"
#include "ledger/entry_match.h"
#include "ledger/hash_map.h"
#include "ledger/tree.h"
#include "store/objects.h"

/* What is needed while entries are read. */
struct model_build {
    struct model *m;
    struct tree tree;
    struct arena scratch;
    struct name_map datasets;
    struct hash_map erased; /* files, to the entries that say so */
    struct twins *twins;
    struct twin twin; /* of the entry that is added */
    size_t *latest;   /* per dataset and format: the last revision, or MODEL_NONE */
    size_t latest_cap, transfer_cap, revision_cap, dataset_cap, refusal_cap, withdrawal_cap,
        seal_cap;
};

/* --- entries --- */

size_t model_revision_at(const struct model *m, uint64_t entry)
{
    size_t i = sort_find_number(m->revision, m->revisions, sizeof *m->revision,
                                offsetof(struct model_revision, entry), entry);
    return i < m->revisions && m->revision[i].entry == entry ? i : MODEL_NONE;
}

static struct model_transfer *new_transfer(struct model_build *b)
{
    struct model *m = b->m;
    m->transfer = mem_room(m->transfer, m->transfers, &b->transfer_cap, sizeof *m->transfer);
    struct model_transfer *t = &m->transfer[m->transfers++];
    *t = (struct model_transfer){.first_revision = m->revisions, .first_refusal = m->refusals};
    return t;
}

static void add_transfer(struct model_build *b, uint64_t index, const struct entry *x)
{
    struct model_transfer *t = new_transfer(b);
    t->entry = index;
    t->at = x->at;
    t->subject = x->subject;
    t->details = x->transfer.details;
    t->kind = x->transfer.kind;
    t->scope = x->transfer.scope;
    t->cutoff = arena_copy(&b->m->arena, x->transfer.cutoff);
    t->received = x->transfer.received;
    t->new = x->transfer.new;
    t->unchanged = x->transfer.unchanged;
    t->held = x->transfer.held;
}

static size_t dataset_of(struct model_build *b, struct span name)
{
    struct model *m = b->m;
    size_t *known = name_map_at(&b->datasets, name);
    if (*known != NAME_MAP_NEW)
        return *known;
    m->dataset = mem_room(m->dataset, m->datasets, &b->dataset_cap, sizeof *m->dataset);
    m->dataset[m->datasets] = (struct model_dataset){.name = arena_copy(&m->arena, name)};
    for (size_t f = 0; f < DATA_FORMATS; f++) {
        size_t at = m->datasets * DATA_FORMATS + f;
        b->latest = mem_room(b->latest, at, &b->latest_cap, sizeof *b->latest);
        b->latest[at] = MODEL_NONE;
    }
    *known = m->datasets;
    return m->datasets++;
}

static void add_revision(struct model_build *b, uint64_t index, const struct entry *x)
{
    struct model *m = b->m;
    size_t dataset = dataset_of(b, x->revision.dataset);
    size_t *latest = &b->latest[dataset * DATA_FORMATS + x->revision.format];
    m->revision = mem_room(m->revision, m->revisions, &b->revision_cap, sizeof *m->revision);
    m->revision[m->revisions] = (struct model_revision){
        .entry = index,
        .at = x->at,
        .transfer = m->transfers - 1,
        .dataset = dataset,
        .previous = *latest,
        .number = x->revision.revision,
        .records = x->revision.records,
        .columns = x->revision.columns,
        .size = x->revision.size,
        .format = (enum data_format)x->revision.format,
        .sha256 = x->subject,
        .withdrawal = MODEL_NONE,
        .erased = ENTRY_NONE,
        .against = x->revision.against,
        .twin = model_revision_at(m, b->twin.entry),
        .twin_change = b->twin.change,
    };
    m->dataset[dataset].revisions++;
    m->transfer[m->transfers - 1].revisions++;
    *latest = m->revisions++;
}

static void add_refusal(struct model_build *b, uint64_t index, const struct entry *x)
{
    struct model *m = b->m;
    if (x->refusal.of == REFUSED_TRANSFER) {
        struct model_transfer *t = new_transfer(b);
        t->entry = index;
        t->at = x->at;
        t->refused = true;
        t->subject = x->subject;
        t->details = x->refusal.details;
    }
    m->refusal = mem_room(m->refusal, m->refusals, &b->refusal_cap, sizeof *m->refusal);
    m->refusal[m->refusals++] = (struct model_refusal){
        .entry = index,
        .transfer = m->transfers - 1,
        .issue = issue_find(x->refusal.issue),
        .issues = x->refusal.issues,
        .size = x->refusal.size,
        .sha256 = x->subject,
    };
    m->transfer[m->transfers - 1].refusals++;
}

static void add_withdrawal(struct model_build *b, uint64_t index, const struct entry *x)
{
    struct model *m = b->m;
    size_t revision = model_revision_at(m, x->withdrawal.revision);
    if (revision == MODEL_NONE)
        return;
    m->withdrawal =
        mem_room(m->withdrawal, m->withdrawals, &b->withdrawal_cap, sizeof *m->withdrawal);
    m->withdrawal[m->withdrawals] =
        (struct model_withdrawal){index, x->at, revision, x->withdrawal.details};
    m->revision[revision].withdrawal = m->withdrawals++;
}

/* Seals come in order of size (FORMAT 3.1). What came before `size` is sealed from here on. */
static void add_seal(struct model_build *b, uint64_t index, const struct entry *x)
{
    struct model *m = b->m;
    m->seal = mem_room(m->seal, m->seals, &b->seal_cap, sizeof *m->seal);
    m->seal[m->seals++] = (struct model_seal){index, x->seal.size, x->seal.time};
}

static void add_study(struct model_build *b, uint64_t index, const struct entry *x)
{
    (void)index;
    b->m->origin = arena_copy(&b->m->arena, x->study.origin);
    b->m->test = x->study.test;
}

static void add_system(struct model_build *b, uint64_t index, const struct entry *x)
{
    (void)index;
    b->m->version = arena_copy(&b->m->arena, x->system.version);
}

static void add_issued(struct model_build *b, uint64_t index, const struct entry *x)
{
    b->m->issued++;
    b->m->issued_entry = index;
    b->m->issued_at = x->at;
    b->m->issued_size = x->issued.size;
}

/* Whatever page has words of it, or says that it is there. */
static void add_erasure(struct model_build *b, uint64_t index, const struct entry *x)
{
    struct model *m = b->m;
    bool file = x->erasure.of == ERASED_FILE;
    m->erased_files += file;
    m->erased_texts += !file;
    m->erased_entry = m->last_other = index;
    m->erased_at = x->at;
    if (file)
        hash_map_add(&b->erased, x->subject, index);
}

static void (*const add[ENTRY_KINDS])(struct model_build *b, uint64_t index,
                                      const struct entry *x) = {
    [ENTRY_STUDY] = add_study,       [ENTRY_SYSTEM] = add_system,
    [ENTRY_TRANSFER] = add_transfer, [ENTRY_REVISION] = add_revision,
    [ENTRY_REFUSAL] = add_refusal,   [ENTRY_WITHDRAWAL] = add_withdrawal,
    [ENTRY_ISSUED] = add_issued,     [ENTRY_SEAL] = add_seal,
    [ENTRY_ERASURE] = add_erasure,
};

/*
 * A file's entries follow their transfer (FORMAT 3.1). Where they do not, this is not the ledger
 * that was signed, which the root will show.
 */
static bool is_orphan(const struct model *m, const struct entry *x)
{
    bool of_transfer =
        x->kind == ENTRY_REVISION || (x->kind == ENTRY_REFUSAL && x->refusal.of == REFUSED_FILE);
    return of_transfer && m->transfers == 0;
}

static bool take(void *ctx, uint64_t index, struct span bytes, struct err *e)
{
    struct model_build *b = ctx;
    struct entry x;
    tree_add(&b->tree, tree_leaf(bytes));
    bool good = entry_match(bytes, &x) || entry_parse(&b->scratch, bytes, &x, e) ||
                err_at(e, "entry %llu", (unsigned long long)index);
    if (!good && e != NULL && e->kind == ERR_FORMAT)
        e->kind = ERR_INTEGRITY; /* it was signed, and is another now */
    if (good && add[x.kind] != NULL && !is_orphan(b->m, &x)) {
        twins_add(b->twins, index, &x, &b->twin);
        add[x.kind](b, index, &x);
    } else if (good) {
        b->m->last_other = index;
    }
    if (good)
        b->m->head_at = x.at;
    arena_close(&b->scratch);
    return good;
}

/* --- after the last one --- */

static void mark_erased(struct model *m, const struct hash_map *erased)
{
    for (size_t i = 0; erased->used > 0 && i < m->revisions; i++) {
        const uint64_t *entry = hash_map_find(erased, m->revision[i].sha256);
        m->revision[i].erased = entry != NULL ? *entry : ENTRY_NONE;
    }
}

/* Each dataset's revisions. */
static void share_revisions(struct model *m)
{
    for (size_t i = 0; i < m->datasets; i++) {
        m->dataset[i].revision = arena_array(&m->arena, m->dataset[i].revisions, sizeof(size_t));
        m->dataset[i].revisions = 0;
    }
    for (size_t i = 0; i < m->revisions; i++) {
        struct model_dataset *d = &m->dataset[m->revision[i].dataset];
        d->revision[d->revisions++] = i;
    }
}

static int compare_names(const void *a, const void *b)
{
    return span_cmp(((const struct model_name *)a)->name, ((const struct model_name *)b)->name);
}

static void order_names(struct model *m)
{
    m->by_name = arena_array(&m->arena, m->datasets, sizeof *m->by_name);
    for (size_t i = 0; i < m->datasets; i++)
        m->by_name[i] = (struct model_name){m->dataset[i].name, i};
    sort_items(m->by_name, m->datasets, sizeof *m->by_name, compare_names);
}

/* A `seal` or `issued` entry needs no seal of its own. */
static bool find_unsealed(void *ctx, uint64_t index, struct span bytes, struct err *e)
{
    struct model *m = ctx;
    struct arena a = {0};
    struct entry x;
    if (m->unsealed != ENTRY_NONE)
        return true;
    bool good = entry_parse(&a, bytes, &x, e);
    if (good && x.kind != ENTRY_SEAL && x.kind != ENTRY_ISSUED) {
        m->unsealed = index;
        m->unsealed_at = x.at;
    }
    arena_close(&a);
    return good;
}

static bool read_entries(struct model *m, struct err *e)
{
    struct model_build b = {.m = m, .twins = twins_open()};
    bool good = log_each_entry(m->log, 0, m->size, take, &b, e);
    if (good && !hash_eq(tree_root(&b.tree), m->root)) {
        err_set(e, ERR_INTEGRITY, "the entries do not give the root that was signed");
        good = err_hint(e, "trialseal check says what is damaged; RUNBOOK, chapter 9");
    }
    mark_erased(m, &b.erased);
    hash_map_close(&b.erased);
    twins_close(b.twins);
    name_map_close(&b.datasets);
    mem_free(b.latest);
    uint64_t sealed = m->seals > 0 ? m->seal[m->seals - 1].size : 0;
    return good && log_each_entry(m->log, sealed, m->size, find_unsealed, m, e);
}

static bool read_checkpoint(struct model *m, struct err *e)
{
    struct span bytes;
    struct note n;
    struct checkpoint c;
    if (!log_checkpoint(m->log, &m->arena, &bytes, e))
        return false;
    if (bytes.n == 0)
        return err_set(e, ERR_STATE, "it has no ledger yet");
    if (!note_parse(&m->arena, bytes, &n, e) || !checkpoint_parse(n.text, &c, e))
        return err_at(e, "checkpoint");
    m->size = c.size;
    m->root = c.root;
    return true;
}

bool model_open(const struct home *h, struct span study, struct model *out, struct err *e)
{
    *out =
        (struct model){.home = h, .study = study, .unsealed = ENTRY_NONE, .last_other = ENTRY_NONE};
    return home_study_conf(h, study, &out->arena, &out->conf, e) &&
           log_open(h, study, &out->log, e) && read_checkpoint(out, e);
}

bool model_read(struct model *m, struct err *e)
{
    if (!read_entries(m, e))
        return err_at(e, "ledger");
    share_revisions(m);
    order_names(m);
    return true;
}

void model_close(struct model *m)
{
    mem_free(m->transfer);
    mem_free(m->revision);
    mem_free(m->dataset);
    mem_free(m->refusal);
    mem_free(m->withdrawal);
    mem_free(m->seal);
    log_close(m->log);
    arena_close(&m->arena);
}

/* --- questions --- */

bool model_same_data(const struct model_revision *r)
{
    return r->against.change != CHANGE_UNKNOWN && r->against.change < CHANGE_FUZZ;
}

struct twin model_twin(const struct model *m, const struct model_revision *r)
{
    if (r->twin == MODEL_NONE)
        return twin_none;
    const struct model_revision *earlier = &m->revision[r->twin];
    uint64_t withdrawn =
        earlier->withdrawal == MODEL_NONE ? ENTRY_NONE : m->withdrawal[earlier->withdrawal].entry;
    return (struct twin){.entry = earlier->entry,
                         .number = earlier->number,
                         .dataset = m->dataset[earlier->dataset].name,
                         .format = span_str(data_format_name(earlier->format)),
                         .change = r->twin_change,
                         .same_dataset = earlier->dataset == r->dataset,
                         .withdrawn = withdrawn < r->entry};
}

const struct model_seal *model_seal_of(const struct model *m, uint64_t entry)
{
    size_t i = sort_find_number(m->seal, m->seals, sizeof *m->seal,
                                offsetof(struct model_seal, size), entry + 1);
    return i < m->seals ? &m->seal[i] : NULL;
}

static bool read_text(const struct model *m, struct hash name, struct arena *a, struct span *out,
                      struct err *e)
{
    bool there;
    *out = span_of(NULL, 0);
    return objects_has(m->home, name, &there, e) &&
           (!there || objects_read_all(m->home, name, DETACHED_MAX, a, out, e));
}

bool model_details(const struct model *m, const struct model_transfer *t, struct arena *a,
                   const struct transfer_details **out, struct err *e)
{
    struct arena scratch = {0};
    struct span text;
    bool good = read_text(m, t->details, &scratch, &text, e);
    *out = NULL;
    if (good && text.p != NULL) {
        struct transfer_details *d = arena_new(a, sizeof *d);
        good = t->refused ? refusal_details_parse(a, text, d, e) &&
                                detached_string(a, text, "file", &d->name, e)
                          : transfer_details_parse(a, text, d, e);
        *out = d;
    }
    arena_close(&scratch);
    return good || err_at(e, "the text of entry %llu", (unsigned long long)t->entry);
}

bool model_said(const struct model *m, struct hash details, const char *member, struct arena *a,
                struct span *out, struct err *e)
{
    struct arena scratch = {0};
    struct span text;
    bool good = read_text(m, details, &scratch, &text, e);
    *out = SPAN("");
    if (good && text.p != NULL)
        good = detached_string(a, text, member, out, e);
    arena_close(&scratch);
    return good;
}
