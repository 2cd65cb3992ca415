/* TRANSFER.json: what the sender states about a transfer (docs/FORMAT.md, chapter 10). */
#ifndef JOB_STATEMENT_H
#define JOB_STATEMENT_H

#include "base/arena.h"
#include "base/err.h"
#include "ledger/entry.h"

#define STATEMENT_FILE "TRANSFER.json"

struct statement_dataset {
    struct span file;
    uint64_t records; /* or ENTRY_NONE */
    struct span reason;
};

/* `struct statement s = {0};` states nothing. Spans live in the arena; empty: not stated. */
struct statement {
    enum transfer_kind kind;
    enum transfer_scope scope;
    struct span cutoff, reason;
    size_t datasets;
    struct statement_dataset *dataset;
};

bool statement_parse(struct arena *a, struct span text, struct statement *out, struct err *e);

/* What it says of a file, or NULL. */
const struct statement_dataset *statement_find(const struct statement *s, struct span file);

#endif
