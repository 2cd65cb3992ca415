/* Chains and CRLs at the time of a stamp: docs/FORMAT.md, 6.5. */
#include <limits.h>
#include <string.h>
#include <time.h>

#include "seal/openssl.h"

/* --- PEM --- */

/* Only certificates and CRLs: a private key must never lie in what is handed to others. */
static bool take(struct seal_store *s, X509_INFO *x, struct err *e)
{
    if (x->x_pkey != NULL || (x->x509 == NULL && x->crl == NULL))
        return err_set(e, ERR_FORMAT, "it holds something else than certificates and CRLs");
    if (x->x509 != NULL && sk_X509_push(s->certificates, x->x509) > 0)
        X509_up_ref(x->x509);
    if (x->crl != NULL && sk_X509_CRL_push(s->crls, x->crl) > 0)
        X509_CRL_up_ref(x->crl);
    return true;
}

/* libcrypto skips what it does not know, as public keys and requests: so the labels are read here.
 */
static bool check_labels(struct span pem, struct err *e)
{
    static const char *const labels[] = {"CERTIFICATE-----", "X509 CRL-----"};
    static const char begin[] = "-----BEGIN ";
    size_t n = sizeof begin - 1;
    for (size_t i = 0; i + n <= pem.n; i++) {
        if (pem.p[i] != '-' || memcmp(pem.p + i, begin, n) != 0)
            continue;
        struct span rest = span_of(pem.p + i + n, pem.n - i - n);
        if (!span_starts(rest, span_str(labels[0])) && !span_starts(rest, span_str(labels[1])))
            return err_set(e, ERR_FORMAT, "it holds something else than certificates and CRLs");
    }
    return true;
}

bool seal_store_add(struct seal_store *s, struct span pem, struct err *e)
{
    if (s->certificates == NULL)
        s->certificates = sk_X509_new_null();
    if (s->crls == NULL)
        s->crls = sk_X509_CRL_new_null();
    if (pem.n == 0)
        return true;
    if (pem.n > SEAL_PEM_MAX)
        return err_set(e, ERR_LIMIT, "more than %d bytes of certificates", SEAL_PEM_MAX);
    if (!check_labels(pem, e))
        return false;
    BIO *b = BIO_new_mem_buf(pem.p, (int)pem.n);
    STACK_OF(X509_INFO) *list = PEM_X509_INFO_read_bio(b, NULL, NULL, NULL);
    bool good = list != NULL || err_set(e, ERR_FORMAT, "it is not PEM");
    for (int i = 0; good && i < sk_X509_INFO_num(list); i++)
        good = take(s, sk_X509_INFO_value(list, i), e);
    sk_X509_INFO_pop_free(list, X509_INFO_free);
    BIO_free(b);
    ERR_clear_error();
    return good;
}

/* CRLs may come with what is to be judged: a certificate among them would vouch for itself. */
bool seal_store_add_crls(struct seal_store *s, struct span pem, struct err *e)
{
    int before = s->certificates == NULL ? 0 : sk_X509_num(s->certificates);
    if (!seal_store_add(s, pem, e))
        return false;
    return sk_X509_num(s->certificates) == before ||
           err_set(e, ERR_FORMAT, "it holds something else than CRLs");
}

void seal_store_close(struct seal_store *s)
{
    sk_X509_pop_free(s->certificates, X509_free);
    sk_X509_CRL_pop_free(s->crls, X509_CRL_free);
}

bool seal_roots_check(struct span pem, struct err *e)
{
    seal_begin();
    struct seal_store s = {0};
    bool good = seal_store_add(&s, pem, e) && (sk_X509_num(s.certificates) > 0 ||
                                               err_set(e, ERR_FORMAT, "it holds no certificate"));
    seal_store_close(&s);
    return good;
}

static X509_CRL *read_crl_der(struct span bytes)
{
    const uint8_t *p = bytes.p;
    X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)bytes.n);
    if (crl != NULL && p == bytes.p + bytes.n)
        return crl;
    X509_CRL_free(crl);
    return NULL;
}

