/* The trust folder (docs/FORMAT.md, chapter 8): what a verifier brings with it. */
#ifndef BUNDLE_TRUST_H
#define BUNDLE_TRUST_H

#include "crypto/sha256.h"
#include "format/ssh_signers.h"
#include "ledger/policy.h"

struct trust {
    struct policy *policy;
    struct ssh_signers signers;
    bool seal;               /* a tsa.pem is there: a time seal is demanded ... */
    struct span tsa;         /* ... under these certificates; not parsed here */
    struct hash fingerprint; /* as `sha256sum FILES | sha256sum` */
};

/* The files' bytes; tsa is empty with .p == NULL where there is none. All lives in `a`. */
bool trust_parse(struct arena *a, struct span policy, struct span allowed_signers, struct span tsa,
                 struct trust *out, struct err *e);

#endif
