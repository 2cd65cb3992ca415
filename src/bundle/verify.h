/*
 * Verifies an evidence bundle (docs/FORMAT.md, chapter 9) from the ZIP itself,
 * reading every byte of payload once, but for a list of SHA-512 (6.5). Everything that is wrong
 * with the bundle goes into the issues; false only if it could not be read (ERR_IO) or memory for
 * it is denied.
 */
#ifndef BUNDLE_VERIFY_H
#define BUNDLE_VERIFY_H

#include "base/io.h"
#include "base/issue.h"
#include "bundle/layout.h"
#include "bundle/trust.h"
#include "ledger/checkpoint.h"
#include "ledger/erasure.h"

/* What a token says, and that it is good. */
struct sealed {
    int64_t time;             /* before which the sealed bytes existed, by the authority's clock */
    struct span authority;    /* its name */
    unsigned bits;            /* of the hash of the imprint: 256, 384, 512 */
    int64_t until;            /* end of its certificate */
    int64_t weak_from;        /* a key of its chain is too short from then on; INT64_MAX: none is */
    bool revocation_known;    /* there was a CRL for each certificate of the chain ... */
    int64_t revocation_as_of; /* ... the oldest of this day */
};

/* When it must have been renewed: the earlier of `until` and `weak_from`. */
int64_t sealed_end(const struct sealed *s);

/*
 * Adds seal-ends if that is within so many days from now, or was. how: the command that renews it.
 */
void sealed_check_end(const struct sealed *s, int64_t now, uint64_t days, const char *place,
                      const char *how, struct issues *issues);

/*
 * Who can check tokens (FORMAT 6.5): this library cannot, since it has no ASN.1. `roots`: tsa.pem;
 * `crls`: more PEM, may be empty. ERR_FORMAT: no token, or not over `data`; ERR_STATE: not good.
 */
struct seal_checker {
    bool (*check)(void *ctx, struct span token, struct span data, struct span roots,
                  struct span crls, struct arena *a, struct sealed *out, struct err *e);
    void *ctx;
};

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
    uint64_t erased;                 /* revisions whose bytes were erased; not left_out */

    size_t erasures;              /* `erasure` entries, ... */
    const struct erased *erasure; /* ... in order */

    uint64_t ledger_seals;       /* `seal` entries */
    uint64_t ledger_sealed_size; /* first entries that the last good one of them is of, ... */
    struct sealed ledger;        /* ... which is this, */
    bool ledger_sealed;          /* if there is one */
    bool sealed;                 /* the bundle's own are all good; it existed before ... */
    unsigned seals;              /* so many */
    struct sealed oldest;        /* ... this one; they rest on ... */
    struct sealed newest;        /* ... this one */

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
 * checker may be NULL: then no seal counts. now: for what ends soon; 0 where nobody knows it.
 * progress, if not NULL, is told the bytes read so far.
 */
struct verify_options {
    const struct trust *trust;
    const struct known_state *known;
    const struct seal_checker *checker;
    int64_t now;
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
