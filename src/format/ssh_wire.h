/*
 * What OpenSSH's formats share: strings and numbers (RFC 4251, section 5), Ed25519
 * public keys (RFC 8709, section 4) and the armour around base64 in lines of 70.
 * Only for ssh_key.c, ssh_signers.c and sshsig.c.
 */
#ifndef FORMAT_SSH_WIRE_H
#define FORMAT_SSH_WIRE_H

#include "base/buf.h"
#include "base/err.h"
#include "crypto/sign.h"

#define SSH_ED25519 SPAN("ssh-ed25519")
enum { SSH_KEY_BLOB = 4 + 11 + 4 + SIGN_PUBLIC };

void ssh_wire_string(struct buf *b, struct span s);
void ssh_wire_key(struct buf *b, const struct public_key *k);

/* Take one thing off *rest; false where it is cut off. */
bool ssh_wire_take_u32(struct span *rest, uint32_t *out);
bool ssh_wire_take_string(struct span *rest, struct span *out);

/* A string of exactly n bytes, into out[n]. */
bool ssh_wire_take_bytes(struct span *rest, uint8_t *out, size_t n);

/* All of blob is one Ed25519 public key. */
bool ssh_wire_parse_key(struct span blob, struct public_key *out);

/*
 * Begin line, base64 in lines of 70, end line, and nothing else; `label` as in
 * "-----BEGIN label-----". The base64 digits are appended to *digits in one piece
 * and never moved, so that a caller can wipe them.
 */
bool ssh_armour_parse(struct span text, struct span label, struct buf *digits, struct err *e);

/* Wipes what it needs itself; makes room in *b once. */
void ssh_armour_write(struct buf *b, struct span label, struct span blob);

#endif
