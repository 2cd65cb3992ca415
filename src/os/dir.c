#include "os/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/publish.h"

bool dir_open_path(const char *path, int *out, struct err *e)
{
    *out = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *out >= 0 || file_failed(e, "open", path);
}

bool dir_open(int folder, const char *path, int *out, struct err *e)
{
    *out = openat(folder, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*out >= 0)
        return true;
    struct file_info info;
    if (errno == ENOTDIR && file_stat(folder, path, &info, NULL) && info.kind != FILE_ABSENT)
        return err_set(e, ERR_FORMAT, "%s is not a folder%s", path,
                       info.kind == FILE_LINK ? " but a symbolic link" : "");
    return file_failed(e, "open", path);
}

void dir_close(int fd)
{
    if (fd >= 0)
        close(fd);
}

/* --- listing --- */

static enum file_kind kind_of_type(int folder, const struct dirent *d)
{
    struct file_info info;
    switch (d->d_type) {
    case DT_REG:
        return FILE_REGULAR;
    case DT_DIR:
        return FILE_FOLDER;
    case DT_LNK:
        return FILE_LINK;
    case DT_UNKNOWN: /* the file system does not say */
        return file_stat(folder, d->d_name, &info, NULL) ? info.kind : FILE_SPECIAL;
    default:
        return FILE_SPECIAL;
    }
}

static bool is_self_or_parent(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool read_entries(DIR *d, const char *path, struct arena *a, struct buf *found,
                         struct err *e)
{
    const struct dirent *at;
    while (errno = 0, (at = readdir(d)) != NULL) {
        if (is_self_or_parent(at->d_name))
            continue;
        if (found->n / sizeof(struct dir_entry) >= DIR_ENTRIES_MAX)
            return err_set(e, ERR_LIMIT, "%s holds more than %d files", path, DIR_ENTRIES_MAX);
        struct dir_entry x = {.name = arena_str(a, span_str(at->d_name)),
                              .kind = kind_of_type(dirfd(d), at)};
        buf_add(found, span_of(&x, sizeof x));
    }
    return errno == 0 || file_failed(e, "list", path);
}

static int by_name(const void *a, const void *b)
{
    const struct dir_entry *x = a, *y = b;
    return strcmp(x->name, y->name); /* compares as unsigned bytes */
}

bool dir_list(int folder, const char *path, struct arena *a, struct dir_list *out, struct err *e)
{
    int fd;
    *out = (struct dir_list){0};
    if (!dir_open(folder, path, &fd, e))
        return false;
    DIR *d = fdopendir(fd);
    if (d == NULL) {
        close(fd);
        return file_failed(e, "list", path);
    }
    struct buf found = {0};
    bool ok = read_entries(d, path, a, &found, e);
    closedir(d);
    if (ok && found.n > 0) {
        out->count = found.n / sizeof(struct dir_entry);
        out->entry = arena_array(a, out->count, sizeof(struct dir_entry));
        memcpy(out->entry, found.p, found.n);
        qsort(out->entry, out->count, sizeof out->entry[0], by_name);
    }
    buf_close(&found);
    return ok;
}

/* --- making and removing --- */

bool dir_sync(int fd, const char *name, struct err *e)
{
    /* Some file systems of other hosts have nothing to sync in a folder and say EINVAL. */
    if (fsync(fd) == 0 || errno == EINVAL)
        return true;
    file_failed(e, "fsync", name);
    if (e != NULL)
        e->kind = ERR_IO;
    return false;
}

/* Opens the folder that holds the last part of path. */
static bool open_parent(int folder, const char *path, int *out, struct err *e)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return dir_open(folder, ".", out, e);
    struct arena a = {0};
    bool ok = dir_open(folder, arena_str(&a, span_of(path, (size_t)(slash - path))), out, e);
    arena_close(&a);
    return ok;
}

static bool sync_parent(int folder, const char *path, struct err *e)
{
    int parent;
    if (!open_parent(folder, path, &parent, e))
        return false;
    bool ok = dir_sync(parent, path, e);
    close(parent);
    return ok;
}

bool dir_make_unsynced(int folder, const char *path, unsigned mode, struct err *e)
{
    struct file_info info;
    if (mkdirat(folder, path, mode) == 0)
        return true;
    if (errno != EEXIST)
        return file_failed(e, "make folder", path);
    if (!file_stat(folder, path, &info, e))
        return false;
    return info.kind == FILE_FOLDER ||
           err_set(e, ERR_STATE, "%s is in the way: not a folder", path);
}

bool dir_make(int folder, const char *path, unsigned mode, struct err *e)
{
    /* Also where it existed: the run that made it may have been killed before its fsync. */
    return dir_make_unsynced(folder, path, mode, e) && sync_parent(folder, path, e);
}

