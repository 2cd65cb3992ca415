#include "ledger/entry.h"

#include <assert.h>
#include <string.h>

#include "base/time.h"
#include "format/json_tree.h"
#include "format/json_write.h"
#include "format/note.h"
#include "format/ssh_key.h"
#include "format/zip.h"
#include "ledger/checkpoint.h"
#include "ledger/entry_form.h"
#include "ledger/entry_match.h"
#include "ledger/scope.h"
#include "ledger/tile.h"

enum { VERSION_MAX = 64, ISSUE_MAX = 64 };

/* --- the types of FORMAT chapter 3 --- */

static const char *const event_words[] = {"start", "version", "configuration", "restore", NULL};
static const char *const clock_words[] = {"system", "set", NULL};
static const char *const kind_words[] = {"", "production", "test", NULL};
static const char *const scope_words[] = {"", "cumulative", "incremental", NULL};
static const char *const format_words[] = {"opaque", "csv", "xpt", "json", "xml", NULL};
static const char *const refusal_words[] = {"file", "transfer", NULL};
static const char *const erasure_words[] = {"file", "text", NULL};
static const char *const key_names[] = {"", "define", "dataset", "study", "standard", "all", NULL};
static const char *const change_names[] = {
    "", "none", "header", "metadata", "column-order", "record-order", "numeric-fuzz", "data", NULL};

/* The vkey of a log. */
static bool check_log(struct span s)
{
    struct arena a = {0};
    struct note_key k;
    bool good = note_key_parse(&a, s, &k, NULL) && k.algorithm == NOTE_ED25519;
    arena_close(&a);
    return good;
}

/* An SSH key without comment. */
static bool check_notary(struct span s)
{
    struct public_key k;
    struct buf again = {0};
    bool good = ssh_key_parse(s, &k, NULL);
    if (good) {
        ssh_key_write(&again, &k);
        good = span_eq(buf_span(&again), s);
    }
    buf_close(&again);
    return good;
}

static bool check_version(struct span s)
{
    return s.n > 0 && s.n <= VERSION_MAX && span_alnum(s, ".+~-");
}

static bool check_date_or_none(struct span s)
{
    return s.n == 0 || date_check(s);
}

static bool check_issue(struct span s)
{
    return s.n > 0 && s.n <= ISSUE_MAX && span_alnum(s, "-");
}

static bool check_scope(struct span s)
{
    struct scope ignored;
    return scope_parse(s, &ignored);
}

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

/* --- the kinds: members of each predicate, in canonical order --- */

#define MEMBER(text, of_type, member)                                                              \
    .name = text, .lead = ",\"" text "\":", .lead_size = sizeof(text) + 3, .type = of_type,        \
    .offset = offsetof(struct entry, member)

static const struct entry_field study_fields[] = {
    {MEMBER("at", A_TIME, at)},
    {MEMBER("log", A_TEXT, study.log), .check = check_log},
    {MEMBER("notary", A_TEXT, study.notary), .check = check_notary},
    {MEMBER("origin", A_TEXT, study.origin), .check = origin_check},
    {MEMBER("salt", A_HASH, salt)},
    {MEMBER("study", A_TEXT, study.study), .check = study_name_check},
    {MEMBER("test", A_BOOL, study.test)},
};

static const struct entry_field system_fields[] = {
    {MEMBER("at", A_TIME, at)},
    {MEMBER("clock", A_WORD, system.clock), .words = clock_words},
    {MEMBER("details", A_HASH, system.details)},
    {MEMBER("event", A_WORD, system.event), .words = event_words},
    {MEMBER("salt", A_HASH, salt)},
    {MEMBER("version", A_TEXT, system.version), .check = check_version},
};

static const struct entry_field transfer_fields[] = {
    {MEMBER("at", A_TIME, at)},
    {MEMBER("cutoff", A_TEXT, transfer.cutoff), .check = check_date_or_none},
    {MEMBER("details", A_HASH, transfer.details)},
    {MEMBER("held", A_NUMBER, transfer.held)},
    {MEMBER("kind", A_WORD, transfer.kind), .words = kind_words},
    {MEMBER("new", A_NUMBER, transfer.new)},
    {MEMBER("received", A_NUMBER, transfer.received)},
    {MEMBER("revisions", A_NUMBER, transfer.revisions)},
    {MEMBER("salt", A_HASH, salt)},
    {MEMBER("scope", A_WORD, transfer.scope), .words = scope_words},
    {MEMBER("unchanged", A_NUMBER, transfer.unchanged)},
};

