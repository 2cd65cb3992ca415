#include "ledger/detached.h"

#include <assert.h>
#include <string.h>

#define DETACHED_TYPE "https://trialseal.org/detached/"

/* --- shapes of FORMAT chapter 4: every member, in canonical order --- */

enum member_type {
    IS_TEXT,
    IS_TEXT_IN_ORDER, /* not before the one in the element before */
    IS_DATASET_OUTCOME,
    IS_FILE_OUTCOME,
    IS_TEXT_OR_NULL,
    IS_NUMBER,
    IS_NUMBER_OR_NULL,
    IS_HASH,
    IS_HASH_OR_NULL,
    IS_LIST
};

struct member {
    const char *name;
    enum member_type type;
    const struct shape *element; /* IS_LIST */
};

struct shape {
    const struct member *members;
    size_t count;
};

#define SHAPE(array)                                                                               \
    {                                                                                              \
        array, sizeof array / sizeof array[0]                                                      \
    }

static const struct member issue_members[] = {
    {"detail", IS_TEXT, NULL}, {"id", IS_TEXT, NULL}, {"place", IS_TEXT, NULL}};
static const struct shape issue_shape = SHAPE(issue_members);

static const struct member column_members[] = {{"label", IS_TEXT, NULL},
                                               {"length", IS_NUMBER_OR_NULL, NULL},
                                               {"name", IS_TEXT, NULL},
                                               {"type", IS_TEXT, NULL}};
static const struct shape column_shape = SHAPE(column_members);

static const struct member dataset_members[] = {{"dataset", IS_TEXT, NULL},
                                                {"entry", IS_NUMBER, NULL},
                                                {"member", IS_NUMBER, NULL},
                                                {"outcome", IS_DATASET_OUTCOME, NULL},
                                                {"revision", IS_NUMBER, NULL}};
static const struct shape dataset_shape = SHAPE(dataset_members);

static const struct member file_members[] = {
    {"datasets", IS_LIST, &dataset_shape}, {"issues", IS_LIST, &issue_shape},
    {"name", IS_TEXT_IN_ORDER, NULL},      {"outcome", IS_FILE_OUTCOME, NULL},
    {"sha256", IS_HASH_OR_NULL, NULL},     {"size", IS_NUMBER_OR_NULL, NULL}};
static const struct shape file_shape = SHAPE(file_members);

static const struct member configuration_members[] = {{"_salt", IS_HASH, NULL},
                                                      {"_type", IS_TEXT, NULL},
                                                      {"home", IS_TEXT, NULL},
                                                      {"study", IS_TEXT, NULL}};
static const struct member transfer_members[] = {{"_salt", IS_HASH, NULL},
                                                 {"_type", IS_TEXT, NULL},
                                                 {"files", IS_LIST, &file_shape},
                                                 {"id", IS_TEXT_OR_NULL, NULL},
                                                 {"name", IS_TEXT, NULL},
                                                 {"reason", IS_TEXT_OR_NULL, NULL},
                                                 {"statement", IS_TEXT_OR_NULL, NULL}};
static const struct member revision_members[] = {{"_salt", IS_HASH, NULL},
                                                 {"_type", IS_TEXT, NULL},
                                                 {"columns", IS_LIST, &column_shape},
                                                 {"file", IS_TEXT, NULL},
                                                 {"issues", IS_LIST, &issue_shape},
                                                 {"label", IS_TEXT, NULL},
                                                 {"member", IS_TEXT_OR_NULL, NULL},
                                                 {"reason", IS_TEXT_OR_NULL, NULL},
                                                 {"writer", IS_TEXT, NULL}};
static const struct member refusal_members[] = {{"_salt", IS_HASH, NULL},
                                                {"_type", IS_TEXT, NULL},
                                                {"file", IS_TEXT_OR_NULL, NULL},
                                                {"issues", IS_LIST, &issue_shape}};
