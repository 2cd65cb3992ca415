/*
 * Files, always by a folder's descriptor and a path below it. Nothing here
 * follows a symbolic link in the last part of a path, or opens what is neither a
 * regular file nor a folder. Errors name the path and what the system said.
 */
#ifndef OS_FILE_H
#define OS_FILE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/io.h"

enum {
    FILE_BLOCK = 256 * 1024, /* what streaming code reads and writes at a time */
    FILE_NAME_SHOWN = 256,   /* bytes of a path that errors repeat */
    FILE_SECRET = 0600,      /* modes */
    FILE_PRIVATE = 0600,
    FILE_SHARED = 0644,
};

enum file_kind { FILE_ABSENT, FILE_REGULAR, FILE_FOLDER, FILE_LINK, FILE_SPECIAL };

struct file_info {
    enum file_kind kind;
    unsigned mode; /* permission bits */
    uint32_t owner;
    uint64_t size;
    int64_t modified;     /* seconds since 1970 ... */
    uint32_t modified_ns; /* ... and the rest of it */
    uint64_t device, inode;
};

/* What lies there, links not followed. Absent is an answer, not an error. */
bool file_stat(int folder, const char *path, struct file_info *out, struct err *e);

/* An open regular file. */
struct file {
    int fd;
    uint64_t size; /* when it was opened, and what was written since */
    char name[FILE_NAME_SHOWN];
};

/* For reading. A link is ERR_FORMAT, as is anything special; absent is ERR_USAGE. */
bool file_open(int folder, const char *path, struct file *out, struct err *e);
void file_close(struct file *f); /* fd -1 is fine */

/* Bytes of the file; f must outlive it. Reading past the end of a file that shrank is ERR_IO. */
struct source file_source(struct file *f);

/* Up to n bytes at `at`; *got < n only at the end of the file. */
bool file_read_at(const struct file *f, uint64_t at, void *p, size_t n, size_t *got, struct err *e);

/* Appends at the descriptor's position, all bytes or an error; f must outlive it. */
struct sink file_sink(struct file *f);

/*
 * A file that was written from its beginning has as many bytes as were written: ERR_IO where the
 * system took bytes that are not there.
 */
bool file_check_written(const struct file *f, struct err *e);

/* When it was modified last becomes what `like` says. */
bool file_set_modified(const struct file *f, const struct file_info *like, struct err *e);

/*
 * What of it is in memory and on the disk may go from memory: the next reading asks the disk.
 * A wish: where it is not granted, nothing is said.
 */
void file_forget(const struct file *f);

/* The whole file, at most `max` bytes, else ERR_LIMIT. */
bool file_read_all(int folder, const char *path, size_t max, struct arena *a, struct span *out,
                   struct err *e);

/* Adds to the end of a file that is there. Durable; killed, it may have added a part. */
bool file_append(int folder, const char *path, struct span bytes, struct err *e);

/* A file without a name, for reading and writing; it is gone when it is closed. */
bool file_scratch(int folder, struct file *out, struct err *e);

/*
 * For another program that reads or wrote it through the descriptor: it begins at the beginning,
 * and `size` is what it has now.
 */
bool file_rewind(struct file *f, struct err *e);

/* Removes a file; absent is fine. Durable only after dir_sync of its folder. */
bool file_remove(int folder, const char *path, struct err *e);

/*
 * Renames; what has the new name is replaced, or, with _new, ERR_STATE. Durable only
 * after dir_sync.
 */
bool file_rename(int from, const char *name, int to, const char *new_name, struct err *e);
bool file_rename_new(int from, const char *name, int to, const char *new_name, struct err *e);

/* A second name for a file, in the same file system. Durable only after dir_sync. */
bool file_link(int from, const char *name, int to, const char *new_name, struct err *e);

/* Sets ERR_IO (or a better kind) from errno: "cannot OPEN PATH: why". Returns false. */
bool file_failed(struct err *e, const char *verb, const char *path);

#endif
