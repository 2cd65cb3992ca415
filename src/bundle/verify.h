/*
 * Verifies an evidence bundle (docs/FORMAT.md, chapter 9) from the ZIP itself,
 * reading every byte once. Everything that is wrong with the bundle goes into the
 * issues; false only if it could not be read (ERR_IO) or memory for it is denied.
 */
#ifndef BUNDLE_VERIFY_H
#define BUNDLE_VERIFY_H

#include "base/io.h"
#include "base/issue.h"
#include "bundle/layout.h"
#include "bundle/trust.h"
#include "ledger/checkpoint.h"

/* What was established. Spans live in the arena that was passed. */
struct verdict {
    struct checkpoint checkpoint; /* as the bundle states it */
    bool test;                    /* made in a test home */
    int64_t head_time;            /* of the last entry, by the operator's clock */
    struct scope scope;

    bool notary_good;         /* the bundle's signature verifies under a trusted key */
    struct public_key notary; /* whose signature it is */
    struct span notary_name;  /* principal in allowed_signers */
    bool log_good;            /* the checkpoint is signed by a trusted log key */
    bool root_good;           /* the entries give the signed root */
    size_t cosigned, cosigned_needed;

    uint64_t members; /* of the archive */
    uint64_t datasets, revisions, transfers, refusals, withdrawals;
    uint64_t carried, carried_bytes; /* revisions whose bytes are here and right */
    uint64_t left_out;               /* revisions not in scope or withdrawn */

    bool compared; /* with another signed state */
    uint64_t compared_size;
};

/* Another signed state that this bundle must agree with: size and root. */
struct known_state {
    uint64_t size;
    struct hash root;
};

/*
 * trust may be NULL: issue trust-none, checked against the keys that the bundle itself names.
 * known may be NULL; its size must be at most the bundle's (else nothing is compared).
 * progress, if not NULL, is told the bytes read so far.
 */
struct verify_options {
    const struct trust *trust;
    const struct known_state *known;
    void (*progress)(void *ctx, uint64_t done, uint64_t total);
    void *ctx;
};

bool bundle_verify(struct source in, const struct verify_options *o, struct arena *a,
                   struct issues *issues, struct verdict *out, struct err *e);

/*
 * Only the bundle's checkpoint, its signature checked against `trust` (which may be
 * NULL: then parsed only, and *key is zeroes). What is wrong with it goes into issues, with
 * `place`. *key is the log key that signed: of two states of one ledger it is the same.
 */
bool bundle_checkpoint(struct source in, const struct trust *trust, const char *place,
                       struct arena *a, struct issues *issues, struct checkpoint *out,
                       struct public_key *key, struct err *e);

#endif
