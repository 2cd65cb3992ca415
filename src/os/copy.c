#include "os/copy.h"

#include <string.h>

#include "base/buf.h"
#include "os/dir.h"

unsigned copy_mode(const struct file_info *of)
{
    return (of->mode & COPY_MODE) | FILE_PRIVATE;
}

/* From where it stands into the temporary file. */
static bool pour(const struct file *from, struct temp *to, struct hash *hash, struct err *e)
{
    struct sha256 sha;
    struct sink out = file_sink(&to->file);
    uint8_t *block = mem_new(FILE_BLOCK);
    size_t got = 0;
    uint64_t at = 0;
    bool ok;
    sha256_begin(&sha);
    do {
        ok = file_read_at(from, at, block, FILE_BLOCK, &got, e);
        sha256_feed(&sha, span_of(block, got));
        ok = ok && out.write(out.ctx, span_of(block, got), e);
        at += got;
    } while (ok && got == FILE_BLOCK);
    *hash = sha256_end(&sha);
    mem_free(block);
    return ok;
}

static bool copy_opened(struct copying *c, const char *path, const struct file *from,
                        const struct file_info *info, struct err *e)
{
    struct temp t;
    struct hash hash;
    bool keep = true;
    if (!temp_open(c->to, copy_mode(info), &t, e))
        return false;
    bool ok = pour(from, &t, &hash, e) && file_set_modified(&t.file, info, e) &&
              c->copied(c->ctx, path, hash, &keep, e);
    if (ok && keep) {
        c->files++;
        c->bytes += t.file.size;
        return batch_add_temp(c->batch, &t, c->to, path, e);
    }
    temp_drop(&t);
    return ok;
}

/* What is looked at here is what is opened, or another that came meanwhile: then it is told next
 * time. */
static bool copy_known(struct copying *c, const char *path, const struct file_info *info,
                       struct err *e)
{
    struct file from;
    struct err why = {0};
    bool wanted = true;
    if (info->kind == FILE_ABSENT)
        return true;
    if (c->wanted != NULL && !c->wanted(c->ctx, path, info, &wanted, e))
        return false;
    if (!wanted || info->kind != FILE_REGULAR)
        return true;
    if (!file_open(c->from, path, &from, &why)) {
        if (why.kind == ERR_USAGE) /* gone */
            return true;
        return err_set(e, why.kind, "%s", why.text);
    }
    bool ok = copy_opened(c, path, &from, info, e);
    file_close(&from);
    return ok;
}

bool copy_file(struct copying *c, const char *path, struct err *e)
{
    struct file_info info;
    return file_stat(c->from, path, &info, e) && copy_known(c, path, &info, e);
}

static bool copy_below(struct copying *c, const char *path, unsigned depth, struct err *e);

static bool copy_entry(struct copying *c, const char *path, const struct dir_entry *x,
                       unsigned depth, struct err *e)
{
    struct buf name = {0};
    buf_str(&name, path);
    buf_byte(&name, '/');
    buf_str(&name, x->name);
    buf_byte(&name, '\0');
    const char *full = (const char *)name.p;
    bool ok = name.n <= COPY_PATH_MAX || err_set(e, ERR_LIMIT, "the path %s is too long", full);
    ok = ok && (x->kind == FILE_FOLDER ? copy_below(c, full, depth + 1, e) : copy_file(c, full, e));
    buf_close(&name);
    return ok;
}

static bool copy_below(struct copying *c, const char *path, unsigned depth, struct err *e)
{
    struct arena a = {0};
    struct dir_list l;
    struct err why = {0};
    if (depth > DIR_DEPTH_MAX)
        return err_set(e, ERR_LIMIT, "%s: folders nest deeper than %d", path, DIR_DEPTH_MAX);
    bool ok = dir_list(c->from, path, &a, &l, &why) || why.kind == ERR_USAGE ||
              err_set(e, why.kind, "%s", why.text);
    for (size_t i = 0; ok && i < l.count; i++)
        if (!span_starts(span_str(l.entry[i].name), SPAN(PUBLISH_TEMP)))
            ok = copy_entry(c, path, &l.entry[i], depth, e);
    arena_close(&a);
    return ok;
}

bool copy_tree(struct copying *c, const char *path, struct err *e)
{
    return copy_below(c, path, 0, e);
}
