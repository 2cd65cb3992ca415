/* Files, ledgers, objects and secrets of a backup into a new home. */
#include <string.h>

#include "base/buf.h"
#include "keep/restore_part.h"
#include "os/copy.h"
#include "store/objects.h"
#include "store/secrets.h"
#include "study/signed.h"

/* A batch keeps the folders open into which it will put something. */
enum { GROUP_FILES = 128 };

struct taking {
    struct restoring *r;
    struct mirror *from;
    uint64_t files;
};

static bool is_outbox(const char *path)
{
    return span_starts(span_str(path), SPAN("outbox/"));
}

/* Without its receipts a home is whole; with another configuration it is another home. */
static bool altered(struct restoring *r, const struct mirror *from, const char *path,
                    const char *what, struct err *e)
{
    issues_add(r->issues, ISSUE_BACKUP_ALTERED, path, "%s", what);
    if (is_outbox(path))
        return true;
    err_set(e, ERR_INTEGRITY, "%s/%s: %s", from->home->path, path, what);
    return err_hint(e, "take it from another backup; see RUNBOOK, chapter 11");
}

static bool judge(void *ctx, const char *path, struct hash hash, bool *keep, struct err *e)
{
    struct taking *t = ctx;
    const struct sums_line *line = sums_find(&t->from->old, span_str(path));
    *keep = mirror_knows(t->from, span_str(path), hash);
    if (!*keep)
        return altered(
            t->r, t->from, path,
            line == NULL ? "it is not in " SUMS_NAME : "it is not what " SUMS_NAME " says", e);
    return mirror_put(t->from, path, hash, e);
}

static bool make_room(void *ctx, const char *path, const struct file_info *info, bool *out,
                      struct err *e)
{
    struct taking *t = ctx;
    (void)path;
    (void)info;
    *out = true;
    return ++t->files % GROUP_FILES != 0 || batch_commit(t->r->batch, e);
}

bool restoring_copy(struct restoring *r, struct mirror *from, const char *path, struct err *e)
{
    struct taking t = {.r = r, .from = from};
    struct copying c = {
        .from = from->home->root,
        .to = r->home->root,
        .batch = r->batch,
        .wanted = make_room,
        .copied = judge,
        .ctx = &t,
    };
    struct file_info info;
    if (!file_stat(c.from, path, &info, e))
        return false;
    bool ok = info.kind == FILE_FOLDER ? copy_tree(&c, path, e) : copy_file(&c, path, e);
    r->out->files += c.files;
    r->out->bytes += c.bytes;
    return ok;
}

bool restoring_missing(struct restoring *r, struct mirror *from, struct err *e)
{
    struct arena a = {0};
    bool ok = true;
    sums_sort(&from->now);
    for (size_t i = 0; ok && !from->unfinished && i < from->old.count; i++) {
        struct span path = from->old.line[i].path;
        struct file_info info;
        const char *name = arena_str(&a, path);
        if (mirror_proves_itself(path) || sums_find(&from->now, path) != NULL)
            continue;
        ok = file_stat(from->home->root, name, &info, e) &&
             (info.kind != FILE_ABSENT || altered(r, from, name, "it is missing", e));
    }
    arena_close(&a);
    return ok;
}

/* --- ledgers --- */

struct ledger_taken {
    struct restoring *r;
    const char *study;
    struct arena arena;
    struct log *from;
    struct span note;
    struct checkpoint checkpoint;
    struct seen_ledger seen; /* the new one */
};

static bool read_note(struct ledger_taken *l, struct log *log, struct err *e)
{
    l->checkpoint = (struct checkpoint){.root = tree_empty()};
    if (!log_checkpoint(log, &l->arena, &l->note, e))
        return false;
    return l->note.n == 0 ||
           signed_checkpoint(&l->arena, l->note, &l->seen.key, &l->checkpoint, e) ||
           err_set(e, ERR_INTEGRITY, "the checkpoint of %s is not one that its log key signed",
                   l->study);
}

static bool open_taken(struct ledger_taken *l, struct err *e)
{
    struct span study = span_str(l->study);
    if (!signed_key(l->r->home, study, &l->arena, &l->seen.key, e))
        return err_hint(e, "the backup of keys lacks it; is there a later one?");
    return log_open(l->r->data->home, study, &l->from, e) && read_note(l, l->from, e);
}

static bool grow(struct ledger_taken *l, struct err *e)
{
    const struct checkpoint *c = &l->checkpoint;
    l->seen.size = c->size;
    l->r->out->studies++;
    l->r->out->entries += c->size;
    return log_open(l->r->home, span_str(l->study), &l->seen.log, e) &&
           (c->size == 0 || (log_copy(l->from, l->seen.log, 0, c->size, c->root, e) &&
                             needed_by_ledger(&l->r->needed, l->seen.log, c, e) &&
                             log_publish(l->seen.log, l->note, e)));
}

