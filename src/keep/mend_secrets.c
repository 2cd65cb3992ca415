/* Secrets that revisions name and that are missing or altered, from the folders that are named. */
#include <string.h>

#include "keep/mending.h"
#include "store/aside.h"
#include "store/secrets.h"
#include "study/needed.h"

static bool put(struct mending *m, const uint8_t secret[SECRET_SIZE], const char *path,
                struct err *e)
{
    struct batch *b = batch_open();
    struct hash name;
    bool good = aside_move(m->home, m->options->now, path, e) &&
                secrets_put(m->home, b, span_str(m->study), secret, &name, e) && batch_commit(b, e);
    batch_close(b);
    return good;
}

/* *from: the folder that has it, or NULL. */
static bool find(struct mending *m, struct hash name, uint8_t secret[SECRET_SIZE],
                 const char **from, struct err *e)
{
    *from = NULL;
    for (size_t i = 0; *from == NULL && i < m->folders; i++) {
        if (m->folder[i].home.secrets < 0)
            continue;
        if (secrets_read(&m->folder[i].home, span_str(m->study), name, secret, e))
            *from = m->folder[i].name;
        else if (!mending_may_fail(e))
            return false;
    }
    return true;
}

/* Nobody has it: what lies in its place is kept elsewhere, so that it is known to be lost. */
static bool set_aside(struct mending *m, struct hash name, const char *path, struct err *e)
{
    bool there;
    if (!secrets_has(m->home, span_str(m->study), name, &there, e) ||
        (there && !m->options->only_say && !aside_move(m->home, m->options->now, path, e)))
        return false;
    if (there)
        mending_tell(m, m->options->only_say ? MEND_WOULD_ASIDE : MEND_ASIDE, path,
                     "no folder that was named has the right one");
    else
        mending_tell(m, MEND_LOST, path, "no folder that was named has it");
    return true;
}

static bool mend_secret(struct mending *m, struct hash name, struct err *e)
{
    uint8_t secret[SECRET_SIZE];
    char path[SECRET_PATH_MAX];
    const char *from;
    bool whole = secrets_read(m->home, span_str(m->study), name, secret, e);
    explicit_bzero(secret, sizeof secret);
    if (whole || e->kind == ERR_STATE) /* others may have read it: that has to be looked at */
        return whole || mending_may_fail(e);
    if (!mending_may_fail(e) || !find(m, name, secret, &from, e))
        return false;
    secrets_path(span_str(m->study), name, path);
    if (from == NULL)
        return set_aside(m, name, path, e);
    bool good = m->options->only_say || put(m, secret, path, e);
    explicit_bzero(secret, sizeof secret);
    if (good)
        mending_tell(m, mending_done(m), path, from);
    return good;
}

bool mending_secrets(struct mending *m, struct err *e)
{
    struct needed n = {0};
    bool good = needed_by_ledger(&n, m->log, &m->checkpoint, e);
    if (!good && m->options->only_say)
        good = mending_may_fail(e); /* its files were not mended */
    for (size_t i = 0; good && i < n.secrets; i++)
        good = n.secret[i].erased || mend_secret(m, n.secret[i].name, e);
    needed_close(&n);
    return good;
}