/* A PEM may hold several, as our own files do; it is taken as it is once it was read. */
static bool check_crl_pem(struct span pem, struct err *e)
{
    struct seal_store s = {0};
    bool good = seal_store_add(&s, pem, e) &&
                ((sk_X509_CRL_num(s.crls) > 0 && sk_X509_num(s.certificates) == 0) ||
                 err_set(e, ERR_FORMAT, "it holds something else than CRLs"));
    seal_store_close(&s);
    return good;
}

static void add_pem(X509_CRL *crl, struct buf *out)
{
    BIO *b = BIO_new(BIO_s_mem());
    char *text;
    PEM_write_bio_X509_CRL(b, crl);
    long n = BIO_get_mem_data(b, &text);
    buf_add(out, span_of(text, n > 0 ? (size_t)n : 0));
    BIO_free(b);
}

bool seal_crl_pem(struct span bytes, struct buf *out, struct err *e)
{
    seal_begin();
    if (bytes.n == 0 || bytes.n > SEAL_PEM_MAX)
        return err_set(e, ERR_LIMIT, "a CRL has 1 to %d bytes", SEAL_PEM_MAX);
    if (span_starts(bytes, SPAN("-----BEGIN"))) {
        if (!check_crl_pem(bytes, e))
            return false;
        buf_add(out, bytes);
        return true;
    }
    X509_CRL *crl = read_crl_der(bytes);
    ERR_clear_error();
    if (crl == NULL)
        return err_set(e, ERR_FORMAT, "it is not a CRL");
    add_pem(crl, out);
    X509_CRL_free(crl);
    return true;
}

bool seal_seconds(const ASN1_TIME *t, int64_t *out)
{
    enum { DAY = 24 * 60 * 60 };
    int days, seconds;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    bool good = t != NULL && epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, t) == 1;
    if (good)
        *out = (int64_t)days * DAY + seconds;
    ASN1_TIME_free(epoch);
    return good;
}

/* --- CRLs, apart from the chain --- */

/*
 * OpenSSL's own check would refuse a CRL that is newer than the stamp, and take a stamp for
 * revoked that was made before the revocation.
 */
static bool is_struck(X509_REVOKED *r, int64_t time)
{
    int64_t when;
    int critical;
    ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(r, NID_crl_reason, &critical, NULL);
    long why = reason == NULL ? CRL_REASON_UNSPECIFIED : ASN1_ENUMERATED_get(reason);
    bool always = reason == NULL || why == CRL_REASON_KEY_COMPROMISE ||
                  why == CRL_REASON_CA_COMPROMISE || why == CRL_REASON_UNSPECIFIED;
    ASN1_ENUMERATED_free(reason);
    return always || !seal_seconds(X509_REVOKED_get0_revocationDate(r), &when) || when <= time;
}

static bool is_by(X509_CRL *crl, X509 *issuer)
{
    return X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(issuer)) == 0 &&
           (X509_get_key_usage(issuer) & KU_CRL_SIGN) != 0 &&
           X509_CRL_verify(crl, X509_get0_pubkey(issuer)) == 1;
}

/*
 * Whether it speaks of all certificates of its issuer (RFC 5280, 5.2.4 and 5.2.5). One that does
 * not can strike a certificate off; that it names none says nothing.
 */
static bool is_complete(X509_CRL *crl)
{
    int at = X509_CRL_get_ext_by_NID(crl, NID_issuing_distribution_point, -1);
    if (X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0)
        return false;
    if (at < 0)
        return true;
    ISSUING_DIST_POINT *p = X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, NULL, NULL);
    bool whole = p != NULL && p->onlyuser <= 0 && p->onlyCA <= 0 && p->onlyattr <= 0 &&
                 p->indirectCRL <= 0 && p->onlysomereasons == NULL;
    ISSUING_DIST_POINT_free(p);
    return whole;
}

