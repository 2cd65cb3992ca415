/*
 * Durable files: a name either does not exist, or has all its old bytes, or has
 * all its new ones, whenever the power fails. A temporary file is written and
 * fsynced in the folder, renamed, and the folder is fsynced. What a killed run
 * leaves begins with PUBLISH_TEMP; dir_sweep removes it.
 *
 * After a failed fsync the kernel may have dropped the bytes and a second fsync
 * would say "good": the error is ERR_IO and the run has to stop.
 */
#ifndef OS_PUBLISH_H
#define OS_PUBLISH_H

#include "os/file.h"

#define PUBLISH_TEMP ".trialseal-tmp-"

/* Puts bytes there, replacing what was there. `path` may have folders, which exist. */
bool publish(int folder, const char *path, struct span bytes, unsigned mode, struct err *e);

/* Only if the name is free, else ERR_STATE. */
bool publish_new(int folder, const char *path, struct span bytes, unsigned mode, struct err *e);

/* --- one large file --- */

struct temp {
    struct file file; /* write through file_sink(&t->file) */
    int folder;       /* where it lies; borrowed */
    char name[64];    /* empty when there is no temporary file */
};

/* In `folder`, on the same file system as where it will be published. */
bool temp_open(int folder, unsigned mode, struct temp *out, struct err *e);
bool temp_publish(struct temp *t, int folder, const char *path, struct err *e); /* replaces */
void temp_drop(struct temp *t); /* removes it, unless published; may be called twice */

/* --- many files --- */

/*
 * Files that become visible together: all are written and synced, then all are
 * renamed, then the folders that hold them, and those above, are synced. Every rename
 * follows the sync of its file and precedes that of its folder; in between a crash shows
 * some of the files, each complete. Few are fsynced each; many wait for one syncfs.
 */
struct batch; /* opaque */

struct batch *batch_open(void);

/*
 * Folders of `path` below `root` are made. The temporary file lies in root itself,
 * so that a sweep of that one folder finds it. root must stay open until the commit.
 */
bool batch_add(struct batch *b, int root, const char *path, struct span bytes, unsigned mode,
               struct err *e);

/* Takes the temporary file over; *t is empty then, also on failure. */
bool batch_add_temp(struct batch *b, struct temp *t, int root, const char *path, struct err *e);

/*
 * A file that is there already: its folder is fsynced as well, in case the run that
 * put it was killed.
 */
bool batch_keep(struct batch *b, int root, const char *path, struct err *e);

bool batch_commit(struct batch *b, struct err *e); /* then it is empty and may be used again */
void batch_close(struct batch *b);                 /* drops what was not committed; NULL is fine */

#endif
