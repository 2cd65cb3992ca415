/* Receipts in the outbox (docs/FORMAT.md, chapter 5), made from ledger and objects alone; the
 * catalog only finds among entries. */
#ifndef STUDY_RECEIPT_H
#define STUDY_RECEIPT_H

#include "ledger/details.h"
#include "ledger/entry.h"
#include "store/catalog.h"
#include "store/log.h"

/* What a receipt says; all in the arena. */
struct receipt {
    struct span study, name; /* of the transfer */
    uint64_t index;          /* its entry */
    struct entry entry;      /* ENTRY_TRANSFER, or ENTRY_REFUSAL of a whole transfer */
    struct transfer_details details;
    const char *folder; /* its name in the study's outbox */
};

/* "000000000042-NAME": the number would make a long name too long. Mapped, as in bundles. */
const char *receipt_folder(struct arena *a, uint64_t index, struct span name);

/* What is called so, there or in the inbox, is of that entry; a receipt's entries follow it. */
bool receipt_number(const char *name, uint64_t *entry);

/* Is all of it in the outbox? */
bool receipt_there(struct home *h, struct span study, const char *folder, bool *out, struct err *e);

/*
 * Writes the receipt of the transfer, or of the refused one, at that entry: complete or not
 * at all. What is there already is replaced.
 */
bool receipt_write(struct home *h, struct catalog *c, struct log *l, struct span study,
                   uint64_t index, struct arena *a, struct receipt *out, struct err *e);

/* It was written and told: it is no longer owed. */
bool receipt_done(struct catalog *c, struct span study, uint64_t index, struct err *e);

/* A tlog-proof of an entry in the ledger of `size`, with that checkpoint. */
bool receipt_proof(struct log *l, uint64_t index, uint64_t size, struct span note, struct buf *out,
                   struct err *e);

#endif
