#include "ledger/entry.h"

#include <assert.h>
#include <string.h>

#include "base/time.h"
#include "format/json_tree.h"
#include "format/json_write.h"
#include "format/zip.h"
#include "ledger/entry_form.h"
#include "ledger/tile.h"

/* --- names --- */

static bool is_name_byte(uint8_t c)
{
    uint8_t letter = c | 0x20;
    return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* A study's name, and each part of a dataset's, at the front of s; empty where there is none. */
static struct span name_part(struct span s)
{
    size_t n = 0;
    while (n < s.n && is_name_byte(s.p[n]))
        n++;
    bool good = n > 0 && n <= STUDY_NAME_MAX && s.p[0] != '_' && s.p[0] != '-';
    return good ? (struct span){s.p, n} : (struct span){NULL, 0};
}

bool study_name_check(struct span s)
{
    return s.n > 0 && name_part(s).n == s.n;
}

/* "r0001" lies beside the parts of longer names in a bundle, so that it cannot be one of them. */
static bool is_revision_folder(struct span part)
{
    size_t i = 1;
    while (i < part.n && part.p[i] >= '0' && part.p[i] <= '9')
        i++;
    return (part.p[0] | 0x20) == 'r' && part.n > 1 && i == part.n;
}

/* So it is also a name in an archive: zip_name_check. */
bool dataset_name_check(struct span s)
{
    for (int parts = 1; parts <= 3; parts++) {
        struct span part = name_part(s);
        if (part.n == 0 || zip_name_device(part) || (parts > 1 && is_revision_folder(part)))
            return false;
        if (part.n == s.n)
            return true;
        if (s.p[part.n] != '/')
            return false;
        s = (struct span){s.p + part.n + 1, s.n - part.n - 1};
    }
    return false;
}

struct span dataset_last_part(struct span name)
{
    size_t slash;
    while ((slash = span_find(name, 0, '/')) < name.n)
        name = span_skip(name, slash + 1);
    return name;
}

const struct revision_data revision_data_none = {.form = ENTRY_NONE, .duplicates = ENTRY_NONE};
const struct revision_change revision_change_none = {
    .added = ENTRY_NONE, .changed = ENTRY_NONE, .removed = ENTRY_NONE, .reverted = ENTRY_NONE};

struct hash revision_strict(const struct revision_data *d)
{
    return hash_is_zero(d->strict) ? d->content : d->strict;
}

struct hash revision_strict_order(const struct revision_data *d)
{
    return hash_is_zero(d->strict_order) ? d->order : d->strict_order;
}

bool entry_details(const struct entry *x, struct hash *out)
{
    const struct entry_form *k = entry_form(x->kind);
    for (size_t i = 0; i < k->count; i++)
        if (strcmp(k->fields[i].name, "details") == 0) {
            memcpy(out, (const uint8_t *)x + k->fields[i].offset, sizeof *out);
            return true;
        }
    return false;
}

bool entry_file(const struct entry *x, struct hash *out)
{
    bool kept =
        x->kind == ENTRY_REVISION || (x->kind == ENTRY_REFUSAL && x->refusal.size != ENTRY_NONE);
    if (kept)
        *out = x->subject;
    return kept;
}

/* --- writing --- */

static void write_word(struct json_out *o, const struct entry_field *f, uint64_t value)
{
    const char *word = f->words[value];
    if (word[0] == '\0')
        json_out_null(o, f->name);
    else
        json_out_string(o, f->name, span_str(word));
}

static void write_text(struct json_out *o, const struct entry_field *f, struct span s)
{
    assert(f->check(s));
    if (s.n == 0)
        json_out_null(o, f->name);
    else
        json_out_string(o, f->name, s);
}

static void write_number(struct json_out *o, const struct entry_field *f, uint64_t v)
{
    if (v == ENTRY_NONE && f->type == A_NUMBER_OR_NULL) {
        json_out_null(o, f->name);
        return;
    }
    assert(v <= (uint64_t)JSON_INTEGER_MAX);
    json_out_integer(o, f->name, (int64_t)v);
}

static void write_field(struct json_out *o, const struct entry_field *f, const struct entry *x)
{
    const void *at = (const uint8_t *)x + f->offset;
    char time[TIME_TEXT + 1];
    switch (f->type) {
    case A_TIME:
        json_out_string(o, f->name, span_str(time_write(*(const int64_t *)at, time)));
        break;
    case A_HASH:
        json_out_hex(o, f->name, hash_span(at));
        break;
    case A_HASH_OR_NULL:
        if (hash_is_zero(*(const struct hash *)at))
            json_out_null(o, f->name);
        else
            json_out_hex(o, f->name, hash_span(at));
        break;
    case A_NUMBER:
    case A_NUMBER_OR_NULL:
        write_number(o, f, *(const uint64_t *)at);
        break;
    case A_BOOL:
        json_out_bool(o, f->name, *(const bool *)at);
        break;
    case A_WORD:
        write_word(o, f, *(const uint64_t *)at);
        break;
    case A_TEXT:
        write_text(o, f, *(const struct span *)at);
        break;
    }
}

void entry_write(struct buf *b, const struct entry *x)
{
    const struct entry_form *k = entry_form(x->kind);
    struct json_out o = {.b = b};
    char type[64];
    text_format(type, sizeof type, PREDICATE_TYPE "%s/v1", k->name);
    json_out_object(&o, NULL);
    json_out_string(&o, "_type", SPAN(STATEMENT_TYPE));
    json_out_object(&o, "predicate");
    for (size_t i = 0; i < k->count; i++)
        write_field(&o, &k->fields[i], x);
    json_out_object_end(&o);
    json_out_string(&o, "predicateType", span_str(type));
    json_out_array(&o, "subject");
    json_out_object(&o, NULL);
    json_out_object(&o, "digest");
    json_out_hex(&o, "sha256", hash_span(&x->subject));
    json_out_object_end(&o);
    json_out_string(&o, "name", span_str(k->subject));
    json_out_object_end(&o);
    json_out_array_end(&o);
    json_out_object_end(&o);
}

/* --- parsing --- */

static bool read_word(const struct json *m, const struct entry_field *f, uint64_t *out)
{
    struct span word = m->kind == JSON_IS_NULL ? SPAN("") : m->text;
    if (m->kind != JSON_IS_NULL && (m->kind != JSON_IS_STRING || word.n == 0))
        return false;
    for (uint64_t i = 0; f->words[i] != NULL; i++)
        if (span_eq(word, span_str(f->words[i]))) {
            *out = i;
            return true;
        }
    return false;
}

static bool read_text(const struct json *m, const struct entry_field *f, struct span *out)
{
    *out = m->kind == JSON_IS_NULL ? SPAN("") : m->text;
    bool right_kind = m->kind == JSON_IS_NULL || (m->kind == JSON_IS_STRING && m->text.n > 0);
    return right_kind && f->check(*out);
}

static bool read_number(const struct json *predicate, const struct json *m,
                        const struct entry_field *f, uint64_t *out)
{
    int64_t v;
    if (m->kind == JSON_IS_NULL && f->type == A_NUMBER_OR_NULL) {
        *out = ENTRY_NONE;
        return true;
    }
    if (!json_integer(predicate, f->name, &v) || v < 0)
        return false;
    *out = (uint64_t)v;
    return true;
}

static bool read_field(const struct json *predicate, const struct json *m,
                       const struct entry_field *f, struct entry *x)
{
    void *at = (uint8_t *)x + f->offset;
    switch (f->type) {
    case A_TIME:
        return m->kind == JSON_IS_STRING && time_parse(m->text, at);
    case A_HASH:
        return m->kind == JSON_IS_STRING && hash_parse(m->text, at);
    case A_HASH_OR_NULL:
        *(struct hash *)at = (struct hash){{0}};
        return m->kind == JSON_IS_NULL || (m->kind == JSON_IS_STRING && hash_parse(m->text, at) &&
                                           !hash_is_zero(*(struct hash *)at));
    case A_NUMBER:
    case A_NUMBER_OR_NULL:
        return read_number(predicate, m, f, at);
    case A_BOOL:
        return json_bool(predicate, f->name, at);
    case A_WORD:
        return read_word(m, f, at);
    case A_TEXT:
        return read_text(m, f, at);
    }
    return false;
}

/* The text is canonical, so its members are sorted, as the table is: they must match one by one. */
static bool read_predicate(const struct json *predicate, struct entry *x, struct err *e)
{
    const struct entry_form *k = entry_form(x->kind);
    const struct json *m = predicate->child;
    if (predicate->count != k->count)
        return err_set(e, ERR_FORMAT, "a %s entry has %zu members, not %zu", k->name, k->count,
                       predicate->count);
    for (size_t i = 0; i < k->count; i++, m = m->next) {
        const struct entry_field *f = &k->fields[i];
        if (!span_eq(m->name, span_str(f->name)))
            return err_set(e, ERR_FORMAT, "member \"%.*s\" where a %s entry has \"%s\"",
                           SPAN_ARGS(m->name), k->name, f->name);
        if (!read_field(predicate, m, f, x))
            return err_set(e, ERR_FORMAT, "the value of \"%s\" is not allowed", f->name);
    }
    return true;
}

/* "https://trialseal.org/entry/<kind>/v1" */
static bool read_kind(struct span type, enum entry_kind *out, struct err *e)
{
    struct span rest = type;
    if (!span_take(&rest, SPAN(PREDICATE_TYPE)))
        return err_set(e, ERR_STATE, "unknown predicate type \"%.*s\"", SPAN_ARGS(type));
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++) {
        struct span tail = rest;
        if (span_take(&tail, span_str(entry_form(k)->name)) && span_eq(tail, SPAN("/v1"))) {
            *out = k;
            return true;
        }
    }
    return err_set(e, ERR_STATE, "unknown entry kind or version \"%.*s\"", SPAN_ARGS(rest));
}

