#include "dataset/dataset_json_head.h"

#include <stddef.h>
#include <string.h>

#include "format/json_tree.h"

enum kind {
    KIND_TEXT,
    KIND_COUNT,   /* an integer from 0 */
    KIND_VERSION, /* a text that settles the version */
    KIND_SYSTEM,  /* 1.1: an object of name and version; 1.0: a text */
    KIND_COLUMNS, /* an array of objects */
    KIND_STOP,    /* the caller's */
};

enum need { OPTIONAL, NEEDED };

struct dataset_json_member {
    const char *name; /* NULL ends a table */
    unsigned versions;
    enum need need;
    enum kind kind;
    size_t into; /* offset in the head or column; of KIND_STOP, which stop */
};

#define V10  DATASET_JSON_1_0
#define V11  DATASET_JSON_1_1
#define BOTH (V10 | V11)

#define HEAD(field)   offsetof(struct dataset_json_head, field)
#define COLUMN(field) offsetof(struct dataset_json_column, field)

static const struct dataset_json_member file_members[] = {
    {"datasetJSONVersion", BOTH, NEEDED, KIND_VERSION, HEAD(version)},
    {"creationDateTime", V10, NEEDED, KIND_TEXT, HEAD(created)},
    {"datasetJSONCreationDateTime", V11, NEEDED, KIND_TEXT, HEAD(created)},
    {"fileOID", BOTH, OPTIONAL, KIND_TEXT, HEAD(text)},
    {"asOfDateTime", V10, OPTIONAL, KIND_TEXT, HEAD(modified)},
    {"dbLastModifiedDateTime", V11, OPTIONAL, KIND_TEXT, HEAD(modified)},
    {"originator", BOTH, OPTIONAL, KIND_TEXT, HEAD(text)},
    {"sourceSystem", BOTH, OPTIONAL, KIND_SYSTEM, HEAD(system)},
    {"sourceSystemVersion", V10, OPTIONAL, KIND_TEXT, HEAD(system_version)},
    {"clinicalData", V10, OPTIONAL, KIND_STOP, STOP_DATA},
    {"referenceData", V10, OPTIONAL, KIND_STOP, STOP_DATA},
    {"studyOID", V11, OPTIONAL, KIND_TEXT, HEAD(text)},
    {"metaDataVersionOID", V11, OPTIONAL, KIND_TEXT, HEAD(text)},
    {"metaDataRef", V11, OPTIONAL, KIND_TEXT, HEAD(text)},
    {"itemGroupOID", V11, NEEDED, KIND_TEXT, HEAD(text)},
    {"records", V11, NEEDED, KIND_COUNT, HEAD(records)},
    {"name", V11, NEEDED, KIND_TEXT, HEAD(name)},
    {"label", V11, NEEDED, KIND_TEXT, HEAD(label)},
    {"columns", V11, NEEDED, KIND_COLUMNS, 0},
    {"rows", V11, OPTIONAL, KIND_STOP, STOP_ROWS},
    {0},
};

static const struct dataset_json_member data_members[] = {
    {"studyOID", V10, OPTIONAL, KIND_TEXT, HEAD(text)},
    {"metaDataVersionOID", V10, OPTIONAL, KIND_TEXT, HEAD(text)},
    {"metaDataRef", V10, OPTIONAL, KIND_TEXT, HEAD(text)},
    {"itemGroupData", V10, NEEDED, KIND_STOP, STOP_GROUPS},
    {0},
};

static const struct dataset_json_member group_members[] = {
    {"records", V10, NEEDED, KIND_COUNT, HEAD(records)},
    {"name", V10, NEEDED, KIND_TEXT, HEAD(name)},
    {"label", V10, NEEDED, KIND_TEXT, HEAD(label)},
    {"items", V10, NEEDED, KIND_COLUMNS, 0},
    {"itemData", V10, OPTIONAL, KIND_STOP, STOP_ROWS},
    {0},
};

