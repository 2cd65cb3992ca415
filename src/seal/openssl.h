/* OpenSSL's headers for this folder. They have a type of the name ERR_STATE, which is ours. */
#ifndef SEAL_OPENSSL_H
#define SEAL_OPENSSL_H

#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

#include "seal/token.h"

/*
 * First in each function that others call: libcrypto reads no openssl.cnf, whatever OPENSSL_CONF
 * says, so that a verdict does not depend on the machine; no old error is taken for ours; and
 * seal_start.
 */
void seal_begin(void);

const EVP_MD *seal_md(enum seal_hash h);

/* Certificates and CRLs of tsa.pem and beside a token. */
struct seal_store {
    STACK_OF(X509) * certificates;
    STACK_OF(X509_CRL) * crls;
};

/* Adds what the PEM holds; other kinds are ERR_FORMAT. Empty is fine. */
bool seal_store_add(struct seal_store *s, struct span pem, struct err *e);
/* The same of CRLs alone: a certificate among them is ERR_FORMAT, and must never become a root. */
bool seal_store_add_crls(struct seal_store *s, struct span pem, struct err *e);
void seal_store_close(struct seal_store *s);

/* Seconds since 1970; false where it is no time. */
bool seal_seconds(const ASN1_TIME *t, int64_t *out);

/*
 * From when on what was signed with that key is not to be relied on, for its length alone (NIST SP
 * 800-57 part 1, revision 5); INT64_MAX: no day is known. seal_chain_check refuses what is short
 * now.
 */
int64_t seal_key_weak_from(X509 *x);

/*
 * The signer has a chain, through `untrusted`, to a self-signed certificate of the store, valid at
 * `time`, for time stamps only, and no CRL speaks against it. Sets what `out` says of revocation
 * and of short keys.
 */
bool seal_chain_check(const struct seal_store *s, X509 *signer, STACK_OF(X509) * untrusted,
                      int64_t time, struct seal_token *out, struct err *e);

#endif
