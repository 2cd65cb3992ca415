/*
 * What a revision's entry says of its data, in words for people: the same ones in receipts,
 * commands and pages.
 */
#ifndef LEDGER_REVISION_WORDS_H
#define LEDGER_REVISION_WORDS_H

#include "ledger/twin.h"

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

/*
 * Behind what a revision changed: "; metadata only: the same data as revision 3 (xpt)", or
 * "LB@3 (csv, withdrawn)" in another dataset; nothing where there is no twin. In parts, for pages
 * that have links: what stands before the name, the name, and what stands behind it.
 */
void twin_words(struct buf *b, const struct twin *t);
void twin_words_before(struct buf *b, const struct twin *t);
void twin_words_name(struct buf *b, const struct twin *t);
void twin_words_behind(struct buf *b, const struct twin *t);

/* The columns that tell records apart, by who names them: "that of the standard". */
const char *key_words(enum key_source k);

#endif
