/*
 * The way of most CSV rows: cut by a scan of 16 bytes at a time, cells left where they
 * lie. What is not plain (a doubled quote, a line end within quotes, anything malformed,
 * a row that does not end in what is ahead) it leaves to csv.c, which knows all of RFC 4180
 * and says what is wrong. Both agree on every row that this one takes.
 */
#ifndef DATASET_CSV_SCAN_H
#define DATASET_CSV_SCAN_H

#include "dataset/rows.h"

struct csv_plain_row {
    size_t n;   /* bytes with the line end */
    size_t end; /* of these, the line end: 1 for LF, 2 for CR LF */
    size_t cells;
    bool ascii, roomy; /* as of struct row; csv_scan does not know the latter */
};

/*
 * The row at the front of `ahead`, its cells into cell[limits->columns]. False where it is
 * not plain or above a limit.
 */
bool csv_scan(struct span ahead, const struct rows_limits *limits, struct cell *cell,
              struct csv_plain_row *out);

#endif
