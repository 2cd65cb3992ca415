#include "dataset/content.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "dataset/hash_sort.h"
#include "dataset/record_index.h"
#include "dataset/sort_key.h"
#include "os/thread.h"

/* Records that are hashed side by side; bytes of them that may wait; batches on their way. */
enum { BATCH = 128, WAITING_MAX = 256 * 1024, BATCHES = 4 };
enum { THREAD_RECORDS = 4096 }; /* of a dataset for which a thread pays */

/*
 * Records, one behind the other, each followed by its strict bytes where these differ; and their
 * sort keys. One thread reads rows into it, another one takes it in.
 */
struct batch {
    struct buf bytes, keys;
    size_t end[BATCH], strict_end[BATCH], key_end[BATCH];
    size_t count;
    bool failed; /* to be taken in, and this is why */
    struct err err;
};

struct content {
    struct content_order order;
    struct arena arena; /* of the names */

    const size_t *key_place; /* of the key's columns, by name; none: all columns */
    size_t key_places;
    struct batch batch[BATCHES + 1];
    size_t filling;    /* which of them */
    struct crew *crew; /* takes them in; NULL while there are few: most datasets are small */

    /* Of those that were taken in. */
    struct sha256 ordered, strict;
    /* At 15 digits: all; those of records that were rounded; and these at all digits. */
    struct hash_sort *all, *rounded, *exact;
    struct record_index *index; /* NULL: no key */
};

static void content_start(struct content *c, int folder, struct hash columns)
{
    c->order.columns = columns;
    c->all = hash_sort_open(folder);
    c->rounded = hash_sort_open(folder);
    c->exact = hash_sort_open(folder);
    sha256_begin(&c->ordered);
    sha256_feed(&c->ordered, hash_span(&columns));
}

static void drop_batches(struct content *c)
{
    crew_close(c->crew);
    c->crew = NULL;
    for (size_t i = 0; i <= BATCHES; i++) {
        buf_close(&c->batch[i].bytes);
        buf_close(&c->batch[i].keys);
    }
}

void content_close(struct content *c)
{
    if (c == NULL)
        return;
    drop_batches(c); /* first: somebody may be taking in one of them */
    hash_sort_close(c->all);
    hash_sort_close(c->rounded);
    hash_sort_close(c->exact);
    record_index_close(c->index);
    arena_close(&c->arena);
    mem_free(c);
}

static void keep_names(struct content *c, const struct canonical *form)
{
    size_t n = c->order.column_count;
    struct span *name = arena_array(&c->arena, n, sizeof *name);
    for (size_t i = 0; i < n; i++)
        name[i] = arena_copy(&c->arena, canonical_name(form, i));
    c->order.name = name;
}

/* By all columns the record's hash is its key, and nothing else is kept. */
static void start_index(struct content *c, const struct content_input *in,
                        const struct canonical *form)
{
    const struct dataset_key *key = in->key;
    size_t *place = arena_array(&c->arena, key->count, sizeof *place);
    struct span *name = arena_array(&c->arena, key->count, sizeof *name);
    for (size_t i = 0; i < key->count; i++) {
        place[i] = canonical_place(form, key->column[i]);
        name[i] = c->order.name[place[i]];
    }
    c->index = record_index_open(in->folder, in->memory > 0 ? in->memory : RECORD_INDEX_MEMORY);
    c->key_place = place;
    c->key_places = key->from == KEY_ALL ? 0 : key->count;
    c->order.key_from = key->from;
    c->order.key = name;
    c->order.key_count = key->count;
}

/* --- taking records in --- */

/* All of a batch: h is at 15 digits, exact at all digits, which most often is the same. */
struct hashes {
    struct hash h[BATCH], exact[BATCH];
    bool rounded[BATCH];
};

static void hash_batch(const struct batch *b, struct hashes *out)
{
    struct span in[2 * BATCH] = {{0}};
    struct hash h[2 * BATCH];
    size_t n = b->count, strict = n;
    memset(out->rounded, 0, sizeof out->rounded);
    for (size_t i = 0, from = 0; i < n; from = b->strict_end[i++]) {
        in[i] = span_of(b->bytes.p + from, b->end[i] - from);
        out->rounded[i] = b->strict_end[i] > b->end[i];
        if (out->rounded[i])
            in[strict++] = span_of(b->bytes.p + b->end[i], b->strict_end[i] - b->end[i]);
    }
    sha256_many(strict, in, h);
    strict = n;
    for (size_t i = 0; i < n; i++) {
        out->h[i] = h[i];
        out->exact[i] = out->rounded[i] ? h[strict++] : h[i];
    }
}

