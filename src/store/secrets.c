#include "store/secrets.h"

#include <string.h>
#include <unistd.h>

#include "os/dir.h"

enum { MODE_OF_OTHERS = 0077 };

const char *secrets_path(struct span study, struct hash name, char path[SECRET_PATH_MAX])
{
    char hex[65];
    text_format(path, SECRET_PATH_MAX, "secrets/%.*s/%s", SPAN_ARGS(study), hash_hex(name, hex));
    return path;
}

bool secrets_put(struct home *h, struct batch *b, struct span study,
                 const uint8_t secret[SECRET_SIZE], struct hash *name, struct err *e)
{
    char path[SECRET_PATH_MAX];
    struct span bytes = span_of(secret, SECRET_SIZE);
    *name = sha256_of(bytes);
    return batch_add(b, h->root, secrets_path(study, *name, path), bytes, FILE_SECRET, e);
}

/* *fd is -1 where there is none: the first secret of a study makes it. */
static bool open_folder(const struct home *h, struct span study, int *fd, struct err *e)
{
    char folder[STUDY_NAME_MAX + 1];
    struct file_info info;
    *fd = -1;
    text_format(folder, sizeof folder, "%.*s", SPAN_ARGS(study));
    if (!file_stat(h->secrets, folder, &info, e))
        return false;
    if (info.kind == FILE_ABSENT)
        return true;
    return info.kind == FILE_FOLDER ? dir_open(h->secrets, folder, fd, e)
                                    : err_set(e, ERR_INTEGRITY, "%s is no folder", folder);
}

/* --- reading --- */

static bool check_file(const struct file_info *info, struct err *e)
{
    if (info->kind == FILE_ABSENT)
        return err_set(e, ERR_INTEGRITY, "it is missing");
    if (info->kind != FILE_REGULAR || info->size != SECRET_SIZE)
        return err_set(e, ERR_INTEGRITY, "it is no file of %d bytes", SECRET_SIZE);
    if ((info->mode & MODE_OF_OTHERS) == 0 && info->owner == geteuid())
        return true;
    err_set(e, ERR_STATE, "it has mode %04o and owner %u: it must be ours alone", info->mode,
            info->owner);
    return err_hint(e, "if nobody else can have read it: chmod 600");
}

static bool read_bytes(int folder, const char *hex, uint8_t out[SECRET_SIZE], struct err *e)
{
    struct file f;
    if (!file_open(folder, hex, &f, e))
        return false;
    struct source s = file_source(&f);
    bool good = s.read_at(s.ctx, 0, out, SECRET_SIZE, e);
    file_close(&f);
    return good;
}

static bool read_secret(int folder, struct hash name, uint8_t out[SECRET_SIZE], struct err *e)
{
    char hex[65];
    struct file_info info = {.kind = FILE_ABSENT};
    hash_hex(name, hex);
    if ((folder >= 0 && !file_stat(folder, hex, &info, e)) || !check_file(&info, e) ||
        !read_bytes(folder, hex, out, e))
        return false;
    return hash_eq(sha256_of(span_of(out, SECRET_SIZE)), name) ||
           err_set(e, ERR_INTEGRITY, "it has not the hash that is its name");
}

bool secrets_read(const struct home *h, struct span study, struct hash name,
                  uint8_t out[SECRET_SIZE], struct err *e)
{
    char path[SECRET_PATH_MAX];
    int folder;
    bool good = open_folder(h, study, &folder, e) && read_secret(folder, name, out, e);
    dir_close(folder);
    if (good)
        return true;
    explicit_bzero(out, SECRET_SIZE);
    return err_at(e, "%s", secrets_path(study, name, path));
}

bool secrets_has(const struct home *h, struct span study, struct hash name, bool *out,
                 struct err *e)
{
    char hex[65];
    struct file_info info = {.kind = FILE_ABSENT};
    int folder;
    bool good = open_folder(h, study, &folder, e) &&
                (folder < 0 || file_stat(folder, hash_hex(name, hex), &info, e));
    dir_close(folder);
    *out = info.kind != FILE_ABSENT;
    return good || err_at(e, "secrets");
}

/* --- destroying --- */

bool secrets_destroy(struct home *h, struct span study, struct hash name, struct err *e)
{
    char hex[65];
    int folder;
    bool good = open_folder(h, study, &folder, e);
    /* Also where it is absent: the run that removed it may have been killed before it synced. */
    if (good && folder >= 0)
        good = file_remove(folder, hash_hex(name, hex), e) && dir_sync(folder, ".", e);
    dir_close(folder);
    return good || err_at(e, "secrets");
}

/* --- listing --- */

static bool each_entry(const struct dir_entry *x,
                       bool (*each)(void *ctx, struct hash name, struct err *e), void *ctx,
                       struct err *e)
{
    struct hash name;
    if (x->kind != FILE_REGULAR || !hash_parse(span_str(x->name), &name))
        return err_set(e, ERR_INTEGRITY, "%s is no secret", x->name);
    return each(ctx, name, e);
}

bool secrets_each(const struct home *h, struct span study,
                  bool (*each)(void *ctx, struct hash name, struct err *e), void *ctx,
                  struct err *e)
{
    struct arena a = {0};
    struct dir_list list = {0};
    int folder;
    bool good =
        open_folder(h, study, &folder, e) && (folder < 0 || dir_list(folder, ".", &a, &list, e));
    for (size_t i = 0; good && i < list.count; i++)
        good = each_entry(&list.entry[i], each, ctx, e);
    dir_close(folder);
    arena_close(&a);
    return good || err_at(e, "secrets/%.*s", SPAN_ARGS(study));
}
