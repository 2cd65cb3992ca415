/* Receipts in the outbox (docs/FORMAT.md, chapter 5), made from ledger and objects alone. */
#ifndef JOB_RECEIPT_H
#define JOB_RECEIPT_H

#include "store/catalog.h"
#include "store/log.h"

/*
 * The receipt of the transfer at that entry, complete or not at all; *folder (in a)
 * is its name in the study's outbox. What is there already is replaced. It is no
 * longer pending then.
 */
bool receipt_write(struct home *h, struct catalog *c, struct log *l, struct span study,
                   uint64_t transfer, struct arena *a, const char **folder, struct err *e);

/* A tlog-proof of an entry in the ledger of `size`, with that checkpoint. */
bool receipt_proof(struct log *l, uint64_t index, uint64_t size, struct span note, struct buf *out,
                   struct err *e);

#endif
