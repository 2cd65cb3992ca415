/*
 * How data files are read where they do not say it themselves (docs/FORMAT.md, 10.1): what
 * their columns are, which texts stand for nothing, how text is encoded. A study says it in
 * studies/<STUDY>, a transfer by the schemas that came in it.
 */
#ifndef JOB_TYPING_H
#define JOB_TYPING_H

#include "dataset/define.h"
#include "dataset/encoding.h"
#include "job/incoming.h"
#include "store/home.h"

/* Of one transfer, all together. */
enum { TYPING_SCHEMAS_MAX = 200, TYPING_BYTES_MAX = 64 * 1024 * 1024 };

struct typing_schema {
    struct span name; /* of its file */
    struct span of;   /* CSV schema: the dataset, or in a transfer the stem of the file, that it
                         types; Define-XML: empty */
    bool held;        /* in a transfer: it is malformed, or did not arrive whole */
    struct hash hash; /* of its bytes */
    struct define define;
};

struct typing {
    struct arena arena;
    struct typing_schema *schema; /* in order of name */
    size_t count, cap;
    size_t missings; /* of a study: texts that stand for nothing in a CSV .. */
    const struct span *missing;
    struct encoding *encoding; /* .. and what text is that is not UTF-8; or NULL */
};

/*
 * What studies/<STUDY> says; `conf` outlives it. A file that is malformed is an error that names
 * it and the line. typing_close in any case.
 */
bool typing_of_study(const struct home *h, struct span study, const struct conf_study *conf,
                     struct typing *out, struct err *e);

/*
 * What came in a transfer: <stem>.schema.json, and Define-XML in files *.xml. One that is malformed
 * gets an issue that is bad; other XML is none of ours, unless it is called define*.xml. What
 * study.conf calls opaque is not looked into.
 */
bool typing_of_transfer(const struct home *h, const struct conf_study *conf, struct incoming *in,
                        struct typing *out, struct err *e);
void typing_close(struct typing *t);

/* Is that a CSV schema, by its name? Then *stem is what is before ".schema.json". */
bool typing_schema_name(struct span file, struct span *stem);

/* A dataset of a file that is being read. */
struct typing_asked {
    struct span file;    /* of a CSV file: its name; else empty: CSV schemas are for these only */
    struct span dataset; /* of a CSV file: its name in the study */
    struct span name;    /* that a Define-XML may have for it: LB */
};

struct typing_found {
    const struct typing_schema *schema; /* NULL: none */
    const struct typing_schema *held; /* one that would have come before it, but is held; or NULL */
};

/* In this order: beside the file, a Define-XML of the transfer, schemas/, define.xml. */
struct typing_found typing_find(const struct typing *of_transfer, const struct typing *of_study,
                                const struct typing_asked *asked);

/*
 * The `schema` of a revision that was read so (docs/FORMAT.md, 10.1): by that schema, or by none,
 * and as its study says. Zeroes: nothing said how.
 */
struct hash typing_hash(const struct typing *study, const struct typing_schema *schema, bool csv);

#endif
