#include "cli/describe.h"
#include "cli/revision.h"
#include "ledger/detached.h"
#include "store/objects.h"
#include "study/twin_find.h"

/* --- an entry --- */

static bool details_line(struct span study, uint64_t index, struct span text)
{
    struct line l;
    line_begin(&l);
    json_out_canonical(&l.o, "details", text);
    line_number(&l, "index", index);
    line_text(&l, "study", study);
    line_type(&l, "details");
    line_end(&l);
    return true;
}

/* The entry that says that the object was erased; CATALOG_NONE where none does. */
static bool erased_by(struct cli *c, struct span study, struct hash name, int64_t *out,
                      struct err *e)
{
    struct catalog_erased erased;
    bool found;
    if ((c->catalog == NULL && !cli_catalog(c, e)) ||
        !catalog_erased(c->catalog, study, name, &erased, &found, e))
        return false;
    *out = found ? (int64_t)erased.index : CATALOG_NONE;
    return true;
}

static void erased_line(struct span study, uint64_t index, const char *of, int64_t by)
{
    struct line l;
    line_begin(&l);
    line_number(&l, "by", (uint64_t)by);
    line_number(&l, "index", index);
    line_text(&l, "of", span_str(of));
    line_text(&l, "study", study);
    line_type(&l, "erased");
    line_end(&l);
}

/* What is not here was erased, which is a fact and not an error; or it is lost. */
static bool show_absent(struct cli *c, struct span study, uint64_t index, struct hash name,
                        const char *of, struct err *e)
{
    int64_t by;
    if (!erased_by(c, study, name, &by, e))
        return false;
    if (by == CATALOG_NONE && !c->json)
        printf("\nThe %s that belongs to it is not in this home.\n", of);
    else if (by != CATALOG_NONE && c->json)
        erased_line(study, index, of, by);
    else if (by != CATALOG_NONE)
        printf("\nThe %s that belongs to it was erased by entry %lld.\n", of, (long long)by);
    return true;
}

static bool show_file(struct cli *c, struct span study, uint64_t index, const struct entry *x,
                      struct err *e)
{
    struct hash name;
    bool there;
    if (!entry_file(x, &name))
        return true;
    return objects_has(c->home, name, &there, e) &&
           (there || show_absent(c, study, index, name, "file", e));
}

static bool show_details(struct cli *c, struct span study, uint64_t index, const struct entry *x,
                         struct err *e)
{
    struct hash name;
    struct span text;
    bool there;
    if (!entry_details(x, &name))
        return true;
    if (!objects_has(c->home, name, &there, e))
        return false;
    if (!there)
        return show_absent(c, study, index, name, "text", e);
    if (!objects_read_all(c->home, name, DETACHED_MAX, &c->arena, &text, e))
        return false;
    if (c->json)
        return details_line(study, index, text);
    puts("\nThe text that belongs to it");
    return json_print(text, stdout, e);
}

/* Without a catalog an entry is shown all the same. */
static bool find_twin(struct cli *c, struct span study, uint64_t index, const struct entry *x,
                      struct twin *out, struct err *e)
{
    *out = twin_none;
    if (x->kind != ENTRY_REVISION || !twin_sought(&x->revision.data, &x->revision.against) ||
        (c->catalog == NULL && !cli_catalog(c, NULL)))
        return true;
    const struct twin_side now = twin_side_of(index, x);
    return twin_find(c->catalog, study, &now, &c->arena, out, e);
}

static void twin_line(struct span study, uint64_t index, const struct twin *t)
{
    struct line l;
    if (t->entry == ENTRY_NONE)
        return;
    line_begin(&l);
    line_number(&l, "index", index);
    line_text(&l, "study", study);
    line_number(&l, "twin", t->entry);
    line_text(&l, "twin_change", span_str(change_name(t->change)));
    line_type(&l, "twin");
    line_end(&l);
}

static bool show_revision(struct cli *c, const struct ledger *l, const struct entry *x,
                          const struct twin *twin, struct err *e)
{
    uint64_t reverted = x->revision.against.reverted;
    struct span bytes;
    struct entry earlier;
    if (reverted != ENTRY_NONE && !ledger_entry(c, l, reverted, &bytes, &earlier, e))
        return false;
    puts("\nWhat it is");
    revision_facts(
        x, reverted == ENTRY_NONE ? NULL : revision_back_to(earlier.revision.revision, &c->arena),
        twin, &c->arena);
    return true;
}

static bool show_words(struct cli *c, const struct ledger *l, struct span study, uint64_t index,
                       struct span bytes, const struct entry *x, const struct twin *twin,
                       struct err *e)
{
    printf("%.*s#%llu, %s, %s: %s%s\n", SPAN_ARGS(study), (unsigned long long)index,
           shown_time(&c->arena, x->at), entry_kind_name(x->kind), entry_words(c, x, &c->arena),
           revision_twin_said(twin, &c->arena));
    if (x->kind == ENTRY_REVISION && !show_revision(c, l, x, twin, e))
        return false;
    puts("\nThe entry");
    return json_print(bytes, stdout, e);
}

