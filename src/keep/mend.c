#include "keep/mending.h"

#include "audit/audit.h"
#include "store/aside.h"
#include "store/objects.h"
#include "store/secrets.h"
#include "study/unnamed.h"

void mending_tell(const struct mending *m, enum mend_outcome outcome, const char *place,
                  const char *from)
{
    struct mended is = {outcome, place, from};
    m->options->tell(m->options->ctx, &is);
}

enum mend_outcome mending_done(const struct mending *m)
{
    return m->options->only_say ? MEND_WOULD : MEND_DONE;
}

bool mending_may_fail(struct err *e)
{
    if (e->kind == ERR_IO)
        return false;
    *e = (struct err){0};
    return true;
}

static bool mend_study(struct mending *m, struct err *e)
{
    bool whole = false;
    m->zips = 0;
    m->zip = NULL;
    m->log = NULL;
    m->leaf = NULL;
    bool good = log_open(m->home, span_str(m->study), &m->log, e) &&
                signed_key(m->home, span_str(m->study), &m->of_study, &m->key, e) &&
                mending_open_zips(m, e) && mending_ledger(m, &whole, e) &&
                (!whole || (mending_objects(m, e) && mending_secrets(m, e)));
    mending_close_zips(m);
    mem_free(m->leaf);
    log_close(m->log);
    arena_close(&m->of_study);
    return good || err_at(e, "%s", m->study);
}

bool mend_home(struct home *h, const struct mend_options *o, struct err *e)
{
    struct mending m = {.home = h, .options = o};
    struct home_studies studies;
    bool good = home_studies(h, &m.arena, &studies, e) && mending_open_folders(&m, e);
    if (good && !catalog_open(h, &m.catalog, e))
        good = mending_may_fail(e);
    for (size_t i = 0; good && i < studies.count; i++) {
        m.study = studies.name[i];
        good = mend_study(&m, e);
    }
    catalog_close(m.catalog);
    mending_close_folders(&m);
    arena_close(&m.arena);
    return good;
}

bool mend_catalog(struct home *h, const struct mend_options *o, struct err *e)
{
    static const char *const files[] = {HOME_CATALOG, HOME_CATALOG "-wal", HOME_CATALOG "-shm"};
    struct mending m = {.home = h, .options = o};
    struct audit ignored = {0};
    struct catalog *again;
    if (!catalog_rebuild_begin(h, &again, e))
        return false;
    bool good = rebuild_fill(h, again, 0, NULL, (struct audit_progress){0}, &ignored, e);
    for (size_t i = 0; good && !o->only_say && i < sizeof files / sizeof files[0]; i++)
        good = aside_move(h, o->now, files[i], e);
    if (good && !o->only_say)
        good = catalog_rebuild_end(h, again, e);
    else
        catalog_rebuild_drop(h, again);
    if (good)
        mending_tell(&m, mending_done(&m), HOME_CATALOG, "ledgers and objects");
    return good;
}

/* Both forms, where a run that deflated it was killed. */
static bool set_aside(void *ctx, struct hash name, struct err *e)
{
    const struct mending *m = ctx;
    const struct mend_options *o = m->options;
    struct object_copy x;
    bool found, good;
    while ((good = objects_stat(m->home, name, &x, &found, e)) && found) {
        mending_tell(m, o->only_say ? MEND_WOULD_ASIDE : MEND_ASIDE, x.path, "no entry names it");
        if (o->only_say)
            break;
        if (!aside_move(m->home, o->now, x.path, e))
            return false;
    }
    return good;
}

static bool set_secret_aside(void *ctx, struct span study, struct hash name, struct err *e)
{
    const struct mending *m = ctx;
    const struct mend_options *o = m->options;
    char path[SECRET_PATH_MAX];
    mending_tell(m, o->only_say ? MEND_WOULD_ASIDE : MEND_ASIDE, secrets_path(study, name, path),
                 "no entry names it");
    return o->only_say || aside_move(m->home, o->now, path, e);
}

bool mend_unnamed(struct home *h, const struct mend_options *o, struct err *e)
{
    struct mending m = {.home = h, .options = o};
    bool good = catalog_open(h, &m.catalog, e) && unnamed_each(h, m.catalog, set_aside, &m, e) &&
                unnamed_each_secret(h, m.catalog, set_secret_aside, &m, e);
    catalog_close(m.catalog);
    return good;
}
