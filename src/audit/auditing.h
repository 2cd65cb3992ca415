/* What the parts of the audit share. */
#ifndef AUDIT_AUDITING_H
#define AUDIT_AUDITING_H

#include "audit/audit.h"
#include "audit/audit_erased.h"
#include "ledger/history.h"
#include "study/signed.h"

enum { AUDIT_PLACE_MAX = 128 };

struct auditing {
    struct home *home;
    struct issues *issues;
    struct audit *out;
    struct audit_options options;
    struct span roots; /* tsa.pem, or empty */

    const char *study;
    struct arena arena; /* of one study */
    struct log *log;
    struct note_key log_key;
    struct checkpoint checkpoint;
    struct absentees absent;
};

/*
 * Adds what *e says as an issue and clears it: what is wrong with the evidence is an issue. That
 * the disk does not answer is an error: false.
 */
bool auditing_note(struct auditing *a, enum issue_id id, const char *place, struct err *e);

/* Tells how far `what` ("entries") of this study has come. */
void auditing_tell(const struct auditing *a, const char *what, uint64_t done, uint64_t total);

/* All entries below the checkpoint, the tiles and the root that they give, and what they name. */
bool auditing_entries(struct auditing *a, struct err *e);

/* The objects that an entry names, and what they must say; place: of the entry. */
bool auditing_objects(struct auditing *a, const struct entry *x, const char *place, struct err *e);

/* The catalog is what a new one would be. */
bool auditing_catalog(struct auditing *a, struct err *e);

#endif
