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
    const char *name; /* NULL behind the last */
    enum member_type is;
    const struct member *of; /* IS_LIST: the members of each element */
};

static const struct member issue_members[] = {
    {"detail", .is = IS_TEXT},
    {"id", .is = IS_TEXT},
    {"place", .is = IS_TEXT},
    {.name = NULL},
};

static const struct member column_members[] = {
    {"key", .is = IS_NUMBER_OR_NULL}, {"label", .is = IS_TEXT}, {"length", .is = IS_NUMBER_OR_NULL},
    {"name", .is = IS_TEXT},          {"type", .is = IS_TEXT},  {.name = NULL},
};

static const struct member dataset_members[] = {
    {"dataset", .is = IS_TEXT},    {"entry", .is = IS_NUMBER},
    {"member", .is = IS_NUMBER},   {"outcome", .is = IS_DATASET_OUTCOME},
    {"revision", .is = IS_NUMBER}, {.name = NULL},
};

static const struct member file_members[] = {
    {"datasets", .is = IS_LIST, .of = dataset_members},
    {"issues", .is = IS_LIST, .of = issue_members},
    {"name", .is = IS_TEXT_IN_ORDER},
    {"outcome", .is = IS_FILE_OUTCOME},
    {"sha256", .is = IS_HASH_OR_NULL},
    {"size", .is = IS_NUMBER_OR_NULL},
    {.name = NULL},
};

static const struct member schema_members[] = {
    {"name", .is = IS_TEXT},
    {"text", .is = IS_TEXT},
    {.name = NULL},
};

static const struct member configuration_members[] = {
    {"_salt", .is = IS_HASH}, {"_type", .is = IS_TEXT},
    {"home", .is = IS_TEXT},  {"schemas", .is = IS_LIST, .of = schema_members},
    {"study", .is = IS_TEXT}, {.name = NULL},
};

static const struct member transfer_members[] = {
    {"_salt", .is = IS_HASH},
    {"_type", .is = IS_TEXT},
    {"files", .is = IS_LIST, .of = file_members},
    {"id", .is = IS_TEXT_OR_NULL},
    {"name", .is = IS_TEXT},
    {"reason", .is = IS_TEXT_OR_NULL},
    {"statement", .is = IS_TEXT_OR_NULL},
    {.name = NULL},
};

static const struct member revision_members[] = {
    {"_salt", .is = IS_HASH},
    {"_type", .is = IS_TEXT},
    {"columns", .is = IS_LIST, .of = column_members},
    {"file", .is = IS_TEXT},
    {"issues", .is = IS_LIST, .of = issue_members},
    {"label", .is = IS_TEXT},
    {"member", .is = IS_TEXT_OR_NULL},
    {"reason", .is = IS_TEXT_OR_NULL},
    {"writer", .is = IS_TEXT},
    {.name = NULL},
};

static const struct member refusal_members[] = {
    {"_salt", .is = IS_HASH},
    {"_type", .is = IS_TEXT},
    {"file", .is = IS_TEXT_OR_NULL},
    {"issues", .is = IS_LIST, .of = issue_members},
    {.name = NULL},
};

static const struct member withdrawal_members[] = {
    {"_salt", .is = IS_HASH},
    {"_type", .is = IS_TEXT},
    {"reason", .is = IS_TEXT},
    {.name = NULL},
};

static const struct member erasure_members[] = {
    {"_salt", .is = IS_HASH},
    {"_type", .is = IS_TEXT},
    {"reason", .is = IS_TEXT},
    {.name = NULL},
};

static const struct {
    const char *name;
    const struct member *members;
} kinds[ENTRY_KINDS] = {
    [ENTRY_SYSTEM] = {"configuration", configuration_members},
    [ENTRY_TRANSFER] = {"transfer", transfer_members},
    [ENTRY_REVISION] = {"revision", revision_members},
    [ENTRY_REFUSAL] = {"refusal", refusal_members},
    [ENTRY_WITHDRAWAL] = {"withdrawal", withdrawal_members},
    [ENTRY_ERASURE] = {"erasure", erasure_members},
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

bool detached_same(struct span a, struct span b)
{
    const size_t salt = strlen("{\"_salt\":\"") + 2 * SHA256_SIZE;
    return a.n >= salt && b.n >= salt && span_eq(span_skip(a, salt), span_skip(b, salt));
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
    switch (m->is) {
    case IS_HASH:
    case IS_HASH_OR_NULL:
        return hash_parse(text, &h);
    case IS_DATASET_OUTCOME:
    case IS_FILE_OUTCOME:
        return is_outcome(m->is, text);
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
    if (t == JSON_NULL && is_null_allowed(m->is)) {
        json_out_null(&w->out, m->name);
        return true;
    }
    if (m->is == IS_NUMBER || m->is == IS_NUMBER_OR_NULL)
        return t == JSON_NUMBER && write_number(w, m, text);
    return t == JSON_STRING && write_text(w, m, text);
}

static bool walk_members(struct walk *w, const struct member *m, struct err *e);

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
        if (!walk_members(w, m->of, e))
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
    if (m->is != IS_LIST)
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
static bool walk_members(struct walk *w, const struct member *m, struct err *e)
{
    for (; m->name != NULL; m++)
        if (!walk_member(w, m, e))
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
        good = walk_members(&w, kinds[of].members, e) && expect(&w, JSON_END, e);
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
