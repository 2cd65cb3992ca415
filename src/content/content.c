#include "content/content.h"

#include <assert.h>
#include <string.h>

#include "content/hash_digest.h"
#include "content/hash_sort.h"
#include "content/record_index.h"
#include "os/thread.h"

struct content {
    struct content_order order;
    struct arena arena; /* of the names */
    struct sha256 ordered, strict_ordered;
    /* At 15 digits: all; those of records that were rounded; and the strict ones of these. */
    struct hash_sort *all, *rounded, *strict;
    struct record_index *index; /* NULL: no key */
    bool by_key_only;

    const uint8_t *secret;        /* NULL: no tree */
    struct record_leaves *leaves; /* as long as records come in order of the tree; then NULL */
};

static void content_start(struct content *c, int folder)
{
    c->all = hash_sort_open(folder);
    c->rounded = hash_sort_open(folder);
    c->strict = hash_sort_open(folder);
    sha256_begin(&c->ordered);
    sha256_feed(&c->ordered, hash_span(&c->order.columns));
}

void content_close(struct content *c)
{
    if (c == NULL)
        return;
    hash_sort_close(c->all);
    hash_sort_close(c->rounded);
    hash_sort_close(c->strict);
    record_index_close(c->index);
    record_leaves_close(c->leaves);
    arena_close(&c->arena);
    mem_free(c);
}

struct content_order content_outline(const struct canonical *form, size_t columns,
                                     const struct dataset_key *key, struct arena *a)
{
    struct span *name = arena_array(a, columns, sizeof *name);
    bool *is_text = arena_array(a, columns, sizeof *is_text);
    for (size_t i = 0; i < columns; i++) {
        name[i] = arena_copy(a, canonical_name(form, i));
        is_text[i] = canonical_class(form, i) == CLASS_TEXT;
    }
    struct content_order o = {.columns = canonical_columns(form),
                              .name = name,
                              .is_text = is_text,
                              .column_count = columns};
    if (key == NULL)
        return o;
    struct span *part = arena_array(a, key->count, sizeof *part);
    for (size_t i = 0; i < key->count; i++)
        part[i] = name[canonical_place(form, key->column[i])];
    o.key_from = key->from;
    o.key = part;
    o.key_count = key->count;
    return o;
}

void content_outline_end(struct content_order *o, const struct dataset_info *info)
{
    o->records = info->records;
    o->metadata = canonical_metadata(info, CANONICAL_AS_IT_IS);
    o->metadata_by_name = canonical_metadata(info, CANONICAL_BY_NAME);
}

static void start_index(struct content *c, const struct content_input *in)
{
    c->index = record_index_open(in->folder, in->memory > 0 ? in->memory : RECORD_INDEX_MEMORY);
    c->secret = in->secret;
    if (in->secret != NULL)
        c->leaves = record_leaves_open(in->secret);
}

/* --- taking records in --- */

/* Up to the first that is rounded both streams are one. */
static void feed_strict_ordered(struct content *c, const struct record_batch *b)
{
    if (b->any_rounded && !c->order.rounded)
        c->strict_ordered = c->ordered;
    c->order.rounded |= b->any_rounded;
    if (c->order.rounded)
        sha256_feed(&c->strict_ordered,
                    span_of(b->any_rounded ? b->strict : b->h, b->count * sizeof b->h[0]));
}

/* By all columns the record's hash is its key, and nothing else is kept. */
static bool index_batch(struct content *c, const struct record_batch *b, struct err *e)
{
    struct record_parts r[RECORD_BATCH];
    for (size_t i = 0; i < b->count; i++)
        r[i] = record_batch_parts(b, i);
    return record_index_add(c->index, r, b->count, e);
}

/* Most datasets come in order of their keys; the tree of others is made at the end. */
static bool feed_ordered(struct content *c, const struct record_batch *b, struct err *e)
{
    if (c->leaves != NULL && record_index_moved(c->index)) {
        record_leaves_close(c->leaves);
        c->leaves = NULL;
    }
    if (c->leaves != NULL)
        return record_leaves_add(c->leaves, b->h, b->count, &c->ordered, e);
    sha256_feed(&c->ordered, span_of(b->h, b->count * sizeof b->h[0]));
    return true;
}

static bool sort_batch(struct content *c, const struct record_batch *b, struct err *e)
{
    for (size_t i = 0; b->any_rounded && i < b->count; i++)
        if (b->rounded[i] && (!hash_sort_add(c->rounded, &b->h[i], 1, e) ||
                              !hash_sort_add(c->strict, &b->strict[i], 1, e)))
            return false;
    return hash_sort_add(c->all, b->h, b->count, e);
}

static bool take_in(struct content *c, const struct record_batch *b, struct err *e)
{
    feed_strict_ordered(c, b);
    return (c->index == NULL || index_batch(c, b, e)) && feed_ordered(c, b, e) &&
           (c->by_key_only || sort_batch(c, b, e));
}

static bool take_all(struct content *c, struct record_batches *batches, struct err *e)
{
    const struct record_batch *b;
    do {
        if (!record_batches_next(batches, &b, e) || !take_in(c, b, e))
            return false;
    } while (b->count > 0);
    return c->index == NULL || record_index_end(c->index, e);
}

