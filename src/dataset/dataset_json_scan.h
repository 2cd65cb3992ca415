/*
 * The way of most rows of Dataset-JSON: strings without escapes, all ASCII, and values one behind
 * the other, cut where they lie. What is not plain (blanks but one behind a comma, an escape,
 * anything malformed, a row that does not end in what is ahead) it leaves to the tokenizer, which
 * knows all of RFC 8259 and says what is wrong. Both agree on every row that this one takes.
 */
#ifndef DATASET_DATASET_JSON_SCAN_H
#define DATASET_DATASET_JSON_SCAN_H

#include "dataset/rows.h"

/*
 * The row at the front of `ahead`: an array of as many values as there are cells. Returns its
 * bytes, or 0 where it is not plain or above a limit.
 */
size_t dataset_json_scan(struct span ahead, const struct rows_limits *limits, struct cell *cell,
                         size_t cells);

#endif
