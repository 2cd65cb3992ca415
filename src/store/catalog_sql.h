/*
 * What the parts of store/catalog share: the connection, the statements in one
 * table, and a query that carries its own error, so that a caller may bind, step and
 * read without asking in between; query_end tells.
 */
#ifndef STORE_CATALOG_SQL_H
#define STORE_CATALOG_SQL_H

#include "base/buf.h"
#include "store/catalog.h"

enum statement {
#define STATEMENT(id, text) id,
#include "store/catalog_sql.def"
#undef STATEMENT
    STATEMENTS
};

struct sqlite3;
struct sqlite3_stmt;

struct catalog {
    struct sqlite3 *db;
    struct arena arena;
    const char *path; /* of the file */
    bool writable;
    bool begun;        /* between catalog_begin and catalog_commit */
    struct buf staged; /* what catalog_staged gave last */
    struct sqlite3_stmt *prepared[STATEMENTS];
};

/* Says what SQLite says about its last failure; returns false. */
bool catalog_failed(const struct catalog *c, struct err *e);

/* A row that this program cannot have written. Returns false. */
bool catalog_damaged(const struct catalog *c, const char *what, struct err *e);

struct query {
    struct catalog *c;
    struct sqlite3_stmt *s;
    struct err *e;
    bool ok;
    bool own;      /* s is not the shared one and is finalized at the end */
    int parameter; /* bound last */
    int column;    /* read last */
};

struct query query_begin(struct catalog *c, enum statement id, struct err *e);

void query_bind_text(struct query *q, struct span s);
void query_bind_blob(struct query *q, struct span s);
void query_bind_hash(struct query *q, struct hash h);
void query_bind_hash_or_null(struct query *q, struct hash h); /* zeroes are NULL */
void query_bind_null(struct query *q);
void query_bind_number(struct query *q, uint64_t v);  /* below 2^63, else ERR_LIMIT */
void query_bind_optional(struct query *q, int64_t v); /* CATALOG_NONE is NULL */

bool query_row(struct query *q); /* is there a next row? */

/* Columns in order. */
struct span query_bytes(struct query *q, struct arena *a); /* text or blob */
struct hash query_hash(struct query *q);
struct hash query_hash_or_null(struct query *q); /* zeroes for NULL */
uint64_t query_number(struct query *q);
int64_t query_optional(struct query *q); /* CATALOG_NONE for NULL */
int64_t query_signed(struct query *q);

/* Gives the statement back; true where nothing failed. */
bool query_end(struct query *q);

/* A struct catalog_ref for each row; then query_end. */
bool query_each_ref(struct query *q,
                    bool (*each)(void *ctx, const struct catalog_ref *x, struct err *e), void *ctx);

/* query_end of a statement that gives no rows, after running it. */
bool query_run(struct query *q);

#endif
