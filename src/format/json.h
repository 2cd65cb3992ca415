/*
 * JSON (RFC 8259), strict, in three parts: a pull tokenizer that streams a text
 * of any size; on it a small tree for texts up to JSON_TREE_MAX; and a writer of
 * the canonical form (RFC 8785 restricted: no floats, integers below 2^53 in
 * size). Strict means: UTF-8, no duplicate names in an object (tree), no lone
 * surrogates, no control bytes in strings, depth at most JSON_DEPTH_MAX, nothing
 * but blanks after the value.
 */
#ifndef FORMAT_JSON_H
#define FORMAT_JSON_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"

enum { JSON_TREE_MAX = 64 * 1024, JSON_DEPTH_MAX = 32, JSON_STRING_MAX = 16 * 1024 * 1024 };
#define JSON_INTEGER_MAX INT64_C(9007199254740991) /* 2^53 - 1 */

/* --- tokens ------------------------------------------------------------------------------------
 */

enum json_token {
    JSON_END, /* the text is complete */
    JSON_OBJECT,
    JSON_OBJECT_END,
    JSON_ARRAY,
    JSON_ARRAY_END,
    JSON_NAME,   /* text: the decoded member name */
    JSON_STRING, /* text: the decoded string */
    JSON_NUMBER, /* text: the lexeme as it stands, grammar checked, never through a double */
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
};

/* Where the bytes come from: next block into *block, empty at the end. */
struct json_input {
    bool (*next)(void *ctx, struct span *block, struct err *e);
    void *ctx;
};

struct json_reader; /* opaque */

struct json_reader *json_open(struct json_input in);
void json_close(struct json_reader *r);

/*
 * The next token. *text is valid until the next call. Errors name the byte offset
 * and the line. After an error or JSON_END every call gives the same again.
 */
bool json_next(struct json_reader *r, enum json_token *token, struct span *text, struct err *e);

/* Offset of the first byte of the last token. */
uint64_t json_offset(const struct json_reader *r);

/* A JSON text followed by another (NDJSON): after JSON_END, start over behind the line end. */

/* --- tree --------------------------------------------------------------------------------------
 */

enum json_kind {
    JSON_IS_OBJECT,
    JSON_IS_ARRAY,
    JSON_IS_STRING,
    JSON_IS_NUMBER,
    JSON_IS_BOOL,
    JSON_IS_NULL
};

struct json {
    enum json_kind kind;
    bool truth;         /* JSON_IS_BOOL */
    struct span name;   /* member name, if it is a member of an object */
    struct span text;   /* string (decoded) or number (lexeme) */
    struct json *child; /* first member or element */
    struct json *next;  /* next sibling */
    size_t count;       /* of children */
};

/* At most JSON_TREE_MAX bytes; everything lives in `a`. */
bool json_parse(struct arena *a, struct span text, struct json **out, struct err *e);

const struct json *json_member(const struct json *object, const char *name); /* or NULL */

/* Typed access; false (nothing written) where the member is absent or of another kind. */
bool json_string(const struct json *object, const char *name, struct span *out);
bool json_integer(const struct json *object, const char *name,
                  int64_t *out); /* |v| < 2^53, no fraction, no exponent */
bool json_bool(const struct json *object, const char *name, bool *out);

/* --- canonical writer --------------------------------------------------------------------------
 */

/*
 * Canonical form: no blanks, members sorted by UTF-16 code units of their names,
 * strings with the shortest escapes of RFC 8785, integers in decimal. Fails
 * (ERR_FORMAT) on a number that is not such an integer.
 */
bool json_write(struct buf *b, const struct json *value, struct err *e);

/* A string literal as RFC 8785 writes it, quotes included; s is valid UTF-8. */
void json_write_string(struct buf *b, struct span s);

/* True where text is exactly its own canonical form; on success *out is its tree. */
bool json_parse_canonical(struct arena *a, struct span text, struct json **out, struct err *e);

/*
 * Building texts member by member. Members must be added in canonical order (it
 * is asserted); so what it writes is canonical. `struct json_out o = {.b = &buf};`
 */
struct json_out {
    struct buf *b;
    int depth;
    bool comma[JSON_DEPTH_MAX];
    struct span last[JSON_DEPTH_MAX]; /* last member name; names are literals */
};

/* name is NULL for an array element or the top value. */
void json_out_object(struct json_out *o, const char *name);
void json_out_object_end(struct json_out *o);
void json_out_array(struct json_out *o, const char *name);
void json_out_array_end(struct json_out *o);
void json_out_string(struct json_out *o, const char *name, struct span s);
void json_out_integer(struct json_out *o, const char *name, int64_t v);
void json_out_bool(struct json_out *o, const char *name, bool v);
void json_out_null(struct json_out *o, const char *name);
void json_out_hex(struct json_out *o, const char *name, struct span bytes);

#endif
