#include "content/record_index.h"

#include <assert.h>

#include "content/record_block.h"
#include "content/record_run.h"

enum {
    WALK_MEMORY = 64 * 1024, /* read ahead of one walk */
    MERGE_MEMORY_MIN = 4096, /* of a run while it is merged */
};

struct record_index {
    size_t memory;
    bool sorting; /* one record came behind its place: from there on all go through the block */
    struct record_block block;
    struct spool spool; /* runs; after the end one, of all */
    struct record_writer to;
    struct record_run *run; /* that are complete */
    size_t runs, run_cap;
    bool ended;
    struct record_index_facts facts;

    /* Of what was written: the first string, and how many bytes of it all others begin with. */
    uint8_t first[RECORD_STRING_MAX];
    size_t common;
    bool begun;

    struct record before; /* the newest record before this block; no string: none */
    uint8_t before_string[RECORD_STRING_MAX];
};

struct record_index *record_index_open(int folder, size_t memory)
{
    struct record_index *x = mem_new(sizeof *x);
    size_t least = 2 * RECORD_STRING_MAX;
    x->memory = memory > least ? memory : least;
    x->spool.folder = folder;
    x->to.spool = &x->spool;
    x->facts.in_order = true;
    record_block_begin(&x->block, x->memory);
    record_writer_begin(&x->to);
    return x;
}

void record_index_close(struct record_index *x)
{
    if (x == NULL)
        return;
    record_block_close(&x->block);
    spool_close(&x->spool);
    mem_free(x->run);
    mem_free(x);
}

/* --- runs --- */

static void note_common(struct record_index *x, const struct record *r)
{
    size_t size = record_size(r);
    if (!x->begun) {
        memcpy(x->first, r->string, size);
        x->common = size;
        x->begun = true;
    }
    x->common = bytes_common(x->first, r->string, size < x->common ? size : x->common);
}

static bool end_run(struct record_index *x, struct err *e)
{
    if (x->runs == RECORD_INDEX_RUNS_MAX)
        return err_set(e, ERR_LIMIT, "too many records out of the order of their keys");
    x->run = mem_room(x->run, x->runs, &x->run_cap, sizeof *x->run);
    x->run[x->runs++] = x->to.run;
    record_writer_begin(&x->to);
    return true;
}

static void keep_before(struct record_index *x, const struct record *r)
{
    memcpy(x->before_string, r->string, record_size(r));
    x->before = (struct record){x->before_string, r->key, r->has_strict};
}

/* Whether records came in order of their keys, also from block to block. */
static void note_order(struct record_index *x)
{
    struct record first = record_block_first(&x->block), last = record_block_last(&x->block);
    if (!x->block.keys_in_order ||
        (x->before.string != NULL && span_cmp(record_key(&x->before), record_key(&first)) > 0))
        x->facts.in_order = false;
    keep_before(x, &last);
}

/* A block that goes on where the one before ended is of the same run. */
static bool spill(struct record_index *x, struct err *e)
{
    struct record r;
    if (x->block.count == 0)
        return true;
    note_order(x);
    record_block_sort(&x->block);
    bool more = record_block_next(&x->block, &r);
    note_common(x, &r);
    struct record last = record_writer_keep(&x->to);
    if (x->to.run.count > 0 && record_cmp(&last, &r) > 0 && !end_run(x, e))
        return false;
    for (; more; more = record_block_next(&x->block, &r)) {
        struct record_parts parts = record_parts(&r);
        if (!record_writer_add(&x->to, &parts, e))
            return false;
    }
    record_writer_keep(&x->to);
    note_common(x, &r);
    record_block_clear(&x->block);
    return true;
}

static bool add_to_block(struct record_index *x, const struct record_parts *r, struct err *e)
{
    if (!record_block_has_room(&x->block) && !spill(x, e))
        return false;
    record_block_add(&x->block, r);
    return true;
}

/* --- the end of order --- */

/* What was written so far is the beginning of the first run. */
static bool keep_written(struct record_index *x, struct err *e)
{
    struct record_reader first;
    struct record last = record_writer_keep(&x->to);
    bool more;
    record_reader_open(&first, &x->spool, x->to.run, spool_size(&x->spool), 0);
    bool good = record_reader_next(&first, &more, e);
    if (good) {
        note_common(x, &first.now);
        note_common(x, &last);
        keep_before(x, &last);
    }
    record_reader_close(&first);
    return good;
}

/* What was written so far becomes the beginning of the first block. */
static bool take_back(struct record_index *x, struct err *e)
{
    struct record_reader r;
    bool more, good;
    record_reader_open(&r, &x->spool, x->to.run, spool_size(&x->spool), SPOOL_MEMORY);
    while ((good = record_reader_next(&r, &more, e)) && more) {
        struct record_parts parts = record_parts(&r.now);
        record_block_add(&x->block, &parts);
    }
    record_reader_close(&r);
    spool_close(&x->spool);
    record_writer_begin(&x->to);
    return good;
}

/* A few records are taken back: then they are sorted with the others, and not merged. */
static bool end_order(struct record_index *x, struct err *e)
{
    x->sorting = true;
    bool few = !x->spool.spilled && x->to.run.count <= x->memory / (2 * RECORD_STRING_MAX);
    return few ? take_back(x, e) : keep_written(x, e);
}

/* Those of n that come in order; *done is how many these are. */
static bool add_in_order(struct record_index *x, const struct record_parts *r, size_t n,
                         size_t *done, struct err *e)
{
    bool follows = true;
    for (*done = 0; *done < n; ++*done) {
        if (!record_writer_follow(&x->to, &r[*done], &follows, e))
            return false;
        if (!follows)
            return end_order(x, e);
    }
    record_writer_keep(&x->to);
    return true;
}

