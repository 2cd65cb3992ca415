#include <sqlite3.h>

#include "base/buf.h"
#include "ledger/tree.h"
#include "store/catalog_sql.h"

bool catalog_add_study(struct catalog *c, struct span study, struct span origin, struct err *e)
{
    struct query q = query_begin(c, SQL_ADD_STUDY, e);
    query_bind_text(&q, study);
    query_bind_text(&q, origin);
    if (!query_run(&q))
        return false;
    q = query_begin(c, SQL_ADD_SIGNED, e);
    query_bind_text(&q, study);
    query_bind_hash(&q, tree_empty());
    return query_run(&q);
}

bool catalog_stage(struct catalog *c, struct span study, uint64_t index, struct span entry,
                   struct err *e)
{
    struct query q = query_begin(c, SQL_STAGE, e);
    query_bind_text(&q, study);
    query_bind_number(&q, index);
    query_bind_blob(&q, entry);
    return query_run(&q);
}

/* What is signed is not what the caller took for it: says both. */
static bool contradiction(struct catalog *c, struct span study,
                          const struct catalog_signed *expected, struct err *e)
{
    struct catalog_signed found;
    struct arena a = {0};
    bool known;
    char want[65], have[65];
    if (!catalog_last_signed(c, study, &a, &found, &known, e)) {
        arena_close(&a);
        return false;
    }
    arena_close(&a);
    if (!known)
        return err_set(e, ERR_STATE, "%s: there is no study %.*s", c->path, SPAN_ARGS(study));
    err_set(e, ERR_INTEGRITY,
            "%.*s: signed last was size %llu with root %s, not size %llu with root %s",
            SPAN_ARGS(study), (unsigned long long)found.size, hash_hex(found.root, have),
            (unsigned long long)expected->size, hash_hex(expected->root, want));
    return err_hint(e, "append nothing; find out which of the two was restored or altered");
}

bool catalog_sign(struct catalog *c, struct span study, const struct catalog_signed *expected,
                  const struct catalog_signed *next, struct err *e)
{
    if (next->size <= expected->size)
        return err_set(e, ERR_STATE, "%.*s: a checkpoint of size %llu cannot follow one of %llu",
                       SPAN_ARGS(study), (unsigned long long)next->size,
                       (unsigned long long)expected->size);
    struct query q = query_begin(c, SQL_SIGN, e);
    query_bind_number(&q, next->size);
    query_bind_hash(&q, next->root);
    query_bind_blob(&q, next->note);
    query_bind_text(&q, study);
    query_bind_number(&q, expected->size);
    query_bind_hash(&q, expected->root);
    if (!query_run(&q))
        return false;
    return sqlite3_changes(c->db) == 1 || contradiction(c, study, expected, e);
}

bool catalog_unstage(struct catalog *c, struct span study, uint64_t size, struct err *e)
{
    struct query q = query_begin(c, SQL_UNSTAGE, e);
    query_bind_text(&q, study);
    query_bind_number(&q, size);
    return query_run(&q);
}

bool catalog_add_entry(struct catalog *c, struct span study, const struct catalog_entry *x,
                       struct err *e)
{
    struct query q = query_begin(c, SQL_ADD_ENTRY, e);
    query_bind_text(&q, study);
    query_bind_number(&q, x->index);
    query_bind_text(&q, x->kind);
    query_bind_number(&q, (uint64_t)x->at);
    query_bind_hash(&q, x->subject);
    query_bind_hash(&q, x->leaf);
    return query_run(&q);
}

static bool add_dataset(struct catalog *c, struct span study, struct span name, struct err *e)
{
    struct query q = query_begin(c, SQL_ADD_DATASET, e);
    query_bind_text(&q, study);
    query_bind_text(&q, name);
    return query_run(&q);
}

static void bind_count(struct query *q, uint64_t v)
{
    if (v == ENTRY_NONE)
        query_bind_null(q);
    else
        query_bind_number(q, v);
}

static void bind_word(struct query *q, const char *word)
{
    if (word[0] == '\0')
        query_bind_null(q);
    else
        query_bind_text(q, span_str(word));
}