static const struct dataset_json_member column_members[] = {
    {"itemOID", V11, NEEDED, KIND_TEXT, COLUMN(oid)},
    {"OID", V10, NEEDED, KIND_TEXT, COLUMN(oid)},
    {"name", BOTH, NEEDED, KIND_TEXT, COLUMN(name)},
    {"label", BOTH, NEEDED, KIND_TEXT, COLUMN(label)},
    {"dataType", V11, NEEDED, KIND_TEXT, COLUMN(type)},
    {"type", V10, NEEDED, KIND_TEXT, COLUMN(type)},
    {"targetDataType", V11, OPTIONAL, KIND_TEXT, COLUMN(target)},
    {"length", BOTH, OPTIONAL, KIND_COUNT, COLUMN(length)},
    {"displayFormat", BOTH, OPTIONAL, KIND_TEXT, COLUMN(format)},
    {"keySequence", BOTH, OPTIONAL, KIND_COUNT, COLUMN(key)},
    {0},
};

static const struct dataset_json_member system_members[] = {
    {"name", V11, NEEDED, KIND_TEXT, HEAD(system)},
    {"version", V11, NEEDED, KIND_TEXT, HEAD(system_version)},
    {0},
};

#define TEXT    (1u << JSON_STRING)
#define NUMBER  (1u << JSON_NUMBER)
#define BOOLEAN (1u << JSON_TRUE | 1u << JSON_FALSE)

/* Version 1.0 says of decimals that they are numbers, 1.1 that they are strings. */
static const struct dataset_json_type types[] = {
    {"string", COLUMN_TEXT, TEXT},
    {"integer", COLUMN_NUMBER, NUMBER},
    {"decimal", COLUMN_NUMBER, NUMBER | TEXT},
    {"float", COLUMN_NUMBER, NUMBER},
    {"double", COLUMN_NUMBER, NUMBER},
    {"boolean", COLUMN_TEXT, BOOLEAN},
    {"datetime", COLUMN_TEXT, TEXT},
    {"date", COLUMN_TEXT, TEXT},
    {"time", COLUMN_TEXT, TEXT},
    {"URI", COLUMN_TEXT, TEXT},
};

bool dataset_json_refuse(const struct json_reader *json, struct err *e, const char *fmt, ...)
{
    char why[256];
    va_list ap;
    va_start(ap, fmt);
    text_vformat(why, sizeof why, fmt, ap);
    va_end(ap);
    return err_set(e, ERR_FORMAT, "line %llu, offset %llu: %s", (unsigned long long)json_line(json),
                   (unsigned long long)json_offset(json), why);
}

bool dataset_json_expect(struct json_reader *json, enum json_token wanted, const char *what,
                         struct err *e)
{
    enum json_token token;
    struct span text;
    return json_next(json, &token, &text, e) &&
           (token == wanted || dataset_json_refuse(json, e, "%s", what));
}

bool dataset_json_skip(struct dataset_json_head *h, enum json_token token, struct err *e)
{
    struct span text;
    size_t depth = 0;
    for (;;) {
        depth += token == JSON_OBJECT || token == JSON_ARRAY;
        depth -= token == JSON_OBJECT_END || token == JSON_ARRAY_END;
        if (depth == 0)
            return true;
        if (!json_next(h->json, &token, &text, e))
            return false;
    }
}

/* --- values --- */

static bool keep_text(struct dataset_json_head *h, struct span text, struct span *out,
                      struct err *e)
{
    if (text.n > DATASET_JSON_HEAD_MAX - h->bytes)
        return err_set(e, ERR_LIMIT, "names, labels and the like of more than %d bytes",
                       DATASET_JSON_HEAD_MAX);
    h->bytes += text.n;
    *out = arena_copy(h->arena, text);
    return true;
}

static bool restrict_versions(struct dataset_json_head *h, unsigned versions, struct err *e)
{
    h->versions &= versions;
    return h->versions != 0 || dataset_json_refuse(h->json, e, "versions 1.0 and 1.1 in one file");
}

