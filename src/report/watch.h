/*
 * What a reviewer must look at, from the last transfers: what is open and who has to act. Each
 * matter ends by itself: a file comes again under its name, a dataset gets its next revision, or it
 * was told for long enough.
 */
#ifndef REPORT_WATCH_H
#define REPORT_WATCH_H

#include "report/model.h"

enum {
    WATCH_TRANSFERS = 100, /* the last ones, whose texts are read to see what is open */
    WATCH_RECENT = 14,     /* transfers for which what needs no answer is told */
};

enum matter_kind {
    MATTER_HELD,       /* files that did not come again; told for WATCH_TRANSFERS transfers */
    MATTER_CAME_AGAIN, /* files that were erased here; for WATCH_RECENT transfers */
    MATTER_REFUSED,    /* a transfer that did not come again; for WATCH_RECENT transfers */
    MATTER_WITHDRAWN,  /* the last revision of a dataset is withdrawn */
    /* For WATCH_RECENT transfers, whatever came since without a change of data: */
    MATTER_REVERTED, /* it is back to the data of an earlier one */
    MATTER_REMOVED,  /* it lacks records that the one before has */
    MATTER_COLUMNS,  /* it has another number of columns */
    MATTER_KINDS
};

struct matter {
    enum matter_kind kind;
    size_t transfer;           /* HELD, CAME_AGAIN, REFUSED */
    uint64_t files;            /* HELD: that are still open; CAME_AGAIN */
    uint64_t id[ISSUE_COUNT];  /* as transfer: by the first bad issue of each */
    size_t revision, previous; /* the others */
};

/* Of one kind, the newest first. */
struct watch {
    size_t matters;
    struct matter *matter;
};

bool watch_open(const struct model *m, struct watch *out, struct err *e);
void watch_close(struct watch *w);

/* The last revision of the same dataset and format before it that is not withdrawn; MODEL_NONE. */
size_t watch_before(const struct model *m, size_t revision);

#endif
