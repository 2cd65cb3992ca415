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
#include "ledger/scope.h"
#include "ledger/tile.h"

#define STATEMENT_TYPE "https://in-toto.io/Statement/v1"
#define PREDICATE_TYPE "https://trialseal.org/entry/"

enum { VERSION_MAX = 64, ISSUE_MAX = 64 };

/* --- the types of FORMAT chapter 3 --- */

enum field_type { A_TIME, A_HASH, A_NUMBER, A_NUMBER_OR_NULL, A_BOOL, A_WORD, A_TEXT };

struct field {
    const char *name;
    enum field_type type;
    size_t offset;              /* in struct entry */
    const char *const *words;   /* A_WORD: NULL-terminated; "" stands for null */
    bool (*check)(struct span); /* A_TEXT */
};

static const char *const event_words[] = {"start", "version", "configuration", "restore", NULL};
static const char *const clock_words[] = {"system", "set", NULL};
static const char *const kind_words[] = {"", "production", "test", NULL};
static const char *const scope_words[] = {"", "cumulative", "incremental", NULL};
static const char *const format_words[] = {"opaque", "csv", "xpt", "json", "xml", NULL};
static const char *const refusal_words[] = {"file", "transfer", NULL};

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

/* A study's name, and each part of a dataset's. */
bool study_name_check(struct span s)
{
    return s.n > 0 && s.n <= STUDY_NAME_MAX && span_alnum(s, "_-") &&
           span_alnum(span_of(s.p, 1), "");
}

/* "r0001" lies beside the parts of longer names in a bundle, so that it cannot be one of them. */
static bool is_revision_folder(struct span part)
{
    size_t i = 1;
    while (i < part.n && part.p[i] >= '0' && part.p[i] <= '9')
        i++;
    return (part.p[0] | 0x20) == 'r' && part.n > 1 && i == part.n;
}

bool dataset_name_check(struct span s)
{
    if (!zip_name_check(s))
        return false;
    for (int parts = 1; parts <= 3; parts++) {
        size_t slash = span_find(s, 0, '/');
        struct span part = span_of(s.p, slash);
        if (!study_name_check(part) || (parts > 1 && is_revision_folder(part)))
            return false;
        if (slash == s.n)
            return true;
        s = span_skip(s, slash + 1);
    }
    return false;
}

/* --- the kinds: members of each predicate, in canonical order --- */

#define AT(member) .offset = offsetof(struct entry, member)

static const struct field study_fields[] = {
    {"at", A_TIME, AT(at)},
    {"log", A_TEXT, AT(study.log), .check = check_log},
    {"notary", A_TEXT, AT(study.notary), .check = check_notary},
    {"origin", A_TEXT, AT(study.origin), .check = origin_check},
    {"salt", A_HASH, AT(salt)},
    {"study", A_TEXT, AT(study.study), .check = study_name_check},
    {"test", A_BOOL, AT(study.test)},
};

static const struct field system_fields[] = {
    {"at", A_TIME, AT(at)},
    {"clock", A_WORD, AT(system.clock), .words = clock_words},
    {"details", A_HASH, AT(system.details)},
    {"event", A_WORD, AT(system.event), .words = event_words},
    {"salt", A_HASH, AT(salt)},
    {"version", A_TEXT, AT(system.version), .check = check_version},
};

static const struct field transfer_fields[] = {
    {"at", A_TIME, AT(at)},
    {"cutoff", A_TEXT, AT(transfer.cutoff), .check = check_date_or_none},
    {"details", A_HASH, AT(transfer.details)},
    {"held", A_NUMBER, AT(transfer.held)},
    {"kind", A_WORD, AT(transfer.kind), .words = kind_words},
    {"new", A_NUMBER, AT(transfer.new)},
    {"received", A_NUMBER, AT(transfer.received)},
    {"revisions", A_NUMBER, AT(transfer.revisions)},
    {"salt", A_HASH, AT(salt)},
    {"scope", A_WORD, AT(transfer.scope), .words = scope_words},
    {"unchanged", A_NUMBER, AT(transfer.unchanged)},
};

static const struct field revision_fields[] = {
    {"at", A_TIME, AT(at)},
    {"columns", A_NUMBER_OR_NULL, AT(revision.columns)},
    {"dataset", A_TEXT, AT(revision.dataset), .check = dataset_name_check},
    {"details", A_HASH, AT(revision.details)},
    {"format", A_WORD, AT(revision.format), .words = format_words},
    {"member", A_NUMBER, AT(revision.member)},
    {"members", A_NUMBER, AT(revision.members)},
    {"previous", A_NUMBER_OR_NULL, AT(revision.previous)},
    {"records", A_NUMBER_OR_NULL, AT(revision.records)},
    {"revision", A_NUMBER, AT(revision.revision)},
    {"salt", A_HASH, AT(salt)},
    {"size", A_NUMBER, AT(revision.size)},
    {"transfer", A_NUMBER, AT(revision.transfer)},
};

