/* From a transfer that was taken in to entries in the ledger and a receipt in the outbox. */
#ifndef JOB_NOTARIZE_H
#define JOB_NOTARIZE_H

#include "job/incoming.h"
#include "job/transfer.h"
#include "job/typing.h"

struct notarization {
    struct home *home;
    struct catalog *catalog;
    const char *study;
    const struct transfer_options *options;
    const struct typing *typing; /* of the study */
    struct incoming *in;         /* its objects are durable */

    /*
     * Was the transfer of which this is known put away already? One that was refused and was not is
     * this one, if all that there is to say is the same: a killed run refused it. NULL: nothing is
     * put away.
     */
    bool (*put_away)(const void *ctx, const struct transfer_result *r, bool *out, struct err *e);
    const void *ctx;
};

/*
 * One commit, or none where exactly this transfer is known. out->receipt is always set; of one
 * that is known it may not be there. Fills *out; spans in it
 * live as long as n->in and the arena.
 */
bool notarize(const struct notarization *n, struct arena *a, struct transfer_result *out,
              struct err *e);

#endif