static const struct entry_field revision_fields[] = {
    {MEMBER("at", A_TIME, at)},
    {MEMBER("change", A_WORD, revision.against.change), .words = change_names},
    {MEMBER("columns", A_NUMBER_OR_NULL, revision.columns)},
    {MEMBER("content", A_HASH_OR_NULL, revision.data.content)},
    {MEMBER("dataset", A_TEXT, revision.dataset), .check = dataset_name_check},
    {MEMBER("details", A_HASH, revision.details)},
    {MEMBER("duplicates", A_NUMBER_OR_NULL, revision.data.duplicates)},
    {MEMBER("form", A_NUMBER_OR_NULL, revision.data.form)},
    {MEMBER("format", A_WORD, revision.format), .words = format_words},
    {MEMBER("key", A_WORD, revision.data.key), .words = key_names},
    {MEMBER("member", A_NUMBER, revision.member)},
    {MEMBER("members", A_NUMBER, revision.members)},
    {MEMBER("metadata", A_HASH_OR_NULL, revision.data.metadata)},
    {MEMBER("order", A_HASH_OR_NULL, revision.data.order)},
    {MEMBER("previous", A_NUMBER_OR_NULL, revision.previous)},
    {MEMBER("records", A_NUMBER_OR_NULL, revision.records)},
    {MEMBER("records_added", A_NUMBER_OR_NULL, revision.against.added)},
    {MEMBER("records_changed", A_NUMBER_OR_NULL, revision.against.changed)},
    {MEMBER("records_removed", A_NUMBER_OR_NULL, revision.against.removed)},
    {MEMBER("reverted", A_NUMBER_OR_NULL, revision.against.reverted)},
    {MEMBER("revision", A_NUMBER, revision.revision)},
    {MEMBER("root", A_HASH_OR_NULL, revision.data.root)},
    {MEMBER("salt", A_HASH, salt)},
    {MEMBER("schema", A_HASH_OR_NULL, revision.data.schema)},
    {MEMBER("secret", A_HASH_OR_NULL, revision.data.secret)},
    {MEMBER("size", A_NUMBER, revision.size)},
    {MEMBER("strict", A_HASH_OR_NULL, revision.data.strict)},
    {MEMBER("strict_order", A_HASH_OR_NULL, revision.data.strict_order)},
    {MEMBER("transfer", A_NUMBER, revision.transfer)},
};

static const struct entry_field refusal_fields[] = {
    {MEMBER("at", A_TIME, at)},
    {MEMBER("details", A_HASH, refusal.details)},
    {MEMBER("issue", A_TEXT, refusal.issue), .check = check_issue},
    {MEMBER("issues", A_NUMBER, refusal.issues)},
    {MEMBER("of", A_WORD, refusal.of), .words = refusal_words},
    {MEMBER("salt", A_HASH, salt)},
    {MEMBER("size", A_NUMBER_OR_NULL, refusal.size)},
    {MEMBER("transfer", A_NUMBER_OR_NULL, refusal.transfer)},
};

static const struct entry_field withdrawal_fields[] = {
    {MEMBER("at", A_TIME, at)},
    {MEMBER("details", A_HASH, withdrawal.details)},
    {MEMBER("revision", A_NUMBER, withdrawal.revision)},
    {MEMBER("salt", A_HASH, salt)},
};

static const struct entry_field issued_fields[] = {
    {MEMBER("at", A_TIME, at)},
    {MEMBER("bytes", A_NUMBER, issued.bytes)},
    {MEMBER("salt", A_HASH, salt)},
    {MEMBER("scope", A_TEXT, issued.scope), .check = check_scope},
    {MEMBER("size", A_NUMBER, issued.size)},
};

static const struct entry_field seal_fields[] = {
    {MEMBER("at", A_TIME, at)},          {MEMBER("checkpoint", A_HASH, seal.checkpoint)},
    {MEMBER("salt", A_HASH, salt)},      {MEMBER("size", A_NUMBER, seal.size)},
    {MEMBER("time", A_TIME, seal.time)},
};

static const struct entry_field erasure_fields[] = {
    {MEMBER("at", A_TIME, at)},
    {MEMBER("details", A_HASH, erasure.details)},
    {MEMBER("entry", A_NUMBER, erasure.entry)},
    {MEMBER("of", A_WORD, erasure.of), .words = erasure_words},
    {MEMBER("salt", A_HASH, salt)},
};

#define KIND(kind)                                                                                 \
    .name = #kind, .fields = kind##_fields,                                                        \
    .count = sizeof kind##_fields / sizeof kind##_fields[0],                                       \
    .size = offsetof(struct entry, kind) + sizeof((struct entry *)NULL)->kind

static const struct entry_form kinds[ENTRY_KINDS] = {
    [ENTRY_STUDY] = {KIND(study), .subject = "log-key"},
    [ENTRY_SYSTEM] = {KIND(system), .subject = "configuration"},
    [ENTRY_TRANSFER] = {KIND(transfer), .subject = "manifest"},
    [ENTRY_REVISION] = {KIND(revision), .subject = "file"},
    [ENTRY_REFUSAL] = {KIND(refusal), .subject = "refused"},
    [ENTRY_WITHDRAWAL] = {KIND(withdrawal), .subject = "file"},
    [ENTRY_ISSUED] = {KIND(issued), .subject = "bundle"},
    [ENTRY_SEAL] = {KIND(seal), .subject = "token"},
    [ENTRY_ERASURE] = {KIND(erasure), .subject = "erased"},
};

const struct entry_form *entry_form(enum entry_kind k)
{
    return &kinds[k];
}

const char *entry_kind_name(enum entry_kind k)
{
    return kinds[k].name;
}

const char *data_format_name(enum data_format f)
{
    return format_words[f];
}

const char *change_name(enum change c)
{
    return change_names[c];
}

const char *key_source_name(enum key_source k)
{
    return key_names[k];
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
    const struct entry_form *k = &kinds[x->kind];
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
    const struct entry_form *k = &kinds[x->kind];
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
    const struct entry_form *k = &kinds[x->kind];
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
        if (span_take(&tail, span_str(kinds[k].name)) && span_eq(tail, SPAN("/v1"))) {
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
    if (!span_eq(name, span_str(kinds[x->kind].subject)))
        return err_set(e, ERR_FORMAT, "the subject's name is not \"%s\"", kinds[x->kind].subject);
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
