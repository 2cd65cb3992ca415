/* Secrets into the backup that lies apart. */
#include <string.h>

#include "keep/backup_part.h"
#include "store/secrets.h"

enum { GROUP_FILES = 1024 }; /* that become durable at once */

/* What the home lacks stays in the backup, if that has it: it is the way back. */
static bool tell_missing(struct backing *b, struct span study, const struct err *why, struct err *e)
{
    if (why->kind == ERR_IO)
        return err_set(e, why->kind, "%s", why->text);
    struct arena a = {0};
    issues_add(b->issues, ISSUE_SECRET_MISSING, arena_str(&a, study), "%s", why->text);
    arena_close(&a);
    return true;
}

static bool copy_secret(struct backing *b, struct parcel *p, const struct needed_secret *x,
                        struct err *e)
{
    uint8_t secret[SECRET_SIZE];
    char path[SECRET_PATH_MAX];
    struct err why = {0};
    struct hash name;
    secrets_path(x->study, x->name, path);
    if (!secrets_read(b->home, x->study, x->name, secret, &why))
        return tell_missing(b, x->study, &why, e);
    b->out->files++;
    b->out->bytes += SECRET_SIZE;
    bool good = secrets_put(b->mirror->home, p->batch, x->study, secret, &name, e) &&
                backing_wrote(b, p, path, name, e);
    explicit_bzero(secret, sizeof secret);
    return good && (p->written.count < GROUP_FILES || backing_commit(b, p, e));
}

static bool put_secret(struct backing *b, struct parcel *p, const struct needed_secret *x,
                       struct err *e)
{
    const struct file_info like = {.kind = FILE_REGULAR, .size = SECRET_SIZE};
    char path[SECRET_PATH_MAX];
    bool here, there;
    secrets_path(x->study, x->name, path);
    if (!secrets_has(b->home, x->study, x->name, &here, e) ||
        !mirror_has(b->mirror, path, &like, &there, e))
        return false;
    return here && there ? mirror_keep(b->mirror, path, e) : copy_secret(b, p, x, e);
}

static bool forget_secret(struct backing *b, const struct needed_secret *x, struct err *e)
{
    bool there;
    return secrets_has(b->mirror->home, x->study, x->name, &there, e) &&
           (!there || secrets_destroy(b->mirror->home, x->study, x->name, e));
}

bool backing_secrets(struct backing *b, struct err *e)
{
    struct parcel p = parcel_open();
    bool ok = true;
    for (size_t i = 0; ok && i < b->needed.secrets; i++) {
        const struct needed_secret *x = &b->needed.secret[i];
        ok = x->erased ? forget_secret(b, x, e) : put_secret(b, &p, x, e);
        if (b->progress.tell != NULL)
            b->progress.tell(b->progress.ctx, "secrets", i + 1, b->needed.secrets);
    }
    ok = ok && backing_commit(b, &p, e);
    parcel_close(&p);
    return ok;
}
