/*
 * Backups (store/mirror.h), while runs may go on: without the home's lock. What is copied is the
 * state of one published checkpoint of each study, with all that its entries name, verified as it
 * is copied and read back from the disk. Only what is not there yet is copied.
 */
#ifndef KEEP_BACKUP_H
#define KEEP_BACKUP_H

#include "base/issue.h"
#include "store/mirror.h"

struct backup {
    uint64_t studies, entries, objects; /* that the backup holds */
    uint64_t files, bytes;              /* that were copied, or read */
};

/* How far it is; total 0: unknown. May be NULL. */
struct backup_progress {
    void (*tell)(void *ctx, const char *what, uint64_t done, uint64_t total);
    void *ctx;
};

/*
 * Into `folder`; keys and secrets into `secrets`, or nowhere where that is NULL. ERR_INTEGRITY
 * where the backup is of a later or another state than the home: then it is left as it is. What the
 * home lacks or has damaged goes into issues, and the rest is backed up.
 */
bool backup_home(struct home *h, const char *folder, const char *secrets,
                 struct backup_progress progress, struct issues *issues, struct backup *out,
                 struct err *e);

/*
 * Reads a whole backup of data, and that of keys and secrets unless it is NULL: what is wrong goes
 * into issues. Needs no home.
 */
bool backup_check(const char *folder, const char *secrets, struct backup_progress progress,
                  struct issues *issues, struct backup *out, struct err *e);

#endif
