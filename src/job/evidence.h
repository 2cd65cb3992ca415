/* Evidence bundles: made, verified before they are handed out, and recorded as issued. */
#ifndef JOB_EVIDENCE_H
#define JOB_EVIDENCE_H

#include "bundle/layout.h"
#include "study/append.h"

struct evidence {
    uint64_t size;    /* entries that it shows */
    struct hash hash; /* of the ZIP, without seals */
    uint64_t bytes;
    uint64_t carried; /* revisions with data */
    uint64_t issued;  /* entry that records it */
    const char *path; /* where it lies; in the arena */
    bool sealed;      /* it lay there already, with seals, and was left alone */
};

/*
 * path: where to write; NULL: the outbox. The file appears there complete and verified or
 * not at all. ERR_INTEGRITY where the home's own bytes do not verify.
 */
bool evidence_bundle(struct home *h, struct catalog *c, struct span study,
                     const struct scope *scope, const char *path, int64_t now, struct arena *a,
                     struct evidence *out, struct err *e);

#endif
