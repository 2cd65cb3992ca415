#include "base/buf.h"
#include "store/catalog_sql.h"

/* --- ledger --- */

bool catalog_last_signed(struct catalog *c, struct span study, struct arena *a,
                         struct catalog_signed *out, bool *found, struct err *e)
{
    struct query q = query_begin(c, SQL_SIGNED, e);
    query_bind_text(&q, study);
    *found = query_row(&q);
    if (*found) {
        out->size = query_number(&q);
        out->root = query_hash(&q);
        out->note = query_bytes(&q, a);
    }
    return query_end(&q);
}

bool catalog_staged_count(struct catalog *c, struct span study, uint64_t *out, struct err *e)
{
    struct query q = query_begin(c, SQL_STAGED_COUNT, e);
    query_bind_text(&q, study);
    *out = query_row(&q) ? query_number(&q) : 0;
    return query_end(&q);
}

bool catalog_staged(struct catalog *c, struct span study, uint64_t index, struct span *out,
                    struct err *e)
{
    struct arena a = {0};
    struct query q = query_begin(c, SQL_STAGED, e);
    query_bind_text(&q, study);
    query_bind_number(&q, index);
    bool found = query_row(&q);
    if (found) {
        buf_clear(&c->staged);
        buf_add(&c->staged, query_bytes(&q, &a));
        *out = buf_span(&c->staged);
    }
    arena_close(&a);
    if (!query_end(&q))
        return false;
    return found || err_set(e, ERR_INTEGRITY, "entry %llu of %.*s was signed and is not there",
                            (unsigned long long)index, SPAN_ARGS(study));
}

static struct catalog_entry read_entry(struct query *q, struct arena *a)
{
    struct catalog_entry x;
    x.index = query_number(q);
    x.kind = query_bytes(q, a);
    x.at = query_signed(q);
    x.subject = query_hash(q);
    x.leaf = query_hash(q);
    return x;
}

bool catalog_entry_at(struct catalog *c, struct span study, uint64_t index, struct arena *a,
                      struct catalog_entry *out, bool *found, struct err *e)
{
    struct query q = query_begin(c, SQL_ENTRY, e);
    query_bind_text(&q, study);
    query_bind_number(&q, index);
    *found = query_row(&q);
    if (*found)
        *out = read_entry(&q, a);
    return query_end(&q);
}

bool catalog_last_of_kind(struct catalog *c, struct span study, struct span kind, struct arena *a,
                          struct catalog_entry *out, bool *found, struct err *e)
{
    struct query q = query_begin(c, SQL_LAST_OF_KIND, e);
    query_bind_text(&q, study);
    query_bind_text(&q, kind);
    *found = query_row(&q);
    if (*found)
        *out = read_entry(&q, a);
    return query_end(&q);
}

bool catalog_first_unsealed(struct catalog *c, struct span study, uint64_t from, struct arena *a,
                            struct catalog_entry *out, bool *found, struct err *e)
{
    struct query q = query_begin(c, SQL_FIRST_UNSEALED, e);
    query_bind_text(&q, study);
    query_bind_number(&q, from);
    *found = query_row(&q);
    if (*found)
        *out = read_entry(&q, a);
    return query_end(&q);
}

static bool each_entry(struct query q,
                       bool (*each)(void *ctx, const struct catalog_entry *x, struct err *e),
                       void *ctx, struct err *e)
{
    while (query_row(&q)) {
        struct arena a = {0};
        struct catalog_entry x = read_entry(&q, &a);
        q.ok = q.ok && each(ctx, &x, e);
        arena_close(&a);
    }
    return query_end(&q);
}

bool catalog_each_entry(struct catalog *c, struct span study, uint64_t from,
                        bool (*each)(void *ctx, const struct catalog_entry *x, struct err *e),
                        void *ctx, struct err *e)
{
    struct query q = query_begin(c, SQL_ENTRIES, e);
    query_bind_text(&q, study);
    query_bind_number(&q, from);
    return each_entry(q, each, ctx, e);
}

bool catalog_each_entry_about(struct catalog *c, struct span study, struct span kind,
                              struct hash subject,
                              bool (*each)(void *ctx, const struct catalog_entry *x, struct err *e),
                              void *ctx, struct err *e)
{
    struct query q = query_begin(c, SQL_ENTRIES_ABOUT, e);
    query_bind_text(&q, study);
    query_bind_text(&q, kind);
    query_bind_hash(&q, subject);
    return each_entry(q, each, ctx, e);
}

