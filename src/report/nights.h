/* Transfers and withdrawals by day (UTC), from the last day back. */
#ifndef REPORT_NIGHTS_H
#define REPORT_NIGHTS_H

#include "report/model.h"

struct night {
    int64_t at;                          /* some second of that day */
    size_t first_transfer, end_transfer; /* its transfers */
    size_t withdrawals;                  /* on that day */
    uint64_t new, changed, same;         /* revisions: the first, with other, with the same data */
    uint64_t unchanged, held;            /* files */
    uint64_t refused;                    /* whole transfers */
    int64_t gap;                         /* days without a transfer before it; 0 for the first */
};

struct nights {
    const struct model *m;
    size_t transfers, withdrawals; /* those not yet met */
};

struct nights nights_begin(const struct model *m);
bool nights_back(struct nights *n, struct night *out); /* false at the end */

/* Years * 12 + months. */
int64_t night_month(int64_t at);

#endif
