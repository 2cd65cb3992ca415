/*
 * Scopes (docs/FORMAT.md, section 6.2): which data a bundle carries. Bundles state
 * theirs, and so do the `issued` entries about them.
 */
#ifndef LEDGER_SCOPE_H
#define LEDGER_SCOPE_H

#include "base/buf.h"

struct scope {
    bool none;           /* no data at all */
    struct span dataset; /* only this one; empty: all */
    uint64_t since;      /* only revisions from this entry on */
};

/* *out borrows from text; on false it is as it was. */
bool scope_parse(struct span text, struct scope *out);
void scope_write(struct buf *b, const struct scope *s);
bool scope_contains(const struct scope *s, struct span dataset, uint64_t entry);

#endif