bool dir_make_path(int folder, const char *path, unsigned mode, struct err *e)
{
    struct arena a = {0};
    char *part = arena_str(&a, span_str(path));
    bool ok = true;
    for (char *slash = strchr(part, '/'); ok && slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        ok = dir_make(folder, part, mode, e);
        *slash = '/';
    }
    ok = ok && dir_make(folder, part, mode, e);
    arena_close(&a);
    return ok;
}

static bool remove_below(int folder, const char *path, unsigned depth, struct err *e);

static bool remove_one(int fd, const struct dir_entry *x, unsigned depth, struct err *e)
{
    return x->kind == FILE_FOLDER ? remove_below(fd, x->name, depth + 1, e)
                                  : file_remove(fd, x->name, e);
}

static bool remove_below(int folder, const char *path, unsigned depth, struct err *e)
{
    struct arena a = {0};
    struct dir_list l;
    int fd;
    if (depth > DIR_DEPTH_MAX)
        return err_set(e, ERR_LIMIT, "%s: folders nest deeper than %d", path, DIR_DEPTH_MAX);
    if (!dir_open(folder, path, &fd, e))
        return false;
    bool ok = dir_list(fd, ".", &a, &l, e);
    for (size_t i = 0; ok && i < l.count; i++)
        ok = remove_one(fd, &l.entry[i], depth, e);
    close(fd);
    arena_close(&a);
    if (!ok)
        return false;
    return unlinkat(folder, path, AT_REMOVEDIR) == 0 || file_failed(e, "remove", path);
}

bool dir_remove_tree(int folder, const char *path, struct err *e)
{
    struct file_info info;
    if (!file_stat(folder, path, &info, e))
        return false;
    if (info.kind == FILE_ABSENT)
        return true;
    return info.kind == FILE_FOLDER ? remove_below(folder, path, 0, e)
                                    : file_remove(folder, path, e);
}

bool dir_move(int from, const char *name, int to, const char *new_name, struct err *e)
{
    if (!file_rename_new(from, name, to, new_name, e))
        return err_at(e, "%s", name);
    return sync_parent(to, new_name, e) && sync_parent(from, name, e);
}

bool dir_sweep(int fd, const char *name, struct err *e)
{
    struct arena a = {0};
    struct dir_list l;
    bool ok = dir_list(fd, ".", &a, &l, e);
    for (size_t i = 0; ok && i < l.count; i++)
        if (span_starts(span_str(l.entry[i].name), SPAN(PUBLISH_TEMP)))
            ok = dir_remove_tree(fd, l.entry[i].name, e);
    arena_close(&a);
    return ok || err_at(e, "%s", name);
}

static bool same_folder(const struct file_info *a, const struct file_info *b)
{
    return a->device == b->device && a->inode == b->inode;
}

/* Up to the root, which is its own parent. *fd is what was opened last. */
static bool climb_to(int *fd, const struct file_info *other, bool *out, struct err *e)
{
    struct file_info here, last;
    if (!file_stat(*fd, ".", &here, e))
        return false;
    *out = same_folder(&here, other);
    do {
        int parent = openat(*fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (parent < 0)
            return file_failed(e, "open", "..");
        close(*fd);
        *fd = parent;
        last = here;
        if (!file_stat(*fd, ".", &here, e))
            return false;
        *out = *out || same_folder(&here, other);
    } while (!same_folder(&here, &last));
    return true;
}

bool dir_lies_in(int fd, int other, bool *out, struct err *e)
{
    struct file_info info;
    int at;
    *out = false;
    if (!file_stat(other, ".", &info, e) || !dir_open(fd, ".", &at, e))
        return false;
    bool ok = climb_to(&at, &info, out, e);
    close(at);
    return ok;
}

/* statfs(2); magic numbers that linux/magic.h lacks are from the kernel's file systems. */
const char *dir_unreliable(int fd)
{
    static const struct {
        uint32_t magic;
        const char *name;
    } known[] = {
        {NFS_SUPER_MAGIC, "NFS"}, {0xff534d42, "CIFS"},       {0xfe534d42, "SMB2"},
        {SMB_SUPER_MAGIC, "SMB"}, {FUSE_SUPER_MAGIC, "FUSE"}, {CODA_SUPER_MAGIC, "Coda"},
        {AFS_SUPER_MAGIC, "AFS"}, {0x01021997, "9P"},
    };
    struct statfs s;
    if (fstatfs(fd, &s) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if ((uint32_t)s.f_type == known[i].magic)
            return known[i].name;
    return NULL;
}
