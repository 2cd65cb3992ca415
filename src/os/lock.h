/*
 * One run at a time: an OFD lock (fcntl(2), F_OFD_SETLK) on a file that is kept
 * for ever. Never unlink it: the next run would lock another inode. The kernel
 * gives the lock back when the process ends, however it ends.
 */
#ifndef OS_LOCK_H
#define OS_LOCK_H

#include "base/err.h"

struct lock {
    int fd; /* -1: not held */
};

/* Makes the file if need be. ERR_BUSY at once where another holds it. */
bool lock_take(int folder, const char *path, struct lock *out, struct err *e);
void lock_drop(struct lock *l); /* fd -1 is fine */

#endif
