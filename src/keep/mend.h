/*
 * Mending what an audit found: ledger files, objects and secrets, from each other, from the
 * catalog, the outbox, the inbox, and from bundles and folders that the user names. Whatever is put
 * in place is proved first: a checkpoint by the log key, leaf hashes by the signed root, an entry
 * by its leaf hash, an object or a secret by its name. What is damaged is set aside
 * (store/aside.h). Nothing is signed and nothing is appended.
 */
#ifndef KEEP_MEND_H
#define KEEP_MEND_H

#include "store/home.h"

enum {
    MEND_SOURCES_MAX = 64,
    MEND_ENTRIES_MAX = 1 << 24, /* of a ledger whose hashes have to be put together: 2 GB */
};

/* Elsewhere: bundles; folders that hold objects/, ledger/ and secrets/ as a home does. Paths of the
 * user. */
struct mend_sources {
    size_t bundles, folders;
    const char *bundle[MEND_SOURCES_MAX], *folder[MEND_SOURCES_MAX];
};

enum mend_outcome {
    MEND_DONE,
    MEND_WOULD, /* the same where only_say was wanted */
    MEND_LOST,  /* no source has it */
    MEND_ASIDE, /* it was set aside, since it does not belong there */
    MEND_WOULD_ASIDE,
};

struct mended {
    enum mend_outcome outcome;
    const char *place; /* below the home, or "S1#12" */
    const char *from;  /* what it was mended from; of what is lost or set aside: why */
};

struct mend_options {
    struct mend_sources sources;
    bool only_say;
    int64_t now;
    void (*tell)(void *ctx, const struct mended *m);
    void *ctx;
};

/* Ledgers, objects and secrets. h is open with HOME_MEND. ERR_USAGE where a source cannot be
 * opened. */
bool mend_home(struct home *h, const struct mend_options *o, struct err *e);

/* The catalog: set aside and made anew; never below an anchor. After the rest. */
bool mend_catalog(struct home *h, const struct mend_options *o, struct err *e);

/*
 * Objects that no entry names are set aside: after an audit that found nothing bad, so that the
 * catalog has all entries.
 */
bool mend_unnamed(struct home *h, const struct mend_options *o, struct err *e);

#endif
