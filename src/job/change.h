/*
 * How a new revision differs from the one before it in the same dataset and format (FORMAT 12.7).
 * By the digests of both where they say enough; else both files are read, the earlier one as if it
 * came today.
 */
#ifndef JOB_CHANGE_H
#define JOB_CHANGE_H

#include "job/examine.h"
#include "store/catalog.h"

struct change_of {
    struct catalog *catalog;
    const struct examine_with *with;
    const struct examine_of *of; /* the file of the new revision ... */
    const struct examined_member *member;
    const struct catalog_revision *last; /* ... and the revision before */
};

/*
 * Nothing is known where the new one was not read, or the earlier one was erased or cannot be
 * read any more.
 */
bool change_find(const struct change_of *x, struct revision_change *out, struct err *e);

#endif
