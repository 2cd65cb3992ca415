/*
 * Which notarized revision is a file in hand? By its bytes; else by the digests of its data, which
 * entries hold; else by reading revisions that might be it, or be near to it.
 */
#ifndef CLI_IDENTIFY_H
#define CLI_IDENTIFY_H

#include "cli/data_file.h"
#include "cli/place.h"
#include "job/typing.h"

enum {
    IDENTIFY_READ_MAX = 200,     /* revisions that are read for a dataset of the file, and ways in
                                    which it is read itself */
    IDENTIFY_COLUMNS_MAX = 1000, /* datasets whose columns are looked at */
};

struct candidate {
    struct span study;
    struct catalog_revision revision; /* its spans in the cli's arena */
};

/* How many columns are called alike. */
struct columns_alike {
    size_t both, only_file, only_revision;
};

/* What says how a file is read that does not say it itself: the command, or a study. */
struct identify_reading {
    const struct define *define; /* or NULL */
    struct span dataset;         /* the name there, of a CSV */
    const struct span *missing;
    size_t missings;
    struct encoding *encoding; /* or NULL */
    bool by_study;             /* so that what cannot be read so is only not the same */
};

struct identify {
    struct cli *c;
    struct data_file *file;
    const struct data_options *options;
    int folder;                       /* for scratch files */
    struct identify_study **of_study; /* what each says, once it was asked for */
    size_t of_studies, of_cap;
    struct span study; /* that is looked at */
    bool found;        /* bytes, or data */

    /* The dataset of the file that is looked for. */
    struct span member;
    struct revision_data data; /* without key and tree */
    uint64_t records;
    size_t columns;
    const struct span *column; /* canonical names, in the cli's arena */

    /* The best so far. */
    bool has_best;
    struct candidate best;
    struct comparison best_is;
};

struct candidate candidate_copy(const struct identify *s, const struct catalog_revision *x);

/* What the dataset is called, in the file or by it. */
struct span identify_name(const struct identify *s);

bool identify_called_alike(const struct identify *s, const struct catalog_revision *x);

/* By the digests that entries have of the data, and that the file's data has: sets found. */
bool identify_by_digests(struct identify *s, struct err *e);

/* Takes it where it is the same data, else where it is nearer than the best so far. */
void identify_take(struct identify *s, const struct candidate *x, const struct comparison *found);

/* The study that the command names, or each. */
bool identify_each_study(struct identify *s, void *ctx,
                         bool (*each)(void *ctx, struct span study, struct err *e), struct err *e);

/* --- identify_read.c: with the bytes of revisions --- */

/*
 * Reads the member of the file: fills data, records and columns. *fits is false where what a study
 * says is not so of this file.
 */
bool identify_read_file(struct identify *s, const struct identify_reading *as, bool *fits,
                        struct err *e);

/* Of revisions called like it those that no digest tells apart from it; up to the first that is it.
 */
bool identify_by_reading(struct identify *s, struct err *e);

/* Of the datasets that are called like it or named in `like`: the most records in common. */
bool identify_nearest(struct identify *s, const struct candidate *like, size_t count,
                      struct err *e);

/* --- identify_typing.c: with what studies say of their files --- */

/* As the command's options say. */
struct identify_reading identify_reading_of_options(const struct identify *s);

/* As the revision was read; where nobody knows that any more, as its study would read it now. The
 * command's options come first, if there are any. */
bool identify_reading_of(struct identify *s, const struct candidate *x,
                         struct identify_reading *out, struct err *e);

/* By digests, with the file read as revisions with as many columns were. */
bool identify_by_typing(struct identify *s, struct err *e);

void identify_typing_close(struct identify *s);

/* --- identify_columns.c: with the detached texts of revisions --- */

struct columns_found {
    struct candidate *alike; /* those with the same columns; identify_columns_close it */
    size_t count;
    struct candidate nearest; /* the one with the most in common ... */
    struct columns_alike is;  /* ... if that is any */
};

/* Among the newest revisions of all datasets. */
bool identify_columns(struct identify *s, struct columns_found *out, struct err *e);
void identify_columns_close(struct columns_found *f);

#endif
