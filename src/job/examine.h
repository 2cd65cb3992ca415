/*
 * What a file of a transfer is: its format, its datasets, their columns and how
 * many records; or the issues for which it is held.
 */
#ifndef JOB_EXAMINE_H
#define JOB_EXAMINE_H

#include "base/issue.h"
#include "ledger/entry.h"
#include "store/conf.h"
#include "store/home.h"

/* Texts are valid UTF-8 whatever the file holds, and live in the arena. */
struct examined_column {
    struct span name, label;
    const char *type; /* "text", "number" or "undeclared" */
    uint64_t length;  /* or ENTRY_NONE */
};

struct examined_member {
    struct span dataset; /* name of the dataset */
    struct span name;    /* of the member in the file, or empty */
    struct span label, writer;
    size_t columns;
    struct examined_column *column;
    bool read;        /* columns and records are known */
    uint64_t records; /* or ENTRY_NONE */
};

struct examined {
    enum data_format format;
    size_t members;
    struct examined_member *member;
};

/*
 * `folder` is the transfer's folder name if it says a kind of data ("sdtm"), else
 * empty. The file is held where `issues` has a bad one afterwards; then out has no
 * members. False only where the object could not be read.
 */
bool examine_file(const struct home *h, const struct conf_study *conf, struct span folder,
                  struct span file, struct hash object, struct arena *a, struct issues *issues,
                  struct examined *out, struct err *e);

/* A name or label as text: as it is if it is UTF-8; else every byte above ASCII becomes U+FFFD.
 * NULs are dropped. */
struct span examine_text(struct arena *a, struct span s);

/* The folder names that become the first part of a dataset's name: sdtm, adam, send, ... */
bool examine_folder_check(struct span name);

#endif
