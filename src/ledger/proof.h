/* C2SP tlog-proof@v1: one entry's inclusion in a signed checkpoint, in one text. */
#ifndef LEDGER_PROOF_H
#define LEDGER_PROOF_H

#include "base/arena.h"
#include "base/buf.h"
#include "ledger/tree.h"

enum { PROOF_MAX = 128 * 1024, PROOF_EXTRA_MAX = 48 * 1024 };

struct proof {
    struct span extra; /* unauthenticated; empty where the line is absent */
    uint64_t index;
    struct tree_proof path;
    struct span checkpoint; /* the signed note, verbatim */
};

/*
 * Strict: canonical decimal and base64, LF, every hash 32 bytes; the checkpoint is
 * a signed note whose text is a checkpoint. Does not verify anything: neither that
 * index is below the checkpoint's size nor the path nor a signature. The checkpoint
 * is borrowed from text, the extra data is in the arena.
 */
bool proof_parse(struct arena *a, struct span text, struct proof *out, struct err *e);
void proof_write(struct buf *b, const struct proof *p);

#endif
