/* What the parts of keep/restore share. */
#ifndef KEEP_RESTORE_PART_H
#define KEEP_RESTORE_PART_H

#include "audit/audit.h"
#include "keep/restore.h"
#include "keep/seen.h"
#include "study/needed.h"

struct restoring {
    const struct restore_options *options;
    struct mirror *data, *secrets;
    struct home *home; /* that is being built */
    struct batch *batch;
    struct seen *seen;
    struct needed needed;
    struct issues *issues;
    struct backup *out;
    struct backup_progress progress;
};

/*
 * A file or a tree, if it is as the list says. What is not, is left out and told; of configuration
 * and keys it is ERR_INTEGRITY.
 */
bool restoring_copy(struct restoring *r, struct mirror *from, const char *path, struct err *e);

/* The same for what is listed and was not there to be copied. */
bool restoring_missing(struct restoring *r, struct mirror *from, struct err *e);

/*
 * The folders of a study and its ledger, entry by entry, up to the checkpoint that its key signed;
 * and compares it with what others hold. A line of `lines` says how many entries it has.
 */
bool restoring_ledger(struct restoring *r, const char *study, struct buf *lines, struct err *e);

/* The same comparison for a ledger of r->home that was restored before. */
bool restoring_compare(struct restoring *r, const char *study, struct err *e);

/* All that is needed, as far as the backup has it whole. */
bool restoring_objects(struct restoring *r, struct err *e);

/* All secrets that are needed and not erased, as far as the backup of keys has them whole. */
bool restoring_secrets(struct restoring *r, struct err *e);

#endif
