/* The catalog: a new one must say the same. */
#include "job/auditing.h"

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
    struct catalog *there, *again;
    bool differs;
};

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

bool auditing_catalog(struct auditing *a, struct err *e)
{
    struct comparison c = {0};
    struct audit ignored = {0};
    bool good = catalog_open(a->home, &c.there, e) && catalog_rebuild_begin(a->home, &c.again, e) &&
                rebuild_fill(a->home, c.again, 0, NULL, a->progress, &ignored, e) &&
                compare_catalogs(&c, e);
    catalog_close(c.there);
    catalog_rebuild_drop(a->home, c.again);
    if (!good)
        return auditing_note(a, ISSUE_CATALOG_DIFFERS, HOME_CATALOG, e);
    if (c.differs)
        issues_add(a->issues, ISSUE_CATALOG_DIFFERS, HOME_CATALOG, "trialseal rebuild mends it");
    return true;
}
