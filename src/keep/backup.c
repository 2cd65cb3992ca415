#include "keep/backup.h"

#include "base/buf.h"
#include "keep/backup_part.h"

struct parcel parcel_open(void)
{
    return (struct parcel){.batch = batch_open()};
}

void parcel_close(struct parcel *p)
{
    batch_close(p->batch);
    sums_close(&p->written);
}

/* --- files --- */

/* A batch keeps the folders open into which it will put something. */
enum { GROUP_FILES = 128 };

struct sending {
    struct backing *b;
    struct parcel *p;
};

static bool wanted(void *ctx, const char *path, const struct file_info *info, bool *out,
                   struct err *e)
{
    const struct sending *s = ctx;
    bool there;
    *out = false;
    if (info->kind != FILE_REGULAR) {
        issues_add(s->b->issues, ISSUE_BACKUP_LEFT_OUT, path, "neither a file nor a folder");
        return true;
    }
    if (s->p->written.count >= GROUP_FILES && !backing_commit(s->b, s->p, e))
        return false;
    if (!mirror_has(s->b->mirror, path, info, &there, e))
        return false;
    *out = !there;
    return !there || mirror_keep(s->b->mirror, path, e);
}

static bool copied(void *ctx, const char *path, struct hash hash, bool *keep, struct err *e)
{
    const struct sending *s = ctx;
    (void)keep;
    return backing_wrote(s->b, s->p, path, hash, e);
}

bool backing_copy(struct backing *b, struct parcel *p, const char *path, struct err *e)
{
    struct sending s = {b, p};
    struct copying c = {
        .from = b->home->root,
        .to = b->mirror->home->root,
        .batch = p->batch,
        .wanted = wanted,
        .copied = copied,
        .ctx = &s,
    };
    struct file_info info;
    if (!file_stat(b->home->root, path, &info, e))
        return false;
    bool ok = info.kind == FILE_FOLDER ? copy_tree(&c, path, e) : copy_file(&c, path, e);
    b->out->files += c.files;
    b->out->bytes += c.bytes;
    return ok || err_at(e, "%s", b->home->path);
}

bool backing_wrote(struct backing *b, struct parcel *p, const char *path, struct hash hash,
                   struct err *e)
{
    return sums_add(&p->written, span_str(path), hash, e) && mirror_put(b->mirror, path, hash, e);
}

bool backing_commit(struct backing *b, struct parcel *p, struct err *e)
{
    struct arena a = {0};
    bool ok = mirror_note(b->mirror, &p->written, e) &&
              (batch_commit(p->batch, e) || err_at(e, "%s", b->mirror->home->path));
    for (size_t i = 0; ok && i < p->written.count; i++)
        ok = mirror_read_back(b->mirror, arena_str(&a, p->written.line[i].path),
                              p->written.line[i].hash, e);
    arena_close(&a);
    sums_close(&p->written);
    return ok;
}

/* --- data --- */

/*
 * The order makes the backup a state that was: what is in the outbox was published before, so it
 * comes first. Objects come before the checkpoint by whose entries they are named.
 */
static bool put_files(struct backing *b, struct err *e)
{
    struct parcel p = parcel_open();
    bool ok = backing_copy(b, &p, HOME_CONF, e) && backing_copy(b, &p, HOME_TSA, e) &&
              backing_copy(b, &p, "studies", e) && backing_copy(b, &p, "outbox", e) &&
              backing_commit(b, &p, e);
    parcel_close(&p);
    return ok;
}

static bool put_ledgers(struct backing *b, struct err *e)
{
    struct arena a = {0};
    struct home_studies studies;
    struct parcel checkpoints = parcel_open();
    uint64_t *size = NULL;
    bool ok = home_studies(b->home, &a, &studies, e);
    if (ok)
        size = arena_array(&a, studies.count, sizeof *size);
    for (size_t i = 0; ok && i < studies.count; i++)
        ok = backing_ledger(b, studies.name[i], &checkpoints, &size[i], e);
    ok = ok && backing_objects(b, e) && backing_missing(b, &studies, size, e) &&
         backing_commit(b, &checkpoints, e) && backing_forget(b, &studies, e);
    parcel_close(&checkpoints);
    arena_close(&a);
    return ok;
}

static bool put_data(struct backing *b, struct err *e)
{
    return backing_compare(b, e) && mirror_change(b->mirror, e) && put_files(b, e) &&
           put_ledgers(b, e) && mirror_settle(b->mirror, e) && mirror_end(b->mirror, e);
}

/* --- keys and secrets: those that the ledgers name which were just copied --- */

static bool put_secrets(struct backing *b, struct err *e)
{
    struct parcel p = parcel_open();
    bool ok = mirror_change(b->mirror, e) && backing_copy(b, &p, "keys", e) &&
              backing_commit(b, &p, e) && backing_secrets(b, e) && mirror_settle(b->mirror, e) &&
              mirror_end(b->mirror, e);
    parcel_close(&p);
    return ok;
}

/* --- both --- */

static bool open_both(struct home *h, const char *folder, const char *secrets, struct mirror **data,
                      struct mirror **apart, struct err *e)
{
    *data = *apart = NULL;
    return mirror_begin(folder, MIRROR_DATA, h, NULL, data, e) &&
           (secrets == NULL || mirror_begin(secrets, MIRROR_SECRETS, h, *data, apart, e));
}

bool backup_home(struct home *h, const char *folder, const char *secrets,
                 struct backup_progress progress, struct issues *issues, struct backup *out,
                 struct err *e)
{
    struct backing b = {.home = h, .issues = issues, .out = out, .progress = progress};
    struct mirror *data, *apart;
    *out = (struct backup){0};
    bool ok = open_both(h, folder, secrets, &data, &apart, e);
    b.mirror = data;
    ok = ok && put_data(&b, e);
    b.mirror = apart;
    ok = ok && (apart == NULL || put_secrets(&b, e));
    needed_close(&b.needed);
    needed_close(&b.missing);
    mirror_close(data);
    mirror_close(apart);
    return ok;
}
