/*
 * The catalog: an SQLite index over ledgers and objects, never the truth. All of
 * it can be rebuilt, but for staged entries and receipts still owed,
 * which live only here until they are published, and the last signed checkpoint of
 * each ledger, which guards against signing two histories.
 *
 * WAL, synchronous=FULL, BEGIN IMMEDIATE. A damaged file is ERR_INTEGRITY with the
 * hint to rebuild; a full disk is ERR_IO. Spans that a query gives live in the
 * arena passed, or during the call of `each`.
 */
#ifndef STORE_CATALOG_H
#define STORE_CATALOG_H

#include "base/io.h"
#include "crypto/sha256.h"
#include "store/home.h"

struct catalog; /* opaque */

/* A home opened with HOME_READ gives a catalog that cannot be written. */
bool catalog_open(const struct home *h, struct catalog **out, struct err *e);
void catalog_close(struct catalog *c); /* NULL is fine; rolls back */

/* For home_init: an empty catalog in that folder. */
bool catalog_make(const char *folder_path, struct err *e);

/* --- changes, between catalog_begin and catalog_commit --- */

bool catalog_begin(struct catalog *c, struct err *e);
bool catalog_commit(struct catalog *c, struct err *e);
void catalog_rollback(struct catalog *c); /* fine where nothing was begun */

/* A new study, of size 0. */
bool catalog_add_study(struct catalog *c, struct span study, struct span origin, struct err *e);

struct catalog_signed {
    uint64_t size;
    struct hash root;
    struct span note; /* empty at size 0 */
};

/* An entry that is signed for but not yet in tiles. */
bool catalog_stage(struct catalog *c, struct span study, uint64_t index, struct span entry,
                   struct err *e);

/*
 * Compare-and-swap of what was signed last: unless it is exactly `expected` (size
 * and root), ERR_INTEGRITY and nothing is changed.
 */
bool catalog_sign(struct catalog *c, struct span study, const struct catalog_signed *expected,
                  const struct catalog_signed *next, struct err *e);

/* Staged entries below `size` are in tiles now. */
bool catalog_unstage(struct catalog *c, struct span study, uint64_t size, struct err *e);

struct catalog_entry {
    uint64_t index;
    struct span kind;
    int64_t at; /* seconds since 1970, not negative */
    struct hash subject, leaf;
};
bool catalog_add_entry(struct catalog *c, struct span study, const struct catalog_entry *x,
                       struct err *e);

#define CATALOG_NONE (-1) /* of a number that is not there */

struct catalog_revision {
    struct span dataset; /* the first spelling of the name stays */
    uint64_t number;     /* 1 .. */
    uint64_t index;      /* of its entry */
    uint64_t transfer;   /* index of the transfer's entry */
    struct hash sha256;
    uint64_t size;
    struct span format;
    int64_t records, columns;  /* or CATALOG_NONE */
    struct span member;        /* name inside the file, or empty */
    struct span file;          /* name of its file in bundles, or empty */
    int64_t withdrawn;         /* index of the withdrawal, or CATALOG_NONE */
    struct revision_data data; /* as the entry says */
    struct revision_change against;
};

/* Also adds the dataset where it is new. */
bool catalog_add_revision(struct catalog *c, struct span study, const struct catalog_revision *x,
                          struct err *e);
bool catalog_withdraw(struct catalog *c, struct span study, uint64_t revision_index,
                      uint64_t withdrawal_index, struct err *e);

struct catalog_transfer {
    uint64_t index;
    struct hash identity; /* of name and manifest, or of the explicit id */
    bool explicit_id;     /* an id was given ... */
    struct hash id;       /* ... and this is its hash */
    struct hash details;  /* the detached text */
    struct hash manifest; /* what makes two transfers of one id the same */
};
bool catalog_add_transfer(struct catalog *c, struct span study, const struct catalog_transfer *x,
                          struct err *e);

struct catalog_ref {
    uint64_t index; /* of the entry that names it */
    struct hash sha256;
    struct span role; /* "data", "details", ... */
};
bool catalog_add_ref(struct catalog *c, struct span study, const struct catalog_ref *x,
                     struct err *e);

struct catalog_issued {
    uint64_t index;
    struct hash sha256;
    uint64_t tree_size;
    struct span scope;
};
bool catalog_add_issued(struct catalog *c, struct span study, const struct catalog_issued *x,
                        struct err *e);

