/*
 * A backup: a folder that holds files of a home under the names that they have there, as they are,
 * so that every part can be taken out by hand and be checked with `sha256sum -c`. Beside them lie
 *
 *   trialseal-backup  one line, what this folder is: so no other folder is taken for one
 *   SHA256SUMS        of all files but itself, the line above, `lock` and `unfinished`
 *   unfinished        while one is being written: if it is there, SHA256SUMS may be of the last
 * one; behind its first line are files that were put since, as SHA256SUMS has them lock one writes
 * at a time
 *
 * There are two kinds: of data, and of what must lie apart from it.
 */
#ifndef STORE_MIRROR_H
#define STORE_MIRROR_H

#include "os/copy.h"
#include "store/home.h"
#include "store/sums.h"

enum mirror_kind {
    MIRROR_DATA,    /* trialseal.conf tsa.pem studies/ ledger/ objects/ outbox/ */
    MIRROR_SECRETS, /* keys/ secrets/ */
};

struct mirror {
    struct home
        *home; /* the folder as a home that has only these parts; conf is empty in a new one */
    enum mirror_kind kind;
    struct sums old, now; /* before, and with this backup */
    bool unfinished;   /* how it was found: `old` may be behind the files, but for those of objects/
                          and secrets/ */
    struct sums since; /* of these, what was put by those that did not end */
};

/*
 * For writing a backup of `of`: takes the folder's lock, sweeps leftovers, and marks it as
 * unfinished. The folder is made (its parent exists), or is empty, or a backup of that kind of a
 * home of that origin: else ERR_USAGE. It does not lie in the home, nor in the backup `other` (or
 * NULL), nor they in it.
 */
bool mirror_begin(const char *path, enum mirror_kind kind, const struct home *of,
                  const struct mirror *other, struct mirror **out, struct err *e);

/* Before anything that is listed is changed: marks it as unfinished. */
bool mirror_change(struct mirror *m, struct err *e);

/*
 * These are about to be put: a file is never one that neither list has. What proves itself is not
 * noted.
 */
bool mirror_note(struct mirror *m, const struct sums *files, struct err *e);

/* Is it a file as one of the lists has it? */
bool mirror_knows(const struct mirror *m, struct span path, struct hash hash);

/* Ledgers, and what they name by its hash: objects and secrets. */
bool mirror_proves_itself(struct span path);

/* Writes SHA256SUMS, and the backup is whole. */
bool mirror_end(struct mirror *m, struct err *e);

/* For reading, without a lock: it may lie where nothing can be written. */
bool mirror_open(const char *path, enum mirror_kind kind, struct mirror **out, struct err *e);
void mirror_close(struct mirror *m); /* NULL is fine */

/* What lies there is as it was listed, as far as can be seen without reading it: not to be copied.
 */
bool mirror_has(struct mirror *m, const char *path, const struct file_info *like, bool *out,
                struct err *e);

/* It is part of this backup; `like` it was before, or with that digest. */
bool mirror_keep(struct mirror *m, const char *path, struct err *e);
bool mirror_put(struct mirror *m, const char *path, struct hash hash, struct err *e);

/* Of its bytes, as the disk has them. */
bool mirror_hash(const struct mirror *m, const char *path, struct hash *out, struct err *e);

/* ERR_IO where the disk does not have what was written. */
bool mirror_read_back(const struct mirror *m, const char *path, struct hash hash, struct err *e);

/*
 * What was listed and is not part of this backup is removed, but for objects, secrets and what was
 * in the outbox: these stay, and stay listed, as long as they are there. Only an object that lies
 * there in its deflated form, too, goes.
 */
bool mirror_settle(struct mirror *m, struct err *e);

#endif
