/*
 * The digests of a dataset (FORMAT 12.3), from one reading of its rows, and how two
 * datasets differ as bags of records.
 *
 *     struct content *c;
 *     if (!content_read(rows, folder, &notes, name, &c, e))     to the member's end
 *         return false;
 *     bool good = content_digests(c, &digests, e);
 *     content_close(c);
 */
#ifndef DATASET_CONTENT_H
#define DATASET_CONTENT_H

#include "dataset/canonical.h"

struct content; /* opaque: digests, and the hashes of all records, sorted in a bounded memory */

/*
 * Reads the current member to its end. `folder`: a descriptor of where scratch files may be,
 * which outlives the content, as do `notes`, for what is odd about values, and `place`. False where
 * rows_next fails, with its error, or the scratch file does.
 */
bool content_read(struct rows *rows, int folder, struct issues *notes, const char *place,
                  struct content **out, struct err *e);
void content_close(struct content *c); /* NULL is fine */

/* Keeps little in memory until the content is asked again: for one of many. */
bool content_park(struct content *c, struct err *e);

/* Known at once. `rounded`: some number has more than 15 digits; else both are the same. */
struct content_order {
    uint64_t records;
    bool rounded;
    struct hash metadata, columns;
    struct hash metadata_by_name; /* the same for files that differ in the order of columns */
    const struct span *name;      /* of the columns, canonical, in order; until content_close */
    size_t column_count;
    struct hash ordered, strict_ordered; /* of the records as they came */
};

struct content_order content_order(const struct content *c);

/*
 * The same without the order of the records. These need the sorted hashes, which can be
 * taken once: one call of either function for each content.
 */
struct content_digests {
    struct hash unordered, strict_unordered;
};

bool content_digests(struct content *c, struct content_digests *out, struct err *e);

/* Records, by what they are at 15 digits, with repeats; `strict`: the rest is the same at all
 * digits. */
struct content_difference {
    uint64_t both, only_a, only_b;
    bool strict;
};

bool content_compare(struct content *a, struct content *b, struct content_difference *out,
                     struct err *e);

#endif
