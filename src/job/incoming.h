/*
 * A transfer as it came: its files, copied into objects while they were hashed,
 * and what is wrong with them so far. Nothing is decided here about datasets.
 */
#ifndef JOB_INCOMING_H
#define JOB_INCOMING_H

#include "base/issue.h"
#include "os/dir.h"
#include "store/catalog.h"
#include "store/objects.h"

#define MANIFEST_FILE "MANIFEST.sha256"

/* Ours in inbox/STUDY, beside what senders put there. */
#define INBOX_CLAIMED ".claimed" /* being taken in */
#define INBOX_HELD    ".held"    /* as it came, since something of it was not taken in */
#define INBOX_REFUSED ".refused" /* the same, nothing of it was */

struct incoming_file {
    const char *path; /* what it is called where it lies: any bytes */
    struct span name; /* the same as text (job/examine.h) */
    bool kept;        /* its bytes are an object */
    bool hash_known;  /* of its bytes, or what the manifest says of a file that has none here */
    struct hash hash;
    uint64_t size; /* bytes, if kept */
    struct issues issues;
};

struct incoming {
    struct arena arena;
    struct span name;     /* of the folder or archive, or of what was submitted */
    struct span folder;   /* "sdtm" or the like, or empty (job/examine.h) */
    struct hash manifest; /* docs/FORMAT.md, chapter 10 */
    size_t count;
    struct incoming_file *file; /* ascending by name */
    struct issues issues;       /* a bad one: the transfer is refused as a whole */
};

/* Whom to tell how far it is, and what must not come back. */
struct incoming_context {
    void (*told)(void *ctx, struct span file, uint64_t done);
    void *ctx;
    struct catalog *catalog; /* knows what was erased from the study */
    struct span study;
};

/*
 * Each fills *in, which incoming_close empties. True also where files or all of it
 * must be refused: see the issues. ERR_STATE: the sender's permissions deny it.
 * What is put is durable only after objects_put_commit.
 */

/* The regular files of an open folder; with MANIFEST.sha256 those that it lists. */
bool incoming_folder(int folder, struct span name, const struct conf_limits *limits,
                     struct objects_put *put, const struct incoming_context *p, struct incoming *in,
                     struct err *e);

/* Files by their paths; their last parts are their names. */
bool incoming_files(size_t paths, char *const path[], struct span name,
                    const struct conf_limits *limits, struct objects_put *put,
                    const struct incoming_context *p, struct incoming *in, struct err *e);

/* One archive `file` in an open folder; `sums` is its one-line manifest there, or NULL: none. */
bool incoming_archive(int folder, const char *file, const char *sums,
                      const struct conf_limits *limits, struct objects_put *put,
                      const struct incoming_context *p, struct incoming *in, struct err *e);

void incoming_close(struct incoming *in);

/* NAME.zip, .tar.gz, .tar.zst or .7z, whatever the case. */
bool incoming_archive_check(struct span name);

/* May it be taken in, or is something that its manifest promises not there yet? */
enum incoming_state { INCOMING_READY, INCOMING_INCOMPLETE };

/* `since`: when its manifest (or, without one, the folder) was last changed. */
bool incoming_folder_state(int inbox, const char *name, enum incoming_state *out, int64_t *since,
                           struct err *e);

#endif
