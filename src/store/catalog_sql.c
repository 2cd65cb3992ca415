#include "store/catalog_sql.h"

#include <sqlite3.h>
#include <string.h>

static const char *const statements[] = {
#define STATEMENT(id, text) text,
#include "store/catalog_sql.def"
#undef STATEMENT
};

/* --- failures --- */

static enum err_kind kind_of(int code)
{
    switch (code & 0xff) { /* the primary code is the low byte */
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_INTEGRITY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_CONSTRAINT:
    case SQLITE_READONLY:
        return ERR_STATE;
    default:
        return ERR_IO;
    }
}

bool catalog_failed(const struct catalog *c, struct err *e)
{
    enum err_kind kind = kind_of(sqlite3_extended_errcode(c->db));
    char text[128];
    int why = kind == ERR_IO ? sqlite3_system_errno(c->db) : 0;
    err_set(e, kind, "%s: %s%s%s", c->path, sqlite3_errmsg(c->db), why != 0 ? ": " : "",
            why != 0 ? strerror_r(why, text, sizeof text) : "");
    if (kind == ERR_INTEGRITY)
        err_hint(e, "keep a copy of it, then: trialseal rebuild");
    return false;
}

bool catalog_damaged(const struct catalog *c, const char *what, struct err *e)
{
    err_set(e, ERR_INTEGRITY, "%s: %s", c->path, what);
    return err_hint(e, "keep a copy of it, then: trialseal rebuild");
}

/* --- queries --- */

struct query query_begin(struct catalog *c, enum statement id, struct err *e)
{
    struct query q = {.c = c, .e = e, .ok = true, .column = -1};
    sqlite3_stmt **shared = &c->prepared[id];
    /* A caller's `each` may ask what is just being answered. */
    q.own = *shared != NULL && sqlite3_stmt_busy(*shared);
    q.s = q.own ? NULL : *shared;
    if (q.s == NULL) {
        unsigned flags = q.own ? 0 : SQLITE_PREPARE_PERSISTENT;
        q.ok = sqlite3_prepare_v3(c->db, statements[id], -1, flags, &q.s, NULL) == SQLITE_OK ||
               catalog_failed(c, e);
        if (!q.own)
            *shared = q.s;
    }
    return q;
}

static void bound(struct query *q, int code)
{
    if (code != SQLITE_OK)
        q->ok = catalog_failed(q->c, q->e);
}

void query_bind_text(struct query *q, struct span s)
{
    const char *text = s.n > 0 ? (const char *)s.p : "";
    if (q->ok)
        bound(q,
              sqlite3_bind_text64(q->s, ++q->parameter, text, s.n, SQLITE_TRANSIENT, SQLITE_UTF8));
}

void query_bind_blob(struct query *q, struct span s)
{
    if (q->ok)
        bound(q, sqlite3_bind_blob64(q->s, ++q->parameter, s.n > 0 ? s.p : (const uint8_t *)"", s.n,
                                     SQLITE_TRANSIENT));
}

void query_bind_hash(struct query *q, struct hash h)
{
    query_bind_blob(q, hash_span(&h));
}

void query_bind_hash_or_null(struct query *q, struct hash h)
{
    if (hash_is_zero(h))
        query_bind_null(q);
    else
        query_bind_hash(q, h);
}

void query_bind_null(struct query *q)
{
    if (q->ok)
        bound(q, sqlite3_bind_null(q->s, ++q->parameter));
}

static void bind_signed(struct query *q, int64_t v)
{
    if (q->ok)
        bound(q, sqlite3_bind_int64(q->s, ++q->parameter, v));
}

void query_bind_number(struct query *q, uint64_t v)
{
    if (q->ok && v > INT64_MAX)
        q->ok = err_set(q->e, ERR_LIMIT, "%s: a number is too large", q->c->path);
    bind_signed(q, (int64_t)v);
}

void query_bind_optional(struct query *q, int64_t v)
{
    if (v == CATALOG_NONE)
        query_bind_null(q);
    else
        bind_signed(q, v);
}

bool query_row(struct query *q)
{
    if (!q->ok)
        return false;
    int code = sqlite3_step(q->s);
    q->column = -1;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        q->ok = catalog_failed(q->c, q->e);
    return code == SQLITE_ROW;
}

struct span query_bytes(struct query *q, struct arena *a)
{
    const void *p = sqlite3_column_blob(q->s, ++q->column);
    return arena_copy(a, span_of(p, (size_t)sqlite3_column_bytes(q->s, q->column)));
}

struct hash query_hash(struct query *q)
{
    struct hash h = {{0}};
    const void *p = sqlite3_column_blob(q->s, ++q->column);
    if (sqlite3_column_bytes(q->s, q->column) == SHA256_SIZE)
        memcpy(h.b, p, SHA256_SIZE);
    else
        q->ok = catalog_damaged(q->c, "a digest does not have 32 bytes", q->e);
    return h;
}

struct hash query_hash_or_null(struct query *q)
{
    if (sqlite3_column_type(q->s, q->column + 1) != SQLITE_NULL)
        return query_hash(q);
    q->column++;
    return (struct hash){{0}};
}

int64_t query_signed(struct query *q)
{
    return sqlite3_column_int64(q->s, ++q->column);
}

uint64_t query_number(struct query *q)
{
    int64_t v = query_signed(q);
    if (v < 0)
        q->ok = catalog_damaged(q->c, "a number is negative", q->e);
    return (uint64_t)v;
}

int64_t query_optional(struct query *q)
{
    if (sqlite3_column_type(q->s, q->column + 1) != SQLITE_NULL)
        return (int64_t)query_number(q);
    q->column++;
    return CATALOG_NONE;
}

bool query_end(struct query *q)
{
    if (q->own)
        sqlite3_finalize(q->s);
    else if (q->s != NULL) {
        sqlite3_reset(q->s);
        sqlite3_clear_bindings(q->s);
    }
    return q->ok;
}

bool query_run(struct query *q)
{
    query_row(q);
    return query_end(q);
}
