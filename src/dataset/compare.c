#include "dataset/compare.h"

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

/* --- side by side --- */

static bool same_hashes(const struct hash *a, const struct hash *b, size_t n)
{
    return memcmp(a, b, n * sizeof *a) == 0;
}

static bool same_batch(const struct record_batch *a, const struct record_batch *b)
{
    return a->count == b->count && a->any == b->any && same_hashes(a->h, b->h, a->count) &&
           (!a->any || same_hashes(a->exact, b->exact, a->count));
}

/* The same records fill the same batches. */
static bool walk_in_step(struct record_batches *a, struct record_batches *b)
{
    const struct record_batch *x, *y;
    do {
        if (!record_batches_next(a, &x, NULL) || !record_batches_next(b, &y, NULL) ||
            !same_batch(x, y))
            return false;
    } while (x->count > 0);
    return true;
}

/* Sort keys are not asked for. */
static struct record_batches *open_unkeyed(const struct record_input *in)
{
    struct record_input unkeyed = *in;
    unkeyed.key = NULL;
    return record_batches_open(&unkeyed);
}

static struct content_order outline(const struct record_batches *r, const struct record_input *in,
                                    struct arena *a)
{
    return content_outline(record_batches_form(r), rows_info(in->rows)->columns, in->key, a);
}

/* Datasets with the same columns have the key of either. */
bool compare_in_step(const struct record_input *a, const struct record_input *b,
                     struct arena *arena, struct comparison *out, struct content_order *of_b)
{
    struct record_batches *x = open_unkeyed(a), *y = open_unkeyed(b);
    struct content_order of_a = outline(x, a, arena);
    *of_b = outline(y, b, arena);
    bool same = hash_eq(of_a.columns, of_b->columns) && walk_in_step(x, y);
    record_batches_close(x);
    record_batches_close(y);
    if (!same)
        return false;
    content_outline_end(&of_a, rows_info(a->rows));
    content_outline_end(of_b, rows_info(b->rows));
    *out = (struct comparison){.change = in_metadata(&of_a, of_b),
                               .keyed = b->key != NULL,
                               .records = {.both = of_b->records, .strict = true}};
    return true;
}

/* --- whole --- */

static enum change in_records(const struct comparison *c)
{
    if (c->names_differ || c->records.only_a > 0 || c->records.only_b > 0)
        return CHANGE_DATA;
    return c->records.strict ? CHANGE_RECORD_ORDER : CHANGE_FUZZ;
}

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
