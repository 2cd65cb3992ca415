/*
 * The audit of everything that a home holds, and the rebuilding of the catalog
 * from it. Neither believes the catalog.
 */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include "base/issue.h"
#include "study/append.h"

struct audit {
    uint64_t studies, entries, objects, bytes;
};

/* Told at each entry bundle: `done` of `total` entries of what `what` names. tell may be NULL. */
struct audit_progress {
    void (*tell)(void *ctx, const char *what, uint64_t done, uint64_t total);
    void *ctx;
};

struct audit_options {
    struct audit_progress progress;
    bool ledgers; /* these only: signatures, anchors, tiles, roots, entries and the rules among them
                   */
};

/*
 * Nothing bad was found; but for secrets that are missing, since these may be lost for good, and
 * contradict nothing that was signed.
 */
bool audit_is_whole(const struct issues *found);

/* All of that, objects, and the catalog. What is wrong goes into issues. */
bool audit_home(struct home *h, const struct audit_options *o, struct issues *issues,
                struct audit *out, struct err *e);

/*
 * A new catalog from ledgers and objects. Each ledger is compared with its anchors
 * and with `known` (signed notes given by hand): ERR_INTEGRITY where one is ahead.
 */
bool rebuild_catalog(struct home *h, size_t known, const struct span *note,
                     struct audit_progress progress, struct audit *out, struct err *e);

/* The same into a catalog that catalog_rebuild_begin gave. */
bool rebuild_fill(struct home *h, struct catalog *c, size_t known, const struct span *note,
                  struct audit_progress progress, struct audit *out, struct err *e);

#endif
