/* A revision's twin (ledger/twin.h), by the catalog. */
#ifndef STUDY_TWIN_FIND_H
#define STUDY_TWIN_FIND_H

#include "ledger/twin.h"
#include "store/catalog.h"

struct twin_side twin_side_in_catalog(const struct catalog_revision *x);

/* *out is twin_none where there is none; its spans are in the arena. */
bool twin_find(struct catalog *c, struct span study, const struct twin_side *now, struct arena *a,
               struct twin *out, struct err *e);

#endif