static bool compare(struct ledger_taken *l, struct err *e)
{
    struct seen *s = l->r->seen;
    return seen_add_anchors(s, l->r->home, l->seen.key.name, e) &&
           seen_add_outbox(s, l->r->home, l->study, e) &&
           seen_compare(s, &l->seen, l->r->issues, e);
}

static void add_line(struct ledger_taken *l, struct buf *lines)
{
    buf_str(lines, l->study);
    buf_byte(lines, ' ');
    buf_u64(lines, l->checkpoint.size);
    buf_byte(lines, '\n');
}

bool restoring_ledger(struct restoring *r, const char *study, struct buf *lines, struct err *e)
{
    struct ledger_taken l = {.r = r, .study = study, .seen = {.study = study}};
    bool ok = (open_taken(&l, e) && home_study_make(r->home, span_str(study), e) && grow(&l, e)) ||
              err_at(e, "ledger/%s", study);
    ok = ok && compare(&l, e);
    if (ok)
        add_line(&l, lines);
    log_close(l.from);
    log_close(l.seen.log);
    arena_close(&l.arena);
    return ok;
}

/* The ledger of a home that was made before, as far as its tiles are what was signed. */
static bool open_made(struct ledger_taken *l, struct err *e)
{
    struct span study = span_str(l->study);
    struct hash root;
    if (!signed_key(l->r->home, study, &l->arena, &l->seen.key, e) ||
        !log_open(l->r->home, study, &l->seen.log, e) || !read_note(l, l->seen.log, e) ||
        !log_root(l->seen.log, l->checkpoint.size, l->checkpoint.size, &root, e))
        return false;
    l->seen.size = l->checkpoint.size;
    return hash_eq(root, l->checkpoint.root) ||
           err_set(e, ERR_INTEGRITY, "the tiles do not give the root that was signed");
}

bool restoring_compare(struct restoring *r, const char *study, struct err *e)
{
    struct ledger_taken l = {.r = r, .study = study, .seen = {.study = study}};
    bool ok = (open_made(&l, e) || err_at(e, "ledger/%s", study)) && compare(&l, e);
    log_close(l.seen.log);
    arena_close(&l.arena);
    return ok;
}

/* --- objects --- */

static bool take(struct restoring *r, struct batch *batch, struct hash name, struct err *e)
{
    struct object_copy o;
    struct temp t;
    struct err why = {0};
    bool found;
    if (!objects_stat(r->data->home, name, &o, &found, e) ||
        !temp_open(r->home->root, FILE_PRIVATE, &t, e))
        return false;
    if (objects_copy(r->data->home, name, file_sink(&t.file), &o, &why)) {
        r->out->objects++;
        r->out->files++;
        r->out->bytes += o.bytes;
        return batch_add_temp(batch, &t, r->home->root, o.path, e);
    }
    temp_drop(&t);
    if (why.kind != ERR_INTEGRITY)
        return err_set(e, why.kind, "%s", why.text);
    issues_add(r->issues, ISSUE_BACKUP_ALTERED, o.path, "%s", why.text);
    return true;
}

bool restoring_objects(struct restoring *r, struct err *e)
{
    struct batch *batch = batch_open();
    bool ok = true;
    needed_sort(&r->needed);
    for (size_t i = 0; ok && i < r->needed.count; i++) {
        ok = take(r, batch, r->needed.name[i], e);
        if (r->progress.tell != NULL)
            r->progress.tell(r->progress.ctx, "objects", i + 1, r->needed.count);
    }
    ok = ok && batch_commit(batch, e);
    batch_close(batch);
    return ok;
}

/* --- secrets --- */

static void tell_missing(struct restoring *r, struct span study, const struct err *why)
{
    struct arena a = {0};
    issues_add(r->issues, ISSUE_SECRET_MISSING, arena_str(&a, study), "%s", why->text);
    arena_close(&a);
}

static bool take_secret(struct restoring *r, const struct needed_secret *x, struct err *e)
{
    uint8_t secret[SECRET_SIZE];
    struct err why = {0};
    struct hash name;
    if (!secrets_read(r->secrets->home, x->study, x->name, secret, &why)) {
        if (why.kind == ERR_IO)
            return err_set(e, why.kind, "%s", why.text);
        tell_missing(r, x->study, &why);
        return true;
    }
    r->out->files++;
    r->out->bytes += SECRET_SIZE;
    bool good = secrets_put(r->home, r->batch, x->study, secret, &name, e);
    explicit_bzero(secret, sizeof secret);
    return good;
}

/* The backup may be of a day before an erasure: what was erased does not come back with it. */
bool restoring_secrets(struct restoring *r, struct err *e)
{
    const struct needed *n = &r->needed;
    bool ok = true;
    r->batch = batch_open();
    for (size_t i = 0; ok && i < n->secrets; i++)
        ok = (n->secret[i].erased || take_secret(r, &n->secret[i], e)) &&
             ((i + 1) % GROUP_FILES != 0 || batch_commit(r->batch, e));
    ok = ok && batch_commit(r->batch, e);
    batch_close(r->batch);
    r->batch = NULL;
    return ok;
}
