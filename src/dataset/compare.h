/*
 * Do two files hold the same data? Member by member, whatever their formats.
 */
#ifndef DATASET_COMPARE_H
#define DATASET_COMPARE_H

#include "dataset/content.h"

/* From the same to the most different. */
enum change {
    CHANGE_NONE,     /* the same bytes */
    CHANGE_HEADER,   /* data and metadata the same: when, by what and how the file was written */
    CHANGE_METADATA, /* labels, lengths, types, formats or keys */
    CHANGE_COLUMN_ORDER,
    CHANGE_RECORD_ORDER, /* and perhaps those above */
    CHANGE_FUZZ,         /* numbers differ, but not in their first 15 digits */
    CHANGE_DATA,
};

const char *change_name(enum change c); /* "none", "header", "metadata", "column-order", ... */
bool change_is_data(enum change c);     /* CHANGE_FUZZ and CHANGE_DATA */

/* Of two members. */
struct comparison {
    enum change change; /* never CHANGE_NONE: bytes are not looked at */
    bool names_differ;  /* the columns are not the same ones */
    struct content_difference records;
};

/* Takes the sorted hashes of both, if it needs them. */
bool compare_contents(struct content *a, struct content *b, struct comparison *out, struct err *e);

#endif
