/* The catalog's rows of an entry: derived from the entry and its detached text, nothing else. */
#ifndef STUDY_INDEX_H
#define STUDY_INDEX_H

#include "ledger/entry.h"
#include "store/catalog.h"

/* What the catalog says about one entry: index, revision, transfer, references ... */
bool index_entry(struct home *h, struct catalog *c, struct span study, uint64_t index,
                 const struct entry *x, struct hash leaf, struct err *e);

/*
 * The part of it that whoever makes a catalog anew needs first: texts that are gone cannot be read
 * for the entries that come before their erasure.
 */
bool index_erasure(struct catalog *c, struct span study, uint64_t index, const struct entry *x,
                   struct err *e);

/* FORMAT chapter 10. id may be empty. */
struct hash transfer_identity(struct span id, struct span name, struct hash manifest);

#endif
