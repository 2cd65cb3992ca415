#include "study/unnamed.h"

#include "store/objects.h"
#include "store/secrets.h"
#include "study/needed.h"

struct sifting {
    struct catalog *catalog;
    struct needed named;
    bool (*each)(void *ctx, struct hash name, struct err *e);
    void *ctx;
};

static bool take_ref(void *ctx, const struct catalog_ref *x, struct err *e)
{
    struct sifting *s = ctx;
    (void)e;
    needed_name(&s->named, x->sha256);
    return true;
}

static bool take_study(void *ctx, struct span study, struct err *e)
{
    struct sifting *s = ctx;
    return catalog_each_ref(s->catalog, study, take_ref, s, e);
}

static bool sift(void *ctx, struct hash name, struct err *e)
{
    struct sifting *s = ctx;
    return needed_has(&s->named, name) || s->each(s->ctx, name, e);
}

static bool take_named(struct sifting *s, struct err *e)
{
    bool good = catalog_each_study(s->catalog, take_study, s, e);
    needed_sort(&s->named);
    return good;
}

bool unnamed_each(const struct home *h, struct catalog *c,
                  bool (*each)(void *ctx, struct hash name, struct err *e), void *ctx,
                  struct err *e)
{
    struct sifting s = {.catalog = c, .each = each, .ctx = ctx};
    bool good = take_named(&s, e) && objects_each(h, sift, &s, e);
    needed_close(&s.named);
    return good;
}

/* --- secrets --- */

struct sifting_secrets {
    const struct home *home;
    struct catalog *catalog;
    struct span study;
    struct needed named; /* by the study's revisions */
    bool (*each)(void *ctx, struct span study, struct hash name, struct err *e);
    void *ctx;
};

static bool take_secret(void *ctx, struct hash secret, struct err *e)
{
    struct sifting_secrets *s = ctx;
    (void)e;
    needed_name(&s->named, secret);
    return true;
}

static bool sift_secret(void *ctx, struct hash name, struct err *e)
{
    struct sifting_secrets *s = ctx;
    return needed_has(&s->named, name) || s->each(s->ctx, s->study, name, e);
}

static bool sift_study(void *ctx, struct span study, struct err *e)
{
    struct sifting_secrets *s = ctx;
    s->study = study;
    bool good = catalog_each_secret(s->catalog, study, take_secret, s, e);
    needed_sort(&s->named);
    good = good && secrets_each(s->home, study, sift_secret, s, e);
    needed_close(&s->named);
    return good;
}

bool unnamed_each_secret(const struct home *h, struct catalog *c,
                         bool (*each)(void *ctx, struct span study, struct hash name,
                                      struct err *e),
                         void *ctx, struct err *e)
{
    struct sifting_secrets s = {.home = h, .catalog = c, .each = each, .ctx = ctx};
    return catalog_each_study(c, sift_study, &s, e);
}

/* --- destroying --- */

static bool destroy(void *ctx, struct hash name, struct err *e)
{
    return objects_destroy(ctx, name, e);
}

bool unnamed_destroy(struct home *h, struct catalog *c, const struct hash *name, size_t count,
                     struct err *e)
{
    struct sifting s = {.catalog = c, .each = destroy, .ctx = h};
    bool good = take_named(&s, e);
    for (size_t i = 0; good && i < count; i++)
        good = sift(&s, name[i], e);
    needed_close(&s.named);
    return good;
}
