/*
 * What becomes of each file of a transfer, decided before anything is written
 * into the ledger: new revisions, unchanged, held. Detached texts of new
 * revisions are put as they are decided, so memory does not grow with them.
 */
#ifndef JOB_PLAN_H
#define JOB_PLAN_H

#include "base/name_map.h"
#include "job/examine.h"
#include "job/incoming.h"
#include "job/statement.h"
#include "study/append.h"

enum plan_outcome { PLAN_NEW, PLAN_UNCHANGED, PLAN_HELD, PLAN_STATEMENT };

struct plan_member {
    struct span dataset;
    bool new;
    uint64_t revision;         /* its number: new or existing */
    uint64_t entry;            /* its entry: new or existing */
    uint64_t previous;         /* entry, or ENTRY_NONE; for a new one */
    uint64_t columns, records; /* or ENTRY_NONE */
    struct hash details;       /* of a new one; so are these */
    struct revision_data data;
    struct revision_change against; /* the previous one */
};

struct plan_file {
    struct incoming_file *in;
    enum plan_outcome outcome;
    enum data_format format;
    size_t members;
    struct plan_member *member;
    struct hash details; /* of the refusal, if held */
};

struct plan_dataset {
    struct span name;
    uint64_t last;           /* number of the last revision, planned ones included */
    bool here[DATA_FORMATS]; /* this transfer has it in that format */
};

struct plan {
    struct home *home;
    struct catalog *catalog;
    struct objects_put *put; /* takes the detached texts */
    struct batch *secrets;   /* takes the secrets of new revisions */
    const char *study;
    const struct conf_study *conf;
    const struct typing *typing; /* of the study */
    struct incoming *in;
    struct arena arena;

    uint64_t first;             /* entry of the transfer; its revisions follow, then its refusals */
    struct typing came;         /* schemas of the transfer */
    struct span statement_text; /* empty: none */
    struct statement statement;
    struct plan_file *file; /* one for each of in->file */
    uint64_t new, unchanged, held, revisions;

    struct name_map names;   /* to indexes of dataset */
    struct name_map folders; /* names, and their parts up to each '/': the same, of the first */
    struct plan_dataset *dataset;
    size_t datasets, dataset_cap;
};

/*
 * home .. in and `first` are set by the caller; objects of the files are durable. False only
 * where the home could not be read or written.
 */
bool plan_make(struct plan *p, struct err *e);
void plan_close(struct plan *p);

/* A fresh salt for a detached text; `what` and `number` are unique within the transfer. */
bool plan_salt(const struct plan *p, const char *what, uint64_t number, struct hash *out,
               struct err *e);

struct json_out;
/* The member "issues" of a detached text: the samples that were kept. */
void plan_write_issues(struct json_out *o, const struct issues *issues);

/* A string, or null where it is empty. */
void plan_write_text_or_null(struct json_out *o, const char *name, struct span s);

#endif