static bool show_entry(struct cli *c, struct span study, uint64_t index, struct err *e)
{
    struct span bytes;
    struct ledger l;
    struct entry x;
    struct twin twin = twin_none;
    if (!ledger_open(c, study, &l, e))
        return false;
    bool good =
        ledger_entry(c, &l, index, &bytes, &x, e) && find_twin(c, study, index, &x, &twin, e);
    if (good && c->json) {
        entry_line(study, index, bytes);
        twin_line(study, index, &twin);
    } else if (good) {
        good = show_words(c, &l, study, index, bytes, &x, &twin, e);
    }
    log_close(l.log);
    return good && show_file(c, study, index, &x, e) && show_details(c, study, index, &x, e);
}

/* --- a dataset's revisions, a study's datasets --- */

struct rows {
    struct cli *c;
    struct span study;
    struct table table;
};

static const char *number(struct cli *c, int64_t n)
{
    return n == CATALOG_NONE ? "-" : words(&c->arena, "%lld", (long long)n);
}

/* Why its bytes are not to be had any more. */
static const char *fate(struct cli *c, int64_t withdrawn, int64_t erased)
{
    const char *comma = withdrawn != CATALOG_NONE && erased != CATALOG_NONE ? ", " : "";
    return words(
        &c->arena, "%s%s%s",
        withdrawn == CATALOG_NONE ? ""
                                  : words(&c->arena, "withdrawn by #%lld", (long long)withdrawn),
        comma,
        erased == CATALOG_NONE ? "" : words(&c->arena, "erased by #%lld", (long long)erased));
}

static bool revision_row(void *ctx, const struct catalog_revision *x, struct err *e)
{
    struct rows *r = ctx;
    struct catalog_entry entry;
    struct twin twin = twin_none;
    const char *change;
    bool found;
    int64_t erased;
    if (!erased_by(r->c, r->study, x->sha256, &erased, e) ||
        !revision_twin(r->c, r->study, x, &twin, e))
        return false;
    if (r->c->json) {
        revision_line(r->study, x, erased, &twin);
        return true;
    }
    if (!catalog_entry_at(r->c->catalog, r->study, x->index, &r->c->arena, &entry, &found, e) ||
        !revision_change_said(r->c, r->study, x, &twin, &change, e))
        return false;
    table_text(&r->table, "%.*s@%llu", SPAN_ARGS(x->dataset), (unsigned long long)x->number);
    table_text(&r->table, "%s", found ? shown_time(&r->c->arena, entry.at) : "-");
    table_cell(&r->table, x->format);
    table_text(&r->table, "%s", number(r->c, x->records));
    table_text(&r->table, "%s", number(r->c, x->columns));
    table_text(&r->table, "%llu", (unsigned long long)x->size);
    table_text(&r->table, "#%llu", (unsigned long long)x->index);
    table_text(&r->table, "%s", change);
    table_text(&r->table, "%s", fate(r->c, x->withdrawn, erased));
    return true;
}

static void heading(struct table *t)
{
    static const char *const name[] = {"revision", "first seen", "format", "records", "columns",
                                       "bytes",    "entry",      "change", ""};
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++)
        table_text(t, "%s", name[i]);
}

static struct rows rows_begin(struct cli *c, struct span study)
{
    struct rows r = {
        c, study, {.columns = 9, .right = {[3] = true, [4] = true, [5] = true, [6] = true}}};
    if (!c->json)
        heading(&r.table);
    return r;
}

static bool show_dataset(struct cli *c, struct place *p, struct err *e)
{
    if (!place_dataset(c, p, e))
        return false;
    struct rows r = rows_begin(c, p->study);
    bool good = catalog_each_revision(c->catalog, p->study, p->dataset, revision_row, &r, e);
    table_print(&r.table, stdout);
    return good;
}

/* The last revision of each dataset. */
static bool dataset_row(void *ctx, struct span name, struct err *e)
{
    struct rows *r = ctx;
    struct catalog_revision x;
    uint64_t last;
    bool found;
    struct span dataset = arena_copy(&r->c->arena, name);
    return catalog_last_number(r->c->catalog, r->study, dataset, &last, e) &&
           catalog_revision(r->c->catalog, r->study, dataset, last, SPAN(""), &r->c->arena, &x,
                            &found, e) &&
           (!found || revision_row(r, &x, e));
}

static bool show_study(struct cli *c, struct span study, struct err *e)
{
    struct rows r = rows_begin(c, study);
    bool good = catalog_each_dataset(c->catalog, study, dataset_row, &r, e);
    table_print(&r.table, stdout);
    return good;
}

bool show_run(struct cli *c, struct err *e)
{
    struct place p;
    struct catalog_revision x;
    if (!place_parse(cli_operand(c, 0), &p, e) || !cli_home(c, HOME_READ, e) ||
        !place_study(c, p.study, e))
        return false;
    if (p.has_entry)
        return show_entry(c, p.study, p.entry, e);
    if (!cli_catalog(c, e))
        return false;
    if (p.has_revision)
        return place_revision(c, &p, &x, e) && show_entry(c, p.study, x.index, e);
    return p.dataset.n > 0 ? show_dataset(c, &p, e) : show_study(c, p.study, e);
}
