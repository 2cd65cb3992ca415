/*
 * The fast way to read an entry. Entries are canonical, so a kind has one shape: constant text with
 * values between; this compares the text and reads the values, without building a tree. What it
 * takes, entry_parse takes with the same result; a few texts that entry_parse takes (a character
 * outside printable ASCII, an escape) it leaves to that.
 */
#ifndef LEDGER_ENTRY_MATCH_H
#define LEDGER_ENTRY_MATCH_H

#include "ledger/entry.h"

/* More than the values of any kind: the members of its predicate, and the subject. */
enum { ENTRY_VALUES_MAX = 40 };

/* Spans of *out lie in `bytes`. False: ask entry_parse. */
bool entry_match(struct span bytes, struct entry *out);

/*
 * The same for entries one behind the other, most of which are like the one before: where the text
 * is the same, the values are. {0} before the first.
 */
struct entry_before {
    struct span text; /* of the last one, if it was matched */
    const struct entry *x;
    struct entry_place {
        uint16_t begin, end;
        bool borrowed;             /* a span of the text */
    } value[ENTRY_VALUES_MAX + 1]; /* where its values lie; behind the last, where it ends */
};

/* `bytes` and *out must stay as they are until the next call. */
bool entry_match_next(struct entry_before *b, struct span bytes, struct entry *out);

#endif
