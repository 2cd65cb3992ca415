/*
 * The home: one folder that holds everything (docs/DESIGN.md, "The home").
 * Folders 0700 and files 0600, ours alone; on a local file system. Only home_init
 * makes one, whole or not at all.
 */
#ifndef STORE_HOME_H
#define STORE_HOME_H

#include "crypto/sha256.h"
#include "os/lock.h"
#include "store/conf.h"

#define HOME_CONF    "trialseal.conf"
#define HOME_LOCK    "lock"
#define HOME_CATALOG "catalog.db"
#define HOME_TSA     "tsa.pem"
#define HOME_ALARM   "alarm" /* store/alarm.h */

enum home_use {
    HOME_READ, /* no lock: others may be writing */
    HOME_WORK, /* takes the home's lock: ERR_BUSY where another run has it; sweeps leftovers */
    HOME_MEND, /* the same; but while an integrity alarm stands, only this one opens, not HOME_WORK
                */
};

struct home {
    const char *path;
    enum home_use use;
    struct conf_home conf;
    struct lock lock;
    int root, keys, secrets, studies, inbox, outbox, ledger, objects; /* folders */
    struct arena arena;
};

/*
 * Makes the home in a sibling folder and renames it: configuration, folders, empty
 * catalog and the notary key. `path` is absent or an empty folder, its parent
 * exists. origin: store/conf.h, conf_origin_check.
 */
bool home_init(const char *path, struct span origin, bool test, struct err *e);

/*
 * The same for a home that is filled otherwise: `fill` gets one that has its folder h->root and
 * nothing in it, and calls home_load. What a killed one left beside it is removed.
 */
bool home_make(const char *path, bool (*fill)(void *ctx, struct home *h, struct err *e), void *ctx,
               struct err *e);

/* Reads trialseal.conf, which `fill` put there; makes and opens the folders. */
bool home_load(struct home *h, struct err *e);

bool home_open(const char *path, enum home_use use, struct home **out, struct err *e);
void home_close(struct home *h); /* NULL is fine */

/*
 * Now, in seconds since 1970, or `given` (--now), which only a test home permits;
 * HOME_NO_TIME if none.
 */
#define HOME_NO_TIME INT64_MIN
bool home_now(const struct home *h, int64_t given, int64_t *out, struct err *e);

/*
 * 32 fresh random bytes: a salt or the seed of a key. In a test home they are
 * SHA-256 of a fixed text, the study, the number and the purpose, so that the same
 * commands give the same bytes; so no two uses may share all three.
 */
bool home_random(const struct home *h, struct span study, uint64_t number, const char *purpose,
                 uint8_t out[32], struct err *e);

/* "<home origin>/<study>", in a. */
struct span home_study_origin(const struct home *h, struct arena *a, struct span study);

/*
 * Makes the folders of a study, study.conf and its log key. What is there already
 * is kept, so a killed `study add` can be repeated. ERR_USAGE: a name that is not
 * one, or that differs from another study's in case only.
 */
bool home_study_make(struct home *h, struct span study, struct err *e);

/*
 * HOME/tsa.pem: the time-stamp authorities that are trusted (FORMAT, chapter 8); not parsed. Empty
 * with .p == NULL where there is none.
 */
bool home_tsa(const struct home *h, struct arena *a, struct span *out, struct err *e);

/* Names of all studies, ascending. ERR_STATE where one has a ledger and no study.conf. */
struct home_studies {
    size_t count;
    const char **name;
};
bool home_studies(const struct home *h, struct arena *a, struct home_studies *out, struct err *e);

/* study.conf of one; ERR_USAGE where there is no such study. */
bool home_study_conf(const struct home *h, struct span study, struct arena *a,
                     struct conf_study *out, struct err *e);

/*
 * What a study says of the columns of its datasets: define.xml, and of each dataset
 * schemas/<DATASET>.json, a folder for each '/' of its name. Not parsed; in order of name.
 */
enum { HOME_SCHEMAS_MAX = 1000, HOME_SCHEMAS_BYTES_MAX = 8 * 1024 * 1024 /* all together */ };
#define HOME_DEFINE "define.xml"

struct home_schema {
    const char *name;    /* below studies/<STUDY>: "define.xml", "schemas/sdtm/AE.json" */
    struct span dataset; /* "sdtm/AE"; empty: define.xml */
    struct span text;
};
struct home_schemas {
    size_t count;
    struct home_schema *schema;
};

/* ERR_FORMAT where a file is not UTF-8, or its name is no dataset's or that of another one. */
bool home_study_schemas(const struct home *h, struct span study, struct arena *a,
                        struct home_schemas *out, struct err *e);

#endif
