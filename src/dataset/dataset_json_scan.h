/*
 * The way of most rows of Dataset-JSON: strings without escapes, in UTF-8, and values one behind
 * the other, cut where they lie from an index of what lies ahead. What is not plain (blanks but one
 * behind each comma, an escape, anything malformed, a row that does not end in what is ahead) it
 * leaves to the tokenizer, which knows all of RFC 8259 and says what is wrong. Both agree on every
 * row that this one takes.
 */
#ifndef DATASET_DATASET_JSON_SCAN_H
#define DATASET_DATASET_JSON_SCAN_H

#include "dataset/mark_index.h"

struct dataset_json_scan {
    struct mark_index found; /* commas, and brackets, which begin and end rows */
    uint64_t at;             /* where what was looked at begins in the input, .. */
    size_t n;                /* and its bytes; 0: nothing was looked at */
    size_t next;             /* mark */
    bool blanks;             /* one behind each comma */
};

/* `way`: one of mark_way. */
void dataset_json_scan_open(struct dataset_json_scan *s, const struct mark_way *way);
void dataset_json_scan_close(struct dataset_json_scan *s);

/* Another input comes. */
void dataset_json_scan_forget(struct dataset_json_scan *s);

/*
 * The row at the front of `ahead`, which is at `at` in the input: an array of as many values as
 * there are cells, which go into cell[cells + MARK_CUT_ROOM]. ROW_ROOM bytes behind `ahead` may be
 * read, whatever they are. Rows come in the input's order. What is ahead may become other bytes in
 * another place, but only behind what was ahead before. Returns the row's bytes, or 0 where it is
 * not plain or above a limit. *ascii: of all of it.
 */
size_t dataset_json_scan_take(struct dataset_json_scan *s, struct span ahead, uint64_t at,
                              const struct rows_limits *limits, struct cell *cell, size_t cells,
                              bool *ascii);

#endif
