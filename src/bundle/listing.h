/*
 * Checks a manifest as it streams by against what must be listed: the lines of
 * `sha256sum`, in order of path. One checker serves all three lists of a bundle.
 */
#ifndef BUNDLE_LISTING_H
#define BUNDLE_LISTING_H

#include "base/buf.h"
#include "base/io.h"
#include "base/issue.h"
#include "crypto/sha256.h"

struct listing {
    /* What must be listed next; false when nothing is left. Paths ascend; valid until the next
     * call. */
    bool (*next)(void *ctx, struct span *path, struct hash *hash);
    void *ctx;
    struct issues *issues;
    enum issue_id altered, unlisted, missing;
    const char *name; /* of the list, for issues */

    struct buf line;
    struct span path; /* pending expectation */
    struct hash hash;
    bool pending, malformed;
    uint64_t lines;
};

void listing_begin(struct listing *l);
struct sink listing_sink(struct listing *l); /* the list's bytes go here */
void listing_end(struct listing *l);         /* what is still expected is unlisted */

#endif
