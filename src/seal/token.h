/*
 * RFC 3161 with libcrypto: requests, and whether a token is good as docs/FORMAT.md, 6.5, says. The
 * only code that includes OpenSSL; it reads no file, clock or random byte of its own.
 */
#ifndef SEAL_TOKEN_H
#define SEAL_TOKEN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum seal_hash { SEAL_SHA256, SEAL_SHA384, SEAL_SHA512, SEAL_HASHES };

const char *seal_hash_name(enum seal_hash h); /* "sha256" ... */
bool seal_hash_find(struct span name, enum seal_hash *out);

enum {
    SEAL_TOKEN_MAX = 64 * 1024,
    SEAL_REQUEST_MAX = 4096,
    SEAL_PEM_MAX = 4 * 1024 * 1024,
    SEAL_NONCE_SIZE = 8,
    SEAL_POLICY_MAX = 199, /* of a dotted OID */
};

/*
 * First of all in a program, before another library uses libcrypto: its memory then comes from
 * base/arena.h, so that it never lacks any (host_fatal). It would go on without, and not say in
 * each case why it found a token bad.
 */
void seal_start(void);

/*
 * A TimeStampReq (DER) over data: version 1, with the nonce, asking for the certificate.
 * policy: dotted OID or empty; one that is none, or is longer than SEAL_POLICY_MAX, is ERR_USAGE.
 */
bool seal_request_write(struct span data, enum seal_hash h, const uint8_t nonce[SEAL_NONCE_SIZE],
                        struct span policy, struct buf *out, struct err *e);

/* What a token says, and what was established. Spans live in the arena. */
struct seal_token {
    int64_t time;             /* genTime, seconds; fractions are cut */
    enum seal_hash hash;      /* of the imprint */
    struct span authority;    /* subject of the signing certificate, RFC 2253, ASCII */
    struct span serial;       /* of that certificate, hexadecimal */
    int64_t until;            /* its notAfter */
    int64_t weak_from;        /* a key of its chain is too short from then on; INT64_MAX: none is */
    bool revocation_known;    /* there was a CRL for each certificate below the root ... */
    int64_t revocation_as_of; /* ... and this is the oldest thisUpdate among them */
};

/*
 * At once: the reply (TimeStampResp, DER) answers this request - nonce, imprint, policy - and is
 * good as seal_check says. ERR_STATE also where the authority refused: with its words.
 */
bool seal_reply_check(struct span reply, struct span request, struct span data, struct span roots,
                      struct span crls, struct arena *a, struct seal_token *out, struct err *e);

/*
 * Later, offline. roots: PEM certificates, of which self-signed ones end a chain, and CRLs; crls:
 * more CRLs, may be empty. ERR_FORMAT: not a token, trailing bytes, or not over data. ERR_STATE:
 * the authority is unknown, its certificate had ended or was revoked; the text says which.
 */
bool seal_check(struct span token, struct span data, struct span roots, struct span crls,
                struct arena *a, struct seal_token *out, struct err *e);

/*
 * One CRL as it was fetched, DER (what authorities publish, RFC 5280 4.2.1.13) or PEM, is added to
 * out as PEM. Nothing may stand behind it. Who signed it is for seal_check to say.
 */
bool seal_crl_pem(struct span bytes, struct buf *out, struct err *e);

/* PEM with at least one certificate, and nothing but certificates and CRLs. */
bool seal_roots_check(struct span pem, struct err *e);

#endif
