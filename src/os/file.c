#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_failed(struct err *e, const char *verb, const char *path)
{
    int why = errno;
    char text[128];
    /* ELOOP from O_NOFOLLOW, ENXIO from a socket: the file is not what we read. */
    enum err_kind kind = why == ELOOP || why == ENXIO        ? ERR_FORMAT
                         : why == ENOENT || why == ENOTDIR   ? ERR_USAGE
                         : why == EEXIST || why == ENOTEMPTY ? ERR_STATE
                         : why == EACCES || why == EPERM     ? ERR_STATE
                                                             : ERR_IO;
    return err_set(e, kind, "cannot %s %s: %s", verb, path, strerror_r(why, text, sizeof text));
}

static enum file_kind kind_of(mode_t mode)
{
    return S_ISREG(mode)   ? FILE_REGULAR
           : S_ISDIR(mode) ? FILE_FOLDER
           : S_ISLNK(mode) ? FILE_LINK
                           : FILE_SPECIAL;
}

static struct file_info info_of(const struct stat *st)
{
    return (struct file_info){
        .kind = kind_of(st->st_mode),
        .mode = st->st_mode & 07777,
        .owner = st->st_uid,
        .size = (uint64_t)st->st_size,
        .modified = st->st_mtim.tv_sec,
        .modified_ns = (uint32_t)st->st_mtim.tv_nsec,
        .device = st->st_dev,
        .inode = st->st_ino,
    };
}