static const struct field refusal_fields[] = {
    {"at", A_TIME, AT(at)},
    {"details", A_HASH, AT(refusal.details)},
    {"issue", A_TEXT, AT(refusal.issue), .check = check_issue},
    {"issues", A_NUMBER, AT(refusal.issues)},
    {"of", A_WORD, AT(refusal.of), .words = refusal_words},
    {"salt", A_HASH, AT(salt)},
    {"size", A_NUMBER_OR_NULL, AT(refusal.size)},
    {"transfer", A_NUMBER_OR_NULL, AT(refusal.transfer)},
};

static const struct field withdrawal_fields[] = {
    {"at", A_TIME, AT(at)},
    {"details", A_HASH, AT(withdrawal.details)},
    {"revision", A_NUMBER, AT(withdrawal.revision)},
    {"salt", A_HASH, AT(salt)},
};

static const struct field issued_fields[] = {
    {"at", A_TIME, AT(at)},
    {"bytes", A_NUMBER, AT(issued.bytes)},
    {"salt", A_HASH, AT(salt)},
    {"scope", A_TEXT, AT(issued.scope), .check = check_scope},
    {"size", A_NUMBER, AT(issued.size)},
};

static const struct field seal_fields[] = {
    {"at", A_TIME, AT(at)},          {"checkpoint", A_HASH, AT(seal.checkpoint)},
    {"salt", A_HASH, AT(salt)},      {"size", A_NUMBER, AT(seal.size)},
    {"time", A_TIME, AT(seal.time)},
};

struct kind {
    const char *name, *subject;
    const struct field *fields;
    size_t count;
};

#define FIELDS(list) .fields = list, .count = sizeof list / sizeof list[0]

static const struct kind kinds[ENTRY_KINDS] = {
    [ENTRY_STUDY] = {"study", "log-key", FIELDS(study_fields)},
    [ENTRY_SYSTEM] = {"system", "configuration", FIELDS(system_fields)},
    [ENTRY_TRANSFER] = {"transfer", "manifest", FIELDS(transfer_fields)},
    [ENTRY_REVISION] = {"revision", "file", FIELDS(revision_fields)},
    [ENTRY_REFUSAL] = {"refusal", "refused", FIELDS(refusal_fields)},
    [ENTRY_WITHDRAWAL] = {"withdrawal", "file", FIELDS(withdrawal_fields)},
    [ENTRY_ISSUED] = {"issued", "bundle", FIELDS(issued_fields)},
    [ENTRY_SEAL] = {"seal", "token", FIELDS(seal_fields)},
};

const char *entry_kind_name(enum entry_kind k)
{
    return kinds[k].name;
}

const char *data_format_name(enum data_format f)
{
    return format_words[f];
}

bool entry_details(const struct entry *x, struct hash *out)
{
    const struct kind *k = &kinds[x->kind];
    for (size_t i = 0; i < k->count; i++)
        if (strcmp(k->fields[i].name, "details") == 0) {
            memcpy(out, (const uint8_t *)x + k->fields[i].offset, sizeof *out);
            return true;
        }
    return false;
}

/* --- writing --- */

static void write_word(struct json_out *o, const struct field *f, uint64_t value)
{
    const char *word = f->words[value];
    if (word[0] == '\0')
        json_out_null(o, f->name);
    else
        json_out_string(o, f->name, span_str(word));
}

static void write_text(struct json_out *o, const struct field *f, struct span s)
{
    assert(f->check(s));
    if (s.n == 0)
        json_out_null(o, f->name);
    else
        json_out_string(o, f->name, s);
}

static void write_number(struct json_out *o, const struct field *f, uint64_t v)
{
    if (v == ENTRY_NONE && f->type == A_NUMBER_OR_NULL) {
        json_out_null(o, f->name);
        return;
    }
    assert(v <= (uint64_t)JSON_INTEGER_MAX);
    json_out_integer(o, f->name, (int64_t)v);
}

static void write_field(struct json_out *o, const struct field *f, const struct entry *x)
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
    const struct kind *k = &kinds[x->kind];
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

static bool read_word(const struct json *m, const struct field *f, uint64_t *out)
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

static bool read_text(const struct json *m, const struct field *f, struct span *out)
{
    *out = m->kind == JSON_IS_NULL ? SPAN("") : m->text;
    bool right_kind = m->kind == JSON_IS_NULL || (m->kind == JSON_IS_STRING && m->text.n > 0);
    return right_kind && f->check(*out);
}

static bool read_number(const struct json *predicate, const struct json *m, const struct field *f,
                        uint64_t *out)
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

static bool read_field(const struct json *predicate, const struct json *m, const struct field *f,
                       struct entry *x)
{
    void *at = (uint8_t *)x + f->offset;
    switch (f->type) {
    case A_TIME:
        return m->kind == JSON_IS_STRING && time_parse(m->text, at);
    case A_HASH:
        return m->kind == JSON_IS_STRING && hash_parse(m->text, at);
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
    const struct kind *k = &kinds[x->kind];
    const struct json *m = predicate->child;
    if (predicate->count != k->count)
        return err_set(e, ERR_FORMAT, "a %s entry has %zu members, not %zu", k->name, k->count,
                       predicate->count);
    for (size_t i = 0; i < k->count; i++, m = m->next) {
        const struct field *f = &k->fields[i];
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
