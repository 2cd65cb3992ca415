/* What the parts of mending share. */
#ifndef KEEP_MENDING_H
#define KEEP_MENDING_H

#include "format/zip.h"
#include "keep/mend.h"
#include "ledger/entry.h"
#include "os/file.h"
#include "store/catalog.h"
#include "store/log.h"
#include "study/signed.h"

struct mend_zip {
    struct file file;
    struct zip_reader *zip;
    const char *name;
};

struct mend_folder {
    int root;         /* of the folder */
    struct home home; /* only .objects, .ledger and .secrets are open, or -1 */
    const char *name;
};

struct mending {
    struct home *home;
    const struct mend_options *options;
    struct arena arena; /* of all */
    struct mend_folder *folder;
    size_t folders;
    struct catalog *catalog; /* NULL where it cannot be opened */

    const char *study;
    struct arena of_study;
    struct log *log;
    struct note_key key;
    struct mend_zip *zip; /* those named, then those of the study's outbox */
    size_t zips;
    struct checkpoint checkpoint; /* the signed state that is to be reached */
    struct hash *leaf;            /* checkpoint.size proved hashes, or NULL */
};

void mending_tell(const struct mending *m, enum mend_outcome outcome, const char *place,
                  const char *from);

/* MEND_DONE or MEND_WOULD. */
enum mend_outcome mending_done(const struct mending *m);

/* False only for ERR_IO: any other trouble with what might help is cleared. */
bool mending_may_fail(struct err *e);

/* --- sources (mend_sources.c) --- */

bool mending_open_folders(struct mending *m, struct err *e);
bool mending_open_zips(struct mending *m, struct err *e);
void mending_close_zips(struct mending *m);
void mending_close_folders(struct mending *m);

#define MEND_NO_INDEX UINT64_MAX

/*
 * Every entry of this study that lies outside the ledger's own files: staged, in receipts, in
 * bundles, in the named folders. index: where the source says it belongs, or MEND_NO_INDEX.
 * Nothing is proved; bytes are valid during the call.
 */
bool mending_each_entry(struct mending *m,
                        bool (*each)(void *ctx, uint64_t index, struct span bytes, const char *from,
                                     struct err *e),
                        void *ctx, struct err *e);

/* Signed notes of this ledger that lie somewhere, whatever they are. */
bool mending_each_note(struct mending *m,
                       bool (*each)(void *ctx, struct span note, const char *from, struct err *e),
                       void *ctx, struct err *e);

/* --- the ledger --- */

/* m->leaf, proved by m->checkpoint; NULL where what is there does not give it (mend_leaves.c). */
bool mending_leaves(struct mending *m, struct err *e);

/* Entry bundles and tiles as m->leaf says; *whole: nothing is lost (mend_ledger.c). */
bool mending_files(struct mending *m, bool *whole, struct err *e);

/* Checkpoint, hashes, files of the study (mend_ledger.c). */
bool mending_ledger(struct mending *m, bool *whole, struct err *e);

/* --- objects (mend_objects.c) --- */

bool mending_objects(struct mending *m, struct err *e);

/* --- secrets (mend_secrets.c) --- */

bool mending_secrets(struct mending *m, struct err *e);

#endif