static bool read_subject(const struct json *statement, struct entry *x, struct err *e)
{
    const struct json *list = json_member(statement, "subject");
    const struct json *one =
        list != NULL && list->kind == JSON_IS_ARRAY && list->count == 1 ? list->child : NULL;
    const struct json *digest = one != NULL && one->count == 2 ? json_member(one, "digest") : NULL;
    struct span name, hex;
    if (digest == NULL || digest->count != 1 || !json_string(digest, "sha256", &hex) ||
        !json_string(one, "name", &name) || !hash_parse(hex, &x->subject))
        return err_set(e, ERR_FORMAT, "the subject is not one name and one SHA-256");
    if (!span_eq(name, span_str(entry_form(x->kind)->subject)))
        return err_set(e, ERR_FORMAT, "the subject's name is not \"%s\"",
                       entry_form(x->kind)->subject);
    return true;
}

bool entry_parse(struct arena *a, struct span bytes, struct entry *out, struct err *e)
{
    struct json *statement;
    struct span type, predicate_type;
    if (bytes.n > ENTRY_MAX)
        return err_set(e, ERR_LIMIT, "an entry has at most %d bytes", ENTRY_MAX);
    if (!json_parse_canonical(a, bytes, &statement, e))
        return false;
    const struct json *predicate = json_member(statement, "predicate");
    if (statement->kind != JSON_IS_OBJECT || statement->count != 4 || predicate == NULL ||
        predicate->kind != JSON_IS_OBJECT || !json_string(statement, "_type", &type) ||
        !span_eq(type, SPAN(STATEMENT_TYPE)) ||
        !json_string(statement, "predicateType", &predicate_type))
        return err_set(e, ERR_FORMAT, "not an in-toto statement of four members");
    *out = (struct entry){0};
    return read_kind(predicate_type, &out->kind, e) && read_predicate(predicate, out, e) &&
           read_subject(statement, out, e);
}
