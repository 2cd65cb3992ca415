/*
 * What a file of a transfer is: its format, its datasets, their columns and how
 * many records; or the issues for which it is held.
 */
#ifndef JOB_EXAMINE_H
#define JOB_EXAMINE_H

#include "base/issue.h"
#include "job/typing.h"
#include "ledger/entry.h"

/* Texts are valid UTF-8 whatever the file holds, and live in the arena. */
struct examined_column {
    struct span name, label;
    const char *type; /* "text", "number" or "undeclared" */
    uint64_t length;  /* or ENTRY_NONE */
    size_t key;       /* place in the key of the records from 1; 0: not in it */
};

struct examined_member {
    struct span dataset; /* name of the dataset */
    struct span name;    /* of the member in the file, or empty */
    struct span label, writer;
    size_t columns;
    struct examined_column *column;
    bool read;          /* columns and records are known */
    uint64_t records;   /* or ENTRY_NONE */
    bool defined;       /* something else than the file typed or keyed its columns: */
    struct hash schema; /* the Define-XML or CSV schema whose bytes have this hash */
};

struct examined {
    enum data_format format;
    size_t members;
    struct examined_member *member;
};

/* What the files of one transfer are read with. */
struct examine_with {
    const struct home *home;
    const struct conf_study *conf;
    const struct typing *of_study, *of_transfer;
    struct span
        folder; /* the transfer's folder name if it says a kind of data ("sdtm"), else empty */
};

/*
 * The file is held where `issues` has a bad one afterwards; then out has no
 * members. False only where the object could not be read.
 */
bool examine_file(const struct examine_with *with, struct span file, struct hash object,
                  struct arena *a, struct issues *issues, struct examined *out, struct err *e);

/* Does study.conf say that this file is not looked into? */
bool examine_is_opaque(const struct conf_study *conf, struct arena *a, struct span folder,
                       struct span file);

/* A name or label as text: as it is if it is UTF-8; else every byte above ASCII becomes U+FFFD.
 * NULs are dropped. */
struct span examine_text(struct arena *a, struct span s);

/* The folder names that become the first part of a dataset's name: sdtm, adam, send, ... */
bool examine_folder_check(struct span name);

#endif
