/*
 * SSHSIG signatures (OpenSSH PROTOCOL.sshsig) with Ed25519 and SHA-512, as
 * `ssh-keygen -Y sign` writes and `ssh-keygen -Y verify` accepts them. Whether the
 * key may sign is not asked here: see ssh_signers.h.
 */
#ifndef FORMAT_SSHSIG_H
#define FORMAT_SSHSIG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "crypto/sign.h"

enum { SSHSIG_MAX = 16 * 1024 };

struct sshsig {
    struct public_key key;
    struct span space; /* namespace; not empty; in the arena */
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

#endif
