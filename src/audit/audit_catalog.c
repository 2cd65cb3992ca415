/* The catalog: a new one must say the same. */
#include "audit/auditing.h"
#include "store/objects.h"
#include "store/secrets.h"
#include "study/index.h"
#include "study/unnamed.h"

static bool dump_hash(struct catalog *c, struct hash *out, struct err *e)
{
    struct sha256 sha;
    sha256_begin(&sha);
    if (!catalog_dump(c, sha256_sink(&sha), e))
        return false;
    *out = sha256_end(&sha);
    return true;
}

struct comparison {
    struct home *home;
    struct catalog *there, *again;
    bool differs;
};

static bool index_one(struct comparison *c, struct span study, uint64_t index, struct err *e)
{
    struct arena a = {0};
    struct span staged;
    struct entry x;
    bool good = catalog_staged(c->there, study, index, &staged, e);
    if (good) {
        struct span bytes = arena_copy(&a, staged);
        good = entry_parse(&a, bytes, &x, e) &&
               index_entry(c->home, c->again, study, index, &x, tree_leaf(bytes), e);
    }
    arena_close(&a);
    return good;
}

/*
 * What a killed run signed and staged is indexed, and not published yet: the next run does that. So
 * the new one indexes it as well, from the bytes that are staged.
 */
static bool index_staged(void *ctx, struct span study, struct err *e)
{
    struct comparison *c = ctx;
    struct arena a = {0};
    struct catalog_signed is = {0}, published = {0};
    bool found, good = catalog_last_signed(c->again, study, &a, &published, &found, e) &&
                       catalog_last_signed(c->there, study, &a, &is, &found, e) &&
                       catalog_begin(c->again, e);
    for (uint64_t i = published.size; good && i < is.size; i++)
        good = index_one(c, study, i, e);
    good = good && catalog_commit(c->again, e);
    arena_close(&a);
    return good;
}

/* What was signed last is what is published; where a run was killed, it may be more. */
static bool compare_signed(void *ctx, struct span study, struct err *e)
{
    struct comparison *c = ctx;
    struct arena a = {0};
    struct catalog_signed is = {0}, must = {0};
    bool found, good = catalog_last_signed(c->again, study, &a, &must, &found, e) &&
                       catalog_last_signed(c->there, study, &a, &is, &found, e);
    if (is.size < must.size || (is.size == must.size && !hash_eq(is.root, must.root)))
        c->differs = true;
    arena_close(&a);
    return good;
}

static bool compare_catalogs(struct comparison *c, struct err *e)
{
    struct hash is, must;
    if (!catalog_check(c->there, e) || !dump_hash(c->there, &is, e) ||
        !dump_hash(c->again, &must, e))
        return false;
    c->differs = !hash_eq(is, must);
    return catalog_each_study(c->again, compare_signed, c, e);
}

static bool tell_unnamed(void *ctx, struct hash name, struct err *e)
{
    struct auditing *a = ctx;
    struct object_copy o;
    bool found;
    if (!objects_stat(a->home, name, &o, &found, e))
        return false;
    issues_add(a->issues, ISSUE_STORE_UNNAMED, o.path, "trialseal check --repair sets it aside");
    return true;
}

static bool tell_unnamed_secret(void *ctx, struct span study, struct hash name, struct err *e)
{
    struct auditing *a = ctx;
    char path[SECRET_PATH_MAX];
    (void)e;
    issues_add(a->issues, ISSUE_STORE_UNNAMED, secrets_path(study, name, path),
               "trialseal check --repair sets it aside");
    return true;
}

/* What else lies there is no object, and no trouble. */
static bool note_stranger(struct auditing *a, const char *place, struct err *e)
{
    return e->kind == ERR_INTEGRITY && auditing_note(a, ISSUE_STORE_UNNAMED, place, e);
}

static bool check_unnamed(struct auditing *a, struct catalog *c, struct err *e)
{
    return (unnamed_each(a->home, c, tell_unnamed, a, e) || note_stranger(a, "objects", e)) &&
           (unnamed_each_secret(a->home, c, tell_unnamed_secret, a, e) ||
            note_stranger(a, "secrets", e));
}

bool auditing_catalog(struct auditing *a, struct err *e)
{
    struct comparison c = {.home = a->home};
    struct audit ignored = {0};
    bool good = catalog_open(a->home, &c.there, e) && catalog_rebuild_begin(a->home, &c.again, e) &&
                rebuild_fill(a->home, c.again, 0, NULL, a->options.progress, &ignored, e) &&
                catalog_each_study(c.again, index_staged, &c, e) && compare_catalogs(&c, e) &&
                audit_undestroyed(a->home, c.again, a->issues, e) && check_unnamed(a, c.again, e);
    catalog_close(c.there);
    catalog_rebuild_drop(a->home, c.again);
    if (!good)
        return auditing_note(a, ISSUE_CATALOG_DIFFERS, HOME_CATALOG, e);
    if (c.differs)
        issues_add(a->issues, ISSUE_CATALOG_DIFFERS, HOME_CATALOG, "trialseal rebuild mends it");
    return true;
}
