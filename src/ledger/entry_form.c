#include "ledger/entry_form.h"

#include "base/time.h"
#include "format/note.h"
#include "format/ssh_key.h"
#include "ledger/checkpoint.h"
#include "ledger/scope.h"

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
