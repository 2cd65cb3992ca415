#include "content/compare.h"

#include <string.h>

bool change_is_data(enum change c)
{
    return c >= CHANGE_FUZZ;
}

/* The records are the same, in the same order. */
static enum change in_metadata(const struct content_order *a, const struct content_order *b)
{
    if (hash_eq(a->metadata, b->metadata))
        return CHANGE_HEADER;
    return hash_eq(a->metadata_by_name, b->metadata_by_name) ? CHANGE_COLUMN_ORDER
                                                             : CHANGE_METADATA;
}

/* They are not the same in the same order. */
static enum change in_records(const struct comparison *c)
{
    if (c->names_differ || c->records.only_a > 0 || c->records.only_b > 0)
        return CHANGE_DATA;
    return c->records.strict ? CHANGE_RECORD_ORDER : CHANGE_FUZZ;
}

/* --- in step --- */

/* A member on its way, as a source of records in order of its key. */
struct pace {
    struct record_batches *batches;
    const struct record_batch *batch;
    size_t at;                       /* in it, the record that comes next */
    struct record_parts last;        /* that came; h NULL: none */
    uint8_t kept[RECORD_STRING_MAX]; /* where it lies when its batch is gone */
    bool in_order;
    uint64_t duplicates;
};

static void keep_last(struct pace *p)
{
    size_t key = p->last.key.n;
    if (p->last.h == NULL || p->last.h == p->kept + key)
        return;
    record_parts_put(p->kept, &p->last, 0);
    struct record kept = {p->kept, key, p->last.strict != NULL};
    p->last = record_parts(&kept);
}

static bool next_batch(struct pace *p)
{
    keep_last(p);
    p->at = 0;
    return record_batches_next(p->batches, &p->batch, NULL);
}

static void pass(struct pace *p, const struct record_parts *r)
{
    if (p->last.h != NULL) {
        p->in_order = p->in_order && record_parts_cmp(&p->last, r) <= 0;
        p->duplicates += span_eq(record_parts_key(&p->last), record_parts_key(r));
    }
    p->last = *r;
}

static bool next_record(void *pace, struct record_parts *out, bool *more, struct err *e)
{
    struct pace *p = pace;
    if (p->at == p->batch->count && p->batch->count > 0 && !next_batch(p))
        return false;
    *more = p->batch->count > 0;
    if (!*more)
        return true;
    *out = record_batch_parts(p->batch, p->at++);
    pass(p, out);
    return p->in_order || err_set(e, ERR_STATE, "not in order");
}

static bool same_batch(const struct record_batch *a, const struct record_batch *b)
{
    size_t n = a->count * sizeof(struct hash);
    return a->count == b->count && a->any_rounded == b->any_rounded && memcmp(a->h, b->h, n) == 0 &&
           (!a->any_rounded || memcmp(a->strict, b->strict, n) == 0);
}

/* The same records fill the same batches: these are compared as a whole, up to the first that
 * differs. *same: how many records that were. */
static bool walk_same(struct pace *a, struct pace *b, uint64_t *same)
{
    for (*same = 0; next_batch(a) && next_batch(b); *same += b->at) {
        if (!same_batch(a->batch, b->batch) || b->batch->count == 0)
            return true;
        while (b->at < b->batch->count) {
            struct record_parts r = record_batch_parts(b->batch, b->at++);
            pass(b, &r);
        }
        a->at = b->at;
        a->last = record_batch_parts(a->batch, a->at - 1);
        a->in_order = b->in_order;
        a->duplicates = b->duplicates;
    }
    return false;
}

/* Where no records are the same, since columns are not, there is nothing to compare as a whole. */
static bool walk_in_step(struct pace *a, struct pace *b, struct comparison *out)
{
    uint64_t same = 0;
    struct record_source x = {next_record, a}, y = {next_record, b};
    if (out->names_differ ? !next_batch(a) || !next_batch(b) : !walk_same(a, b, &same))
        return false;
    if (a->batch->count + b->batch->count > 0 && (!out->keyed || !b->in_order))
        return false;
    bool good =
        record_changes_between(x, y, !out->names_differ, &out->changes, &out->records, NULL);
    out->records.both += same;
    return good;
}

static struct pace pace_open(const struct record_input *in, struct arena *a,
                             struct content_order *out)
{
    struct record_batches *batches = record_batches_open(in);
    *out = content_outline(record_batches_form(batches), rows_info(in->rows)->columns, in->key, a);
    return (struct pace){.batches = batches, .in_order = true};
}

static void pace_close(struct pace *p, const struct record_input *in, struct content_order *out)
{
    record_batches_close(p->batches);
    content_outline_end(out, rows_info(in->rows));
    out->duplicates = p->duplicates;
}

bool compare_in_step(const struct record_input *a, const struct record_input *b,
                     struct arena *arena, struct comparison *out, struct content_order *of_a,
                     struct content_order *of_b)
{
    struct record_input like_b = *a;
    struct dataset_key key;
    struct pace y = pace_open(b, arena, of_b);
    key_like(rows_info(a->rows), of_b->key_from, of_b->key, of_b->key_count, arena, &key);
    like_b.key = &key;
    struct pace x = pace_open(&like_b, arena, of_a);
    *out = (struct comparison){.names_differ = !hash_eq(of_a->columns, of_b->columns),
                               .keyed = content_same_key(of_a, of_b)};
    bool good = walk_in_step(&x, &y, out);
    pace_close(&x, a, of_a);
    pace_close(&y, b, of_b);
    bool same = out->records.both == of_a->records && out->records.both == of_b->records &&
                out->records.strict && !out->names_differ;
    out->change = same ? in_metadata(of_a, of_b) : in_records(out);
    return good;
}

/* --- whole --- */

bool compare_contents(struct content *a, struct content *b, struct comparison *out, struct err *e)
{
    struct content_order x = content_order(a), y = content_order(b);
    *out = (struct comparison){.names_differ = !hash_eq(x.columns, y.columns),
                               .keyed = content_same_key(&x, &y)};
    if (hash_eq(x.strict_ordered, y.strict_ordered)) {
        out->change = in_metadata(&x, &y);
        out->records = (struct content_difference){.both = x.records, .strict = true};
        return true;
    }
    if (!content_compare(a, b, &out->records, e))
        return false;
    out->change = in_records(out);
    return !out->keyed || !change_is_data(out->change) || content_changes(a, b, &out->changes, e);
}
