#include "audit/audit_erased.h"

#include "store/objects.h"
#include "store/secrets.h"

/* --- what is not there --- */

struct absentee {
    enum issue_id id;
    struct hash object;
    const char *place, *what;
};

void absentees_add(struct absentees *l, enum issue_id id, struct hash object, const char *place,
                   const char *what)
{
    l->item = mem_room(l->item, l->count, &l->cap, sizeof *l->item);
    l->item[l->count++] = (struct absentee){id, object, arena_str(&l->arena, span_str(place)),
                                            arena_str(&l->arena, span_str(what))};
}

void absentees_judge(struct absentees *l, const struct history *h, struct issues *issues)
{
    for (size_t i = 0; i < l->count; i++)
        if (!history_is_erased(h, l->item[i].object))
            issues_add(issues, l->item[i].id, l->item[i].place, "%s", l->item[i].what);
    mem_free(l->item);
    arena_close(&l->arena);
    *l = (struct absentees){0};
}

/* --- what is there all the same --- */

struct undestroyed {
    const struct home *home;
    struct catalog *catalog;
    struct span study;
    struct issues *issues;
    uint64_t erasure; /* the entry that is looked at */
};

static void tell_undestroyed(const struct undestroyed *u, const char *what)
{
    char place[STUDY_NAME_MAX + 24];
    text_format(place, sizeof place, "%.*s#%llu", SPAN_ARGS(u->study),
                (unsigned long long)u->erasure);
    issues_add(u->issues, ISSUE_STORE_ERASED, place, "%s; trialseal run destroys it", what);
}

static bool check_secret_gone(void *ctx, const struct catalog_revision *r, struct err *e)
{
    const struct undestroyed *u = ctx;
    char path[SECRET_PATH_MAX];
    bool there = false;
    if (!hash_is_zero(r->data.secret) && !secrets_has(u->home, u->study, r->data.secret, &there, e))
        return false;
    if (there)
        tell_undestroyed(u, secrets_path(u->study, r->data.secret, path));
    return true;
}

static bool check_gone(void *ctx, const struct catalog_erased *x, struct err *e)
{
    struct undestroyed *u = ctx;
    struct arena a = {0};
    struct span other;
    bool there, needed = false;
    u->erasure = x->index;
    bool good = objects_has(u->home, x->sha256, &there, e);
    if (good && there)
        good = catalog_other_user(u->catalog, u->study, x->sha256, &a, &other, &needed, e);
    if (good && there && !needed) {
        char hex[65];
        tell_undestroyed(u, hash_hex(x->sha256, hex));
    }
    arena_close(&a);
    return good &&
           catalog_each_revision_of(u->catalog, u->study, x->sha256, check_secret_gone, u, e);
}

static bool check_study(void *ctx, struct span study, struct err *e)
{
    struct undestroyed *u = ctx;
    u->study = study;
    return catalog_each_erased(u->catalog, study, check_gone, u, e);
}

bool audit_undestroyed(const struct home *h, struct catalog *c, struct issues *issues,
                       struct err *e)
{
    struct undestroyed u = {.home = h, .catalog = c, .issues = issues};
    return catalog_each_study(c, check_study, &u, e);
}
