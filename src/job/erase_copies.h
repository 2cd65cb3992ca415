/* Where else in the home something lies that is to be erased: bundles, receipts, the inbox. */
#ifndef JOB_ERASE_COPIES_H
#define JOB_ERASE_COPIES_H

#include "job/erase.h"

/* Fills out->bundle and out->copy for out->object. */
bool erase_find_copies(const struct home *h, struct catalog *c, struct span study, struct arena *a,
                       struct erase_report *out, struct err *e);

/*
 * Destroys what was kept of such objects in the inbox, .object alone is looked at; what was found
 * is not told.
 */
bool erase_kept(struct home *h, struct catalog *c, struct span study, struct erase_object *object,
                size_t objects, struct err *e);

/* Removes the receipts of transfers whose text was erased: they repeat it. */
bool erase_receipts(struct home *h, struct catalog *c, struct span study, struct err *e);

#endif
