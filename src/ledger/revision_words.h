/*
 * What a revision's entry says of its data, in words for people: the same ones in receipts,
 * commands and pages.
 */
#ifndef LEDGER_REVISION_WORDS_H
#define LEDGER_REVISION_WORDS_H

#include "ledger/entry.h"

/* "header only: the same data"; "not compared" if unknown. */
const char *change_words(enum change c);

#define CHANGE_BACK_TO "back to the data of "

/*
 * With its counts: "34 records added, 2 changed, 1 removed". `number`: of the
 * revision; `previous`: there is one before it in its format. `back_to`: what `reverted` names,
 * "revision 3"; NULL: not said.
 */
void revision_change_words(struct buf *b, uint64_t number, bool previous,
                           const struct revision_change *c, const char *back_to);

/* The columns that tell records apart, by who names them: "that of the standard". */
const char *key_words(enum key_source k);

#endif
