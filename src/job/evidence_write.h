/* Between evidence.c, which decides what a bundle carries, and evidence_write.c. */
#ifndef JOB_EVIDENCE_WRITE_H
#define JOB_EVIDENCE_WRITE_H

#include "format/zip.h"
#include "job/evidence.h"
#include "ledger/history.h"
#include "os/publish.h"

/* A revision whose bytes the bundle carries. */
struct payload {
    struct span path;
    struct hash hash;
};

struct bundling {
    struct home *home;
    struct catalog *catalog;
    struct span study;
    struct append *append;
    struct arena *a;
    const struct scope *scope;

    uint64_t size;
    struct history *history;
    uint64_t entry_bytes;
    struct buf note, checkpoint_sig;
    struct bag_info info;

    struct payload *payload; /* ascending by path */
    size_t payloads;
    struct hash *object; /* detached texts, ascending */
    size_t objects, object_cap;

    struct span folder; /* with the slash */
    struct zip_writer *zip;
    struct sha256 sha; /* of the whole output */
    uint64_t written;
    struct buf out; /* not yet written */
    struct sink file;
    struct buf manifest, tag_manifest, deflated;
};

/* The tlog-proof of a revision, by its place in the history, against b->note; *out is replaced. */
bool evidence_proof(struct bundling *b, size_t revision, struct buf *out, struct err *e);

/* Two seals of one size show one checkpoint: it goes with the first. */
bool evidence_shows_checkpoint(const struct bundling *b, size_t seal);

/* SSHSIG by a key of the home. */
bool evidence_sign(struct bundling *b, const char *key, struct span space, struct span message,
                   struct buf *out, struct err *e);

/* The whole ZIP into *t; b->sha and b->written are complete then. */
bool evidence_write(struct bundling *b, struct temp *t, struct err *e);

#endif
