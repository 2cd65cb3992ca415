#include "dataset/compare.h"

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
                               .keyed = content_same_key(a, b)};
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
