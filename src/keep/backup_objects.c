/* Objects into a backup. */
#include "keep/backup_part.h"
#include "store/objects.h"

/* So much is made durable at once: what a kill takes away. */
enum { GROUP_FILES = 1024, GROUP_BYTES = 1 << 30 };

struct group {
    struct backing *b;
    struct parcel parcel;
    uint64_t bytes;
};

static bool commit_group(struct group *g, struct err *e)
{
    g->bytes = 0;
    return backing_commit(g->b, &g->parcel, e);
}

static bool copy_once(struct group *g, struct hash name, struct object_copy *c, struct err *e)
{
    struct temp t;
    int to = g->b->mirror->home->root;
    if (!temp_open(to, FILE_PRIVATE, &t, e))
        return false;
    if (!objects_copy(g->b->home, name, file_sink(&t.file), c, e)) {
        temp_drop(&t);
        return false;
    }
    return batch_add_temp(g->parcel.batch, &t, to, c->path, e);
}

/* A run that deflates it meanwhile takes one form away when the other is there: then try again. */
static bool copy_either(struct group *g, struct hash name, struct object_copy *c, struct err *e)
{
    bool ok = false;
    for (int tries = 0; !ok && tries < 2; tries++) {
        *e = (struct err){0};
        ok = copy_once(g, name, c, e);
    }
    return ok;
}

/* It may have been erased since it was looked for. */
static bool tell_altered(struct group *g, struct hash name, const struct err *why, struct err *e)
{
    struct object_copy c;
    char hex[65];
    bool found;
    if (why->kind != ERR_INTEGRITY)
        return err_set(e, why->kind, "%s", why->text);
    if (!objects_stat(g->b->home, name, &c, &found, e))
        return false;
    if (found)
        issues_add(g->b->issues, ISSUE_STORE_ALTERED, hash_hex(name, hex), "%s", why->text);
    else
        needed_name(&g->b->missing, name);
    return true;
}

static bool copy_object(struct group *g, struct hash name, struct err *e)
{
    struct object_copy c;
    struct err why = {0};
    if (!copy_either(g, name, &c, &why))
        return tell_altered(g, name, &why, e);
    g->bytes += c.bytes;
    g->b->out->files++;
    g->b->out->bytes += c.bytes;
    return backing_wrote(g->b, &g->parcel, c.path, c.sum, e) &&
           ((g->parcel.written.count < GROUP_FILES && g->bytes < GROUP_BYTES) ||
            commit_group(g, e));
}

static bool put_object(struct group *g, struct hash name, struct err *e)
{
    struct mirror *m = g->b->mirror;
    struct object_copy c;
    bool found, there;
    if (!objects_stat(g->b->home, name, &c, &found, e))
        return false;
    if (!found) {
        needed_name(&g->b->missing, name);
        return true;
    }
    const struct file_info like = {.kind = FILE_REGULAR, .size = c.bytes};
    if (!mirror_has(m, c.path, &like, &there, e))
        return false;
    g->b->out->objects++;
    return there ? mirror_keep(m, c.path, e) : copy_object(g, name, e);
}

bool backing_objects(struct backing *b, struct err *e)
{
    struct group g = {.b = b, .parcel = parcel_open()};
    bool ok = true;
    needed_sort(&b->needed);
    for (size_t i = 0; ok && i < b->needed.count; i++) {
        ok = put_object(&g, b->needed.name[i], e);
        if (b->progress.tell != NULL)
            b->progress.tell(b->progress.ctx, "objects", i + 1, b->needed.count);
    }
    ok = ok && commit_group(&g, e);
    parcel_close(&g.parcel);
    return ok;
}
