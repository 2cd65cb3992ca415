#include "cli/revision.h"

#include "ledger/revision_words.h"
#include "study/twin_find.h"

/* --- what changed --- */

static const char *change_said(uint64_t number, bool previous, const struct revision_change *x,
                               const char *back_to, struct arena *a)
{
    struct buf b = {0};
    revision_change_words(&b, number, previous, x, back_to);
    const char *said = arena_str(a, buf_span(&b));
    buf_close(&b);
    return said;
}

bool revision_twin(struct cli *c, struct span study, const struct catalog_revision *x,
                   struct twin *out, struct err *e)
{
    const struct twin_side now = twin_side_in_catalog(x);
    return twin_find(c->catalog, study, &now, &c->arena, out, e);
}

const char *revision_twin_said(const struct twin *t, struct arena *a)
{
    struct buf b = {0};
    twin_words(&b, t);
    const char *said = arena_str(a, buf_span(&b));
    buf_close(&b);
    return said;
}

const char *revision_back_to(uint64_t number, struct arena *a)
{
    return words(a, "revision %llu", (unsigned long long)number);
}

/* Numbers are those of the dataset in all its formats. */
static bool has_previous(struct cli *c, struct span study, const struct catalog_revision *x,
                         bool *out, struct err *e)
{
    struct catalog_revision earlier;
    bool found, good = true;
    *out = x->against.change != CHANGE_UNKNOWN;
    for (uint64_t n = x->number - 1; good && !*out && n > 0; n--) {
        good = catalog_revision(c->catalog, study, x->dataset, n, x->format, &c->arena, &earlier,
                                &found, e);
        *out = good && found;
    }
    return good;
}

bool revision_change_said(struct cli *c, struct span study, const struct catalog_revision *x,
                          const struct twin *twin, const char **out, struct err *e)
{
    struct catalog_revision earlier;
    bool found = false, previous;
    if (!has_previous(c, study, x, &previous, e) ||
        (x->against.reverted != ENTRY_NONE &&
         !catalog_revision_at(c->catalog, study, x->against.reverted, &c->arena, &earlier, &found,
                              e)))
        return false;
    const char *back_to = found ? revision_back_to(earlier.number, &c->arena) : NULL;
    *out =
        words(&c->arena, "%s%s", change_said(x->number, previous, &x->against, back_to, &c->arena),
              revision_twin_said(twin, &c->arena));
    return true;
}

/* --- facts --- */

static void fact(struct table *t, const char *name, const char *value)
{
    table_text(t, "  %s", name);
    table_text(t, "%s", value);
}

static const char *hex(struct arena *a, struct hash h)
{
    struct buf b = {0};
    buf_hex(&b, span_of(h.b, sizeof h.b));
    const char *text = arena_str(a, buf_span(&b));
    buf_close(&b);
    return text;
}

static void data_facts(struct table *t, const struct revision_data *d, struct arena *a)
{
    fact(t, "Key of the records", key_words((enum key_source)d->key));
    fact(t, "Records with a key met before", words(a, "%llu", (unsigned long long)d->duplicates));
    fact(t, "Digest of the data", hex(a, d->content));
    if (!hash_is_zero(d->strict))
        fact(t, "  with numbers at all digits", hex(a, d->strict));
    fact(t, "Digest in this order of records", hex(a, d->order));
    if (!hash_is_zero(d->strict_order))
        fact(t, "  with numbers at all digits", hex(a, d->strict_order));
    fact(t, "Digest of the metadata", hex(a, d->metadata));
    fact(t, "Schema that typed it", hash_is_zero(d->schema) ? "none" : hex(a, d->schema));
}

void revision_facts(const struct entry *x, const char *back_to, const struct twin *twin,
                    struct arena *a)
{
    struct table t = {.columns = 2};
    const char *change = change_said(x->revision.revision, x->revision.previous != ENTRY_NONE,
                                     &x->revision.against, back_to, a);
    fact(&t, "Against the one before", words(a, "%s%s", change, revision_twin_said(twin, a)));
    if (x->revision.data.form != ENTRY_NONE)
        data_facts(&t, &x->revision.data, a);
    else
        fact(&t, "Data", "not read");
    table_print(&t, stdout);
}

/* --- for programs --- */

static void hash_or_null(struct line *l, const char *name, struct hash h)
{
    if (hash_is_zero(h))
        json_out_null(&l->o, name);
    else
        line_hash(l, name, h);
}

static void count_or_null(struct line *l, const char *name, uint64_t n)
{
    line_number_or_null(l, name, n != ENTRY_NONE, n);
}

/* Members are in order of their names: those of the entry among those of the catalog. */
void revision_line(struct span study, const struct catalog_revision *x, int64_t erased,
                   const struct twin *twin)
{
    const struct revision_data *d = &x->data;
    const struct revision_change *c = &x->against;
    struct line l;
    line_begin(&l);
    line_text_or_null(&l, "change", span_str(change_name((enum change)c->change)));
    line_number_or_null(&l, "columns", x->columns != CATALOG_NONE, (uint64_t)x->columns);
    hash_or_null(&l, "content", d->content);
    line_text(&l, "dataset", x->dataset);
    count_or_null(&l, "duplicates", d->duplicates);
    line_number(&l, "entry", x->index);
    line_number_or_null(&l, "erased", erased != CATALOG_NONE, (uint64_t)erased);
    count_or_null(&l, "form", d->form);
    line_text(&l, "format", x->format);
    line_text_or_null(&l, "key", span_str(key_source_name((enum key_source)d->key)));
    line_text_or_null(&l, "member", x->member);
    hash_or_null(&l, "metadata", d->metadata);
    hash_or_null(&l, "order", d->order);
    line_number_or_null(&l, "records", x->records != CATALOG_NONE, (uint64_t)x->records);
    count_or_null(&l, "records_added", c->added);
    count_or_null(&l, "records_changed", c->changed);
    count_or_null(&l, "records_removed", c->removed);
    count_or_null(&l, "reverted", c->reverted);
    line_number(&l, "revision", x->number);
    hash_or_null(&l, "root", d->root);
    hash_or_null(&l, "schema", d->schema);
    hash_or_null(&l, "secret", d->secret);
    line_hash(&l, "sha256", x->sha256);
    line_number(&l, "size", x->size);
    hash_or_null(&l, "strict", d->strict);
    hash_or_null(&l, "strict_order", d->strict_order);
    line_text(&l, "study", study);
    line_number(&l, "transfer", x->transfer);
    count_or_null(&l, "twin", twin->entry);
    line_text_or_null(&l, "twin_change", span_str(change_name(twin->change)));
    line_type(&l, "revision");
    line_number_or_null(&l, "withdrawn", x->withdrawn != CATALOG_NONE, (uint64_t)x->withdrawn);
    line_end(&l);
}
