/* What was erased: the table `erased`, and what goes from the others with it. */
#include <sqlite3.h>

#include "store/catalog_sql.h"

/* --- changes --- */

static bool change_rows(struct query q, struct span study, struct hash details)
{
    query_bind_text(&q, study);
    query_bind_hash(&q, details);
    return query_run(&q);
}

static bool erase_words(struct catalog *c, struct span study, struct hash details,
                        struct span file_name, struct err *e)
{
    struct query q = query_begin(c, SQL_ERASE_NAMES, e);
    query_bind_text(&q, file_name);
    return change_rows(q, study, details) &&
           change_rows(query_begin(c, SQL_ERASE_TRANSFER, e), study, details);
}

bool catalog_erase(struct catalog *c, struct span study, const struct catalog_erased *x,
                   struct span file_name, struct err *e)
{
    struct query q = query_begin(c, SQL_ERASE, e);
    query_bind_text(&q, study);
    query_bind_number(&q, x->index);
    query_bind_hash(&q, x->sha256);
    query_bind_text(&q, x->text ? SPAN("details") : SPAN("data"));
    return query_run(&q) && (!x->text || erase_words(c, study, x->sha256, file_name, e));
}

bool catalog_settle(struct catalog *c, struct err *e)
{
    int code = sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return code == SQLITE_OK || catalog_failed(c, e);
}

/* --- questions --- */

static struct catalog_erased read_erased(struct query *q)
{
    struct arena a = {0};
    struct catalog_erased x = {.index = query_number(q)};
    x.sha256 = query_hash(q);
    x.text = span_eq(query_bytes(q, &a), SPAN("details"));
    arena_close(&a);
    return x;
}

bool catalog_erased(struct catalog *c, struct span study, struct hash sha256,
                    struct catalog_erased *out, bool *found, struct err *e)
{
    struct query q = query_begin(c, SQL_ERASED, e);
    query_bind_text(&q, study);
    query_bind_hash(&q, sha256);
    *found = query_row(&q);
    if (*found)
        *out = read_erased(&q);
    return query_end(&q);
}

bool catalog_each_erased(struct catalog *c, struct span study,
                         bool (*each)(void *ctx, const struct catalog_erased *x, struct err *e),
                         void *ctx, struct err *e)
{
    struct query q = query_begin(c, SQL_ALL_ERASED, e);
    query_bind_text(&q, study);
    while (query_row(&q)) {
        struct catalog_erased x = read_erased(&q);
        q.ok = q.ok && each(ctx, &x, e);
    }
    return query_end(&q);
}

bool catalog_each_ref_at(struct catalog *c, struct span study, uint64_t index,
                         bool (*each)(void *ctx, const struct catalog_ref *x, struct err *e),
                         void *ctx, struct err *e)
{
    struct query q = query_begin(c, SQL_REFS_AT, e);
    query_bind_text(&q, study);
    query_bind_number(&q, index);
    return query_each_ref(&q, each, ctx);
}

bool catalog_each_ref_of(struct catalog *c, struct span study, struct hash sha256,
                         bool (*each)(void *ctx, const struct catalog_ref *x, struct err *e),
                         void *ctx, struct err *e)
{
    struct query q = query_begin(c, SQL_REFS_OF, e);
    query_bind_text(&q, study);
    query_bind_hash(&q, sha256);
    return query_each_ref(&q, each, ctx);
}

bool catalog_other_user(struct catalog *c, struct span study, struct hash sha256, struct arena *a,
                        struct span *other, bool *found, struct err *e)
{
    struct query q = query_begin(c, SQL_OTHER_USER, e);
    query_bind_text(&q, study);
    query_bind_hash(&q, sha256);
    *found = query_row(&q);
    if (*found)
        *other = query_bytes(&q, a);
    return query_end(&q);
}
