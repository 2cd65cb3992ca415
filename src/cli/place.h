/*
 * How people name things: STUDY, STUDY/DATASET, STUDY/DATASET@REVISION, STUDY#ENTRY. A study name
 * has no '/', a dataset name may have. Dataset names match whatever the case.
 */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include "cli/cli.h"
#include "ledger/entry.h"
#include "store/log.h"

struct place {
    struct span study;
    struct span dataset; /* empty: none was named */
    bool has_revision, has_entry;
    uint64_t revision, entry;
};

/* Syntax only. */
bool place_parse(struct span text, struct place *out, struct err *e);

/* The study is there. */
bool place_study(struct cli *c, struct span study, struct err *e);

/* The dataset as it is spelled in the catalog; ERR_USAGE where there is none. Opens nothing. */
bool place_dataset(struct cli *c, struct place *p, struct err *e);

/*
 * The revision that is named: by number, or the last one. ERR_USAGE where there is none, where
 * the last one is withdrawn, or where the dataset comes in several formats: it names them.
 */
bool place_revision(struct cli *c, struct place *p, struct catalog_revision *out, struct err *e);

/* A study's published ledger, for reading. Close the log with log_close. */
struct ledger {
    struct log *log;
    struct checkpoint checkpoint; /* size 0 where nothing was published */
};
bool ledger_open(struct cli *c, struct span study, struct ledger *out, struct err *e);

/* One entry; its bytes live in the cli's arena. */
bool ledger_entry(struct cli *c, const struct ledger *l, uint64_t index, struct span *bytes,
                  struct entry *out, struct err *e);

#endif
