#include "store/catalog.h"

#include <assert.h>
#include <sqlite3.h>

#include "base/buf.h"
#include "os/dir.h"
#include "os/publish.h"
#include "store/catalog_sql.h"

enum { CATALOG_VERSION = 3, BUSY_MILLISECONDS = 5000 };

#define REBUILDING PUBLISH_TEMP "catalog.db"

static const char schema[] =
    "CREATE TABLE study (name TEXT NOT NULL COLLATE NOCASE PRIMARY KEY, origin TEXT NOT NULL "
    "UNIQUE)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE signed (study TEXT NOT NULL PRIMARY KEY REFERENCES study, size INTEGER NOT NULL,"
    " root BLOB NOT NULL, note BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE staged (study TEXT NOT NULL REFERENCES study, idx INTEGER NOT NULL,"
    " entry BLOB NOT NULL, PRIMARY KEY (study, idx)) STRICT;"
    "CREATE TABLE entry (study TEXT NOT NULL REFERENCES study, idx INTEGER NOT NULL,"
    " kind TEXT NOT NULL, at INTEGER NOT NULL, subject BLOB NOT NULL, leaf BLOB NOT NULL,"
    " PRIMARY KEY (study, idx)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX entry_kind ON entry (study, kind, idx);"
    "CREATE TABLE dataset (study TEXT NOT NULL REFERENCES study, name TEXT NOT NULL COLLATE NOCASE,"
    " PRIMARY KEY (study, name)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE revision (study TEXT NOT NULL, dataset TEXT NOT NULL COLLATE NOCASE,"
    " number INTEGER NOT NULL, idx INTEGER NOT NULL, transfer INTEGER NOT NULL,"
    " sha256 BLOB NOT NULL, size INTEGER NOT NULL, format TEXT NOT NULL, records INTEGER,"
    " columns INTEGER, member TEXT NOT NULL, file TEXT NOT NULL, withdrawn INTEGER,"
    " form INTEGER, content BLOB, ordered BLOB, strict BLOB, strict_ordered BLOB, metadata BLOB,"
    " schema BLOB, key TEXT, duplicates INTEGER, root BLOB, secret BLOB, change TEXT,"
    " added INTEGER, changed INTEGER, removed INTEGER, reverted INTEGER,"
    " PRIMARY KEY (study, dataset, number, format),"
    " FOREIGN KEY (study, dataset) REFERENCES dataset) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX revision_index ON revision (study, idx);"
    "CREATE INDEX revision_bytes ON revision (study, sha256, idx);"
    "CREATE INDEX revision_content ON revision (study, content, idx);"
    "CREATE TABLE transfer (study TEXT NOT NULL REFERENCES study, idx INTEGER NOT NULL,"
    " identity BLOB NOT NULL, id BLOB, details BLOB NOT NULL, manifest BLOB NOT NULL,"
    " PRIMARY KEY (study, idx), UNIQUE (study, id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX transfer_identity ON transfer (study, identity, idx);"
    "CREATE TABLE object_ref (study TEXT NOT NULL REFERENCES study, idx INTEGER NOT NULL,"
    " sha256 BLOB NOT NULL, role TEXT NOT NULL, PRIMARY KEY (study, idx, role, sha256))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE issued (study TEXT NOT NULL REFERENCES study, idx INTEGER NOT NULL,"
    " sha256 BLOB NOT NULL, tree_size INTEGER NOT NULL, scope TEXT NOT NULL,"
    " PRIMARY KEY (study, idx)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE erased (study TEXT NOT NULL REFERENCES study, sha256 BLOB NOT NULL,"
    " idx INTEGER NOT NULL, role TEXT NOT NULL, PRIMARY KEY (study, sha256))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE pending_receipt (study TEXT NOT NULL REFERENCES study,"
    " transfer INTEGER NOT NULL, PRIMARY KEY (study, transfer)) STRICT, WITHOUT ROWID;"
    "PRAGMA user_version = 3;";

_Static_assert(CATALOG_VERSION == 3, "the schema sets user_version");

/* --- opening --- */

static bool run(struct catalog *c, const char *sql, struct err *e)
{
    return sqlite3_exec(c->db, sql, NULL, NULL, NULL) == SQLITE_OK || catalog_failed(c, e);
}

static int keep_version(void *ctx, int columns, char **value, char **name)
{
    uint64_t *version = ctx;
    (void)name;
    return columns != 1 || value[0] == NULL || !span_u64(span_str(value[0]), version);
}