/* An object that an `erasure` says was destroyed. */
struct catalog_erased {
    uint64_t index; /* of the erasure */
    struct hash sha256;
    bool text; /* a detached text, not a file */
};

/*
 * Also takes out of the other tables what was read from that text: a revision's file is called
 * `file_name` then, and a transfer cannot be told from its successors any more. One that is there
 * already is fine.
 */
bool catalog_erase(struct catalog *c, struct span study, const struct catalog_erased *x,
                   struct span file_name, struct err *e);

/* No page that held what was erased stays behind in the write-ahead log. Not between begin and
 * commit. */
bool catalog_settle(struct catalog *c, struct err *e);

/* A transfer, or a refused one, whose receipt was not yet written and told. */
bool catalog_add_pending(struct catalog *c, struct span study, uint64_t transfer, struct err *e);
bool catalog_clear_pending(struct catalog *c, struct span study, uint64_t transfer, struct err *e);

/* --- questions --- */

bool catalog_last_signed(struct catalog *c, struct span study, struct arena *a,
                         struct catalog_signed *out, bool *found, struct err *e);

bool catalog_staged_count(struct catalog *c, struct span study, uint64_t *out, struct err *e);

/*
 * A staged entry; ERR_INTEGRITY where it is not staged. Valid until the next call.
 * Fits log_entries.
 */
bool catalog_staged(struct catalog *c, struct span study, uint64_t index, struct span *out,
                    struct err *e);

bool catalog_entry_at(struct catalog *c, struct span study, uint64_t index, struct arena *a,
                      struct catalog_entry *out, bool *found, struct err *e);
bool catalog_last_of_kind(struct catalog *c, struct span study, struct span kind, struct arena *a,
                          struct catalog_entry *out, bool *found, struct err *e);
/* The first entry from `from` on that a seal must cover: neither `seal` nor `issued`. */
bool catalog_first_unsealed(struct catalog *c, struct span study, uint64_t from, struct arena *a,
                            struct catalog_entry *out, bool *found, struct err *e);
bool catalog_each_entry(struct catalog *c, struct span study, uint64_t from,
                        bool (*each)(void *ctx, const struct catalog_entry *x, struct err *e),
                        void *ctx, struct err *e);

/* Those of a kind about one subject. */
bool catalog_each_entry_about(struct catalog *c, struct span study, struct span kind,
                              struct hash subject,
                              bool (*each)(void *ctx, const struct catalog_entry *x, struct err *e),
                              void *ctx, struct err *e);

/* Studies, ascending. */
bool catalog_each_study(struct catalog *c, bool (*each)(void *ctx, struct span name, struct err *e),
                        void *ctx, struct err *e);

/* The dataset of that name, whatever the case, as it is spelled. */
bool catalog_dataset(struct catalog *c, struct span study, struct span name, struct arena *a,
                     struct span *out, bool *found, struct err *e);

/* A dataset that is called so, or whose name begins so before a '/', whatever the case. */
bool catalog_folder(struct catalog *c, struct span study, struct span folder, struct arena *a,
                    struct span *out, bool *found, struct err *e);
bool catalog_each_dataset(struct catalog *c, struct span study,
                          bool (*each)(void *ctx, struct span name, struct err *e), void *ctx,
                          struct err *e);

/* Highest number of a dataset, in any format; 0 if there is none. */
bool catalog_last_number(struct catalog *c, struct span study, struct span dataset, uint64_t *out,
                         struct err *e);

/* An empty format means any: then the one whose entry came first. Withdrawn ones count. */
bool catalog_latest(struct catalog *c, struct span study, struct span dataset, struct span format,
                    struct arena *a, struct catalog_revision *out, bool *found, struct err *e);
bool catalog_revision(struct catalog *c, struct span study, struct span dataset, uint64_t number,
                      struct span format, struct arena *a, struct catalog_revision *out,
                      bool *found, struct err *e);
bool catalog_revision_at(struct catalog *c, struct span study, uint64_t index, struct arena *a,
                         struct catalog_revision *out, bool *found, struct err *e);

/* An empty dataset means all. Ascending by entry index. */
bool catalog_each_revision(struct catalog *c, struct span study, struct span dataset,
                           bool (*each)(void *ctx, const struct catalog_revision *x, struct err *e),
                           void *ctx, struct err *e);
