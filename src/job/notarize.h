/* From a transfer that was taken in to entries in the ledger and a receipt in the outbox. */
#ifndef JOB_NOTARIZE_H
#define JOB_NOTARIZE_H

#include "job/incoming.h"
#include "job/transfer.h"

struct notarization {
    struct home *home;
    struct catalog *catalog;
    const char *study;
    const struct transfer_options *options;
    struct incoming *in; /* its objects are durable */
};

/*
 * One commit, or none where exactly this transfer is known. Fills *out; spans in it
 * live as long as n->in and the arena.
 */
bool notarize(const struct notarization *n, struct arena *a, struct transfer_result *out,
              struct err *e);

/*
 * A known transfer whose run was killed before it told: *r is what that run would have told, and
 * its issues are in n->in->issues.
 */
bool notarize_recall(const struct notarization *n, struct transfer_result *r, struct err *e);

#endif
