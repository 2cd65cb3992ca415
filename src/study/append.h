/*
 * Appending to a study's ledger (docs/DESIGN.md, "Commit order"). Opening completes
 * what a killed run left staged, and compares what was signed with what is
 * published, with the tiles and with every anchor: ERR_INTEGRITY where they
 * contradict each other, and nothing is appended.
 */
#ifndef STUDY_APPEND_H
#define STUDY_APPEND_H

#include "ledger/checkpoint.h"
#include "ledger/entry.h"
#include "store/catalog.h"
#include "store/log.h"

struct append; /* opaque */

/* home is open for HOME_WORK. now: `at` of the entries that will be added. */
bool append_open(struct home *h, struct catalog *c, struct span study, int64_t now,
                 struct append **out, struct err *e);
void append_close(struct append *a); /* NULL is fine; drops what was not committed */

uint64_t append_size(const struct append *a);   /* entries, with those added */
uint64_t append_signed(const struct append *a); /* entries that are signed for */

/*
 * Adds an entry: at and salt are set here, everything else by the caller. Objects that it
 * names must be durable already. ERR_STATE where the clock went backwards.
 */
bool append_add(struct append *a, struct entry *x, struct err *e);

/* Signs, stages, publishes. After it the append is open at the new size. Nothing to do is fine. */
bool append_commit(struct append *a, struct err *e);

/* A checkpoint of this ledger at an earlier (or its) size, signed as it was then. */
bool append_checkpoint_at(struct append *a, uint64_t size, struct buf *note, struct err *e);

struct log *append_log(struct append *a);

#endif
