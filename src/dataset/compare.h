/*
 * Do two files hold the same data? Member by member, whatever their formats.
 */
#ifndef DATASET_COMPARE_H
#define DATASET_COMPARE_H

#include "dataset/content.h"
#include "ledger/entry.h"

bool change_is_data(enum change c); /* CHANGE_FUZZ and CHANGE_DATA */

/* Of two members. */
struct comparison {
    enum change change; /* CHANGE_HEADER or more: bytes are not looked at */
    bool names_differ;  /* the columns are not the same ones */
    struct content_difference records;
    bool keyed; /* both have the same key: by it, changes are counted where the data differ */
    struct content_changes changes;
};

/* Takes the sorted hashes of both, if it needs them. */
bool compare_contents(struct content *a, struct content *b, struct comparison *out, struct err *e);

#endif
