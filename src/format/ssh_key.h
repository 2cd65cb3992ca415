/*
 * Ed25519 keys as OpenSSH writes them: public key lines, fingerprints, and private
 * key files without passphrase (OpenSSH PROTOCOL.key).
 */
#ifndef FORMAT_SSH_KEY_H
#define FORMAT_SSH_KEY_H

#include "base/buf.h"
#include "base/err.h"
#include "crypto/sign.h"

enum { SSH_PRIVATE_MAX = 16 * 1024, SSH_COMMENT_MAX = 1024 };

/* "ssh-ed25519 AAAA... [comment]", without LF. */
bool ssh_key_parse(struct span line, struct public_key *out, struct err *e);
void ssh_key_write(struct buf *b, const struct public_key *k); /* "ssh-ed25519 AAAA..." */

/* "SHA256:..." as ssh-keygen -l prints it. */
void ssh_fingerprint(struct buf *b, const struct public_key *k);

/*
 * An OpenSSH private key file ("openssh-key-v1", cipher none, one Ed25519 key). The
 * public key that it names must be the seed's. On false *out is as it was.
 */
bool ssh_private_parse(struct span file, struct secret_key *out, struct err *e);

/*
 * Always the same file for the same key and comment (at most SSH_COMMENT_MAX bytes).
 * *b then holds a secret: add nothing more, and end it with mem_wipe_free(b->p, b->cap).
 */
void ssh_private_write(struct buf *b, const struct secret_key *k, struct span comment);

#endif
