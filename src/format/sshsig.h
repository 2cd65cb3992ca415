/*
 * SSHSIG signatures (OpenSSH PROTOCOL.sshsig) with Ed25519 and SHA-512, as
 * `ssh-keygen -Y sign` writes and `ssh-keygen -Y verify` accepts them; OpenSSH
 * public key lines, private key files without passphrase, and allowed_signers.
 */
#ifndef FORMAT_SSHSIG_H
#define FORMAT_SSHSIG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "crypto/sign.h"

enum { SSHSIG_MAX = 16 * 1024, SSH_SIGNERS_MAX = 1024, SSH_FILE_MAX = 1 << 20 };

struct sshsig {
    struct public_key key;
    struct span space; /* namespace; not empty */
    bool sha256;       /* hash is sha256 instead of sha512 */
    struct signature signature;
};

/*
 * The armoured form, exactly as ssh-keygen writes it: lines of 70, LF, canonical
 * base64, nothing before or behind. Anything else is refused: one signature, one text.
 */
bool sshsig_parse(struct arena *a, struct span armour, struct sshsig *out, struct err *e);
bool sshsig_verify(const struct sshsig *s, struct span space, struct span message);
void sshsig_write(struct buf *b, const struct secret_key *k, struct span space,
                  struct span message);

/* "ssh-ed25519 AAAA... [comment]", without LF. */
bool ssh_key_parse(struct span line, struct public_key *out, struct err *e);
void ssh_key_write(struct buf *b, const struct public_key *k); /* "ssh-ed25519 AAAA..." */

/* "SHA256:..." as ssh-keygen -l prints it. */
void ssh_fingerprint(struct buf *b, const struct public_key *k);

/* An OpenSSH private key file ("openssh-key-v1", cipher none, one Ed25519 key). */
bool ssh_private_parse(struct span file, struct secret_key *out, struct err *e);
void ssh_private_write(struct buf *b, const struct secret_key *k, struct span comment);

/* One line of allowed_signers (ssh-keygen(1), ALLOWED SIGNERS). */
struct ssh_signer {
    struct span principals; /* comma-separated patterns as written */
    struct span spaces;     /* namespaces="...", or empty: any */
    int64_t valid_after;    /* seconds since 1970; INT64_MIN if none */
    int64_t valid_before;   /* INT64_MAX if none */
    bool authority;         /* cert-authority: such a line never allows a plain key */
    struct public_key key;
};

struct ssh_signers {
    size_t count;
    struct ssh_signer *signer;
};

/* Lines with other key types are skipped. Times: YYYYMMDD[HHMM[SS]][Z]; without Z they are read as
 * UTC. */
bool ssh_signers_parse(struct arena *a, struct span file, struct ssh_signers *out, struct err *e);

/* The first line that allows this key for namespace and time; NULL if none. */
const struct ssh_signer *ssh_signers_find(const struct ssh_signers *s, const struct public_key *k,
                                          struct span space, int64_t time);

#endif
