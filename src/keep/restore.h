/*
 * A home from a backup (keep/backup.h). It is built beside its place: copied and verified, compared
 * with all that others hold of its ledgers (keep/seen.h), its catalog made anew; only then it gets
 * its name. Then each ledger says that it was restored.
 */
#ifndef KEEP_RESTORE_H
#define KEEP_RESTORE_H

#include "keep/backup.h"
#include "store/catalog.h"

struct restore_options {
    const char *folder, *secrets; /* the two backups */
    size_t known, receipts, bundles;
    const char *const *known_path, *const *receipt_path, *const *bundle_path;
    int64_t now; /* as given, or HOME_NO_TIME */
};

/*
 * Makes the home. ERR_INTEGRITY where others hold what the backup lacks or contradicts: issues say
 * what, and nothing is left. Files of outbox and objects that the backup has damaged are left out:
 * issues name them.
 */
bool restore_home(const char *path, const struct restore_options *o,
                  struct backup_progress progress, struct issues *issues, struct backup *out,
                  struct err *e);

/*
 * Did a restore make that home that was killed before all its ledgers said so? Then another need
 * not make it, but what is held against it now may not have been known then.
 */
bool restore_made(const char *path, bool *out, struct err *e);

/* Of that home; ERR_INTEGRITY as above. */
bool restore_compare(struct home *h, const struct restore_options *o, struct issues *issues,
                     struct err *e);

/* In the home: adds the entries that say so. May be repeated. */
bool restore_tell(struct home *h, struct catalog *c, int64_t now, struct err *e);

#endif
