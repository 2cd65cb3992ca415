/* What a study's log key signed: checkpoints of its ledger, wherever they lie. */
#ifndef STUDY_SIGNED_H
#define STUDY_SIGNED_H

#include "format/note.h"
#include "ledger/checkpoint.h"
#include "store/log.h"

/* The public log key of a study of this home; its name is the ledger's origin. */
bool signed_key(const struct home *h, struct span study, struct arena *a, struct note_key *out,
                struct err *e);

/*
 * A ledger without its home, judged by the key that its own entry 0 names: that it agrees with
 * itself, not who made it. *out lives in `a`; size 0 where nothing was published.
 */
bool signed_by_itself(struct log *l, struct arena *a, struct checkpoint *out, struct err *e);

/* ERR_FORMAT: not a note of this ledger's checkpoint that the key signed. *out lives in note. */
bool signed_checkpoint(struct arena *a, struct span note, const struct note_key *key,
                       struct checkpoint *out, struct err *e);

#endif
