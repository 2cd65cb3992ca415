/*
 * The way of most CSV rows: the structure of what lies ahead is looked for in a block of bytes at
 * once, and rows are cut from what was found, cells left where they lie. What is not plain (a
 * doubled quote, a line end within quotes, anything malformed, another number of cells, a row that
 * does not end in what is ahead) it leaves to csv.c, which knows all of RFC 4180 and says what is
 * wrong. Both agree on every row that this one takes.
 */
#ifndef DATASET_CSV_SCAN_H
#define DATASET_CSV_SCAN_H

#include "dataset/mark_index.h"

struct csv_scan {
    struct mark_index found; /* commas, and LFs, which end rows */
    struct span ahead;       /* from the block's beginning as far as anything may be read */
    size_t from;             /* where the next row begins, .. */
    size_t next;             /* and its first mark */
};

/* `way`: one of mark_way. */
void csv_scan_open(struct csv_scan *s, const struct mark_way *way);
void csv_scan_close(struct csv_scan *s);

/*
 * A row begins at the front of `ahead`, which stays where it is until the last row that ends in it
 * was taken or passed.
 */
void csv_scan_look(struct csv_scan *s, struct span ahead);

/* Such rows are left. */
static inline bool csv_scan_has(const struct csv_scan *s)
{
    return s->next < s->found.marks;
}

/*
 * Takes the next row, its cells into cell[cells + MARK_CUT_ROOM]; *n is how many bytes it has, and
 * *crlf whether they end in CR LF. False where it is not plain or above a limit; it is next still.
 */
bool csv_scan_take(struct csv_scan *s, const struct rows_limits *limits, struct cell *cell,
                   size_t cells, struct row *out, size_t *n, bool *crlf);

/* Passes the next row, which is well-formed and has n bytes with its line end. */
void csv_scan_pass(struct csv_scan *s, size_t n);

#endif