/* Up to the first that is rounded both streams are one. */
static void feed_ordered(struct content *c, const struct hashes *x, size_t n)
{
    bool any = c->order.rounded;
    for (size_t i = 0; i < n && !any; i++)
        any = x->rounded[i];
    if (any && !c->order.rounded)
        c->strict = c->ordered;
    c->order.rounded = any;
    sha256_feed(&c->ordered, span_of(x->h, n * sizeof x->h[0]));
    if (any)
        sha256_feed(&c->strict, span_of(x->exact, n * sizeof x->exact[0]));
}

static bool index_batch(struct content *c, const struct batch *b, const struct hashes *x,
                        struct err *e)
{
    for (size_t i = 0, from = 0; i < b->count; from = b->key_end[i++])
        if (!record_index_add(c->index, span_of(b->keys.p + from, b->key_end[i] - from), x->h[i],
                              x->rounded[i] ? &x->exact[i] : NULL, e))
            return false;
    return true;
}

static bool sort_batch(struct content *c, const struct hashes *x, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++)
        if (x->rounded[i] && (!hash_sort_add(c->rounded, &x->h[i], 1, e) ||
                              !hash_sort_add(c->exact, &x->exact[i], 1, e)))
            return false;
    return hash_sort_add(c->all, x->h, n, e);
}

/* A crew's work: one batch after the other. */
static void take_in(void *content, void *block)
{
    struct content *c = content;
    struct batch *b = block;
    struct hashes x;
    hash_batch(b, &x);
    feed_ordered(c, &x, b->count);
    c->order.records += b->count;
    b->failed = (c->index != NULL && !index_batch(c, b, &x, &b->err)) ||
                !sort_batch(c, &x, b->count, &b->err);
}

/* --- reading them --- */

static bool take_back(const struct batch *b, struct err *e)
{
    if (b == NULL || !b->failed)
        return true;
    *e = b->err;
    return false;
}

static void empty_batch(struct batch *b)
{
    buf_clear(&b->bytes);
    buf_clear(&b->keys);
    b->count = 0;
}

static bool take_in_here(struct content *c, struct err *e)
{
    struct batch *b = &c->batch[c->filling];
    take_in(c, b);
    if (!take_back(b, e))
        return false;
    empty_batch(b);
    return true;
}

/* The batch that is being filled is full; what comes next has the one that was given longest ago.
 */
static bool give_batch(struct content *c, struct err *e)
{
    if (c->crew == NULL && c->order.records < THREAD_RECORDS)
        return take_in_here(c, e);
    if (c->crew == NULL)
        c->crew = crew_open_in_order(thread_processors() > 1, BATCHES, take_in, c);
    crew_give(c->crew, &c->batch[c->filling]);
    c->filling = (c->filling + 1) % (BATCHES + 1);
    if (crew_inside(c->crew) == BATCHES && !take_back(crew_take(c->crew), e))
        return false;
    empty_batch(&c->batch[c->filling]);
    return true;
}

static bool finish_batches(struct content *c, struct err *e)
{
    struct batch *last = &c->batch[c->filling];
    while (c->crew != NULL && crew_inside(c->crew) > 0)
        if (!take_back(crew_take(c->crew), e))
            return false;
    take_in(c, last);
    bool good = take_back(last, e);
    drop_batches(c);
    return good && (c->index == NULL || record_index_end(c->index, e));
}

static bool add_record(struct content *c, const struct canonical_record *r, struct err *e)
{
    struct batch *b = &c->batch[c->filling];
    buf_add(&b->bytes, r->bytes);
    b->end[b->count] = b->bytes.n;
    if (r->strict.p != r->bytes.p)
        buf_add(&b->bytes, r->strict);
    b->strict_end[b->count] = b->bytes.n;
    if (c->index != NULL)
        sort_key_add(r, c->key_place, c->key_places, &b->keys);
    b->key_end[b->count++] = b->keys.n;
    return (b->count < BATCH && b->bytes.n < WAITING_MAX) || give_batch(c, e);
}

static bool read_all(struct content *c, const struct content_input *in, struct canonical *form,
                     struct err *e)
{
    struct row row;
    struct canonical_record record;
    enum rows_step step;
    while ((step = rows_next(in->rows, &row, e)) == ROWS_MORE) {
        if (in->see != NULL)
            in->see(in->ctx, &row);
        canonical_row(form, &row, &record);
        if (!add_record(c, &record, e))
            return false;
    }
    return step == ROWS_END && finish_batches(c, e);
}

