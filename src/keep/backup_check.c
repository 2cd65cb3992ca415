/* A backup alone, without its home: is all of it there, and as it was written? */
#include <string.h>

#include "keep/backup.h"
#include "store/objects.h"
#include "store/secrets.h"
#include "study/needed.h"
#include "study/signed.h"

struct checking {
    struct mirror *m;
    struct issues *issues;
    struct backup *out;
    struct backup_progress progress;
    struct needed needed;
};

/* What is wrong with the backup is an issue; that the disk does not answer is an error. */
static bool note(struct checking *c, const char *place, struct err *why, struct err *e)
{
    if (why->kind == ERR_IO)
        return err_set(e, why->kind, "%s", why->text);
    issues_add(c->issues, ISSUE_BACKUP_ALTERED, place, "%s", why->text);
    return true;
}

static void differs(struct checking *c, const char *path)
{
    issues_add(c->issues, ISSUE_BACKUP_ALTERED, path, "it is not what " SUMS_NAME " says");
}

/* --- files that are listed --- */

static bool check_listed(struct checking *c, const struct sums_line *line, struct err *e)
{
    struct arena a = {0};
    struct err why = {0};
    struct hash hash;
    const char *path = arena_str(&a, line->path);
    bool ok = true;
    c->out->files++;
    if (!mirror_hash(c->m, path, &hash, &why))
        ok = note(c, path, &why, e);
    else if (!mirror_knows(c->m, line->path, hash))
        differs(c, path);
    arena_close(&a);
    return ok;
}

/* Objects that are needed are read on their own. */
static bool is_needed(const struct checking *c, struct span path)
{
    uint8_t digits[2 * SHA256_SIZE];
    struct hash name;
    if (!span_take(&path, SPAN("objects/")) || path.n < sizeof digits + 1 || path.p[2] != '/')
        return false;
    for (size_t i = 0; i < sizeof digits; i++)
        digits[i] = path.p[i + (i >= 2)];
    return hash_parse(span_of(digits, sizeof digits), &name) && needed_has(&c->needed, name);
}

static bool check_files(struct checking *c, struct err *e)
{
    const struct sums *s = &c->m->old;
    for (size_t i = 0; i < s->count; i++) {
        if (!is_needed(c, s->line[i].path) && !check_listed(c, &s->line[i], e))
            return false;
        if (c->progress.tell != NULL)
            c->progress.tell(c->progress.ctx, "files", i + 1, s->count);
    }
    return true;
}

/* --- objects --- */

static bool check_object(struct checking *c, struct hash name, struct err *e)
{
    struct object_copy o;
    struct err why = {0};
    bool found;
    c->out->files++;
    c->out->objects++;
    if (!objects_stat(c->m->home, name, &o, &found, e))
        return false;
    if (!objects_copy(c->m->home, name, sink_nowhere(), &o, &why))
        return note(c, o.path, &why, e);
    const struct sums_line *line = sums_find(&c->m->old, span_str(o.path));
    c->out->bytes += o.bytes;
    if (line != NULL && !hash_eq(line->hash, o.sum))
        differs(c, o.path);
    return true;
}

static bool check_objects(struct checking *c, struct err *e)
{
    needed_sort(&c->needed);
    for (size_t i = 0; i < c->needed.count; i++) {
        if (!check_object(c, c->needed.name[i], e))
            return false;
        if (c->progress.tell != NULL)
            c->progress.tell(c->progress.ctx, "objects", i + 1, c->needed.count);
    }
    return true;
}

/* --- ledgers --- */

static bool check_entries(struct checking *c, struct log *log, const struct checkpoint *k,
                          struct err *e)
{
    struct hash root;
    if (k->size == 0)
        return true;
    if (!needed_by_ledger(&c->needed, log, k, e) || !log_root(log, k->size, k->size, &root, e))
        return false;
    c->out->entries += k->size;
    return hash_eq(root, k->root) || err_set(e, ERR_INTEGRITY, "the tiles do not give the root");
}

static bool check_ledger(struct checking *c, const char *study, struct arena *a, struct err *e)
{
    struct log *log;
    struct checkpoint k;
    if (!log_open(c->m->home, span_str(study), &log, e))
        return false;
    c->out->studies++;
    bool ok = signed_by_itself(log, a, &k, e) && check_entries(c, log, &k, e);
    log_close(log);
    return ok;
}

static bool check_ledgers(struct checking *c, struct err *e)
{
    struct arena a = {0};
    struct home_studies studies;
    bool ok = home_studies(c->m->home, &a, &studies, e);
    for (size_t i = 0; ok && i < studies.count; i++) {
        struct err why = {0};
        char place[STUDY_NAME_MAX + 16];
        text_format(place, sizeof place, "ledger/%s", studies.name[i]);
        if (!check_ledger(c, studies.name[i], &a, &why))
            ok = note(c, place, &why, e);
    }
    arena_close(&a);
    return ok;
}

static bool open_mirror(struct checking *c, const char *folder, enum mirror_kind kind,
                        struct err *e)
{
    if (!mirror_open(folder, kind, &c->m, e))
        return false;
    if (c->m->unfinished)
        issues_add(c->issues, ISSUE_BACKUP_UNFINISHED, folder, "run the backup again");
    else if (c->m->old.count == 0)
        issues_add(c->issues, ISSUE_BACKUP_ALTERED, SUMS_NAME, "the list is not there");
    return true;
}

static bool check_data(struct checking *c, const char *folder, struct err *e)
{
    bool ok = open_mirror(c, folder, MIRROR_DATA, e) && check_ledgers(c, e) &&
              check_objects(c, e) && check_files(c, e);
    mirror_close(c->m);
    c->m = NULL;
    return ok;
}

/* --- the backup of keys and secrets: has it the secrets that the ledgers of the other name? --- */

static bool check_secret(struct checking *c, const struct needed_secret *x, struct err *e)
{
    uint8_t secret[SECRET_SIZE];
    struct err why = {0};
    struct arena a = {0};
    c->out->files++;
    bool good = secrets_read(c->m->home, x->study, x->name, secret, &why);
    explicit_bzero(secret, sizeof secret);
    if (!good && why.kind == ERR_IO)
        return err_set(e, why.kind, "%s", why.text);
    if (!good)
        issues_add(c->issues, ISSUE_SECRET_MISSING, arena_str(&a, x->study), "%s", why.text);
    arena_close(&a);
    return true;
}

static bool check_keys(struct checking *c, struct err *e)
{
    for (size_t i = 0; i < c->m->old.count; i++)
        if (!mirror_proves_itself(c->m->old.line[i].path) &&
            !check_listed(c, &c->m->old.line[i], e))
            return false;
    return true;
}

static bool check_apart(struct checking *c, const char *folder, struct err *e)
{
    bool ok = open_mirror(c, folder, MIRROR_SECRETS, e) && check_keys(c, e);
    for (size_t i = 0; ok && i < c->needed.secrets; i++)
        ok = c->needed.secret[i].erased || check_secret(c, &c->needed.secret[i], e);
    mirror_close(c->m);
    c->m = NULL;
    return ok;
}

bool backup_check(const char *folder, const char *secrets, struct backup_progress progress,
                  struct issues *issues, struct backup *out, struct err *e)
{
    struct checking c = {.issues = issues, .out = out, .progress = progress};
    *out = (struct backup){0};
    bool ok = check_data(&c, folder, e) && (secrets == NULL || check_apart(&c, secrets, e));
    needed_close(&c.needed);
    return ok;
}
