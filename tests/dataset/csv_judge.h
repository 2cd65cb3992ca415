/*
 * csv_scan beside libcsv, and beside what its header says that it takes: for tests and for fuzzing.
 */
#ifndef TESTS_DATASET_CSV_JUDGE_H
#define TESTS_DATASET_CSV_JUDGE_H

#include "dataset/csv_scan.h"

/* Rows of a file that were taken, and those that were not plain. */
struct csv_judged {
    size_t taken, passed;
};

/*
 * Scans any bytes. False where a row was taken that is not plain or that libcsv cuts otherwise, or
 * where a plain one was not taken.
 */
bool csv_judge(struct span file, const struct mark_way *way, struct csv_judged *out);

#endif
