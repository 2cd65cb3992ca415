/*
 * HOME/restored: which ledgers of a restored home have not said so yet, and how many entries the
 * backup had of each. The next entry of each is then a `system` entry of the event `restore`, by
 * whatever command it comes: so also a `restore` that is killed is told.
 */
#ifndef STUDY_RESTORED_H
#define STUDY_RESTORED_H

#include "store/home.h"

#define RESTORED "restored"

/* `lines`: "STUDY SIZE" LF for each. */
bool restored_write(struct home *h, struct span lines, struct err *e);

/* Is there such a file? */
bool restored_there(const struct home *h, bool *out, struct err *e);

/* Is the next entry of the study, which has `size`, the one that says it? */
bool restored_due(const struct home *h, struct span study, uint64_t size, bool *out, struct err *e);

/* All have said it. */
bool restored_clear(struct home *h, struct err *e);

#endif