/* "1.1" or "1.1.N", and so for 1.0. */
static bool take_version(struct dataset_json_head *h, struct span text, struct err *e)
{
    struct span patch = text;
    uint64_t n;
    unsigned version = span_take(&patch, SPAN("1.0"))   ? V10
                       : span_take(&patch, SPAN("1.1")) ? V11
                                                        : 0;
    if (version == 0 || (patch.n > 0 && (!span_take(&patch, SPAN(".")) || !span_u64(patch, &n))))
        return dataset_json_refuse(h->json, e, "a version of Dataset-JSON other than 1.0 and 1.1");
    return keep_text(h, text, &h->version, e) && restrict_versions(h, version, e);
}

static bool take_count(const struct dataset_json_head *h, const struct dataset_json_member *m,
                       struct span lexeme, uint64_t *out, struct err *e)
{
    int64_t n;
    if (!json_integer_parse(lexeme, &n) || n < 0)
        return dataset_json_refuse(h->json, e, "%s is not an integer from 0", m->name);
    *out = (uint64_t)n;
    return true;
}

static bool read_object(struct dataset_json_head *h, const struct dataset_json_member *table,
                        const char *what, void *into, struct err *e);

static bool find_type(struct dataset_json_head *h, struct dataset_json_column *c, struct err *e)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (span_eq(c->type, span_str(types[i].name)))
            c->declared = &types[i];
    return c->declared != NULL ||
           dataset_json_refuse(h->json, e, "column %zu has a data type that there is not",
                               h->columns);
}

static bool read_column(struct dataset_json_head *h, struct err *e)
{
    size_t max = h->rows->in.limits->columns;
    if (h->columns == max)
        return err_set(e, ERR_LIMIT, "more than %zu columns", max);
    h->column = mem_room(h->column, h->columns, &h->column_cap, sizeof *h->column);
    struct dataset_json_column *c = &h->column[h->columns++];
    *c = (struct dataset_json_column){0};
    return read_object(h, column_members, "a column", c, e) && find_type(h, c, e);
}

static bool read_columns(struct dataset_json_head *h, struct err *e)
{
    enum json_token token;
    struct span text;
    for (;;) {
        if (!json_next(h->json, &token, &text, e))
            return false;
        if (token == JSON_ARRAY_END)
            return h->columns > 0 || dataset_json_refuse(h->json, e, "no columns");
        if (token != JSON_OBJECT)
            return dataset_json_refuse(h->json, e, "a column that is no object");
        if (!read_column(h, e))
            return false;
    }
}

/* The kind of value that a member's kind wants first. */
static bool is_kind(const struct dataset_json_head *h, const struct dataset_json_member *m,
                    enum json_token token)
{
    switch (m->kind) {
    case KIND_TEXT:
    case KIND_VERSION:
        return token == JSON_STRING;
    case KIND_COUNT:
        return token == JSON_NUMBER;
    case KIND_COLUMNS:
        return token == JSON_ARRAY;
    default:
        return (token == JSON_STRING && (h->versions & V10) != 0) ||
               (token == JSON_OBJECT && (h->versions & V11) != 0);
    }
}

static bool read_system(struct dataset_json_head *h, enum json_token token, struct span text,
                        struct err *e)
{
    if (!restrict_versions(h, token == JSON_STRING ? V10 : V11, e))
        return false;
    if (token == JSON_STRING)
        return keep_text(h, text, &h->system, e);
    return read_object(h, system_members, "sourceSystem", h, e);
}

static bool read_value(struct dataset_json_head *h, const struct dataset_json_member *m,
                       uint8_t *into, struct err *e)
{
    enum json_token token;
    struct span text;
    if (!json_next(h->json, &token, &text, e))
        return false;
    if (token == JSON_NULL && m->need == OPTIONAL)
        return true;
    if (!is_kind(h, m, token))
        return dataset_json_refuse(h->json, e, "%s has a value of another kind", m->name);
    switch (m->kind) {
    case KIND_TEXT:
        return keep_text(h, text, (struct span *)(void *)(into + m->into), e);
    case KIND_VERSION:
        return take_version(h, text, e);
    case KIND_COUNT:
        return take_count(h, m, text, (uint64_t *)(void *)(into + m->into), e);
    case KIND_COLUMNS:
        return read_columns(h, e);
    default:
        return read_system(h, token, text, e);
    }
}

