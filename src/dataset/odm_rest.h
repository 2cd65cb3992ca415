/*
 * The digest of what an ODM file holds besides its audit records (FORMAT 12.9): elements,
 * attributes and texts in the file's order, without how they are spelled. `struct odm_rest r;`
 * begins with odm_rest_open.
 */
#ifndef DATASET_ODM_REST_H
#define DATASET_ODM_REST_H

#include "base/arena.h"
#include "base/buf.h"
#include "crypto/sha256.h"

struct odm_rest {
    struct sha256 sha256;
    struct buf waiting; /* to be hashed */
    struct odm_attribute {
        const char *name, *value;
    } * attribute; /* room to sort them */
    size_t cap;
    bool in_text, after_blank; /* of the text since the last tag */
};

void odm_rest_open(struct odm_rest *r);
void odm_rest_close(struct odm_rest *r);

/* The names and attributes are as in dataset/xml.h; no attributes: NULL. */
void odm_rest_begin(struct odm_rest *r, const char *name, const char **attributes);
void odm_rest_text(struct odm_rest *r, struct span piece);
void odm_rest_end(struct odm_rest *r);

/* A tag that is left out: of an audit record. */
void odm_rest_break(struct odm_rest *r);

struct hash odm_rest_digest(struct odm_rest *r); /* once, at the end */

#endif
