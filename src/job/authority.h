/*
 * Time-stamp authorities (docs/FORMAT.md, 6.5): whom to ask, whom to believe, and asking them in
 * order until one answers well. An answer is verified at once, as any verifier will do it later.
 */
#ifndef JOB_AUTHORITY_H
#define JOB_AUTHORITY_H

#include "base/issue.h"
#include "bundle/verify.h"
#include "seal/token.h"
#include "store/home.h"

enum {
    AUTHORITY_CLOCK_SECONDS = 300, /* ours and theirs may differ by as much */
    AUTHORITY_NONCE_SIZE = 8,
};

struct authorities {
    const struct home *home; /* gives the nonces; NULL: random ones */
    struct conf_seal conf;
    const char *passwords;             /* for them, as net/http.h has it; or NULL */
    struct span roots;                 /* tsa.pem */
    struct span crls;                  /* PEM, from conf.crl; empty until they were fetched */
    bool failed[CONF_AUTHORITIES_MAX]; /* not asked again in this run */
    struct issues tried; /* why they failed: seal-pending; hosts are named, never URLs */
};

/*
 * Those of the home. ERR_STATE where authorities are given without a good tsa.pem; without
 * either, out->conf.authorities is 0 and nothing can be asked.
 */
bool authorities_of_home(const struct home *h, struct arena *a, struct authorities *out,
                         struct err *e);
void authorities_close(struct authorities *t);

/* Gets the CRLs that conf names, once a run; one that cannot be had is left out, and told. */
bool authorities_fetch_crls(struct authorities *t, struct arena *a, struct err *e);

/*
 * A request over the data, and its nonce: fixed in a test home by study and number, which no
 * other request may have.
 */
bool authority_request(const struct authorities *t, struct span data, struct span study,
                       uint64_t number, struct buf *out, struct err *e);

/*
 * Asks in order. *found false: none answered well, t->tried says why. False only where the home
 * or memory fails.
 */
bool authority_ask(struct authorities *t, struct span data, struct span study, uint64_t number,
                   struct arena *a, struct span *token, struct seal_token *out, bool *found,
                   struct err *e);

/* What a good token says, for those who only see struct sealed. */
void authority_sealed(const struct seal_token *t, struct sealed *out);

/* For bundle_verify and others that only see struct seal_checker. */
extern const struct seal_checker authority_checker;

#endif
