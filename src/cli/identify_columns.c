#include "base/name_map.h"
#include "cli/identify.h"
#include "ledger/detached.h"
#include "store/objects.h"

struct looking {
    struct identify *s;
    struct name_map names; /* of the file's columns: those not met yet are 0 */
    size_t looked_at;
    struct columns_found *found;
    size_t cap;
};

/* --- the columns of a revision --- */

/* The text `details` of an entry, if it is there. */
struct details_of {
    struct hash name;
    bool found;
};

static bool meet_ref(void *ctx, const struct catalog_ref *x, struct err *e)
{
    struct details_of *d = ctx;
    (void)e;
    if (span_eq(x->role, SPAN("details"))) {
        d->name = x->sha256;
        d->found = true;
    }
    return true;
}

static bool read_details(struct looking *l, const struct catalog_revision *x, struct arena *a,
                         struct span *out, struct err *e)
{
    struct details_of d = {.found = false};
    struct identify *s = l->s;
    bool there;
    *out = span_of(NULL, 0);
    if (!catalog_each_ref_at(s->c->catalog, s->study, x->index, meet_ref, &d, e) || !d.found)
        return !d.found;
    return objects_has(s->c->home, d.name, &there, e) &&
           (!there || objects_read_all(s->c->home, d.name, DETACHED_MAX, a, out, e));
}

static void count_column(struct looking *l, struct span name, struct columns_alike *out)
{
    size_t *met = name_map_at(&l->names, name);
    if (*met == NAME_MAP_NEW)
        out->only_revision++;
    else
        out->both++;
}

/* The member "name" of each element of the member "columns". */
static bool count_columns(struct looking *l, struct span text, struct columns_alike *out,
                          struct err *e)
{
    struct json_reader *in = json_open_text(text);
    enum json_token t = JSON_NULL;
    struct span value;
    bool columns = false, name = false, good;
    int depth = 0;
    *out = (struct columns_alike){0};
    while ((good = json_next(in, &t, &value, e)) && t != JSON_END) {
        if (name && t == JSON_STRING)
            count_column(l, value, out);
        if (depth == 1 && t == JSON_NAME)
            columns = span_eq(value, SPAN("columns"));
        name = columns && depth == 3 && t == JSON_NAME && span_eq(value, SPAN("name"));
        depth +=
            (t == JSON_OBJECT || t == JSON_ARRAY) - (t == JSON_OBJECT_END || t == JSON_ARRAY_END);
    }
    json_close(in);
    out->only_file = l->s->columns - (out->both < l->s->columns ? out->both : l->s->columns);
    return good;
}

/* --- of all datasets --- */

/* Most in common first; then the fewest of its own. */
static bool is_nearer(const struct columns_alike *a, const struct columns_alike *b)
{
    return a->both != b->both ? a->both > b->both : a->only_revision < b->only_revision;
}

static void take_columns(struct looking *l, const struct catalog_revision *x,
                         const struct columns_alike *found)
{
    struct columns_found *to = l->found;
    if (found->only_file + found->only_revision == 0) {
        to->alike = mem_room(to->alike, to->count, &l->cap, sizeof *to->alike);
        to->alike[to->count++] = candidate_copy(l->s, x);
    }
    if (found->both > 0 && is_nearer(found, &to->is)) {
        to->nearest = candidate_copy(l->s, x);
        to->is = *found;
    }
}

/* Its newest revision. One that nobody read has no columns, and an erased text none to look at. */
static bool look_at(void *ctx, struct span dataset, struct err *e)
{
    struct looking *l = ctx;
    struct identify *s = l->s;
    struct catalog_revision x;
    struct columns_alike alike;
    struct arena a = {0};
    struct span text;
    uint64_t last;
    bool found = false, good = true;
    if (l->looked_at++ < IDENTIFY_COLUMNS_MAX)
        good =
            catalog_last_number(s->c->catalog, s->study, dataset, &last, e) &&
            catalog_revision(s->c->catalog, s->study, dataset, last, SPAN(""), &a, &x, &found, e);
    if (good && found && x.columns != CATALOG_NONE) {
        good = read_details(l, &x, &a, &text, e);
        if (good && text.p != NULL && (good = count_columns(l, text, &alike, e)))
            take_columns(l, &x, &alike);
    }
    arena_close(&a);
    return good;
}

static bool look_in(void *ctx, struct span study, struct err *e)
{
    struct looking *l = ctx;
    l->s->study = arena_copy(&l->s->c->arena, study);
    return catalog_each_dataset(l->s->c->catalog, l->s->study, look_at, l, e);
}

bool identify_columns(struct identify *s, struct columns_found *out, struct err *e)
{
    struct looking l = {.s = s, .found = out};
    *out = (struct columns_found){0};
    for (size_t i = 0; i < s->columns; i++)
        *name_map_at(&l.names, s->column[i]) = 0;
    bool good = identify_each_study(s, &l, look_in, e);
    name_map_close(&l.names);
    return good;
}

void identify_columns_close(struct columns_found *f)
{
    mem_free(f->alike);
}
