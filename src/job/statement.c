#include "job/statement.h"

#include "base/time.h"
#include "format/json_tree.h"

static bool refuse(struct err *e, const struct json *m, const char *want)
{
    return err_set(e, ERR_FORMAT, "\"%.*s\" is not %s", SPAN_ARGS(m->name), want);
}

static bool is_string(const struct json *m)
{
    return m->kind == JSON_IS_STRING;
}

static bool take_kind(struct statement *s, const struct json *m, struct err *e)
{
    bool test = is_string(m) && span_eq(m->text, SPAN("test"));
    if (!test && !(is_string(m) && span_eq(m->text, SPAN("production"))))
        return refuse(e, m, "\"production\" or \"test\"");
    s->kind = test ? TRANSFER_TEST : TRANSFER_PRODUCTION;
    return true;
}

static bool take_scope(struct statement *s, const struct json *m, struct err *e)
{
    bool part = is_string(m) && span_eq(m->text, SPAN("incremental"));
    if (!part && !(is_string(m) && span_eq(m->text, SPAN("cumulative"))))
        return refuse(e, m, "\"cumulative\" or \"incremental\"");
    s->scope = part ? SCOPE_INCREMENTAL : SCOPE_CUMULATIVE;
    return true;
}

static bool take_cutoff(struct statement *s, const struct json *m, struct err *e)
{
    if (!is_string(m) || !date_check(m->text))
        return refuse(e, m, "a date YYYY-MM-DD");
    s->cutoff = m->text;
    return true;
}

static bool take_reason(struct span *out, const struct json *m, struct err *e)
{
    if (!is_string(m))
        return refuse(e, m, "a text");
    *out = m->text;
    return true;
}

static bool take_dataset(struct statement_dataset *d, const struct json *object, struct err *e)
{
    *d = (struct statement_dataset){.file = object->name, .records = ENTRY_NONE};
    if (object->kind != JSON_IS_OBJECT)
        return refuse(e, object, "an object");
    for (const struct json *m = object->child; m != NULL; m = m->next) {
        int64_t records;
        if (span_eq(m->name, SPAN("reason"))) {
            if (!take_reason(&d->reason, m, e))
                return false;
        } else if (span_eq(m->name, SPAN("records"))) {
            if (!json_integer(object, "records", &records) || records < 0)
                return refuse(e, m, "a number of records");
            d->records = (uint64_t)records;
        } else {
            return err_set(e, ERR_FORMAT, "unknown member \"%.*s\"", SPAN_ARGS(m->name));
        }
    }
    return true;
}

static bool take_datasets(struct arena *a, struct statement *s, const struct json *list,
                          struct err *e)
{
    if (list->kind != JSON_IS_OBJECT)
        return refuse(e, list, "an object");
    s->dataset = arena_array(a, list->count, sizeof *s->dataset);
    for (const struct json *m = list->child; m != NULL; m = m->next)
        if (!take_dataset(&s->dataset[s->datasets++], m, e))
            return false;
    return true;
}

static bool take_member(struct arena *a, struct statement *s, const struct json *m, struct err *e)
{
    if (span_eq(m->name, SPAN("kind")))
        return take_kind(s, m, e);
    if (span_eq(m->name, SPAN("scope")))
        return take_scope(s, m, e);
    if (span_eq(m->name, SPAN("cutoff")))
        return take_cutoff(s, m, e);
    if (span_eq(m->name, SPAN("reason")))
        return take_reason(&s->reason, m, e);
    if (span_eq(m->name, SPAN("datasets")))
        return take_datasets(a, s, m, e);
    return err_set(e, ERR_FORMAT, "unknown member \"%.*s\"", SPAN_ARGS(m->name));
}

bool statement_parse(struct arena *a, struct span text, struct statement *out, struct err *e)
{
    struct json *root;
    *out = (struct statement){0};
    if (!json_parse(a, text, &root, e))
        return false;
    if (root->kind != JSON_IS_OBJECT)
        return err_set(e, ERR_FORMAT, "not a JSON object");
    for (const struct json *m = root->child; m != NULL; m = m->next)
        if (!take_member(a, out, m, e))
            return false;
    return true;
}

const struct statement_dataset *statement_find(const struct statement *s, struct span file)
{
    for (size_t i = 0; i < s->datasets; i++)
        if (span_eq(s->dataset[i].file, file))
            return &s->dataset[i];
    return NULL;
}
