/*
 * Do two files hold the same data? Member by member, whatever their formats.
 */
#ifndef CONTENT_COMPARE_H
#define CONTENT_COMPARE_H

#include "content/content.h"
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

/*
 * Reads two members side by side, where there are two processors at the same time, by the key of b,
 * and keeps nothing: as long as both have the same records in the same sequence, sorted or not, or
 * both have theirs in the order of their keys. True: so they did, and *out is what
 * compare_contents has; *of_a and *of_b, in the arena, say what records there are: names, key,
 * duplicates, metadata, but no digest and nothing of their order. False: they did not, or one
 * cannot be read; nothing is known. Their `notes` are not the same list.
 */
bool compare_in_step(const struct record_input *a, const struct record_input *b,
                     struct arena *arena, struct comparison *out, struct content_order *of_a,
                     struct content_order *of_b);

/* Takes the sorted hashes of both, if it needs them. */
bool compare_contents(struct content *a, struct content *b, struct comparison *out, struct err *e);

#endif
