/*
 * What others hold of a ledger: signed checkpoints from anchors, receipts, bundles and by hand. A
 * ledger that is to go on must be a later (or the same) state of each; else it would contradict
 * what was handed out.
 */
#ifndef KEEP_SEEN_H
#define KEEP_SEEN_H

#include "base/issue.h"
#include "format/note.h"
#include "store/log.h"

enum {
    SEEN_RECEIPT_MAX = 48 * 1024 * 1024,  /* bytes of receipt.json */
    SEEN_ENTRIES_MAX = 256 * 1024 * 1024, /* bytes of entries.jsonl */
};

struct seen; /* opaque */

struct seen *seen_open(void);
void seen_close(struct seen *s); /* NULL is fine */

/* Adds one: a signed note; the folder of a receipt; a bundle. Nothing is believed yet. */
bool seen_add_known(struct seen *s, const char *path, struct err *e);
bool seen_add_receipt(struct seen *s, const char *path, struct err *e);
bool seen_add_bundle(struct seen *s, const char *path, struct err *e);

/* Receipts of a study that lie in the outbox of this home; those that cannot be read are passed
 * over. */
bool seen_add_outbox(struct seen *s, const struct home *h, const char *study, struct err *e);

/* What the home's anchors have. ERR_STATE where one is not there. */
bool seen_add_anchors(struct seen *s, const struct home *h, struct span origin, struct err *e);

/* A ledger that is there, and has been verified. */
struct seen_ledger {
    const char *study;
    struct note_key key; /* its name is the origin */
    struct log *log;
    uint64_t size;
};

/*
 * Issues say which entries others hold and the ledger lacks (`backup-behind`), and where it
 * contradicts them (`ledger-fork`). ERR_INTEGRITY where the ledger's key did not sign one.
 */
bool seen_compare(struct seen *s, const struct seen_ledger *l, struct issues *issues,
                  struct err *e);

/* ERR_USAGE where one that was added by hand was of none of the ledgers. */
bool seen_all_used(const struct seen *s, struct err *e);

#endif
