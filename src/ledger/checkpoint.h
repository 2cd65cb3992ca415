/* C2SP tlog-checkpoint v1.0.0: origin, size and root as the text of a signed note. */
#ifndef LEDGER_CHECKPOINT_H
#define LEDGER_CHECKPOINT_H

#include "base/buf.h"
#include "base/err.h"
#include "crypto/sha256.h"

enum { CHECKPOINT_MAX = 64 * 1024, ORIGIN_MAX = 200 };
#define CHECKPOINT_SIZE_MAX ((uint64_t)INT64_MAX) /* sizes are below 2^63 */

struct checkpoint {
    struct span origin;
    uint64_t size; /* < 2^63 */
    struct hash root;
    struct span extensions; /* further lines, LF included; ours has none */
};

/*
 * The text of the note, LF of the last line included. Any origin is taken that the
 * format allows, also with blanks; ours pass origin_check. *out borrows from text.
 */
bool checkpoint_parse(struct span text, struct checkpoint *out, struct err *e);
void checkpoint_write(struct buf *b, const struct checkpoint *c);

/* A key name as signed notes allow it and as short as ORIGIN_MAX; printable ASCII here. */
bool origin_check(struct span origin);

#endif
