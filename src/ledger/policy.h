/*
 * C2SP tlog-policy: which logs and witnesses are trusted, and how many witnesses
 * must have cosigned. The same rule is used by bundles, receipts and witnesses.
 */
#ifndef LEDGER_POLICY_H
#define LEDGER_POLICY_H

#include "base/arena.h"
#include "format/note.h"

enum { POLICY_MAX = 64 * 1024, POLICY_NAMES_MAX = 256 };

struct policy; /* with all it holds in the arena that it was parsed into */

bool policy_parse(struct arena *a, struct span text, struct policy **out, struct err *e);

/* The log key whose name is `origin`, or NULL. Several keys of one origin: the i-th. */
const struct note_key *policy_log(const struct policy *p, struct span origin, size_t i);

/*
 * Does the note satisfy the quorum? *cosigned counts witnesses with a good cosignature,
 * also where they are too few: ERR_STATE. A bad cosignature by a known witness refuses
 * the whole note: ERR_FORMAT, and *cosigned is not set.
 */
bool policy_quorum(const struct policy *p, const struct note *n, size_t *cosigned, struct err *e);

/* How many witnesses the quorum asks for at the least; 0 for "quorum none". */
size_t policy_witnesses_needed(const struct policy *p);

#endif
