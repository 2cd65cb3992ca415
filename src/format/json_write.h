/*
 * The canonical form of JSON (RFC 8785, restricted to the numbers that
 * json_integer_parse takes): no blanks, members sorted by UTF-16 code units of
 * their names, the shortest escapes. One value has one form, so it can be hashed.
 */
#ifndef FORMAT_JSON_WRITE_H
#define FORMAT_JSON_WRITE_H

#include "base/buf.h"
#include "format/json_tree.h"

/* Appends the tree. Fails (ERR_FORMAT) on any other number; then *b is as it was. */
bool json_write(struct buf *b, const struct json *value, struct err *e);

/* True where text is exactly its own canonical form; then *out is its tree. */
bool json_parse_canonical(struct arena *a, struct span text, struct json **out, struct err *e);

/* A string literal as RFC 8785 (3.2.2.2) writes it, quotes included; s is valid UTF-8. */
void json_write_string(struct buf *b, struct span s);

/*
 * Building texts member by member: `struct json_out o = {.b = &buf};`. The calls
 * must make one value with its members in canonical order (it is asserted); so what
 * they write is canonical. Names are literals: they are kept, not copied.
 */
struct json_out {
    struct buf *b;
    int depth;
    bool begun; /* the one value */
    struct json_out_level {
        bool object;
        bool started;     /* a comma goes before what comes next */
        struct span last; /* member name */
    } level[JSON_DEPTH_MAX];
};

/* name is NULL for an array element or the top value. */
void json_out_object(struct json_out *o, const char *name);
void json_out_object_end(struct json_out *o);
void json_out_array(struct json_out *o, const char *name);
void json_out_array_end(struct json_out *o);
void json_out_string(struct json_out *o, const char *name, struct span s); /* valid UTF-8 */
void json_out_integer(struct json_out *o, const char *name, int64_t v);    /* to JSON_INTEGER_MAX */
void json_out_bool(struct json_out *o, const char *name, bool v);
void json_out_null(struct json_out *o, const char *name);
void json_out_hex(struct json_out *o, const char *name, struct span bytes);
/* A value that is in canonical form already: the caller's promise. */
void json_out_canonical(struct json_out *o, const char *name, struct span value);

#endif
