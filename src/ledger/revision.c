#include "ledger/revision.h"

void revision_know(struct revision_known *out, uint64_t index, const struct entry *x)
{
    out->entry = index;
    out->subject = x->subject;
    out->records = x->revision.records;
    out->data.form = x->revision.data.form;
    if (out->data.form != ENTRY_NONE) /* else the rest is never asked for */
        out->data = x->revision.data;
}

bool revision_comparable(const struct revision_data *a, const struct revision_data *b)
{
    return a->form != ENTRY_NONE && a->form == b->form && hash_eq(a->schema, b->schema);
}

bool revision_same_data(const struct revision_data *a, const struct revision_data *b)
{
    return revision_comparable(a, b) && hash_eq(revision_strict(a), revision_strict(b));
}

/* Metadata and the order of columns are one digest, so CHANGE_METADATA stands for both. */
enum change revision_change_by_digests(const struct revision_data *before,
                                       const struct revision_data *x)
{
    if (!hash_eq(before->content, x->content))
        return CHANGE_DATA;
    if (!hash_eq(revision_strict(before), revision_strict(x)))
        return CHANGE_FUZZ;
    if (!hash_eq(revision_strict_order(before), revision_strict_order(x)))
        return CHANGE_RECORD_ORDER;
    return hash_eq(before->metadata, x->metadata) ? CHANGE_HEADER : CHANGE_METADATA;
}

/* --- rule 12: within the entry --- */

static bool check_unread(const struct revision_data *d, struct err *e)
{
    bool good = d->key == KEY_UNREAD && d->duplicates == ENTRY_NONE && hash_is_zero(d->content) &&
                hash_is_zero(d->order) && hash_is_zero(d->strict) &&
                hash_is_zero(d->strict_order) && hash_is_zero(d->metadata) &&
                hash_is_zero(d->schema) && hash_is_zero(d->root) && hash_is_zero(d->secret);
    return good || err_set(e, ERR_FORMAT, "digests of a dataset that was not read");
}

static bool check_read(const struct entry *x, struct err *e)
{
    const struct revision_data *d = &x->revision.data;
    uint64_t records = x->revision.records;
    if (d->form == 0 || x->revision.columns == ENTRY_NONE || records == ENTRY_NONE ||
        hash_is_zero(d->content) || hash_is_zero(d->order) || hash_is_zero(d->metadata) ||
        hash_is_zero(d->root) || hash_is_zero(d->secret) || d->key == KEY_UNREAD ||
        d->duplicates == ENTRY_NONE)
        return err_set(e, ERR_FORMAT, "a dataset that was read lacks a digest or number");
    if (hash_is_zero(d->strict) != hash_is_zero(d->strict_order) ||
        hash_eq(d->strict, d->content) || hash_eq(d->strict_order, d->order))
        return err_set(e, ERR_FORMAT, "strict digests that are not other ones");
    if (d->duplicates > 0 && d->duplicates >= records)
        return err_set(e, ERR_FORMAT, "as many duplicates as records");
    return true;
}

static bool check_data(const struct entry *x, struct err *e)
{
    const struct revision_data *d = &x->revision.data;
    return d->form == ENTRY_NONE ? check_unread(d, e) : check_read(x, e);
}

/* --- rule 13: against the revision before --- */

static bool check_counts_absent(const struct revision_change *c, struct err *e)
{
    if (c->added != ENTRY_NONE || c->changed != ENTRY_NONE || c->removed != ENTRY_NONE ||
        c->reverted != ENTRY_NONE)
        return err_set(e, ERR_FORMAT, "counts of a change that is not known");
    return true;
}

static bool check_counts(const struct entry *x, const struct revision_known *before, struct err *e)
{
    const struct revision_change *c = &x->revision.against;
    uint64_t records = x->revision.records;
    if (c->added == ENTRY_NONE || c->changed == ENTRY_NONE || c->removed == ENTRY_NONE)
        return err_set(e, ERR_FORMAT, "a change without its counts");
    if ((c->change != CHANGE_DATA && c->added + c->removed > 0) ||
        (c->change < CHANGE_FUZZ && c->changed > 0) ||
        (c->change == CHANGE_FUZZ && c->changed == 0))
        return err_set(e, ERR_FORMAT, "counts that are not those of \"%s\"",
                       change_name((enum change)c->change));
    if (before->records == ENTRY_NONE)
        return true;
    if (records + c->removed != before->records + c->added || c->changed + c->added > records ||
        c->changed + c->removed > before->records)
        return err_set(e, ERR_FORMAT, "counts that do not lead from %llu to %llu records",
                       (unsigned long long)before->records, (unsigned long long)records);
    return true;
}

/* By digests, column order is change of metadata; the same bytes are the same in all. */
static bool check_class(const struct entry *x, const struct revision_known *before, struct err *e)
{
    enum change said = (enum change)x->revision.against.change;
    if (said == CHANGE_NONE && !hash_eq(x->subject, before->subject))
        return err_set(e, ERR_FORMAT, "other bytes, but the change is \"none\"");
    if (!revision_comparable(&before->data, &x->revision.data))
        return true;
    if (said == CHANGE_NONE)
        said = CHANGE_HEADER;
    if (said == CHANGE_COLUMN_ORDER)
        said = CHANGE_METADATA;
    enum change is = revision_change_by_digests(&before->data, &x->revision.data);
    if (said != is)
        return err_set(e, ERR_FORMAT, "the change is not \"%s\" by the digests",
                       change_name((enum change)x->revision.against.change));
    return true;
}

static bool check_change(const struct entry *x, const struct revision_known *before, struct err *e)
{
    const struct revision_change *c = &x->revision.against;
    if (c->change == CHANGE_UNKNOWN)
        return check_counts_absent(c, e);
    if (before->entry == ENTRY_NONE)
        return err_set(e, ERR_FORMAT, "a change of what is the first");
    if (x->revision.data.form != ENTRY_NONE)
        return check_counts(x, before, e) && check_class(x, before, e);
    if (c->change != CHANGE_NONE)
        return err_set(e, ERR_FORMAT, "a change in a dataset that was not read");
    return check_counts_absent(c, e) && check_class(x, before, e);
}

bool revision_check(const struct entry *x, const struct revision_known *before, struct err *e)
{
    if (x->revision.against.reverted != ENTRY_NONE && x->revision.against.change < CHANGE_FUZZ)
        return err_set(e, ERR_FORMAT, "reverted, but with the data of the one before");
    return check_data(x, e) && check_change(x, before, e);
}
