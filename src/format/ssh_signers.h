/*
 * Who may sign: OpenSSH's allowed_signers (ssh-keygen(1), ALLOWED SIGNERS), for
 * Ed25519 keys. Stricter than ssh-keygen, which skips lines that it cannot read:
 * here they are refused, because a trusted file with a slip in it is not what its
 * author meant.
 */
#ifndef FORMAT_SSH_SIGNERS_H
#define FORMAT_SSH_SIGNERS_H

#include "base/arena.h"
#include "base/err.h"
#include "crypto/sign.h"

enum { SSH_SIGNERS_MAX = 1024, SSH_FILE_MAX = 1 << 20 };

struct ssh_signer {
    struct span principals; /* comma-separated patterns as written, without quotes */
    struct span spaces;     /* namespaces="...", or empty: any */
    int64_t valid_after;    /* first valid second since 1970; INT64_MIN if none */
    int64_t valid_before;   /* last valid second, as ssh-keygen takes it; INT64_MAX if none */
    bool authority;         /* cert-authority: such a line never allows a plain key */
    struct public_key key;
};

struct ssh_signers {
    size_t count;
    struct ssh_signer *signer; /* with all it holds in the arena */
};

/*
 * Lines with other key types are skipped. Times: YYYYMMDD[HHMM[SS]][Z]; without Z
 * they are read as UTC. The last line may lack its LF.
 */
bool ssh_signers_parse(struct arena *a, struct span file, struct ssh_signers *out, struct err *e);

/* The first line that allows this key for namespace and time; NULL if none. */
const struct ssh_signer *ssh_signers_find(const struct ssh_signers *s, const struct public_key *k,
                                          struct span space, int64_t time);

#endif