/* Those whose records, at 15 digits, have that digest; ascending. */
bool catalog_each_revision_like(struct catalog *c, struct span study, struct hash content,
                                bool (*each)(void *ctx, const struct catalog_revision *x,
                                             struct err *e),
                                void *ctx, struct err *e);
/* The last `most` of them whose entries are before that one; descending. */
bool catalog_last_revisions_like(struct catalog *c, struct span study, struct hash content,
                                 uint64_t before, uint64_t most,
                                 bool (*each)(void *ctx, const struct catalog_revision *x,
                                              struct err *e),
                                 void *ctx, struct err *e);
bool catalog_each_revision_of(struct catalog *c, struct span study, struct hash sha256,
                              bool (*each)(void *ctx, const struct catalog_revision *x,
                                           struct err *e),
                              void *ctx, struct err *e);

/* The last one: a name and a manifest may come again after others. */
bool catalog_transfer_by_identity(struct catalog *c, struct span study, struct hash identity,
                                  struct catalog_transfer *out, bool *found, struct err *e);
bool catalog_transfer_by_id(struct catalog *c, struct span study, struct hash id,
                            struct catalog_transfer *out, bool *found, struct err *e);
bool catalog_transfer_at(struct catalog *c, struct span study, uint64_t index,
                         struct catalog_transfer *out, bool *found, struct err *e);
bool catalog_each_transfer(struct catalog *c, struct span study,
                           bool (*each)(void *ctx, const struct catalog_transfer *x, struct err *e),
                           void *ctx, struct err *e);

bool catalog_each_ref(struct catalog *c, struct span study,
                      bool (*each)(void *ctx, const struct catalog_ref *x, struct err *e),
                      void *ctx, struct err *e);
bool catalog_each_issued(struct catalog *c, struct span study,
                         bool (*each)(void *ctx, const struct catalog_issued *x, struct err *e),
                         void *ctx, struct err *e);

/* Of all revisions of the study that have one. */
bool catalog_each_secret(struct catalog *c, struct span study,
                         bool (*each)(void *ctx, struct hash secret, struct err *e), void *ctx,
                         struct err *e);

bool catalog_erased(struct catalog *c, struct span study, struct hash sha256,
                    struct catalog_erased *out, bool *found, struct err *e);

/* In order of their entries. */
bool catalog_each_erased(struct catalog *c, struct span study,
                         bool (*each)(void *ctx, const struct catalog_erased *x, struct err *e),
                         void *ctx, struct err *e);

/* Objects that the entry names. */
bool catalog_each_ref_at(struct catalog *c, struct span study, uint64_t index,
                         bool (*each)(void *ctx, const struct catalog_ref *x, struct err *e),
                         void *ctx, struct err *e);

/* Entries that name the object, in order. Reads all references of the study. */
bool catalog_each_ref_of(struct catalog *c, struct span study, struct hash sha256,
                         bool (*each)(void *ctx, const struct catalog_ref *x, struct err *e),
                         void *ctx, struct err *e);

/* Another study that names the object and did not erase it. Reads all references. */
bool catalog_other_user(struct catalog *c, struct span study, struct hash sha256, struct arena *a,
                        struct span *other, bool *found, struct err *e);

bool catalog_each_pending(struct catalog *c, struct span study,
                          bool (*each)(void *ctx, uint64_t transfer, struct err *e), void *ctx,
                          struct err *e);

/*
 * All that can be rebuilt, as text: the tables by name, their rows by key, one a
 * line. Two catalogs of the same ledgers give the same text.
 */
bool catalog_dump(struct catalog *c, struct sink out, struct err *e);

/* SQLite's own check of the file; ERR_INTEGRITY names the first thing it finds. */
bool catalog_check(struct catalog *c, struct err *e);

/* --- rebuilding --- */

/* An empty catalog beside the one in use; fill it, then put it in its place. */
bool catalog_rebuild_begin(const struct home *h, struct catalog **out, struct err *e);

/*
 * Replaces the home's catalog and closes c. No other catalog of this home may be open in this
 * process. On failure the old one is still there.
 */
bool catalog_rebuild_end(const struct home *h, struct catalog *c, struct err *e);
void catalog_rebuild_drop(const struct home *h,
                          struct catalog *c); /* instead of _end; NULL is fine */

#endif
