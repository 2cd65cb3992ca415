/*
 * Erasures (docs/FORMAT.md, section 3.1, rules 10 and 11): what may be erased, and that
 * nothing erased is named again. Used by ledger/history.h, which knows the revisions.
 */
#ifndef LEDGER_ERASURE_H
#define LEDGER_ERASURE_H

#include "ledger/entry.h"
#include "ledger/hash_map.h"

/* What an entry names that can be erased. */
struct named {
    uint64_t entry;
    bool has_file;
    struct hash file, text;
};

/* An `erasure` entry. */
struct erased {
    uint64_t entry;
    struct hash object;
    enum erasure_of of;
};

/* `struct erasures s = {0};` is empty. */
struct erasures {
    struct hash_map fixed; /* what system and seal entries name: never erased */
    struct hash_map gone;  /* erased objects, to their places in the list */
    struct erased *erased; /* in order of their entries */
    size_t count, cap;
    struct named *named; /* by entries other than revisions, ascending */
    size_t names, name_cap;
};

void erasures_close(struct erasures *s);

/* The entry names nothing that was erased before; rule 11. */
bool erasures_allow(const struct erasures *s, const struct entry *x, struct err *e);

/* Remembers what an entry names; of revisions the history does it itself. */
void erasures_remember(struct erasures *s, uint64_t index, const struct entry *x);

/* What that entry, no revision, names; NULL where it names nothing that can be erased. */
const struct named *erasures_named(const struct erasures *s, uint64_t index);

/* Adds an `erasure`, of what `from` names: NULL where its `entry` names nothing; rule 10. */
bool erasures_add(struct erasures *s, uint64_t index, const struct entry *x,
                  const struct named *from, struct err *e);

#endif
