#include "content/record_batch.h"

#include <string.h>

#include "content/sort_key.h"
#include "os/thread.h"

/* Batches on their way; bytes of a batch's records. */
enum { BATCHES = 4, BYTES_MAX = 256 * 1024 };

struct record_batches {
    struct record_input in;
    struct arena arena;
    struct canonical *form;
    const size_t *key_place; /* of the key's columns, by name */
    size_t key_places;       /* none: no sort keys */

    struct record_batch batch[BATCHES];
    struct record_batch *out; /* that the caller has */
    uint64_t given;           /* records, to the caller */
    struct crew *crew;        /* NULL while there are few: most datasets are small */
};

static void find_key(struct record_batches *r)
{
    const struct dataset_key *key = r->in.key;
    if (key == NULL || key->from == KEY_ALL)
        return;
    size_t *place = arena_array(&r->arena, key->count, sizeof *place);
    for (size_t i = 0; i < key->count; i++)
        place[i] = canonical_place(r->form, key->column[i]);
    r->key_place = place;
    r->key_places = key->count;
}

struct record_batches *record_batches_open(const struct record_input *in)
{
    struct record_batches *r = mem_new(sizeof *r);
    r->in = *in;
    r->form = canonical_open(rows_info(in->rows), in->notes, in->place);
    r->out = &r->batch[0];
    find_key(r);
    return r;
}

void record_batches_close(struct record_batches *r)
{
    if (r == NULL)
        return;
    crew_close(r->crew); /* first: somebody may be filling one of them */
    for (size_t i = 0; i < BATCHES; i++) {
        buf_close(&r->batch[i].bytes);
        buf_close(&r->batch[i].keys);
    }
    canonical_close(r->form);
    arena_close(&r->arena);
    mem_free(r);
}

const struct canonical *record_batches_form(const struct record_batches *r)
{
    return r->form;
}

/* --- filling a batch --- */

static void add_record(const struct record_batches *r, struct record_batch *b,
                       const struct canonical_record *record)
{
    size_t i = b->count++;
    buf_add(&b->bytes, record->bytes);
    b->end[i] = b->bytes.n;
    b->rounded[i] = record->strict.p != record->bytes.p;
    if (b->rounded[i])
        buf_add(&b->bytes, record->strict);
    b->any_rounded |= b->rounded[i];
    b->strict_end[i] = b->bytes.n;
    if (r->key_places > 0)
        sort_key_add(record, r->key_place, r->key_places, &b->keys);
    b->key_end[i] = b->keys.n;
}

static void read_records(const struct record_batches *r, struct record_batch *b)
{
    struct row row;
    struct canonical_record record;
    enum rows_step step = ROWS_MORE;
    while (b->count < RECORD_BATCH && b->bytes.n < BYTES_MAX &&
           (step = rows_next(r->in.rows, &row, &b->err)) == ROWS_MORE) {
        if (r->in.see != NULL)
            r->in.see(r->in.ctx, &row);
        canonical_row(r->form, &row, &record);
        add_record(r, b, &record);
    }
    b->failed = step == ROWS_FAILED;
}

/* Most records have one hash: at 15 digits and at all they are the same. */
static void hash_strictly(struct record_batch *b)
{
    struct span in[RECORD_BATCH] = {{0}};
    struct hash strict[RECORD_BATCH];
    size_t n = 0;
    for (size_t i = 0; i < b->count; i++)
        if (b->rounded[i])
            in[n++] = span_of(b->bytes.p + b->end[i], b->strict_end[i] - b->end[i]);
    sha256_many(n, in, strict);
    n = 0;
    for (size_t i = 0; i < b->count; i++)
        b->strict[i] = b->rounded[i] ? strict[n++] : b->h[i];
}

static void hash_records(struct record_batch *b)
{
    struct span in[RECORD_BATCH] = {{0}};
    for (size_t i = 0, from = 0; i < b->count; from = b->strict_end[i++])
        in[i] = span_of(b->bytes.p + from, b->end[i] - from);
    sha256_many(b->count, in, b->h);
    if (b->any_rounded)
        hash_strictly(b);
}

/* A crew's work, one batch after the other. */
static void fill(void *batches, void *block)
{
    struct record_batch *b = block;
    buf_clear(&b->bytes);
    buf_clear(&b->keys);
    b->count = 0;
    b->any_rounded = false;
    read_records(batches, b);
    hash_records(b);
}

/* --- giving them out --- */

static void start_crew(struct record_batches *r)
{
    r->crew = crew_open_in_order(true, BATCHES, fill, r);
    for (size_t i = 1; i < BATCHES; i++)
        crew_give(r->crew, &r->batch[i]);
}

/* Behind the last record, or one that is malformed, nothing is read: rows_next is not asked again.
 */
static struct record_batch *next_batch(struct record_batches *r)
{
    if (r->crew == NULL && r->given >= RECORD_THREAD && thread_processors() > 1)
        start_crew(r);
    if (r->crew == NULL) {
        fill(r, r->out);
        return r->out;
    }
    crew_give(r->crew, r->out);
    return crew_take(r->crew);
}

bool record_batches_next(struct record_batches *r, const struct record_batch **out, struct err *e)
{
    r->out = next_batch(r);
    r->given += r->out->count;
    *out = r->out;
    if (r->out->failed && e != NULL)
        *e = r->out->err;
    return !r->out->failed;
}