/* --- datasets and revisions --- */

static bool find_name(struct query q, struct span study, struct span name, struct arena *a,
                      struct span *out, bool *found)
{
    query_bind_text(&q, study);
    query_bind_text(&q, name);
    *found = query_row(&q);
    if (*found)
        *out = query_bytes(&q, a);
    return query_end(&q);
}

bool catalog_dataset(struct catalog *c, struct span study, struct span name, struct arena *a,
                     struct span *out, bool *found, struct err *e)
{
    return find_name(query_begin(c, SQL_DATASET, e), study, name, a, out, found);
}

bool catalog_folder(struct catalog *c, struct span study, struct span folder, struct arena *a,
                    struct span *out, bool *found, struct err *e)
{
    return find_name(query_begin(c, SQL_FOLDER, e), study, folder, a, out, found);
}

static bool each_name(struct query *q, bool (*each)(void *ctx, struct span name, struct err *e),
                      void *ctx, struct err *e)
{
    while (query_row(q)) {
        struct arena a = {0};
        q->ok = each(ctx, query_bytes(q, &a), e);
        arena_close(&a);
    }
    return query_end(q);
}

bool catalog_each_study(struct catalog *c, bool (*each)(void *ctx, struct span name, struct err *e),
                        void *ctx, struct err *e)
{
    struct query q = query_begin(c, SQL_STUDIES, e);
    return each_name(&q, each, ctx, e);
}

bool catalog_each_dataset(struct catalog *c, struct span study,
                          bool (*each)(void *ctx, struct span name, struct err *e), void *ctx,
                          struct err *e)
{
    struct query q = query_begin(c, SQL_DATASETS, e);
    query_bind_text(&q, study);
    return each_name(&q, each, ctx, e);
}

bool catalog_last_number(struct catalog *c, struct span study, struct span dataset, uint64_t *out,
                         struct err *e)
{
    struct query q = query_begin(c, SQL_LAST_NUMBER, e);
    query_bind_text(&q, study);
    query_bind_text(&q, dataset);
    *out = query_row(&q) ? query_number(&q) : 0;
    return query_end(&q);
}

static uint64_t read_count(struct query *q)
{
    int64_t v = query_optional(q);
    return v == CATALOG_NONE ? ENTRY_NONE : (uint64_t)v;
}

static uint64_t read_key(struct query *q, struct arena *a)
{
    struct span word = query_bytes(q, a);
    uint64_t k = KEY_ALL;
    while (k > KEY_UNREAD && !span_eq(word, span_str(key_source_name((enum key_source)k))))
        k--;
    return k;
}

static uint64_t read_change_word(struct query *q, struct arena *a)
{
    struct span word = query_bytes(q, a);
    uint64_t c = CHANGE_DATA;
    while (c > CHANGE_UNKNOWN && !span_eq(word, span_str(change_name((enum change)c))))
        c--;
    return c;
}

static struct revision_data read_data(struct query *q, struct arena *a)
{
    struct revision_data d;
    d.form = read_count(q);
    d.content = query_hash_or_null(q);
    d.order = query_hash_or_null(q);
    d.strict = query_hash_or_null(q);
    d.strict_order = query_hash_or_null(q);
    d.metadata = query_hash_or_null(q);
    d.schema = query_hash_or_null(q);
    d.key = read_key(q, a);
    d.duplicates = read_count(q);
    d.root = query_hash_or_null(q);
    d.secret = query_hash_or_null(q);
    return d;
}

static struct revision_change read_change(struct query *q, struct arena *a)
{
    struct revision_change x;
    x.change = read_change_word(q, a);
    x.added = read_count(q);
    x.changed = read_count(q);
    x.removed = read_count(q);
    x.reverted = read_count(q);
    return x;
}

static struct catalog_revision read_revision(struct query *q, struct arena *a)
{
    struct catalog_revision x;
    x.dataset = query_bytes(q, a);
    x.number = query_number(q);
    x.index = query_number(q);
    x.transfer = query_number(q);
    x.sha256 = query_hash(q);
    x.size = query_number(q);
    x.format = query_bytes(q, a);
    x.records = query_optional(q);
    x.columns = query_optional(q);
    x.member = query_bytes(q, a);
    x.file = query_bytes(q, a);
    x.withdrawn = query_optional(q);
    x.data = read_data(q, a);
    x.against = read_change(q, a);
    return x;
}

