/*
 * Verifying a bundle that lies in a file, for `trialseal verify` and for trialseal-verify. Reads
 * with POSIX calls of its own, so that the verifier needs nothing above libcore.
 */
#ifndef CLI_OFFLINE_H
#define CLI_OFFLINE_H

#include "bundle/verify.h"

struct offline {
    const char *bundle;
    const char *trust;                  /* folder; NULL: verified against nobody you trust */
    const char *previous;               /* an earlier bundle of the same ledger, or NULL */
    const struct seal_checker *checker; /* of tokens; NULL: they are not checked */
    int64_t now;                        /* or 0 */
    void (*progress)(void *ctx, uint64_t done, uint64_t total);
    void *ctx;
};

struct offline_result {
    struct verdict verdict;
    bool verified;      /* no bad issue, and every signature by a trusted key */
    bool trusted;       /* there is a trust folder ... */
    struct hash folder; /* ... and this is its fingerprint */
    bool compared;      /* with the other bundle, of this size */
    uint64_t compared_size;
    bool older; /* the bundle is the older of the two */
};

/* False: it could not be done. What is wrong goes into issues; spans live in `a`. */
bool offline_verify(const struct offline *o, struct arena *a, struct issues *issues,
                    struct offline_result *out, struct err *e);

#endif