static void bind_data(struct query *q, const struct revision_data *d)
{
    bind_count(q, d->form);
    query_bind_hash_or_null(q, d->content);
    query_bind_hash_or_null(q, d->order);
    query_bind_hash_or_null(q, d->strict);
    query_bind_hash_or_null(q, d->strict_order);
    query_bind_hash_or_null(q, d->metadata);
    query_bind_hash_or_null(q, d->schema);
    bind_word(q, key_source_name((enum key_source)d->key));
    bind_count(q, d->duplicates);
    query_bind_hash_or_null(q, d->root);
    query_bind_hash_or_null(q, d->secret);
}

static void bind_change(struct query *q, const struct revision_change *x)
{
    bind_word(q, change_name((enum change)x->change));
    bind_count(q, x->added);
    bind_count(q, x->changed);
    bind_count(q, x->removed);
    bind_count(q, x->reverted);
}

bool catalog_add_revision(struct catalog *c, struct span study, const struct catalog_revision *x,
                          struct err *e)
{
    if (!add_dataset(c, study, x->dataset, e))
        return false;
    struct query q = query_begin(c, SQL_ADD_REVISION, e);
    query_bind_text(&q, study);
    query_bind_text(&q, x->dataset);
    query_bind_number(&q, x->number);
    query_bind_number(&q, x->index);
    query_bind_number(&q, x->transfer);
    query_bind_hash(&q, x->sha256);
    query_bind_number(&q, x->size);
    query_bind_text(&q, x->format);
    query_bind_optional(&q, x->records);
    query_bind_optional(&q, x->columns);
    query_bind_text(&q, x->member);
    query_bind_text(&q, x->file);
    query_bind_optional(&q, x->withdrawn);
    bind_data(&q, &x->data);
    bind_change(&q, &x->against);
    return query_run(&q);
}

bool catalog_withdraw(struct catalog *c, struct span study, uint64_t revision_index,
                      uint64_t withdrawal_index, struct err *e)
{
    struct query q = query_begin(c, SQL_WITHDRAW, e);
    query_bind_number(&q, withdrawal_index);
    query_bind_text(&q, study);
    query_bind_number(&q, revision_index);
    if (!query_run(&q))
        return false;
    return sqlite3_changes(c->db) == 1 ||
           err_set(e, ERR_STATE, "entry %llu is no revision, or is withdrawn already",
                   (unsigned long long)revision_index);
}

bool catalog_add_transfer(struct catalog *c, struct span study, const struct catalog_transfer *x,
                          struct err *e)
{
    struct query q = query_begin(c, SQL_ADD_TRANSFER, e);
    query_bind_text(&q, study);
    query_bind_number(&q, x->index);
    query_bind_hash(&q, x->identity);
    if (x->explicit_id)
        query_bind_hash(&q, x->id);
    else
        query_bind_null(&q);
    query_bind_hash(&q, x->details);
    query_bind_hash(&q, x->manifest);
    return query_run(&q);
}

bool catalog_add_ref(struct catalog *c, struct span study, const struct catalog_ref *x,
                     struct err *e)
{
    struct query q = query_begin(c, SQL_ADD_REF, e);
    query_bind_text(&q, study);
    query_bind_number(&q, x->index);
    query_bind_hash(&q, x->sha256);
    query_bind_text(&q, x->role);
    return query_run(&q);
}

bool catalog_add_issued(struct catalog *c, struct span study, const struct catalog_issued *x,
                        struct err *e)
{
    struct query q = query_begin(c, SQL_ADD_ISSUED, e);
    query_bind_text(&q, study);
    query_bind_number(&q, x->index);
    query_bind_hash(&q, x->sha256);
    query_bind_number(&q, x->tree_size);
    query_bind_text(&q, x->scope);
    return query_run(&q);
}

static bool change_pending(struct catalog *c, enum statement id, struct span study,
                           uint64_t transfer, struct err *e)
{
    struct query q = query_begin(c, id, e);
    query_bind_text(&q, study);
    query_bind_number(&q, transfer);
    return query_run(&q);
}

bool catalog_add_pending(struct catalog *c, struct span study, uint64_t transfer, struct err *e)
{
    return change_pending(c, SQL_ADD_PENDING, study, transfer, e);
}

bool catalog_clear_pending(struct catalog *c, struct span study, uint64_t transfer, struct err *e)
{
    return change_pending(c, SQL_CLEAR_PENDING, study, transfer, e);
}