static bool check_version(struct catalog *c, struct err *e)
{
    uint64_t version = 0;
    if (sqlite3_exec(c->db, "PRAGMA user_version", keep_version, &version, NULL) != SQLITE_OK)
        return catalog_failed(c, e);
    if (version == 0)
        return catalog_damaged(c, "it is empty", e);
    if (version == CATALOG_VERSION)
        return true;
    err_set(e, ERR_STATE, "%s: version %llu of the catalog; this program knows %d", c->path,
            (unsigned long long)version, CATALOG_VERSION);
    return err_hint(e, version < CATALOG_VERSION ? "keep a copy of it, then: trialseal rebuild"
                                                 : "use the newer program, or: trialseal rebuild");
}

/*
 * WAL with synchronous=FULL loses nothing that was acknowledged; with NORMAL it does. What is
 * changed in a page is overwritten there (secure_delete), for what is erased.
 */
static bool configure(struct catalog *c, struct err *e)
{
    sqlite3_busy_timeout(c->db, BUSY_MILLISECONDS);
    sqlite3_extended_result_codes(c->db, 1);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return run(c,
               "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON",
               e) &&
           (!c->writable || run(c,
                                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                " PRAGMA secure_delete = FAST",
                                e));
}

static bool connect_to(const char *folder, const char *name, bool writable, struct catalog **out,
                       struct err *e)
{
    struct catalog *c = mem_new(sizeof *c);
    struct buf path = {0};
    buf_str(&path, folder);
    buf_byte(&path, '/');
    buf_str(&path, name);
    c->path = arena_str(&c->arena, buf_span(&path));
    buf_close(&path);
    c->writable = writable;
    int flags = SQLITE_OPEN_NOMUTEX | (writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
    *out = c;
    if ((sqlite3_open_v2(c->path, &c->db, flags, NULL) == SQLITE_OK || catalog_failed(c, e)) &&
        configure(c, e))
        return true;
    catalog_close(c);
    *out = NULL;
    return false;
}

bool catalog_open(const struct home *h, struct catalog **out, struct err *e)
{
    struct file_info info;
    *out = NULL;
    if (!file_stat(h->root, HOME_CATALOG, &info, e))
        return false;
    if (info.kind != FILE_REGULAR) {
        err_set(e, ERR_INTEGRITY, "%s/" HOME_CATALOG " is %s", h->path,
                info.kind == FILE_ABSENT ? "missing" : "not a regular file");
        return err_hint(e, "trialseal rebuild");
    }
    if (!connect_to(h->path, HOME_CATALOG, h->use != HOME_READ, out, e))
        return false;
    /* Reading the version made the write-ahead log. SQLite fsyncs the folder, too, but does not
     * tell when that fails. */
    if (check_version(*out, e) && (h->use == HOME_READ || dir_sync(h->root, h->path, e)))
        return true;
    catalog_close(*out);
    *out = NULL;
    return false;
}

void catalog_close(struct catalog *c)
{
    if (c == NULL)
        return;
    catalog_rollback(c);
    for (size_t i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(c->prepared[i]);
    sqlite3_close(c->db);
    buf_close(&c->staged);
    arena_close(&c->arena);
    mem_free(c);
}

/* --- making --- */

/* The file is made by us and not by SQLite, for its mode. */
static bool make(int folder, const char *path, const char *name, struct catalog **out,
                 struct err *e)
{
    *out = NULL;
    if (!publish_new(folder, name, span_of(NULL, 0), FILE_PRIVATE, e) ||
        !connect_to(path, name, true, out, e))
        return false;
    if (run(*out, schema, e))
        return true;
    catalog_close(*out);
    *out = NULL;
    return false;
}

bool catalog_make(const char *folder_path, struct err *e)
{
    struct catalog *c;
    int folder;
    if (!dir_open_path(folder_path, &folder, e))
        return false;
    bool ok = make(folder, folder_path, HOME_CATALOG, &c, e);
    if (ok)
        catalog_close(c);
    dir_close(folder);
    return ok;
}

static bool remove_unfinished(const struct home *h, struct err *e)
{
    return file_remove(h->root, REBUILDING, e) && file_remove(h->root, REBUILDING "-wal", e) &&
           file_remove(h->root, REBUILDING "-shm", e);
}

bool catalog_rebuild_begin(const struct home *h, struct catalog **out, struct err *e)
{
    assert(h->use != HOME_READ);
    *out = NULL;
    return remove_unfinished(h, e) && make(h->root, h->path, REBUILDING, out, e);
}

void catalog_rebuild_drop(const struct home *h, struct catalog *c)
{
    catalog_close(c);
    remove_unfinished(h, NULL);
}

/*
 * The old catalog's write-ahead log must go before the new file takes the name: SQLite
 * would replay it over the new one. First it is merged into the old file if that can be
 * done, so that a crash in between leaves the old catalog whole.
 */
static bool retire_old(const struct home *h, struct err *e)
{
    struct catalog *old;
    if (connect_to(h->path, HOME_CATALOG, true, &old, NULL)) {
        sqlite3_wal_checkpoint_v2(old->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        catalog_close(old);
    }
    return file_remove(h->root, HOME_CATALOG "-wal", e) &&
           file_remove(h->root, HOME_CATALOG "-shm", e) && dir_sync(h->root, h->path, e);
}

/* After the last connection is closed all is in the one file; SQLite fsynced it then. */
static bool check_closed(const struct home *h, struct err *e)
{
    struct file_info wal;
    if (!file_stat(h->root, REBUILDING "-wal", &wal, e))
        return false;
    return wal.kind == FILE_ABSENT ||
           err_set(e, ERR_IO, "%s: SQLite could not finish the new catalog", h->path);
}

bool catalog_rebuild_end(const struct home *h, struct catalog *c, struct err *e)
{
    bool ok = catalog_check(c, e);
    catalog_close(c);
    if (!ok || !check_closed(h, e) || !retire_old(h, e))
        return false;
    return file_rename(h->root, REBUILDING, h->root, HOME_CATALOG, e) &&
           dir_sync(h->root, h->path, e);
}

/* --- transactions --- */

bool catalog_begin(struct catalog *c, struct err *e)
{
    assert(!c->begun);
    if (!c->writable)
        return err_set(e, ERR_STATE, "%s was opened for reading", c->path);
    struct query q = query_begin(c, SQL_BEGIN, e);
    c->begun = query_run(&q);
    return c->begun;
}

bool catalog_commit(struct catalog *c, struct err *e)
{
    assert(c->begun);
    struct query q = query_begin(c, SQL_COMMIT, e);
    if (!query_run(&q)) {
        catalog_rollback(c);
        return false;
    }
    c->begun = false;
    return true;
}

void catalog_rollback(struct catalog *c)
{
    /* After some failures SQLite has rolled back by itself. */
    if (c->begun && !sqlite3_get_autocommit(c->db)) {
        struct query q = query_begin(c, SQL_ROLLBACK, NULL);
        query_run(&q);
    }
    c->begun = false;
}

/* --- checking and dumping --- */

bool catalog_check(struct catalog *c, struct err *e)
{
    struct arena a = {0};
    struct query q = query_begin(c, SQL_CHECK, e);
    if (query_row(&q)) {
        struct span says = query_bytes(&q, &a);
        if (!span_eq(says, SPAN("ok")))
            q.ok = catalog_damaged(c, arena_str(&a, says), e);
    }
    arena_close(&a);
    return query_end(&q);
}

static void dump_text(struct buf *b, struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool plain = s.p[i] > ' ' && s.p[i] < 0x7f && s.p[i] != '\\';
        if (plain) {
            buf_byte(b, s.p[i]);
        } else {
            buf_str(b, "\\x");
            buf_hex(b, span_of(s.p + i, 1));
        }
    }
}

static void dump_value(struct buf *b, struct sqlite3_stmt *s, int column)
{
    struct span bytes;
    switch (sqlite3_column_type(s, column)) {
    case SQLITE_NULL:
        buf_str(b, "-");
        break;
    case SQLITE_BLOB:
        bytes.p = sqlite3_column_blob(s, column);
        bytes.n = (size_t)sqlite3_column_bytes(s, column);
        buf_hex(b, bytes);
        break;
    default:
        bytes.p = sqlite3_column_text(s, column);
        bytes.n = (size_t)sqlite3_column_bytes(s, column);
        dump_text(b, bytes);
    }
}

static bool dump_table(struct catalog *c, enum statement id, struct sink out, struct err *e)
{
    struct query q = query_begin(c, id, e);
    struct buf line = {0};
    while (query_row(&q)) {
        buf_clear(&line);
        for (int i = 0; i < sqlite3_column_count(q.s); i++) {
            if (i > 0)
                buf_byte(&line, ' ');
            dump_value(&line, q.s, i);
        }
        buf_byte(&line, '\n');
        q.ok = out.write(out.ctx, buf_span(&line), e);
    }
    buf_close(&line);
    return query_end(&q);
}

bool catalog_dump(struct catalog *c, struct sink out, struct err *e)
{
    static const enum statement tables[] = {
        SQL_DUMP_DATASET, SQL_DUMP_ENTRY,    SQL_DUMP_ERASED, SQL_DUMP_ISSUED,
        SQL_DUMP_REF,     SQL_DUMP_REVISION, SQL_DUMP_STUDY,  SQL_DUMP_TRANSFER,
    };
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        if (!dump_table(c, tables[i], out, e))
            return false;
    return true;
}