static const struct member withdrawal_members[] = {
    {"_salt", IS_HASH, NULL}, {"_type", IS_TEXT, NULL}, {"reason", IS_TEXT, NULL}};

static const struct {
    const char *name;
    struct shape shape;
} kinds[ENTRY_KINDS] = {
    [ENTRY_SYSTEM] = {"configuration", SHAPE(configuration_members)},
    [ENTRY_TRANSFER] = {"transfer", SHAPE(transfer_members)},
    [ENTRY_REVISION] = {"revision", SHAPE(revision_members)},
    [ENTRY_REFUSAL] = {"refusal", SHAPE(refusal_members)},
    [ENTRY_WITHDRAWAL] = {"withdrawal", SHAPE(withdrawal_members)},
};

static void write_type(enum entry_kind of, char type[64])
{
    text_format(type, 64, DETACHED_TYPE "%s/v1", kinds[of].name);
}

void detached_begin(struct json_out *o, enum entry_kind of, struct hash salt)
{
    char type[64];
    write_type(of, type);
    json_out_object(o, NULL);
    json_out_hex(o, "_salt", hash_span(&salt));
    json_out_string(o, "_type", span_str(type));
}

/* --- checking: walk along the shape and write what is read; it must be the same text --- */

struct walk {
    struct json_reader *in;
    struct json_out out;
    struct arena *a;
    struct span *file;
    enum entry_kind of;
    bool top;         /* the members of the outermost object are being read */
    struct span last; /* IS_TEXT_IN_ORDER; in `a` */
};

static bool expect(struct walk *w, enum json_token want, struct err *e)
{
    enum json_token t;
    struct span text;
    if (!json_next(w->in, &t, &text, e))
        return false;
    return t == want || err_set(e, ERR_FORMAT, "byte %llu: another shape",
                                (unsigned long long)json_offset(w->in));
}

static bool is_null_allowed(enum member_type t)
{
    return t == IS_TEXT_OR_NULL || t == IS_NUMBER_OR_NULL || t == IS_HASH_OR_NULL;
}

static bool is_outcome(enum member_type t, struct span text)
{
    if (span_eq(text, SPAN("new")) || span_eq(text, SPAN("unchanged")))
        return true;
    return t == IS_FILE_OUTCOME &&
           (span_eq(text, SPAN("held")) || span_eq(text, SPAN("statement")));
}

static bool is_in_order(struct walk *w, struct span text)
{
    bool good = span_cmp(w->last, text) <= 0;
    w->last = arena_copy(w->a, text);
    return good;
}

static bool is_text_allowed(struct walk *w, const struct member *m, struct span text)
{
    struct hash h;
    switch (m->type) {
    case IS_HASH:
    case IS_HASH_OR_NULL:
        return hash_parse(text, &h);
    case IS_DATASET_OUTCOME:
    case IS_FILE_OUTCOME:
        return is_outcome(m->type, text);
    case IS_TEXT_IN_ORDER:
        return is_in_order(w, text);
    default:
        return true;
    }
}

static bool write_text(struct walk *w, const struct member *m, struct span text)
{
    if (!is_text_allowed(w, m, text))
        return false;
    char type[64];
    write_type(w->of, type);
    if (w->top && strcmp(m->name, "_type") == 0 && !span_eq(text, span_str(type)))
        return false;
    if (w->top && strcmp(m->name, "file") == 0 && w->file != NULL)
        *w->file = arena_copy(w->a, text);
    json_out_string(&w->out, m->name, text);
    return true;
}

static bool write_number(struct walk *w, const struct member *m, struct span text)
{
    uint64_t v;
    if (!span_u64(text, &v) || v > (uint64_t)JSON_INTEGER_MAX)
        return false;
    json_out_integer(&w->out, m->name, (int64_t)v);
    return true;
}