bool file_stat(int folder, const char *path, struct file_info *out, struct err *e)
{
    struct stat st;
    *out = (struct file_info){.kind = FILE_ABSENT};
    /* Nothing can have a name that the file system does not allow. */
    if (fstatat(folder, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT || errno == ENAMETOOLONG || file_failed(e, "look at", path);
    *out = info_of(&st);
    return true;
}

bool file_open(int folder, const char *path, struct file *out, struct err *e)
{
    struct stat st;
    /* O_NONBLOCK: opening a pipe that nobody writes to must not hang. */
    int fd = openat(folder, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    out->fd = -1;
    if (fd < 0)
        return errno == ELOOP ? err_set(e, ERR_FORMAT, "%s is a symbolic link", path)
                              : file_failed(e, "open", path);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return err_set(e, ERR_FORMAT, "%s is not a regular file", path);
    }
    *out = (struct file){.fd = fd, .size = (uint64_t)st.st_size};
    text_format(out->name, sizeof out->name, "%s", path);
    return true;
}

void file_close(struct file *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

bool file_read_at(const struct file *f, uint64_t at, void *p, size_t n, size_t *got, struct err *e)
{
    *got = 0;
    while (*got < n) {
        ssize_t r = pread(f->fd, (uint8_t *)p + *got, n - *got, (off_t)(at + *got));
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return file_failed(e, "read", f->name);
        if (r == 0)
            break;
        *got += (size_t)r;
    }
    return true;
}

static bool read_whole(void *ctx, uint64_t at, void *p, size_t n, struct err *e)
{
    const struct file *f = ctx;
    size_t got;
    if (!file_read_at(f, at, p, n, &got, e))
        return false;
    if (got < n)
        return err_set(e, ERR_IO, "%s became shorter while it was read", f->name);
    return true;
}

struct source file_source(struct file *f)
{
    return (struct source){.read_at = read_whole, .ctx = f, .size = f->size};
}

static bool write_all(void *ctx, struct span s, struct err *e)
{
    struct file *f = ctx;
    while (s.n > 0) {
        ssize_t r = write(f->fd, s.p, s.n);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return file_failed(e, "write", f->name);
        f->size += (uint64_t)r;
        s = span_skip(s, (size_t)r);
    }
    return true;
}

struct sink file_sink(struct file *f)
{
    return (struct sink){.write = write_all, .ctx = f};
}

bool file_check_written(const struct file *f, struct err *e)
{
    struct stat st;
    if (fstat(f->fd, &st) != 0)
        return file_failed(e, "look at", f->name);
    return (uint64_t)st.st_size == f->size ||
           err_set(e, ERR_IO, "%s has %llu bytes, but %llu were written", f->name,
                   (unsigned long long)st.st_size, (unsigned long long)f->size);
}

bool file_set_modified(const struct file *f, const struct file_info *like, struct err *e)
{
    const struct timespec times[2] = {
        {.tv_nsec = UTIME_OMIT},
        {.tv_sec = like->modified, .tv_nsec = like->modified_ns},
    };
    return futimens(f->fd, times) == 0 || file_failed(e, "set the time of", f->name);
}

void file_forget(const struct file *f)
{
    posix_fadvise(f->fd, 0, 0, POSIX_FADV_DONTNEED);
}

bool file_rewind(struct file *f, struct err *e)
{
    struct stat st;
    if (lseek(f->fd, 0, SEEK_SET) != 0 || fstat(f->fd, &st) != 0)
        return file_failed(e, "look at", f->name);
    f->size = (uint64_t)st.st_size;
    return true;
}

bool file_read_all(int folder, const char *path, size_t max, struct arena *a, struct span *out,
                   struct err *e)
{
    struct file f;
    if (!file_open(folder, path, &f, e))
        return false;
    bool ok = f.size <= max || err_set(e, ERR_LIMIT, "%s has %llu bytes; at most %zu are allowed",
                                       path, (unsigned long long)f.size, max);
    if (ok) {
        uint8_t *p = arena_new(a, (size_t)f.size + 1);
        ok = read_whole(&f, 0, p, (size_t)f.size, e);
        *out = span_of(p, (size_t)f.size);
    }
    file_close(&f);
    return ok;
}

static bool append_to(struct file *f, struct span bytes, struct err *e)
{
    struct stat st;
    if (fstat(f->fd, &st) != 0)
        return file_failed(e, "look at", f->name);
    f->size = (uint64_t)st.st_size;
    if (!write_all(f, bytes, e) || !file_check_written(f, e))
        return false;
    if (fsync(f->fd) == 0)
        return true;
    file_failed(e, "fsync", f->name);
    if (e != NULL)
        e->kind = ERR_IO;
    return false;
}

bool file_append(int folder, const char *path, struct span bytes, struct err *e)
{
    struct file f = {.fd = openat(folder, path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC)};
    text_format(f.name, sizeof f.name, "%s", path);
    if (f.fd < 0)
        return file_failed(e, "open", path);
    bool ok = append_to(&f, bytes, e);
    file_close(&f);
    return ok;
}

bool file_scratch(int folder, struct file *out, struct err *e)
{
    *out = (struct file){.fd = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, FILE_PRIVATE)};
    text_format(out->name, sizeof out->name, "a temporary file");
    return out->fd >= 0 || file_failed(e, "make", out->name);
}

bool file_remove(int folder, const char *path, struct err *e)
{
    return unlinkat(folder, path, 0) == 0 || errno == ENOENT || file_failed(e, "remove", path);
}

bool file_rename(int from, const char *name, int to, const char *new_name, struct err *e)
{
    return renameat(from, name, to, new_name) == 0 || file_failed(e, "rename to", new_name);
}

bool file_rename_new(int from, const char *name, int to, const char *new_name, struct err *e)
{
    struct file_info info;
    if (renameat2(from, name, to, new_name, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return file_failed(e, "rename to", new_name);
    /* NFS, where an inbox may lie, does not know the flag; there the check is a step of its own. */
    if (!file_stat(to, new_name, &info, e))
        return false;
    if (info.kind != FILE_ABSENT)
        return err_set(e, ERR_STATE, "cannot rename to %s: it exists", new_name);
    return file_rename(from, name, to, new_name, e);
}

bool file_link(int from, const char *name, int to, const char *new_name, struct err *e)
{
    return linkat(from, name, to, new_name, 0) == 0 ||
           file_failed(e, "make a second name", new_name);
}