/* --- objects --- */

static bool take_stranger(struct dataset_json_head *h, struct dataset_json_object *o,
                          struct span name, struct err *e)
{
    enum json_token token;
    struct span text;
    if (o->strangers.used == DATASET_JSON_STRANGERS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d members of %s that Dataset-JSON does not have",
                       DATASET_JSON_STRANGERS_MAX, o->what);
    if (!name_set_add(&o->strangers, name))
        return dataset_json_refuse(h->json, e, "a member of %s twice", o->what);
    if (o->strangers.used == 1)
        rows_note(h->rows, "a member of %s that Dataset-JSON does not have, in line %llu", o->what,
                  (unsigned long long)json_line(h->json));
    return json_next(h->json, &token, &text, e) && dataset_json_skip(h, token, e);
}

static const struct dataset_json_member *find_member(const struct dataset_json_member *table,
                                                     struct span name)
{
    for (; table->name != NULL; table++)
        if (span_eq(name, span_str(table->name)))
            return table;
    return NULL;
}

static bool note_member(struct dataset_json_head *h, struct dataset_json_object *o,
                        const struct dataset_json_member *m, struct err *e)
{
    uint64_t bit = UINT64_C(1) << (m - o->member);
    if ((o->seen & bit) != 0)
        return dataset_json_refuse(h->json, e, "%s of %s twice", m->name, o->what);
    o->seen |= bit;
    return restrict_versions(h, m->versions, e);
}

/* The first that is missing, or NULL. */
static const char *missing(const struct dataset_json_head *h, const struct dataset_json_object *o)
{
    for (const struct dataset_json_member *m = o->member; m->name != NULL; m++)
        if (m->need == NEEDED && (m->versions & h->versions) == h->versions &&
            (o->seen >> (m - o->member) & 1) == 0)
            return m->name;
    return NULL;
}

static bool check_complete(const struct dataset_json_head *h, const struct dataset_json_object *o,
                           struct err *e)
{
    const char *name = missing(h, o);
    return name == NULL || dataset_json_refuse(h->json, e, "%s has no %s", o->what, name);
}

static bool read_members(struct dataset_json_head *h, struct dataset_json_object *o, void *into,
                         enum dataset_json_stop *stop, struct err *e)
{
    enum json_token token;
    struct span name;
    for (;;) {
        if (!json_next(h->json, &token, &name, e))
            return false;
        *stop = STOP_END;
        if (token == JSON_OBJECT_END)
            return check_complete(h, o, e);
        const struct dataset_json_member *m = find_member(o->member, name);
        if (m == NULL) {
            if (!take_stranger(h, o, name, e))
                return false;
            continue;
        }
        if (!note_member(h, o, m, e))
            return false;
        if (m->kind == KIND_STOP) {
            *stop = (enum dataset_json_stop)m->into;
            return true;
        }
        if (!read_value(h, m, into, e))
            return false;
    }
}

static bool read_object(struct dataset_json_head *h, const struct dataset_json_member *table,
                        const char *what, void *into, struct err *e)
{
    struct dataset_json_object o = {.member = table, .what = what};
    enum dataset_json_stop stop;
    bool good = read_members(h, &o, into, &stop, e);
    dataset_json_end(&o);
    return good;
}

void dataset_json_begin(struct dataset_json_object *o, enum dataset_json_place place)
{
    static const struct dataset_json_object places[] = {
        [PLACE_FILE] = {.member = file_members, .what = "the file"},
        [PLACE_DATA] = {.member = data_members, .what = "the data"},
        [PLACE_GROUP] = {.member = group_members, .what = "a dataset"},
    };
    *o = places[place];
}

void dataset_json_end(struct dataset_json_object *o)
{
    name_set_close(&o->strangers);
}

bool dataset_json_read(struct dataset_json_head *h, struct dataset_json_object *o,
                       enum dataset_json_stop *stop, struct err *e)
{
    return read_members(h, o, h, stop, e);
}

bool dataset_json_ready(const struct dataset_json_head *h, const struct dataset_json_object *o)
{
    return missing(h, o) == NULL;
}
