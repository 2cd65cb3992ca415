/*
 * Folders: opening, listing, making them durably, removing trees, moving what
 * lies in them.
 */
#ifndef OS_DIR_H
#define OS_DIR_H

#include "os/file.h"

enum { DIR_PRIVATE = 0700, DIR_SHARED = 0755, DIR_ENTRIES_MAX = 1000000, DIR_DEPTH_MAX = 64 };

/* A path as the user gave it: links in it are followed. */
bool dir_open_path(const char *path, int *out, struct err *e);

/* A folder below a folder; its last part is not a link. Absent is ERR_USAGE. */
bool dir_open(int folder, const char *path, int *out, struct err *e);
void dir_close(int fd); /* -1 is fine */

struct dir_entry {
    const char *name;
    enum file_kind kind;
};

struct dir_list {
    size_t count;
    struct dir_entry *entry;
};

/*
 * What `path` ("." for the folder itself) holds, ascending by bytes of the names,
 * without "." and "..".
 */
bool dir_list(int folder, const char *path, struct arena *a, struct dir_list *out, struct err *e);

/* Makes the folder. One that exists is fine. Durable only after dir_sync of its parent. */
bool dir_make_unsynced(int folder, const char *path, unsigned mode, struct err *e);

/* Makes the folder durably (its parent is fsynced). One that exists is fine and keeps its mode. */
bool dir_make(int folder, const char *path, unsigned mode, struct err *e);

/* The same for every part of the path. */
bool dir_make_path(int folder, const char *path, unsigned mode, struct err *e);

bool dir_sync(int fd, const char *name, struct err *e);

/* Removes it and all below it; absent is fine; links are removed, never followed. */
bool dir_remove_tree(int folder, const char *path, struct err *e);

/* Moves durably (both folders fsynced). ERR_STATE where the target exists. */
bool dir_move(int from, const char *name, int to, const char *new_name, struct err *e);

/* Removes the temporary files that a killed run left directly in the folder. */
bool dir_sweep(int fd, const char *name, struct err *e);

/* Is the folder `fd` the folder `other`, or somewhere below it? Whatever paths and links say. */
bool dir_lies_in(int fd, int other, bool *out, struct err *e);

/*
 * The name of the file system if it is one on which fsync, rename and locks cannot
 * be relied on (NFS, CIFS, FUSE, ...); NULL if not, or if it cannot be told.
 */
const char *dir_unreliable(int fd);

#endif
