/*
 * What a revision says of its data and of the revision before: rules 12 and 13 of FORMAT 3.1. They
 * hold among the entries alone, so that a verifier needs no data for them.
 */
#ifndef LEDGER_REVISION_H
#define LEDGER_REVISION_H

#include "ledger/entry.h"

/* What has to be known of an earlier revision. */
struct revision_known {
    uint64_t entry; /* or ENTRY_NONE: there is none */
    struct hash subject;
    uint64_t records;
    struct revision_data data;
};

/* Where its data was not read, of out->data only `form` is set, to ENTRY_NONE. */
void revision_know(struct revision_known *out, uint64_t index, const struct entry *x);

/* The same form and schema: their digests may be compared. */
bool revision_comparable(const struct revision_data *a, const struct revision_data *b);

/* The same data, also strictly. */
bool revision_same_data(const struct revision_data *a, const struct revision_data *b);

/* How x differs from `before` by their digests alone; they are comparable. */
enum change revision_change_by_digests(const struct revision_data *before,
                                       const struct revision_data *x);

/* ERR_FORMAT where x, a revision entry, contradicts itself (rule 12) or `before` (rule 13). */
bool revision_check(const struct entry *x, const struct revision_known *before, struct err *e);

#endif