static void end_order(struct content *c)
{
    c->order.ordered = sha256_end(&c->ordered);
    c->order.strict_ordered = c->order.rounded ? sha256_end(&c->strict) : c->order.ordered;
    if (c->index == NULL)
        return;
    struct record_index_facts facts = record_index_facts(c->index);
    c->order.duplicates = facts.duplicates;
    c->order.in_order = facts.in_order;
}

bool content_read(const struct content_input *in, struct content **out, struct err *e)
{
    const struct dataset_info *info = rows_info(in->rows);
    struct content *c = mem_new(sizeof *c);
    struct canonical *form = canonical_open(info, in->notes, in->place);
    content_start(c, in->folder, canonical_columns(form));
    c->order.column_count = info->columns;
    keep_names(c, form);
    if (in->key != NULL)
        start_index(c, in, form);
    bool good = read_all(c, in, form, e);
    canonical_close(form);
    if (!good) {
        content_close(c);
        return false;
    }
    c->order.metadata = canonical_metadata(info, CANONICAL_AS_IT_IS);
    c->order.metadata_by_name = canonical_metadata(info, CANONICAL_BY_NAME);
    end_order(c);
    *out = c;
    return true;
}

bool content_park(struct content *c, struct err *e)
{
    return hash_sort_park(c->all, e) && hash_sort_park(c->rounded, e) &&
           hash_sort_park(c->exact, e) && (c->index == NULL || record_index_park(c->index, e));
}

struct content_order content_order(const struct content *c)
{
    return c->order;
}

/* --- without order --- */

/* A sorted stream of hashes: those that come next, none behind its end. */
struct stream {
    struct hash_sort *sort;
    const struct hash *next;
    size_t left;
};

static bool stream_begin(struct stream *s, struct hash_sort *sort, struct err *e)
{
    s->sort = sort;
    return hash_sort_next(sort, &s->next, &s->left, e);
}

static inline bool advance(struct stream *s, struct err *e)
{
    s->next++;
    return --s->left > 0 || hash_sort_next(s->sort, &s->next, &s->left, e);
}

/* Order of what comes next; a stream that has ended comes last. */
static int stream_cmp(const struct stream *a, const struct stream *b)
{
    if (a->left == 0 || b->left == 0)
        return (b->left > 0) - (a->left > 0);
    return memcmp(a->next, b->next, sizeof *a->next);
}

/* A digest of hashes, which it takes a few at a time: each call of SHA-256 costs. */
struct digest {
    struct sha256 sha256;
    struct hash waiting[BATCH];
    size_t count;
};

static void digest_begin(struct digest *d, struct hash columns)
{
    d->count = 0;
    sha256_begin(&d->sha256);
    sha256_feed(&d->sha256, hash_span(&columns));
}

static void digest_feed(struct digest *d, const struct hash *h)
{
    d->waiting[d->count++] = *h;
    if (d->count == BATCH) {
        sha256_feed(&d->sha256, span_of(d->waiting, sizeof d->waiting));
        d->count = 0;
    }
}

static struct hash digest_end(struct digest *d)
{
    sha256_feed(&d->sha256, span_of(d->waiting, d->count * sizeof d->waiting[0]));
    return sha256_end(&d->sha256);
}

/* The digest of all records at all digits, on its way: those that were rounded give way to what
 * they were. */
struct strict_digest {
    struct digest digest;
    struct stream rounded, exact;
};

static bool strict_begin(struct strict_digest *d, struct content *c, struct err *e)
{
    digest_begin(&d->digest, c->order.columns);
    return stream_begin(&d->rounded, c->rounded, e) && stream_begin(&d->exact, c->exact, e);
}

/* What is exact and comes before `limit`; NULL: all that is left. */
static bool feed_exact(struct strict_digest *d, const struct hash *limit, struct err *e)
{
    while (d->exact.left > 0 &&
           (limit == NULL || memcmp(d->exact.next, limit, sizeof *limit) < 0)) {
        digest_feed(&d->digest, d->exact.next);
        if (!advance(&d->exact, e))
            return false;
    }
    return true;
}

static bool strict_feed(struct strict_digest *d, const struct hash *h, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        if (!feed_exact(d, &h[i], e))
            return false;
        if (d->rounded.left == 0 || !hash_eq(*d->rounded.next, h[i]))
            digest_feed(&d->digest, &h[i]);
        else if (!advance(&d->rounded, e))
            return false;
    }
    return true;
}

