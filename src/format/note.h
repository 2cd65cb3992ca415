/*
 * C2SP signed note v1.0.0: a text and signature lines, and verifier keys (vkey).
 * Ed25519 (0x01) and timestamped Ed25519 cosignatures (0x04, tlog-cosignature
 * v1.0.1) are verified; other algorithms are parsed and never count.
 */
#ifndef FORMAT_NOTE_H
#define FORMAT_NOTE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "crypto/sign.h"

enum { NOTE_MAX = 1 << 20, NOTE_SIGNATURES_MAX = 64, NOTE_NAME_MAX = 255 };
enum { NOTE_ED25519 = 0x01, NOTE_COSIGNATURE = 0x04 };

struct note_key {
    struct span name;
    uint8_t id[4]; /* SHA-256(name LF alg key)[:4] */
    uint8_t algorithm;
    struct public_key key; /* for NOTE_ED25519 and NOTE_COSIGNATURE; else unused */
    struct span raw;       /* alg || key */
};

/* Not empty, UTF-8, no Unicode space, no control byte, no '+', at most NOTE_NAME_MAX bytes. */
bool note_name_check(struct span name);

/* What may stand in a note: UTF-8 without control bytes but LF. */
bool note_text_check(struct span text);

/*
 * "name+hex8+base64"; the key id is compared, an unknown algorithm is accepted as
 * raw. What *out points to is in the arena.
 */
bool note_key_parse(struct arena *a, struct span vkey, struct note_key *out, struct err *e);

/* The vkey of an Ed25519 key, for either algorithm, without LF. */
void note_key_write(struct buf *b, struct span name, uint8_t algorithm, const struct public_key *k);
void note_key_id(struct span name, uint8_t algorithm, const struct public_key *k, uint8_t id[4]);

struct note_signature {
    struct span name;
    uint8_t id[4];
    struct span blob; /* behind the key id */
};

struct note {
    struct span text; /* ends in LF; borrowed from the bytes that were parsed */
    size_t count;
    struct note_signature *signature; /* in the arena */
};

/*
 * Splits at the LAST empty line; at least one signature; canonical base64; valid
 * UTF-8, no control bytes but LF.
 */
bool note_parse(struct arena *a, struct span bytes, struct note *out, struct err *e);

enum note_verdict {
    NOTE_ABSENT, /* no signature line with this name and key id */
    NOTE_GOOD,
    NOTE_BAD, /* there is one and it does not verify: the whole note is to be refused */
};

/*
 * Every line with the key's name and id must verify. *time: seconds since 1970 of
 * the first cosignature, 0 for a plain signature. time may be NULL. A key of
 * another algorithm is NOTE_ABSENT. That the text of a cosigned note is a
 * checkpoint is for the caller to check.
 */
enum note_verdict note_verify(const struct note *n, const struct note_key *k, uint64_t *time);

/* Writes text (it ends in LF), the empty line, and one Ed25519 signature line by `name`. */
void note_write(struct buf *b, struct span text, struct span name, const struct secret_key *k);

/* A cosignature line (0x04) over a checkpoint text at `time`, which is below 2^63. */
void note_write_cosignature(struct buf *b, struct span text, struct span name,
                            const struct secret_key *k, uint64_t time);

#endif
