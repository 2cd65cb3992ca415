/*
 * The digests of a dataset (FORMAT 12.3), from one reading of its rows; its records by key, with
 * their tree (12.5, 12.6); and how two datasets differ, as bags of records and by key (12.7).
 *
 *     struct content *c;
 *     struct content_input in = {.records = {.rows = rows, .notes = &notes, .key = &key},
 *                                .folder = folder};
 *     if (!content_read(&in, &c, e))     to the member's end
 *         return false;
 *     bool good = content_digests(c, &digests, e);
 *     content_close(c);
 */
#ifndef CONTENT_CONTENT_H
#define CONTENT_CONTENT_H

#include "content/record_batch.h"
#include "content/record_changes.h"
#include "content/record_tree.h"

struct content; /* opaque: digests, and the hashes of all records, sorted in a bounded memory */

struct content_input {
    struct record_input records;
    int folder;            /* descriptor of where scratch files may be */
    size_t memory;         /* bytes of records by key that are sorted at a time; 0: the default */
    bool by_key_only;      /* neither content_digests nor content_compare will be asked */
    const uint8_t *secret; /* of the record tree, CHACHA20_KEY bytes; NULL: no tree */
};

/*
 * Reads the current member to its end. folder and secret outlive the content. False where
 * rows_next fails, with its error, or the scratch file does.
 */
bool content_read(const struct content_input *in, struct content **out, struct err *e);
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
    const bool *is_text; /* whether their class is text (FORMAT 12.1); until content_close */
    size_t column_count;
    struct hash ordered, strict_ordered; /* of the records as they came */

    /* With a key; without one it is KEY_UNREAD, and these say nothing. */
    enum key_source key_from;
    const struct span *key; /* canonical names, in the key's order; until content_close */
    size_t key_count;
    uint64_t duplicates; /* records whose key an earlier one has, too */
    bool in_order;       /* they came in order of the key, repeats included */
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

/* Whether both hold the same records, and how many they do. */
bool content_compare(struct content *a, struct content *b, struct content_difference *out,
                     struct err *e);

/* The root of the record tree; with a key and a secret. One call for each content. */
bool content_tree(const struct content *c, struct hash *root, struct err *e);

/* Both at once, on two processors where there are two: they come from different things. */
bool content_digests_and_tree(struct content *c, struct content_digests *out, struct hash *root,
                              struct err *e);

/*
 * How `after` differs from `before`, by key; both contents have one. Where the keys are not of the
 * same columns, no record is one of the other dataset.
 */
bool content_changes(const struct content *before, const struct content *after,
                     struct content_changes *out, struct err *e);

/* The keys are of the same columns. */
bool content_same_key(const struct content_order *a, const struct content_order *b);

/*
 * What is known of a member before its records are: columns and key, in the arena; and what is
 * known behind the last one, too.
 */
struct content_order content_outline(const struct canonical *form, size_t columns,
                                     const struct dataset_key *key, struct arena *a);
void content_outline_end(struct content_order *o, const struct dataset_info *info);

#endif
