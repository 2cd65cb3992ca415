/*
 * The fast way to read an entry. Entries are canonical, so a kind has one shape: constant text with
 * values between; this compares the text and reads the values, without building a tree. What it
 * takes, entry_parse takes with the same result; a few texts that entry_parse takes (a character
 * outside printable ASCII, an escape) it leaves to that.
 */
#ifndef LEDGER_ENTRY_MATCH_H
#define LEDGER_ENTRY_MATCH_H

#include "ledger/entry.h"

/* Spans of *out lie in `bytes`. False: ask entry_parse. */
bool entry_match(struct span bytes, struct entry *out);

#endif