static bool one_revision(struct query *q, struct arena *a, struct catalog_revision *out,
                         bool *found)
{
    *found = query_row(q);
    if (*found)
        *out = read_revision(q, a);
    return query_end(q);
}

bool catalog_latest(struct catalog *c, struct span study, struct span dataset, struct span format,
                    struct arena *a, struct catalog_revision *out, bool *found, struct err *e)
{
    struct query q = query_begin(c, SQL_LATEST, e);
    query_bind_text(&q, study);
    query_bind_text(&q, dataset);
    query_bind_text(&q, format);
    return one_revision(&q, a, out, found);
}

bool catalog_revision(struct catalog *c, struct span study, struct span dataset, uint64_t number,
                      struct span format, struct arena *a, struct catalog_revision *out,
                      bool *found, struct err *e)
{
    struct query q = query_begin(c, SQL_REVISION, e);
    query_bind_text(&q, study);
    query_bind_text(&q, dataset);
    query_bind_number(&q, number);
    query_bind_text(&q, format);
    return one_revision(&q, a, out, found);
}

bool catalog_revision_at(struct catalog *c, struct span study, uint64_t index, struct arena *a,
                         struct catalog_revision *out, bool *found, struct err *e)
{
    struct query q = query_begin(c, SQL_REVISION_AT, e);
    query_bind_text(&q, study);
    query_bind_number(&q, index);
    return one_revision(&q, a, out, found);
}

static bool each_revision(struct query *q,
                          bool (*each)(void *ctx, const struct catalog_revision *x, struct err *e),
                          void *ctx, struct err *e)
{
    while (query_row(q)) {
        struct arena a = {0};
        struct catalog_revision x = read_revision(q, &a);
        q->ok = q->ok && each(ctx, &x, e);
        arena_close(&a);
    }
    return query_end(q);
}

bool catalog_each_revision(struct catalog *c, struct span study, struct span dataset,
                           bool (*each)(void *ctx, const struct catalog_revision *x, struct err *e),
                           void *ctx, struct err *e)
{
    struct query q = query_begin(c, dataset.n > 0 ? SQL_REVISIONS_OF_DATASET : SQL_REVISIONS, e);
    query_bind_text(&q, study);
    if (dataset.n > 0)
        query_bind_text(&q, dataset);
    return each_revision(&q, each, ctx, e);
}

bool catalog_each_revision_like(struct catalog *c, struct span study, struct hash content,
                                bool (*each)(void *ctx, const struct catalog_revision *x,
                                             struct err *e),
                                void *ctx, struct err *e)
{
    struct query q = query_begin(c, SQL_REVISIONS_OF_CONTENT, e);
    query_bind_text(&q, study);
    query_bind_hash(&q, content);
    return each_revision(&q, each, ctx, e);
}

bool catalog_last_revisions_like(struct catalog *c, struct span study, struct hash content,
                                 uint64_t before, uint64_t most,
                                 bool (*each)(void *ctx, const struct catalog_revision *x,
                                              struct err *e),
                                 void *ctx, struct err *e)
{
    struct query q = query_begin(c, SQL_LAST_REVISIONS_OF_CONTENT, e);
    query_bind_text(&q, study);
    query_bind_hash(&q, content);
    query_bind_number(&q, before);
    query_bind_number(&q, most);
    return each_revision(&q, each, ctx, e);
}

bool catalog_each_revision_of(struct catalog *c, struct span study, struct hash sha256,
                              bool (*each)(void *ctx, const struct catalog_revision *x,
                                           struct err *e),
                              void *ctx, struct err *e)
{
    struct query q = query_begin(c, SQL_REVISIONS_OF_BYTES, e);
    query_bind_text(&q, study);
    query_bind_hash(&q, sha256);
    return each_revision(&q, each, ctx, e);
}

/* --- transfers --- */

static struct catalog_transfer read_transfer(struct query *q)
{
    struct arena a = {0};
    struct catalog_transfer x = {.index = query_number(q)};
    x.identity = query_hash(q);
    struct span id = query_bytes(q, &a);
    x.explicit_id = id.n > 0;
    if (x.explicit_id) {
        q->column--;
        x.id = query_hash(q);
    }
    x.details = query_hash(q);
    x.manifest = query_hash(q);
    arena_close(&a);
    return x;
}

