/*
 * The rules among entries (docs/FORMAT.md, section 3.1): goes through a ledger
 * from entry 0 on, refuses what contradicts what came before, and remembers the
 * revisions, seals and erasures. The verifier, the audit and the rebuild all use this one.
 */
#ifndef LEDGER_HISTORY_H
#define LEDGER_HISTORY_H

#include "base/issue.h"
#include "ledger/erasure.h"

struct history; /* opaque */

struct history_revision {
    uint64_t entry;
    struct span dataset; /* lives in the history */
    uint64_t revision, size;
    struct hash subject, details;
    size_t data; /* what the history knows of it; not for others */
    enum data_format format;
    bool withdrawn;
};

/* `origin` is what entry 0 must say; empty: any. It must outlive the history. */
struct history *history_open(struct span origin);
void history_close(struct history *h); /* NULL is fine */

/*
 * Adds the next entry. False where it breaks a rule: *issue says which, *e what; the entry
 * counts as added all the same, so that the rest can be checked too.
 */
bool history_add(struct history *h, const struct entry *x, enum issue_id *issue, struct err *e);

/* Counts an entry that could not be read, so that those behind it keep their index. */
void history_skip(struct history *h);

/* To be called behind the last entry: a transfer whose entries are not all there is refused. */
bool history_end(struct history *h, enum issue_id *issue, struct err *e);

/* Seals, in order of their entries; section 6.5. */
struct history_seal {
    uint64_t entry, size;
    struct hash token, checkpoint;
    int64_t time;
};
size_t history_seals(const struct history *h);
const struct history_seal *history_seal(const struct history *h, size_t i);

/* Erasures, in order of their entries. */
size_t history_erasures(const struct history *h);
const struct erased *history_erasure(const struct history *h, size_t i);
bool history_is_erased(const struct history *h, struct hash object);

uint64_t history_size(const struct history *h);        /* entries added */
int64_t history_time(const struct history *h);         /* `at` of the last */
uint64_t history_bundle_size(const struct history *h); /* without `issued` entries at the end */

/* Entry 0, spans in the history; NULL before it was added. */
const struct entry *history_study(const struct history *h);

size_t history_revisions(const struct history *h);
const struct history_revision *history_revision(const struct history *h, size_t i);

/* How many datasets, transfers, refusals, withdrawals. */
struct history_counts {
    uint64_t datasets, transfers, refusals, withdrawals;
};
struct history_counts history_counts(const struct history *h);

#endif
