#include "cli/describe.h"
#include "ledger/detached.h"
#include "store/objects.h"

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

/* An erased text is a fact, not an error. */
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
    if (!there) {
        if (!c->json)
            puts("\nThe text that belongs to it is not in this home.");
        return true;
    }
    if (!objects_read_all(c->home, name, DETACHED_MAX, &c->arena, &text, e))
        return false;
    if (c->json)
        return details_line(study, index, text);
    puts("\nThe text that belongs to it");
    return json_print(text, stdout, e);
}

static bool show_entry(struct cli *c, struct span study, uint64_t index, struct err *e)
{
    struct ledger l;
    struct span bytes;
    struct entry x;
    if (!ledger_open(c, study, &l, e))
        return false;
    bool good = ledger_entry(c, &l, index, &bytes, &x, e);
    log_close(l.log);
    if (!good)
        return false;
    if (c->json) {
        entry_line(study, index, bytes);
        return show_details(c, study, index, &x, e);
    }
    printf("%.*s#%llu, %s, %s: %s\n\nThe entry\n", SPAN_ARGS(study), (unsigned long long)index,
           shown_time(&c->arena, x.at), entry_kind_name(x.kind), entry_words(c, &x, &c->arena));
    return json_print(bytes, stdout, e) && show_details(c, study, index, &x, e);
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

static bool revision_row(void *ctx, const struct catalog_revision *x, struct err *e)
{
    struct rows *r = ctx;
    struct catalog_entry entry;
    bool found;
    if (r->c->json) {
        revision_line(r->study, x);
        return true;
    }
    if (!catalog_entry_at(r->c->catalog, r->study, x->index, &r->c->arena, &entry, &found, e))
        return false;
    table_text(&r->table, "%.*s@%llu", SPAN_ARGS(x->dataset), (unsigned long long)x->number);
    table_text(&r->table, "%s", found ? shown_time(&r->c->arena, entry.at) : "-");
    table_cell(&r->table, x->format);
    table_text(&r->table, "%s", number(r->c, x->records));
    table_text(&r->table, "%s", number(r->c, x->columns));
    table_text(&r->table, "%llu", (unsigned long long)x->size);
    table_text(&r->table, "#%llu", (unsigned long long)x->index);
    table_text(&r->table, "%s",
               x->withdrawn == CATALOG_NONE
                   ? ""
                   : words(&r->c->arena, "withdrawn by #%lld", (long long)x->withdrawn));
    return true;
}

static void heading(struct table *t)
{
    static const char *const name[] = {"revision", "first seen", "format", "records",
                                       "columns",  "bytes",      "entry",  ""};
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++)
        table_text(t, "%s", name[i]);
}

static struct rows rows_begin(struct cli *c, struct span study)
{
    struct rows r = {
        c, study, {.columns = 8, .right = {[3] = true, [4] = true, [5] = true, [6] = true}}};
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
