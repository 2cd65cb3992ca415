/* dataset_json_scan beside the tokenizer, for tests and for fuzzing. */
#ifndef TESTS_DATASET_JSON_JUDGE_H
#define TESTS_DATASET_JSON_JUDGE_H

#include "dataset/dataset_json_scan.h"

/* Rows that were taken, and those that were well-formed and not plain. */
struct json_judged {
    size_t taken, passed;
    size_t looks; /* anew: behind the first */
};

/*
 * Scans what follows the first '[' of any bytes, array after array, up to one that is malformed.
 * False where a row was taken that the tokenizer refuses or reads otherwise.
 */
bool json_judge(struct span file, const struct mark_way *way, struct json_judged *out);

#endif