/* *known: there is a complete CRL by the issuer; its day goes into *as_of. */
static bool check_revoked(const struct seal_store *s, X509 *x, X509 *issuer, int64_t time,
                          bool *known, int64_t *as_of, struct err *e)
{
    *known = false;
    for (int i = 0; i < sk_X509_CRL_num(s->crls); i++) {
        X509_CRL *crl = sk_X509_CRL_value(s->crls, i);
        X509_REVOKED *r = NULL;
        int64_t day;
        if (!is_by(crl, issuer) || !seal_seconds(X509_CRL_get0_lastUpdate(crl), &day))
            continue;
        if (X509_CRL_get0_by_cert(crl, &r, x) == 1 && is_struck(r, time))
            return err_set(e, ERR_STATE, "a certificate of its authority was revoked");
        if (!is_complete(crl))
            continue;
        *as_of = !*known || day > *as_of ? day : *as_of;
        *known = true;
    }
    return true;
}

static bool check_crls(const struct seal_store *s, STACK_OF(X509) * chain, int64_t time,
                       struct seal_token *out, struct err *e)
{
    out->revocation_known = sk_X509_num(chain) > 1;
    out->revocation_as_of = INT64_MAX;
    for (int i = 0; i + 1 < sk_X509_num(chain); i++) {
        bool known;
        int64_t as_of = 0;
        if (!check_revoked(s, sk_X509_value(chain, i), sk_X509_value(chain, i + 1), time, &known,
                           &as_of, e))
            return false;
        out->revocation_known = out->revocation_known && known;
        if (known && as_of < out->revocation_as_of)
            out->revocation_as_of = as_of;
    }
    if (!out->revocation_known)
        out->revocation_as_of = 0;
    return true;
}

/* --- chains --- */

static X509_STORE *anchors(const struct seal_store *s, int64_t time)
{
    enum { AUTH_LEVEL = 2 };
    X509_STORE *store = X509_STORE_new();
    X509_VERIFY_PARAM *p = X509_STORE_get0_param(store);
    for (int i = 0; i < sk_X509_num(s->certificates); i++)
        X509_STORE_add_cert(store, sk_X509_value(s->certificates, i));
    X509_VERIFY_PARAM_set_time(p, (time_t)time);
    X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_X509_STRICT);
    X509_VERIFY_PARAM_set_auth_level(p, AUTH_LEVEL);
    return store;
}

static int64_t weak_from(STACK_OF(X509) * chain)
{
    int64_t first = INT64_MAX;
    for (int i = 0; i < sk_X509_num(chain); i++) {
        int64_t from = seal_key_weak_from(sk_X509_value(chain, i));
        first = from < first ? from : first;
    }
    return first;
}

bool seal_chain_check(const struct seal_store *s, X509 *signer, STACK_OF(X509) * untrusted,
                      int64_t time, struct seal_token *out, struct err *e)
{
    X509_STORE *store = anchors(s, time);
    X509_STORE_CTX *x = X509_STORE_CTX_new();
    bool good = X509_STORE_CTX_init(x, store, signer, untrusted) == 1 &&
                X509_STORE_CTX_set_purpose(x, X509_PURPOSE_TIMESTAMP_SIGN) == 1;
    if (!good)
        err_set(e, ERR_STATE, "its certificate cannot be checked");
    else if (X509_verify_cert(x) != 1)
        good = err_set(e, ERR_STATE, "no certificate in tsa.pem vouches for its authority: %s",
                       X509_verify_cert_error_string(X509_STORE_CTX_get_error(x)));
    good = good && check_crls(s, X509_STORE_CTX_get0_chain(x), time, out, e);
    if (good)
        out->weak_from = weak_from(X509_STORE_CTX_get0_chain(x));
    X509_STORE_CTX_free(x);
    X509_STORE_free(store);
    ERR_clear_error();
    return good;
}