static bool one_transfer(struct query *q, struct catalog_transfer *out, bool *found)
{
    *found = query_row(q);
    if (*found)
        *out = read_transfer(q);
    return query_end(q);
}

bool catalog_transfer_by_identity(struct catalog *c, struct span study, struct hash identity,
                                  struct catalog_transfer *out, bool *found, struct err *e)
{
    struct query q = query_begin(c, SQL_TRANSFER_BY_IDENTITY, e);
    query_bind_text(&q, study);
    query_bind_hash(&q, identity);
    return one_transfer(&q, out, found);
}

bool catalog_transfer_by_id(struct catalog *c, struct span study, struct hash id,
                            struct catalog_transfer *out, bool *found, struct err *e)
{
    struct query q = query_begin(c, SQL_TRANSFER_BY_ID, e);
    query_bind_text(&q, study);
    query_bind_hash(&q, id);
    return one_transfer(&q, out, found);
}

bool catalog_transfer_at(struct catalog *c, struct span study, uint64_t index,
                         struct catalog_transfer *out, bool *found, struct err *e)
{
    struct query q = query_begin(c, SQL_TRANSFER_AT, e);
    query_bind_text(&q, study);
    query_bind_number(&q, index);
    return one_transfer(&q, out, found);
}

bool catalog_each_transfer(struct catalog *c, struct span study,
                           bool (*each)(void *ctx, const struct catalog_transfer *x, struct err *e),
                           void *ctx, struct err *e)
{
    struct query q = query_begin(c, SQL_TRANSFERS, e);
    query_bind_text(&q, study);
    while (query_row(&q)) {
        struct catalog_transfer x = read_transfer(&q);
        q.ok = q.ok && each(ctx, &x, e);
    }
    return query_end(&q);
}

/* --- the rest --- */

bool query_each_ref(struct query *q,
                    bool (*each)(void *ctx, const struct catalog_ref *x, struct err *e), void *ctx)
{
    while (query_row(q)) {
        struct arena a = {0};
        struct catalog_ref x = {.index = query_number(q)};
        x.sha256 = query_hash(q);
        x.role = query_bytes(q, &a);
        q->ok = q->ok && each(ctx, &x, q->e);
        arena_close(&a);
    }
    return query_end(q);
}

bool catalog_each_ref(struct catalog *c, struct span study,
                      bool (*each)(void *ctx, const struct catalog_ref *x, struct err *e),
                      void *ctx, struct err *e)
{
    struct query q = query_begin(c, SQL_REFS, e);
    query_bind_text(&q, study);
    return query_each_ref(&q, each, ctx);
}

bool catalog_each_secret(struct catalog *c, struct span study,
                         bool (*each)(void *ctx, struct hash secret, struct err *e), void *ctx,
                         struct err *e)
{
    struct query q = query_begin(c, SQL_SECRETS, e);
    query_bind_text(&q, study);
    while (query_row(&q)) {
        struct hash secret = query_hash(&q);
        q.ok = q.ok && each(ctx, secret, e);
    }
    return query_end(&q);
}

bool catalog_each_issued(struct catalog *c, struct span study,
                         bool (*each)(void *ctx, const struct catalog_issued *x, struct err *e),
                         void *ctx, struct err *e)
{
    struct query q = query_begin(c, SQL_ISSUED, e);
    query_bind_text(&q, study);
    while (query_row(&q)) {
        struct arena a = {0};
        struct catalog_issued x = {.index = query_number(&q)};
        x.sha256 = query_hash(&q);
        x.tree_size = query_number(&q);
        x.scope = query_bytes(&q, &a);
        q.ok = q.ok && each(ctx, &x, e);
        arena_close(&a);
    }
    return query_end(&q);
}

bool catalog_each_pending(struct catalog *c, struct span study,
                          bool (*each)(void *ctx, uint64_t transfer, struct err *e), void *ctx,
                          struct err *e)
{
    struct query q = query_begin(c, SQL_PENDING, e);
    query_bind_text(&q, study);
    while (query_row(&q)) {
        uint64_t transfer = query_number(&q);
        q.ok = q.ok && each(ctx, transfer, e);
    }
    return query_end(&q);
}
