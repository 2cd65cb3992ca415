/*
 * How two datasets differ (FORMAT 12.7): their records are walked side by side, in order of sort
 * key, then hash, then strict hash.
 */
#ifndef CONTENT_RECORD_CHANGES_H
#define CONTENT_RECORD_CHANGES_H

#include "content/record_index.h"

/* By key. */
struct content_changes {
    uint64_t added, removed, changed;
};

/* Records, by what they are at 15 digits, with repeats; `strict`, where none is in one of the two
 * only: they are the same at all digits. */
struct content_difference {
    uint64_t both, only_a, only_b;
    bool strict;
};

/* Records in that order. *out is valid until the next call; *more is false behind the last. */
struct record_source {
    bool (*next)(void *ctx, struct record_parts *out, bool *more, struct err *e);
    void *ctx;
};

/*
 * Of two datasets with the same key. same_columns: all columns are called the same; else no
 * record is the same as one of the other, whatever its hash, and *difference says nothing.
 */
bool record_changes_between(struct record_source before, struct record_source after,
                            bool same_columns, struct content_changes *out,
                            struct content_difference *difference, struct err *e);

/* The same of what lies in two indexes. */
bool record_changes(const struct record_index *before, const struct record_index *after,
                    bool same_columns, struct content_changes *out, struct err *e);

#endif