static void end_order(struct content *c, const struct dataset_info *info)
{
    content_outline_end(&c->order, info);
    c->order.ordered = sha256_end(&c->ordered);
    c->order.strict_ordered = c->order.rounded ? sha256_end(&c->strict_ordered) : c->order.ordered;
    if (c->index == NULL)
        return;
    struct record_index_facts facts = record_index_facts(c->index);
    c->order.duplicates = facts.duplicates;
    c->order.in_order = facts.in_order;
}

bool content_read(const struct content_input *in, struct content **out, struct err *e)
{
    const struct dataset_info *info = rows_info(in->records.rows);
    const struct dataset_key *key = in->records.key;
    struct content *c = mem_new(sizeof *c);
    struct record_batches *batches = record_batches_open(&in->records);
    c->order = content_outline(record_batches_form(batches), info->columns, key, &c->arena);
    c->by_key_only = in->by_key_only;
    content_start(c, in->folder);
    if (key != NULL)
        start_index(c, in);
    bool good = take_all(c, batches, e);
    record_batches_close(batches);
    if (!good) {
        content_close(c);
        return false;
    }
    end_order(c, info);
    *out = c;
    return true;
}

bool content_park(struct content *c, struct err *e)
{
    return hash_sort_park(c->all, e) && hash_sort_park(c->rounded, e) &&
           hash_sort_park(c->strict, e) && (c->index == NULL || record_index_park(c->index, e));
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

/* The strict digest of all records, on its way: the hashes of those that were rounded give way to
 * their strict ones. */
struct strict_digest {
    struct hash_digest *digest; /* NULL: none were rounded */
    struct stream rounded, strict;
};

/* The strict ones that come before `limit`; NULL: all that are left. */
static bool add_strict_before(struct strict_digest *d, const struct hash *limit, struct err *e)
{
    while (d->strict.left > 0 &&
           (limit == NULL || memcmp(d->strict.next, limit, sizeof *limit) < 0)) {
        hash_digest_add(d->digest, d->strict.next, 1);
        if (!advance(&d->strict, e))
            return false;
    }
    return true;
}

/* The next hashes of all, n of them; none: the end. */
static bool add_strictly(struct strict_digest *d, const struct hash *h, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        if (!add_strict_before(d, &h[i], e))
            return false;
        if (d->rounded.left == 0 || !hash_eq(*d->rounded.next, h[i]))
            hash_digest_add(d->digest, &h[i], 1);
        else if (!advance(&d->rounded, e))
            return false;
    }
    return n > 0 || add_strict_before(d, NULL, e);
}

static bool feed_digests(struct content *c, struct hash_digest *plain, struct strict_digest *strict,
                         struct err *e)
{
    const struct hash *h = NULL;
    size_t n = 0;
    if (strict->digest != NULL && (!stream_begin(&strict->rounded, c->rounded, e) ||
                                   !stream_begin(&strict->strict, c->strict, e)))
        return false;
    do {
        if (!hash_sort_next(c->all, &h, &n, e) ||
            (strict->digest != NULL && !add_strictly(strict, h, n, e)))
            return false;
        hash_digest_add(plain, h, n);
    } while (n > 0);
    return true;
}

bool content_digests(struct content *c, struct content_digests *out, struct err *e)
{
    assert(!c->by_key_only);
    bool many = c->order.records >= RECORD_THREAD;
    struct strict_digest strict = {0};
    struct hash_digest *plain = hash_digest_open(c->order.columns, many);
    if (c->order.rounded)
        strict.digest = hash_digest_open(c->order.columns, many);
    bool good = feed_digests(c, plain, &strict, e);
    out->unordered = out->strict_unordered = hash_digest_close(plain);
    if (c->order.rounded)
        out->strict_unordered = hash_digest_close(strict.digest);
    return good;
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
 * What has more than 15 digits is never equal to what was rounded, and says what it was rounded to;
 * so the rest is strictly the same where these records are.
 */
bool content_compare(struct content *a, struct content *b, struct content_difference *out,
                     struct err *e)
{
    struct content_difference strict;
    assert(!a->by_key_only && !b->by_key_only);
    if (!count_both(a->all, b->all, out, e) || !count_both(a->strict, b->strict, &strict, e))
        return false;
    out->strict = strict.only_a == 0 && strict.only_b == 0;
    return true;
}

/* --- by key --- */

bool content_tree(const struct content *c, struct hash *root, struct err *e)
{
    assert(c->index != NULL && c->secret != NULL);
    if (record_index_moved(c->index))
        return record_tree_root(c->index, c->secret, root, e);
    *root = record_leaves_root(c->leaves);
    return true;
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

bool content_digests_and_tree(struct content *c, struct content_digests *out, struct hash *root,
                              struct err *e)
{
    struct digesting d = {.content = c, .out = out};
    bool large = c->order.records >= RECORD_THREAD && record_index_moved(c->index);
    struct crew *crew = crew_open(large && thread_processors() > 1, 1, take_digests, NULL);
    crew_give(crew, &d);
    bool good = content_tree(c, root, e);
    crew_take(crew);
    crew_close(crew);
    if (!d.good && e != NULL)
        *e = d.err;
    return good && d.good;
}

bool content_same_key(const struct content_order *x, const struct content_order *y)
{
    if (x->key_from == KEY_UNREAD || y->key_from == KEY_UNREAD ||
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
    if (content_same_key(&before->order, &after->order))
        return record_changes(before->index, after->index,
                              hash_eq(before->order.columns, after->order.columns), out, e);
    *out =
        (struct content_changes){.added = after->order.records, .removed = before->order.records};
    return true;
}
