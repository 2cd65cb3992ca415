#include "job/change.h"

#include "ledger/revision.h"

static const struct revision_change no_records = {.reverted = ENTRY_NONE};

/* Both files, read for their records. */
struct both {
    struct content *before, *now;
    struct revision_data data_before, data_now;
};

/* As if both came now, under the new one's name, by which schemas are found. */
static struct examine_member member_now(const struct change_of *x)
{
    return (struct examine_member){{.file = x->of->file, .object = x->of->object}, x->member->name};
}

static struct examine_member member_before(const struct change_of *x)
{
    return (struct examine_member){{.file = x->of->file, .object = x->last->sha256},
                                   x->last->member};
}

static void say(enum change c, const struct content_changes *records, struct revision_change *out)
{
    *out = (struct revision_change){.change = c,
                                    .added = records->added,
                                    .changed = records->changed,
                                    .removed = records->removed,
                                    .reverted = ENTRY_NONE};
}

/* --- whole --- */

/* What its first reading found is not computed again. */
static bool read_now(const struct change_of *x, struct both *b, struct err *e)
{
    struct examine_member now = member_now(x);
    b->data_now = x->member->data;
    if (!examine_again(x->with, &now, NULL, &b->now, e))
        return false;
    return (b->now != NULL && hash_eq(content_order(b->now).ordered, b->data_now.order)) ||
           err_set(e, ERR_IO, "an object changed while it was read");
}

/* Whatever typed it then, it is read with what types the new one. */
static bool read_before(const struct change_of *x, struct both *b, bool *read, struct err *e)
{
    bool known = revision_comparable(&x->last->data, &b->data_now);
    struct examine_member before = member_before(x);
    before.of.digests = !known;
    b->data_before = x->last->data;
    if (!examine_again(x->with, &before, b->now, &b->before, e))
        return false;
    *read = b->before != NULL;
    return !*read || known || examine_data(b->before, b->data_now.schema, &b->data_before, e);
}

static enum change class_of(const struct both *b)
{
    enum change c = revision_change_by_digests(&b->data_before, &b->data_now);
    if (c == CHANGE_METADATA &&
        hash_eq(content_order(b->before).metadata_by_name, content_order(b->now).metadata_by_name))
        return CHANGE_COLUMN_ORDER;
    return c;
}

static bool compare_both(const struct both *b, struct revision_change *out, struct err *e)
{
    struct content_changes records = {0};
    enum change c = class_of(b);
    if (c >= CHANGE_FUZZ && !content_changes(b->before, b->now, &records, e))
        return false;
    say(c, &records, out);
    return true;
}

static bool compare_whole(const struct change_of *x, struct revision_change *out, struct err *e)
{
    struct both b = {0};
    bool read;
    bool good =
        read_now(x, &b, e) && read_before(x, &b, &read, e) && (!read || compare_both(&b, out, e));
    content_close(b.before);
    content_close(b.now);
    return good;
}

/* --- in step --- */

/* As many records as at the first reading; and the digests in the entries, where these are
 * comparable, say the same. */
static bool agrees(const struct change_of *x, const struct comparison *found)
{
    const struct content_difference *r = &found->records;
    if (!found->names_differ && r->both + r->only_b != x->member->records)
        return false;
    const struct revision_data *before = &x->last->data, *now = &x->member->data;
    return !revision_comparable(before, now) ||
           change_is_data(revision_change_by_digests(before, now)) == change_is_data(found->change);
}

static bool compare_in_order(const struct change_of *x, struct revision_change *out, bool *found,
                             struct err *e)
{
    struct comparison c;
    struct examine_member before = member_before(x), now = member_now(x);
    if (!examine_in_step(x->with, &before, &now, found, &c, e))
        return false;
    *found = *found && agrees(x, &c);
    if (*found)
        say(c.change, &c.changes, out);
    return true;
}

/* Most are in order of their keys. */
static bool read_and_compare(const struct change_of *x, struct revision_change *out, struct err *e)
{
    bool found;
    return compare_in_order(x, out, &found, e) && (found || compare_whole(x, out, e));
}

/* --- an earlier one with the same data --- */

struct revert_search {
    const struct change_of *x;
    uint64_t found; /* the last of them, or ENTRY_NONE */
};

static bool same_data(void *ctx, const struct catalog_revision *r, struct err *e)
{
    struct revert_search *s = ctx;
    const struct catalog_revision *last = s->x->last;
    (void)e;
    if (r->index < last->index && span_eq(r->dataset, last->dataset) &&
        span_eq(r->format, last->format) && revision_same_data(&r->data, &s->x->member->data))
        s->found = r->index;
    return true;
}

static bool find_reverted(const struct change_of *x, uint64_t *out, struct err *e)
{
    struct revert_search s = {x, ENTRY_NONE};
    bool good = catalog_each_revision_like(x->catalog, x->with->study, x->member->data.content,
                                           same_data, &s, e);
    *out = s.found;
    return good;
}

/* --- all --- */

static bool is_erased(const struct change_of *x, bool *out, struct err *e)
{
    struct catalog_erased ignored;
    return catalog_erased(x->catalog, x->with->study, x->last->sha256, &ignored, out, e);
}

/* Whether the digests alone tell all: nothing is to be counted, and no order of columns. */
static bool told_by_digests(const struct change_of *x, struct revision_change *out)
{
    if (!revision_comparable(&x->last->data, &x->member->data))
        return false;
    enum change c = revision_change_by_digests(&x->last->data, &x->member->data);
    *out = no_records;
    out->change = c;
    return c == CHANGE_HEADER || c == CHANGE_RECORD_ORDER;
}

static bool find_in_data(const struct change_of *x, struct revision_change *out, struct err *e)
{
    bool erased;
    if (told_by_digests(x, out))
        return true;
    *out = revision_change_none;
    return is_erased(x, &erased, e) && (erased || read_and_compare(x, out, e)) &&
           (out->change < CHANGE_FUZZ || find_reverted(x, &out->reverted, e));
}

bool change_find(const struct change_of *x, struct revision_change *out, struct err *e)
{
    bool read = x->member->data.form != ENTRY_NONE;
    *out = revision_change_none;
    if (hash_eq(x->last->sha256, x->of->object) && span_eq(x->last->member, x->member->name)) {
        if (read)
            *out = no_records;
        out->change = CHANGE_NONE;
        return true;
    }
    return !read || find_in_data(x, out, e);
}
