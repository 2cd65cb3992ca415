#include "dataset/csv_schema.h"

#include "base/name_map.h"
#include "format/json_tree.h"

enum { VERSION = 1, OID_SIZE = 8 };

struct parsing {
    struct arena *a;
    struct span text; /* all of it, to count lines */
    struct define *define;
    struct name_map names; /* of columns */
    struct err *e;
};

/* --- refusing --- */

static size_t line_of(const struct parsing *p, const struct json *at)
{
    size_t line = 1;
    for (size_t i = 0; i < at->offset; i++)
        line += p->text.p[i] == '\n';
    return line;
}

static bool refuse(const struct parsing *p, const struct json *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static bool refuse(const struct parsing *p, const struct json *at, const char *fmt, ...)
{
    char why[192];
    va_list ap;
    va_start(ap, fmt);
    text_vformat(why, sizeof why, fmt, ap);
    va_end(ap);
    return err_set(p->e, ERR_FORMAT, "line %zu: %s", line_of(p, at), why);
}

static bool refuse_member(const struct parsing *p, const struct json *m, const char *want)
{
    return refuse(p, m, "\"%.*s\" is not %s", SPAN_ARGS(m->name), want);
}

static bool refuse_unknown(const struct parsing *p, const struct json *m)
{
    return refuse(p, m, "unknown member \"%.*s\"", SPAN_ARGS(m->name));
}

/* --- values --- */

static bool is_one_of(struct span s, const char *const *words)
{
    size_t i = 0;
    while (words[i] != NULL && !span_eq(s, span_str(words[i])))
        i++;
    return words[i] != NULL;
}

static bool take_text(const struct parsing *p, const struct json *m, struct span *out)
{
    if (m->kind != JSON_IS_STRING)
        return refuse_member(p, m, "a text");
    *out = m->text;
    return true;
}

static bool take_word(const struct parsing *p, const struct json *m, const char *const *words,
                      struct span *out)
{
    if (!take_text(p, m, out))
        return false;
    return is_one_of(m->text, words) || refuse_member(p, m, "a word that is known there");
}

static bool take_number(const struct parsing *p, const struct json *m, uint64_t max, uint64_t *out)
{
    int64_t n;
    if (m->kind != JSON_IS_NUMBER || !json_integer_parse(m->text, &n) || n < 1 ||
        (uint64_t)n > max) {
        char want[64];
        text_format(want, sizeof want, "a whole number from 1 to %llu", (unsigned long long)max);
        return refuse_member(p, m, want);
    }
    *out = (uint64_t)n;
    return true;
}

/* Texts of 1 to `bytes` bytes, of which there are at most `max`. */
static bool take_texts(const struct parsing *p, const struct json *m, size_t max, size_t bytes,
                       struct span **list, size_t *count, size_t *cap)
{
    if (m->kind != JSON_IS_ARRAY)
        return refuse_member(p, m, "an array");
    if (m->count > max)
        return refuse(p, m, "more than %zu texts in \"%.*s\"", max, SPAN_ARGS(m->name));
    for (const struct json *t = m->child; t != NULL; t = t->next) {
        if (t->kind != JSON_IS_STRING || t->text.n == 0 || t->text.n > bytes)
            return refuse(p, t, "not a text of 1 to %zu bytes", bytes);
        *list = mem_room(*list, *count, cap, sizeof **list);
        (*list)[(*count)++] = t->text;
    }
    return true;
}

/* --- columns --- */

static struct define_dataset *dataset(const struct parsing *p)
{
    return &p->define->dataset[0];
}

/* The column that is being read is the last. */
static struct define_item *item(const struct parsing *p)
{
    return &p->define->item[p->define->items - 1];
}

static bool take_name(struct parsing *p, const struct json *m)
{
    if (!take_text(p, m, &item(p)->name))
        return false;
    if (m->text.n == 0)
        return refuse_member(p, m, "the name of a column");
    size_t *known = name_map_at(&p->names, m->text);
    if (*known != NAME_MAP_NEW)
        return refuse(p, m, "a column \"%.*s\" was there before", SPAN_ARGS(m->text));
    *known = p->define->items;
    return true;
}

static bool take_label(struct parsing *p, const struct json *m)
{
    return take_text(p, m, &item(p)->label);
}

static bool take_type(struct parsing *p, const struct json *m)
{
    static const char *const words[] = {"string",
                                        "text",
                                        "integer",
                                        "decimal",
                                        "float",
                                        "double",
                                        "boolean",
                                        "date",
                                        "datetime",
                                        "time",
                                        "URI",
                                        "partialDate",
                                        "partialDatetime",
                                        "partialTime",
                                        "durationDatetime",
                                        "intervalDatetime",
                                        "incompleteDatetime",
                                        NULL};
    return take_word(p, m, words, &item(p)->type);
}

static bool take_target(struct parsing *p, const struct json *m)
{
    static const char *const words[] = {"integer", "decimal", NULL};
    return take_word(p, m, words, &item(p)->target);
}

static bool take_length(struct parsing *p, const struct json *m)
{
    return take_number(p, m, UINT32_MAX, &item(p)->length);
}

static bool take_format(struct parsing *p, const struct json *m)
{
    return take_text(p, m, &item(p)->format);
}

static bool take_key(struct parsing *p, const struct json *m)
{
    return take_number(p, m, DEFINE_REFS_MAX, &dataset(p)->ref[p->define->items - 1].key);
}

/* A code list of its own, which is called like the column. */
static bool take_values(struct parsing *p, const struct json *m)
{
    struct define *d = p->define;
    d->code_list = mem_room(d->code_list, d->code_lists, &d->code_list_cap, sizeof *d->code_list);
    struct define_code_list *list = &d->code_list[d->code_lists++];
    *list = (struct define_code_list){.oid = item(p)->oid};
    item(p)->code_list = list->oid;
    return take_texts(p, m, SIZE_MAX, DEFINE_TEXT_MAX, &list->value, &list->values,
                      &list->value_cap);
}

/* What Dataset-JSON says besides, so that its columns can be taken as they are. */
static bool pass_over(struct parsing *p, const struct json *m)
{
    struct span ignored;
    return take_text(p, m, &ignored);
}

struct member {
    const char *name;
    bool (*take)(struct parsing *p, const struct json *m);
};

static const struct member column_members[] = {
    {"name", take_name},       {"label", take_label},
    {"dataType", take_type},   {"targetDataType", take_target},
    {"length", take_length},   {"displayFormat", take_format},
    {"keySequence", take_key}, {"values", take_values},
    {"itemOID", pass_over},    {NULL, NULL},
};

static bool take_members(struct parsing *p, const struct json *object, const struct member *known)
{
    for (const struct json *m = object->child; m != NULL; m = m->next) {
        size_t i = 0;
        while (known[i].name != NULL && !span_eq(m->name, span_str(known[i].name)))
            i++;
        if (known[i].name == NULL)
            return refuse_unknown(p, m);
        if (!known[i].take(p, m))
            return false;
    }
    return true;
}

/* Numbers as OIDs, all of one length: so items are in order of them. */
static struct span new_oid(const struct parsing *p)
{
    char oid[OID_SIZE + 1];
    text_format(oid, sizeof oid, "%08zu", p->define->items);
    return arena_copy(p->a, span_str(oid));
}

static bool take_column(struct parsing *p, const struct json *object)
{
    struct define *d = p->define;
    struct define_dataset *x = dataset(p);
    if (object->kind != JSON_IS_OBJECT)
        return refuse(p, object, "a column is not an object");
    d->item = mem_room(d->item, d->items, &d->item_cap, sizeof *d->item);
    x->ref = mem_room(x->ref, x->refs, &x->ref_cap, sizeof *x->ref);
    d->item[d->items] = (struct define_item){.oid = new_oid(p)};
    x->ref[x->refs++] = (struct define_ref){.item = d->item[d->items].oid, .order = d->items + 1};
    d->items++;
    if (!take_members(p, object, column_members))
        return false;
    if (item(p)->name.n == 0 || item(p)->type.n == 0)
        return refuse(p, object, "a column without name or dataType");
    return true;
}

/* Places in the key are 1, 2, ... without gap and repetition. */
static bool check_key(struct parsing *p, const struct json *columns)
{
    const struct define_dataset *x = dataset(p);
    size_t count = 0;
    for (size_t i = 0; i < x->refs; i++)
        count += x->ref[i].key > 0;
    bool *there = arena_array(p->a, count + 1, sizeof *there);
    for (size_t i = 0; i < x->refs; i++) {
        uint64_t key = x->ref[i].key;
        if (key > count || (key > 0 && there[key]))
            return refuse(p, columns, "the %zu places of the key are not 1 to %zu", count, count);
        there[key] = true;
    }
    return true;
}

static bool take_columns(struct parsing *p, const struct json *m)
{
    if (m->kind != JSON_IS_ARRAY || m->count == 0)
        return refuse_member(p, m, "an array of columns");
    if (m->count > DEFINE_REFS_MAX)
        return refuse(p, m, "more than %d columns", DEFINE_REFS_MAX);
    for (const struct json *c = m->child; c != NULL; c = c->next)
        if (!take_column(p, c))
            return false;
    return check_key(p, m);
}

/* --- the whole --- */

static bool take_version(struct parsing *p, const struct json *m)
{
    uint64_t ignored;
    return take_number(p, m, VERSION, &ignored);
}

static bool take_dataset_label(struct parsing *p, const struct json *m)
{
    return take_text(p, m, &dataset(p)->label);
}

static bool take_missing(struct parsing *p, const struct json *m)
{
    struct define_dataset *x = dataset(p);
    return take_texts(p, m, CSV_SCHEMA_MISSING_MAX, CSV_SCHEMA_MISSING_BYTES_MAX, &x->missing,
                      &x->missings, &x->missing_cap);
}

static const struct member schema_members[] = {
    {"csvSchema", take_version}, {"label", take_dataset_label}, {"missing", take_missing},
    {"columns", take_columns},   {"$schema", pass_over},        {NULL, NULL},
};

static void add_dataset(struct define *d)
{
    d->of_file = true;
    d->dataset = mem_room(NULL, 0, &d->dataset_cap, sizeof *d->dataset);
    d->dataset[d->datasets++] = (struct define_dataset){.refs = 0};
}

static bool parse(struct parsing *p)
{
    struct json *root;
    if (!json_parse_up_to(p->a, p->text, CSV_SCHEMA_MAX, &root, p->e))
        return false;
    if (root->kind != JSON_IS_OBJECT)
        return refuse(p, root, "not a JSON object");
    if (json_member(root, "csvSchema") == NULL || json_member(root, "columns") == NULL)
        return refuse(p, root, "no \"csvSchema\" or no \"columns\": not a CSV schema");
    return take_members(p, root, schema_members);
}

bool csv_schema_parse(struct span text, struct arena *a, struct define *out, struct err *e)
{
    struct parsing p = {.a = a, .text = text, .define = out, .e = e};
    *out = (struct define){0};
    add_dataset(out);
    bool good = parse(&p);
    name_map_close(&p.names);
    return good;
}
