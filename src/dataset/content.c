#include "dataset/content.h"

#include "base/buf.h"
#include "dataset/hash_sort.h"

/* Records that are hashed side by side; bytes of them that may wait. */
enum { BATCH = 32, WAITING_MAX = 256 * 1024 };

struct content {
    struct content_order order;
    struct arena arena; /* of the names */
    struct span *name;
    struct sha256 ordered, strict;
    /* At 15 digits: all; those of records that were rounded; and these at all digits. */
    struct hash_sort *all, *rounded, *exact;

    /* Records that wait to be hashed, one behind the other. */
    struct buf waiting;
    size_t end[BATCH];
    size_t count;
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

void content_close(struct content *c)
{
    if (c == NULL)
        return;
    hash_sort_close(c->all);
    hash_sort_close(c->rounded);
    hash_sort_close(c->exact);
    buf_close(&c->waiting);
    arena_close(&c->arena);
    mem_free(c);
}

static void keep_names(struct content *c, const struct canonical *form)
{
    size_t n = c->order.column_count;
    c->name = arena_array(&c->arena, n, sizeof *c->name);
    for (size_t i = 0; i < n; i++)
        c->name[i] = arena_copy(&c->arena, canonical_name(form, i));
    c->order.name = c->name;
}

static bool hash_waiting(struct content *c, struct err *e)
{
    struct span record[BATCH] = {0};
    struct hash h[BATCH];
    size_t n = c->count, from = 0;
    for (size_t i = 0; i < n; from = c->end[i++])
        record[i] = span_of(c->waiting.p + from, c->end[i] - from);
    sha256_many(n, record, h);
    sha256_feed(&c->ordered, span_of(h, n * sizeof h[0]));
    if (c->order.rounded)
        sha256_feed(&c->strict, span_of(h, n * sizeof h[0]));
    c->count = 0;
    buf_clear(&c->waiting);
    for (size_t i = 0; i < n; i++)
        if (!hash_sort_add(c->all, h[i], e))
            return false;
    return true;
}

/* Up to the first of these both streams are one. */
static bool add_rounded(struct content *c, const struct canonical_record *r, struct err *e)
{
    if (!hash_waiting(c, e))
        return false;
    if (!c->order.rounded)
        c->strict = c->ordered;
    c->order.rounded = true;
    struct hash h = sha256_of(r->bytes), exact = sha256_of(r->strict);
    sha256_feed(&c->ordered, hash_span(&h));
    sha256_feed(&c->strict, hash_span(&exact));
    return hash_sort_add(c->all, h, e) && hash_sort_add(c->rounded, h, e) &&
           hash_sort_add(c->exact, exact, e);
}

static bool add_record(struct content *c, const struct canonical_record *r, struct err *e)
{
    c->order.records++;
    if (r->strict.p != r->bytes.p)
        return add_rounded(c, r, e);
    buf_add(&c->waiting, r->bytes);
    c->end[c->count++] = c->waiting.n;
    return (c->count < BATCH && c->waiting.n < WAITING_MAX) || hash_waiting(c, e);
}

static bool read_all(struct content *c, struct rows *rows, struct canonical *form, struct err *e)
{
    struct row row;
    struct canonical_record record;
    enum rows_step step;
    while ((step = rows_next(rows, &row, e)) == ROWS_MORE) {
        canonical_row(form, &row, &record);
        if (!add_record(c, &record, e))
            return false;
    }
    return step == ROWS_END && hash_waiting(c, e);
}

bool content_read(struct rows *rows, int folder, struct issues *notes, const char *place,
                  struct content **out, struct err *e)
{
    struct content *c = mem_new(sizeof *c);
    struct canonical *form = canonical_open(rows_info(rows), notes, place);
    content_start(c, folder, canonical_columns(form));
    c->order.metadata = canonical_metadata(rows_info(rows), CANONICAL_AS_IT_IS);
    c->order.metadata_by_name = canonical_metadata(rows_info(rows), CANONICAL_BY_NAME);
    c->order.column_count = rows_info(rows)->columns;
    keep_names(c, form);
    bool good = read_all(c, rows, form, e);
    canonical_close(form);
    if (!good) {
        content_close(c);
        return false;
    }
    c->order.ordered = sha256_end(&c->ordered);
    c->order.strict_ordered = c->order.rounded ? sha256_end(&c->strict) : c->order.ordered;
    *out = c;
    return true;
}

bool content_park(struct content *c, struct err *e)
{
    return hash_sort_park(c->all, e) && hash_sort_park(c->rounded, e) &&
           hash_sort_park(c->exact, e);
}

struct content_order content_order(const struct content *c)
{
    return c->order;
}

/* --- without order --- */

/* A sorted stream of hashes, and the one that comes next. */
struct stream {
    struct hash_sort *sort;
    struct hash next;
    bool more;
};

static bool advance(struct stream *s, struct err *e)
{
    return hash_sort_next(s->sort, &s->next, &s->more, e);
}

/* Order of what comes next; a stream that has ended comes last. */
static int stream_cmp(const struct stream *a, const struct stream *b)
{
    if (!a->more || !b->more)
        return (int)b->more - (int)a->more;
    return span_cmp(hash_span(&a->next), hash_span(&b->next));
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

static void digest_feed(struct digest *d, struct hash h)
{
    d->waiting[d->count++] = h;
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

static bool feed_before(struct digest *d, struct stream *s, const struct stream *limit,
                        struct err *e)
{
    while (s->more && stream_cmp(s, limit) < 0) {
        digest_feed(d, s->next);
        if (!advance(s, e))
            return false;
    }
    return true;
}

/* All records at all digits: those that were rounded give way to what they were. */
static bool feed_strict(struct digest *d, struct stream *rounded, struct stream *exact,
                        const struct stream *all, struct err *e)
{
    if (!feed_before(d, exact, all, e))
        return false;
    if (rounded->more && hash_eq(rounded->next, all->next))
        return advance(rounded, e);
    digest_feed(d, all->next);
    return true;
}

bool content_digests(struct content *c, struct content_digests *out, struct err *e)
{
    struct stream all = {.sort = c->all}, rounded = {.sort = c->rounded},
                  exact = {.sort = c->exact};
    struct digest plain, strict;
    digest_begin(&plain, c->order.columns);
    digest_begin(&strict, c->order.columns);
    if (!advance(&all, e) || !advance(&rounded, e) || !advance(&exact, e))
        return false;
    while (all.more) {
        digest_feed(&plain, all.next);
        if ((c->order.rounded && !feed_strict(&strict, &rounded, &exact, &all, e)) ||
            !advance(&all, e))
            return false;
    }
    if (!feed_before(&strict, &exact, &all, e))
        return false;
    out->unordered = digest_end(&plain);
    out->strict_unordered = c->order.rounded ? digest_end(&strict) : out->unordered;
    return true;
}

/* How many are in both streams, and how many in one of them. */
static bool count_both(struct stream *a, struct stream *b, struct content_difference *out,
                       struct err *e)
{
    *out = (struct content_difference){0};
    if (!advance(a, e) || !advance(b, e))
        return false;
    while (a->more || b->more) {
        int order = stream_cmp(a, b);
        out->both += order == 0;
        out->only_a += order < 0;
        out->only_b += order > 0;
        if ((order <= 0 && !advance(a, e)) || (order >= 0 && !advance(b, e)))
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
    struct stream all_a = {.sort = a->all}, all_b = {.sort = b->all};
    struct stream exact_a = {.sort = a->exact}, exact_b = {.sort = b->exact};
    struct content_difference exact;
    if (!count_both(&all_a, &all_b, out, e) || !count_both(&exact_a, &exact_b, &exact, e))
        return false;
    out->strict = exact.only_a == 0 && exact.only_b == 0;
    return true;
}
