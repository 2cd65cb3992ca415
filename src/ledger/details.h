/* The detached text of a transfer, read back (docs/FORMAT.md, chapter 4). */
#ifndef LEDGER_DETAILS_H
#define LEDGER_DETAILS_H

#include "base/arena.h"
#include "base/err.h"
#include "crypto/sha256.h"

/* Spans live in the arena; empty where FORMAT has null. */
struct details_dataset {
    struct span dataset, outcome;
    uint64_t entry, member, revision;
};

struct details_issue {
    struct span id, place, detail;
};

struct details_file {
    struct span name, outcome, sha256;
    uint64_t size; /* or ENTRY_NONE */
    size_t datasets, issues;
    struct details_dataset *dataset;
    struct details_issue *issue;
};

struct transfer_details {
    struct span id, name, reason, statement;
    size_t files;
    struct details_file *file;
};

/* The same for the text of a refused transfer: one file without a name has its issues. */
bool refusal_details_parse(struct arena *a, struct span text, struct transfer_details *out,
                           struct err *e);

/* A text that detached_check accepts, else ERR_FORMAT. */
bool transfer_details_parse(struct arena *a, struct span text, struct transfer_details *out,
                            struct err *e);

#endif