bool record_index_add(struct record_index *x, const struct record_parts *r, size_t n, struct err *e)
{
    size_t i = 0;
    assert(!x->ended);
    if (!x->sorting && !add_in_order(x, r, n, &i, e))
        return false;
    for (; i < n; i++)
        if (!add_to_block(x, &r[i], e))
            return false;
    x->facts.records += n;
    return true;
}

bool record_index_moved(const struct record_index *x)
{
    return x->sorting;
}

/* --- merging --- */

/* A tree of losers (Knuth 5.4.1): node i holds who lost there, node 0 who won all. */
struct merge {
    struct record_reader *reader;
    uint64_t *head; /* of each reader's record, behind what all begin with */
    bool *ended;
    size_t *loser;
    size_t runs, common;
};

enum { NOBODY = RECORD_INDEX_RUNS_MAX + 1 };

static bool is_before(const struct merge *m, size_t a, size_t b)
{
    if (m->ended[a] || m->ended[b])
        return !m->ended[a];
    if (m->head[a] != m->head[b])
        return m->head[a] < m->head[b];
    return record_cmp(&m->reader[a].now, &m->reader[b].now) < 0;
}

static bool advance(struct merge *m, size_t i, struct err *e)
{
    bool more;
    if (!record_reader_next(&m->reader[i], &more, e))
        return false;
    const struct record *r = &m->reader[i].now;
    m->ended[i] = !more;
    m->head[i] = more ? string_head(r->string, record_size(r), m->common) : 0;
    return true;
}

/* Run i has another record: it plays its way up again, to where nobody was so far. */
static void play(struct merge *m, size_t i)
{
    size_t winner = i;
    for (size_t node = (i + m->runs) / 2; node > 0; node /= 2) {
        size_t other = m->loser[node];
        if (other == NOBODY) {
            m->loser[node] = winner;
            return;
        }
        if (is_before(m, other, winner)) {
            m->loser[node] = winner;
            winner = other;
        }
    }
    m->loser[0] = winner;
}

static void merge_close(struct merge *m)
{
    for (size_t i = 0; i < m->runs; i++)
        record_reader_close(&m->reader[i]);
    mem_free(m->reader);
    mem_free(m->head);
    mem_free(m->ended);
    mem_free(m->loser);
}

static bool merge_open(struct merge *m, const struct record_index *x, struct err *e)
{
    size_t memory = x->memory / x->runs;
    *m = (struct merge){.runs = x->runs, .common = x->common};
    m->reader = mem_new(m->runs * sizeof *m->reader);
    m->head = mem_new(m->runs * sizeof *m->head);
    m->ended = mem_new(m->runs * sizeof *m->ended);
    m->loser = mem_new(m->runs * sizeof *m->loser);
    for (size_t i = 0; i < m->runs; i++) {
        uint64_t end = i + 1 < m->runs ? x->run[i + 1].from : spool_size(&x->spool);
        record_reader_open(&m->reader[i], &x->spool, x->run[i], end,
                           memory > MERGE_MEMORY_MIN ? memory : MERGE_MEMORY_MIN);
        m->loser[i] = NOBODY;
    }
    for (size_t i = 0; i < m->runs; i++) {
        if (!advance(m, i, e))
            return false;
        play(m, i);
    }
    return true;
}

static bool merge_all(struct merge *m, struct record_writer *to, struct err *e)
{
    for (size_t i; !m->ended[i = m->loser[0]]; play(m, i)) {
        struct record_parts r = record_parts(&m->reader[i].now);
        if (!record_writer_add(to, &r, e))
            return false;
        record_writer_keep(to);
        if (!advance(m, i, e))
            return false;
    }
    return true;
}

/* All runs become one, on a spool of its own. */
static bool merge_runs(struct record_index *x, struct err *e)
{
    struct merge m;
    struct spool merged = {.folder = x->spool.folder};
    x->to.spool = &merged;
    record_writer_begin(&x->to);
    bool good = merge_open(&m, x, e) && merge_all(&m, &x->to, e);
    merge_close(&m);
    x->to.spool = &x->spool;
    if (!good) {
        spool_close(&merged);
        return false;
    }
    spool_close(&x->spool);
    x->spool = merged;
    return true;
}

bool record_index_end(struct record_index *x, struct err *e)
{
    assert(!x->ended);
    if (!spill(x, e))
        return false;
    record_block_close(&x->block);
    x->facts.runs = 1;
    if (x->runs > 0) {
        if (!end_run(x, e))
            return false;
        x->facts.runs = x->runs;
        if (!merge_runs(x, e))
            return false;
    }
    x->facts.duplicates = x->to.duplicates;
    x->ended = true;
    return true;
}

bool record_index_park(struct record_index *x, struct err *e)
{
    return spool_park(&x->spool, e);
}

struct record_index_facts record_index_facts(const struct record_index *x)
{
    assert(x->ended);
    return x->facts;
}

/* --- walking --- */

struct record_walk {
    struct record_reader reader;
};

struct record_walk *record_walk_open(const struct record_index *x)
{
    assert(x->ended);
    struct record_walk *w = mem_new(sizeof *w);
    record_reader_open(&w->reader, &x->spool, (struct record_run){0, x->facts.records},
                       spool_size(&x->spool), WALK_MEMORY);
    return w;
}

void record_walk_close(struct record_walk *w)
{
    if (w == NULL)
        return;
    record_reader_close(&w->reader);
    mem_free(w);
}

bool record_walk_next(struct record_walk *w, struct record *out, bool *more, struct err *e)
{
    if (!record_reader_next(&w->reader, more, e))
        return false;
    *out = w->reader.now;
    return true;
}
