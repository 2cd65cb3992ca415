/*
 * What a file of a transfer is: its format, its datasets, their columns and how
 * many records; or the issues for which it is held.
 */
#ifndef JOB_EXAMINE_H
#define JOB_EXAMINE_H

#include "base/issue.h"
#include "content/compare.h"
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
    bool read;        /* columns and records are known */
    uint64_t records; /* or ENTRY_NONE */

    /* Where it was read and digests were asked for; else data says that there are none. */
    struct revision_data data;
    uint8_t *secret; /* CHACHA20_KEY fresh bytes; data.secret is their hash */
};

/* examine_close it: it has secrets. */
struct examined {
    enum data_format format;
    size_t members;
    struct examined_member *member;
};

/* What the files of one transfer are read with. */
struct examine_with {
    struct home *home;
    struct span study;
    uint64_t entry; /* of the transfer: no two are read with one */
    const struct conf_study *conf;
    const struct typing *of_study, *of_transfer;
    struct span
        folder; /* the transfer's folder name if it says a kind of data ("sdtm"), else empty */
};

/* A file, by the name under which it came, and its bytes. */
struct examine_of {
    struct span file;
    struct hash object;
    bool digests; /* wanted; a file whose bytes are known has them already */
};

/*
 * The file is held where `issues` has a bad one afterwards; then out has no
 * members. False only where the object could not be read.
 */
bool examine_file(const struct examine_with *with, const struct examine_of *of, struct arena *a,
                  struct issues *issues, struct examined *out, struct err *e);
void examine_close(struct examined *x);

/* A member of a file. */
struct examine_member {
    struct examine_of of;
    struct span member; /* its name; empty: the first */
};

/*
 * Reads one member again, of this file or of one that came earlier and is read as if it came now.
 * `like`: whose key it is to have; NULL: its own; where it
 * does not have these columns, all. m->of.digests: examine_data will be asked, too. *out is NULL
 * where it cannot be read so; else content_close it.
 */
bool examine_again(const struct examine_with *with, const struct examine_member *m,
                   const struct content *like, struct content **out, struct err *e);

/*
 * How a member differs from one that came earlier and is read as if it came now: as
 * compare_contents has it, where that is found by reading both in step (compare_in_step). *found is
 * false where it is not, or where one of them cannot be read.
 */
bool examine_in_step(const struct examine_with *with, const struct examine_member *before,
                     const struct examine_member *now, bool *found, struct comparison *out,
                     struct err *e);

/* What an entry says of a content, without root and secret. examine_data takes its sorted hashes.
 */
void examine_say(const struct content *c, const struct content_digests *d, struct hash schema,
                 struct revision_data *out);
bool examine_data(struct content *c, struct hash schema, struct revision_data *out, struct err *e);

/* Does study.conf say that this file is not looked into? */
bool examine_is_opaque(const struct conf_study *conf, struct arena *a, struct span folder,
                       struct span file);

/* A name or label as text: as it is if it is UTF-8; else every byte above ASCII becomes U+FFFD.
 * NULs are dropped. */
struct span examine_text(struct arena *a, struct span s);

/* The folder names that become the first part of a dataset's name: sdtm, adam, send, ... */
bool examine_folder_check(struct span name);

#endif
