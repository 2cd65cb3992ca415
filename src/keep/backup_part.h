/* What the parts of keep/backup share. */
#ifndef KEEP_BACKUP_PART_H
#define KEEP_BACKUP_PART_H

#include "keep/backup.h"
#include "study/needed.h"

struct backing {
    struct home *home;
    struct mirror *mirror;
    struct issues *issues;
    struct backup *out;
    struct backup_progress progress;
    struct needed needed;  /* by the ledgers that were copied */
    struct needed missing; /* of these, what the home does not have */
};

/* Files that are shown together, and then read back. */
struct parcel {
    struct batch *batch;
    struct sums written;
};

struct parcel parcel_open(void);
void parcel_close(struct parcel *p);

/* A file of the home, or a folder and all below it, as far as the mirror does not have it. */
bool backing_copy(struct backing *b, struct parcel *p, const char *path, struct err *e);

/* The parcel's batch has that file. */
bool backing_wrote(struct backing *b, struct parcel *p, const char *path, struct hash hash,
                   struct err *e);

/* Makes it durable, and reads what was written back from the disk. Then it is empty. */
bool backing_commit(struct backing *b, struct parcel *p, struct err *e);

/* ERR_INTEGRITY where the backup has what the home has not: a later or another state. */
bool backing_compare(struct backing *b, struct err *e);

/*
 * The ledger of a study up to the published checkpoint, which is to come after the objects. *size:
 * its entries.
 */
bool backing_ledger(struct backing *b, const char *study, struct parcel *checkpoints,
                    uint64_t *size, struct err *e);

/* All that is needed, as far as the home has it. */
bool backing_objects(struct backing *b, struct err *e);

/* Tells what is missing. size: of each ledger that was copied; the home's may have grown. */
bool backing_missing(struct backing *b, const struct home_studies *studies, const uint64_t *size,
                     struct err *e);

/*
 * Into the backup of keys: all secrets that are needed. Those whose file was erased are destroyed
 * there.
 */
bool backing_secrets(struct backing *b, struct err *e);

/*
 * Destroys in the backup what the ledgers say was erased: objects, and receipts that repeat erased
 * texts. After all else: the checkpoints that say so must be there.
 */
bool backing_forget(struct backing *b, const struct home_studies *studies, struct err *e);

#endif
