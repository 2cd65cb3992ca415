/*
 * Transfers (docs/FORMAT.md, chapter 10): from an inbox or the command line into
 * objects, one commit each, with a receipt. A step that was done is not done again:
 * a killed run is simply repeated.
 */
#ifndef JOB_TRANSFER_H
#define JOB_TRANSFER_H

#include "base/issue.h"
#include "study/append.h"

enum transfer_outcome {
    TRANSFER_NOTARIZED,
    TRANSFER_KNOWN,   /* exactly this one was notarized before; nothing was written */
    TRANSFER_WAITING, /* incomplete */
    TRANSFER_REFUSED, /* as a whole */
};

/* What became of one transfer. Spans and issues live until the callback returns. */
struct transfer_result {
    struct span study, name;
    enum transfer_outcome outcome;
    uint64_t entry; /* of the transfer or the refusal; ENTRY_NONE if waiting */
    uint64_t received, new, unchanged, held, revisions;
    const char *receipt; /* folder in the outbox, or NULL */
    const struct issues *issues;
};

struct transfer_options {
    const char *id, *reason; /* submit only; NULL if not given */
    int64_t now;
    /* False: it could not be told. Then it stays owed, and the next night tells it. */
    bool (*done)(void *ctx, const struct transfer_result *r);
    void (*progress)(void *ctx, struct span file, uint64_t done);
    void *ctx;
};

/* `submit`: a folder, an archive, or files. Read in place and left there. */
bool transfer_submit(struct home *h, struct catalog *c, struct span study, size_t paths,
                     char *const path[], const struct transfer_options *o, struct err *e);

/* Every complete transfer in the study's inbox, in order of name. */
bool transfer_inbox(struct home *h, struct catalog *c, struct span study,
                    const struct transfer_options *o, struct err *e);

/*
 * What a killed run left: publishes what was signed, and writes the receipts that are
 * owed, and tells them. Compares the ledger with its anchors, so it comes first in every night.
 */
bool transfer_recover(struct home *h, struct catalog *c, struct span study,
                      const struct transfer_options *o, struct err *e);

/* Leaves the entry and keeps the bytes out of later bundles. */
bool transfer_withdraw(struct home *h, struct catalog *c, struct span study,
                       const struct catalog_revision *revision, struct span reason, int64_t now,
                       uint64_t *entry, struct err *e);

#endif