static bool strict_end(struct strict_digest *d, struct hash *out, struct err *e)
{
    if (!feed_exact(d, NULL, e))
        return false;
    *out = digest_end(&d->digest);
    return true;
}

bool content_digests(struct content *c, struct content_digests *out, struct err *e)
{
    struct sha256 plain;
    struct strict_digest strict;
    const struct hash *h = NULL;
    size_t n = 0;
    bool rounded = c->order.rounded;
    sha256_begin(&plain);
    sha256_feed(&plain, hash_span(&c->order.columns));
    if (rounded && !strict_begin(&strict, c, e))
        return false;
    do {
        if (!hash_sort_next(c->all, &h, &n, e) || (rounded && !strict_feed(&strict, h, n, e)))
            return false;
        sha256_feed(&plain, span_of(h, n * sizeof *h));
    } while (n > 0);
    out->unordered = out->strict_unordered = sha256_end(&plain);
    return !rounded || strict_end(&strict, &out->strict_unordered, e);
}

/* How many are in both streams, and how many in one of them. */
static bool count_both(struct hash_sort *sort_a, struct hash_sort *sort_b,
                       struct content_difference *out, struct err *e)
{
    struct stream a, b;
    *out = (struct content_difference){0};
    if (!stream_begin(&a, sort_a, e) || !stream_begin(&b, sort_b, e))
        return false;
    while (a.left > 0 || b.left > 0) {
        int order = stream_cmp(&a, &b);
        out->both += order == 0;
        out->only_a += order < 0;
        out->only_b += order > 0;
        if ((order <= 0 && !advance(&a, e)) || (order >= 0 && !advance(&b, e)))
            return false;
    }
    return true;
}

/*
 * What is exact beyond 15 digits is never equal to what was rounded, and says what it was
 * rounded to; so the rest is strictly the same where these records are.
 */
bool content_compare(struct content *a, struct content *b, struct content_difference *out,
                     struct err *e)
{
    struct content_difference exact;
    if (!count_both(a->all, b->all, out, e) || !count_both(a->exact, b->exact, &exact, e))
        return false;
    out->strict = exact.only_a == 0 && exact.only_b == 0;
    return true;
}

/* --- by key --- */

bool content_tree(const struct content *c, const uint8_t secret[CHACHA20_KEY], struct hash *root,
                  struct err *e)
{
    assert(c->index != NULL);
    return record_tree_root(c->index, secret, root, e);
}

/* A crew's block: the digests, while somebody else takes the tree. */
struct digesting {
    struct content *content;
    struct content_digests *out;
    bool good;
    struct err err;
};

static void take_digests(void *ctx, void *block)
{
    struct digesting *d = block;
    (void)ctx;
    d->good = content_digests(d->content, d->out, &d->err);
}

bool content_digests_and_tree(struct content *c, const uint8_t secret[CHACHA20_KEY],
                              struct content_digests *out, struct hash *root, struct err *e)
{
    struct digesting d = {.content = c, .out = out};
    bool large = c->order.records >= THREAD_RECORDS;
    struct crew *crew = crew_open(large && thread_processors() > 1, 1, take_digests, NULL);
    crew_give(crew, &d);
    bool good = content_tree(c, secret, root, e);
    crew_take(crew);
    crew_close(crew);
    if (!d.good)
        *e = d.err;
    return good && d.good;
}

bool content_same_key(const struct content *a, const struct content *b)
{
    const struct content_order *x = &a->order, *y = &b->order;
    if (a->index == NULL || b->index == NULL ||
        (x->key_from == KEY_ALL) != (y->key_from == KEY_ALL))
        return false;
    if (x->key_from == KEY_ALL)
        return hash_eq(x->columns, y->columns);
    for (size_t i = 0; i < x->key_count; i++)
        if (i >= y->key_count || !span_eq(x->key[i], y->key[i]))
            return false;
    return x->key_count == y->key_count;
}

bool content_changes(const struct content *before, const struct content *after,
                     struct content_changes *out, struct err *e)
{
    assert(before->index != NULL && after->index != NULL);
    if (content_same_key(before, after))
        return record_changes(before->index, after->index,
                              hash_eq(before->order.columns, after->order.columns), out, e);
    *out =
        (struct content_changes){.added = after->order.records, .removed = before->order.records};
    return true;
}