static bool write_scalar(struct walk *w, const struct member *m, enum json_token t,
                         struct span text)
{
    if (t == JSON_NULL && is_null_allowed(m->type)) {
        json_out_null(&w->out, m->name);
        return true;
    }
    if (m->type == IS_NUMBER || m->type == IS_NUMBER_OR_NULL)
        return t == JSON_NUMBER && write_number(w, m, text);
    return t == JSON_STRING && write_text(w, m, text);
}

static bool walk_members(struct walk *w, const struct shape *s, struct err *e);

static bool walk_list(struct walk *w, const struct member *m, struct err *e)
{
    json_out_array(&w->out, m->name);
    for (;;) {
        enum json_token t;
        struct span text;
        if (!json_next(w->in, &t, &text, e))
            return false;
        if (t == JSON_ARRAY_END)
            break;
        if (t != JSON_OBJECT)
            return err_set(e, ERR_FORMAT, "an element of \"%s\" is no object", m->name);
        json_out_object(&w->out, NULL);
        if (!walk_members(w, m->element, e))
            return false;
    }
    json_out_array_end(&w->out);
    return true;
}

static bool walk_member(struct walk *w, const struct member *m, struct err *e)
{
    enum json_token t;
    struct span text;
    if (!json_next(w->in, &t, &text, e))
        return false;
    if (t != JSON_NAME || !span_eq(text, span_str(m->name)))
        return err_set(e, ERR_FORMAT, "byte %llu: no \"%s\" where it must be",
                       (unsigned long long)json_offset(w->in), m->name);
    if (!json_next(w->in, &t, &text, e))
        return false;
    if (m->type != IS_LIST)
        return write_scalar(w, m, t, text) ||
               err_set(e, ERR_FORMAT, "the value of \"%s\" is not allowed", m->name);
    if (t != JSON_ARRAY)
        return err_set(e, ERR_FORMAT, "\"%s\" is no list", m->name);
    bool top = w->top;
    w->top = false;
    bool good = walk_list(w, m, e);
    w->top = top;
    return good;
}

/* Behind the opening brace; takes the closing one. */
static bool walk_members(struct walk *w, const struct shape *s, struct err *e)
{
    for (size_t i = 0; i < s->count; i++)
        if (!walk_member(w, &s->members[i], e))
            return false;
    if (!expect(w, JSON_OBJECT_END, e))
        return false;
    json_out_object_end(&w->out);
    return true;
}

bool detached_check(struct arena *a, enum entry_kind of, struct span text, struct span *file,
                    struct err *e)
{
    struct buf again = {0};
    struct walk w = {
        .in = json_open_text(text),
        .out = {.b = &again},
        .a = a,
        .file = file,
        .of = of,
        .top = true,
    };
    assert(kinds[of].name != NULL);
    if (file != NULL)
        *file = span_of(NULL, 0);
    bool good = expect(&w, JSON_OBJECT, e);
    if (good) {
        json_out_object(&w.out, NULL);
        good = walk_members(&w, &kinds[of].shape, e) && expect(&w, JSON_END, e);
    }
    if (good && !span_eq(buf_span(&again), text))
        good = err_set(e, ERR_FORMAT, "not in canonical form");
    json_close(w.in);
    buf_close(&again);
    return good;
}

bool detached_string(struct arena *a, struct span text, const char *name, struct span *out,
                     struct err *e)
{
    struct span value;
    struct json_reader *in = json_open_text(text);
    enum json_token t = JSON_NULL;
    bool good, named = false;
    int depth = 0;
    *out = span_of(NULL, 0);
    while ((good = json_next(in, &t, &value, e)) && t != JSON_END) {
        if (named && t == JSON_STRING)
            *out = arena_copy(a, value);
        named = depth == 1 && t == JSON_NAME && span_eq(value, span_str(name));
        depth +=
            (t == JSON_OBJECT || t == JSON_ARRAY) - (t == JSON_OBJECT_END || t == JSON_ARRAY_END);
    }
    json_close(in);
    return good;
}
