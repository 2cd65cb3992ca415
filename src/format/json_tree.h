/*
 * A JSON text as a tree, for texts up to JSON_TREE_MAX: entries, manifests,
 * policies. As strict as json.h; and no object may repeat a name. Members keep the
 * order that they have in the text.
 */
#ifndef FORMAT_JSON_TREE_H
#define FORMAT_JSON_TREE_H

#include "base/arena.h"
#include "format/json.h"

enum { JSON_TREE_MAX = 64 * 1024 };
#define JSON_INTEGER_MAX INT64_C(9007199254740991) /* 2^53 - 1 */

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
    struct span name;   /* member name (decoded), if it is a member of an object */
    struct span text;   /* string (decoded) or number (lexeme) */
    struct json *child; /* first member or element */
    struct json *next;  /* next sibling */
    size_t count;       /* of children */
    size_t offset;      /* in the text: of the name if it is a member, else of the value */
};

/* At most JSON_TREE_MAX bytes, or ERR_LIMIT; everything lives in `a`, nothing in `text`. */
bool json_parse(struct arena *a, struct span text, struct json **out, struct err *e);

/* The same for a kind of text that may be longer. A tree takes up to 60 times the text's bytes. */
bool json_parse_up_to(struct arena *a, struct span text, size_t max, struct json **out,
                      struct err *e);

/* The member of that name, or NULL; also where `object` is NULL or no object. */
const struct json *json_member(const struct json *object, const char *name);

/* Typed access; false (nothing written) where the member is absent or of another kind. */
bool json_string(const struct json *object, const char *name, struct span *out);
bool json_integer(const struct json *object, const char *name, int64_t *out);
bool json_bool(const struct json *object, const char *name, bool *out);

/*
 * The integers that every JSON reader reads alike (RFC 8785, 3.2.2.3): at most
 * JSON_INTEGER_MAX in size, no leading zeroes, fraction or exponent, and not "-0".
 */
bool json_integer_parse(struct span lexeme, int64_t *out);

/* Order of names in the canonical form: by UTF-16 code units (RFC 8785, 3.2.3); valid UTF-8. */
int json_name_cmp(struct span a, struct span b);

/* The members of an object in the order of json_name_cmp: object->count pointers in `a`. */
const struct json **json_sorted(struct arena *a, const struct json *object);

#endif
