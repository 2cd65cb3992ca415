/*
 * What costs little to look at before anything is appended: an audit of the newest entry bundle,
 * at most TILE_WIDTH entries. Its entries are those that the tiles have, what they name is there
 * with the right size (nothing is read or hashed: that is what `check` does), and the catalog
 * ends with the ledger. ERR_INTEGRITY where not.
 *
 * size > 0; *last_at is the time of the last entry.
 */
#ifndef STUDY_APPEND_CHECK_H
#define STUDY_APPEND_CHECK_H

#include "store/catalog.h"
#include "store/log.h"

bool append_check(const struct home *h, struct catalog *c, struct log *l, struct span study,
                  uint64_t size, int64_t *last_at, struct err *e);

#endif
