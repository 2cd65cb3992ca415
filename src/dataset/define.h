/*
 * Define-XML (CDISC), versions 1.0, 2.0 and 2.1: what a sponsor says of the datasets of a
 * study: their columns, types, lengths, keys, code lists, and for which records a code list
 * is meant. XML as dataset/xml.h takes it; its size and the number of its parts are limited. What
 * Define-XML has besides is read over.
 */
#ifndef DATASET_DEFINE_H
#define DATASET_DEFINE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/io.h"

enum {
    DEFINE_BYTES_MAX = 64 * 1024 * 1024,
    DEFINE_PARTS_MAX = 1024 * 1024, /* elements that are kept, of all kinds together */
    DEFINE_REFS_MAX = 10000,        /* columns of a dataset, items of a value list */
    DEFINE_KEYS_MAX = 4096,         /* bytes of def:DomainKeys */
    DEFINE_SPACE_MAX = 256,         /* bytes of the name of a namespace */
    DEFINE_TEXT_MAX = 64 * 1024,    /* bytes of one description or value */
};

/* All texts live in the arena that define_read got, in UTF-8. Empty: not given. */
struct define_item {
    struct span oid, name, label;
    struct span type;                  /* text, integer, float, date, datetime, partialDate, ... */
    struct span target;                /* only of a CSV schema: integer, decimal */
    struct span format;                /* as SAS has it: DATE9. */
    struct span code_list, value_list; /* OIDs */
    uint64_t length, digits;           /* 0: not given */
};

struct define_ref {
    struct span item;  /* OID */
    struct span where; /* OID of the records that it is for; empty: all */
    uint64_t order;    /* 0: not given */
    uint64_t key;      /* place in the key from 1; 0: not in it */
    bool mandatory;
};

struct define_dataset {
    struct span oid, name, label, domain, sas_name, structure, file;
    struct span keys; /* version 1.0: names of the key's columns, as it is written */
    struct define_ref *ref;
    size_t refs, ref_cap;
    struct span *missing; /* only of a CSV schema: what stands, without quotes, where nothing is */
    size_t missings, missing_cap;
};

struct define_value_list {
    struct span oid;
    struct define_ref *ref;
    size_t refs, ref_cap;
};

struct define_code_list {
    struct span oid, name, type;
    struct span dictionary, version; /* of one that is elsewhere */
    struct span *value;
    size_t values, value_cap;
};

struct define_check {
    struct span item, comparator; /* EQ, NE, IN, NOTIN, LT, ... */
    struct span *value;
    size_t values, value_cap;
};

struct define_where {
    struct span oid;
    struct define_check *check;
    size_t checks, check_cap;
};

struct define {
    bool of_file;        /* a CSV schema: its only dataset is the file that it is given for */
    struct span version; /* "2.1.0" */
    struct span study, protocol;            /* names */
    struct span standard, standard_version; /* the first */
    struct define_dataset *dataset;
    struct define_item *item; /* in order of OID */
    struct define_value_list *value_list;
    struct define_code_list *code_list;
    struct define_where *where;
    size_t datasets, items, value_lists, code_lists, wheres;
    size_t dataset_cap, item_cap, value_list_cap, code_list_cap, where_cap;
};

/*
 * ERR_FORMAT where it is no well-formed XML, has a document type, or is no Define-XML, also where
 * an OID of an ItemDef is there twice or one that is named is not; ERR_LIMIT. define_close in any
 * case.
 */
bool define_read(struct source source, struct arena *a, struct define *out, struct err *e);
void define_close(struct define *d);

/* By its name, whatever the case of ASCII letters; NULL. Of a CSV schema: its dataset. */
const struct define_dataset *define_dataset(const struct define *d, struct span name);

/* By its OID; NULL. */
const struct define_item *define_item(const struct define *d, struct span oid);

/*
 * The place of x->ref[i] in the dataset's key, from 1; 0: not in it. From keySequence, or, in
 * version 1.0, from the list of names.
 */
uint64_t define_ref_key(const struct define *d, const struct define_dataset *x, size_t i);

/* Columns in the key, whatever else there is of them. */
uint64_t define_keys(const struct define_dataset *x);

#endif
