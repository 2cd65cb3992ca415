/*
 * What a Dataset-JSON file (CDISC, versions 1.0 and 1.1) says before and after its
 * rows: one table of members for each kind of object. A known member that is given
 * twice or has a value of another kind is refused; an unknown one is read over and
 * noted, since later minor versions may bring some. Not for others than dataset_json.c and
 * dataset_json_rows.c.
 */
#ifndef DATASET_DATASET_JSON_HEAD_H
#define DATASET_DATASET_JSON_HEAD_H

#include "dataset/names.h"
#include "dataset/reader.h"
#include "format/json.h"

/* Bytes of all texts of a head together, of names that no version knows in one object. */
enum { DATASET_JSON_HEAD_MAX = 16 * 1024 * 1024, DATASET_JSON_STRANGERS_MAX = 1000 };

enum { DATASET_JSON_1_0 = 1, DATASET_JSON_1_1 = 2 };

/* One in declared types; what a cell of it should be. */
struct dataset_json_type {
    const char *name;
    enum column_type type;
    unsigned tokens; /* 1 << json_token of what a cell may be, besides null */
};

struct dataset_json_column {
    struct span oid, name, label, type, target, format;
    uint64_t length, key;
    const struct dataset_json_type *declared;
};

/* All texts live in the arena. */
struct dataset_json_head {
    struct json_reader *json;
    struct arena *arena; /* of the file */
    size_t bytes;        /* of texts so far */
    struct rows *rows;   /* for notes and limits */
    unsigned versions;   /* which it may still be: DATASET_JSON_1_0 | DATASET_JSON_1_1 */

    struct span version, created, modified, system, system_version, text; /* text: not kept */

    /* Of one dataset. */
    struct span name, label;
    uint64_t records;
    struct dataset_json_column *column;
    size_t columns, column_cap;
};

/* An object whose members are being read. */
struct dataset_json_object {
    const struct dataset_json_member *member; /* its table */
    const char *what;                         /* for messages: "the file", "a column" */
    uint64_t seen;                            /* 1 << place in the table */
    struct name_set strangers;
};

/* What a member leads to that the caller reads. */
enum dataset_json_stop {
    STOP_END,    /* the object's end; all that it must have was there */
    STOP_DATA,   /* 1.0: clinicalData or referenceData, an object */
    STOP_GROUPS, /* 1.0: itemGroupData, an object of datasets by OID */
    STOP_ROWS,   /* rows or itemData, an array */
};

enum dataset_json_place { PLACE_FILE, PLACE_DATA, PLACE_GROUP };

/* Behind the token that began the object. */
void dataset_json_begin(struct dataset_json_object *o, enum dataset_json_place place);
void dataset_json_end(struct dataset_json_object *o);

/* Reads members up to one that is the caller's, whose value comes next, or to the end. */
bool dataset_json_read(struct dataset_json_head *h, struct dataset_json_object *o,
                       enum dataset_json_stop *stop, struct err *e);

/* True where all was seen that must be known before rows can be read. */
bool dataset_json_ready(const struct dataset_json_head *h, const struct dataset_json_object *o);

/* The value whose first token was `token`. */
bool dataset_json_skip(struct dataset_json_head *h, enum json_token token, struct err *e);

/* The next token, which must be `wanted`; `what` says what is wrong with any other. */
bool dataset_json_expect(struct json_reader *json, enum json_token wanted, const char *what,
                         struct err *e);

/* ERR_FORMAT with the place where the reader is. */
bool dataset_json_refuse(const struct json_reader *json, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
