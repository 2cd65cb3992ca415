#include <assert.h>

#include "seal/openssl.h"

/* --- what a token says --- */

struct reading {
    TS_RESP *response;
    PKCS7 *token;
    TS_TST_INFO *info;
    X509 *signer; /* borrowed from the token */
};

static void close_reading(struct reading *r)
{
    TS_RESP_free(r->response);
    ERR_clear_error();
}

/* What an authority says in place of a stamp; its words are cleaned. */
static bool say_refused(TS_STATUS_INFO *status, struct err *e)
{
    char words[120] = "it gave no reason";
    const STACK_OF(ASN1_UTF8STRING) *text = TS_STATUS_INFO_get0_text(status);
    if (text != NULL && sk_ASN1_UTF8STRING_num(text) > 0) {
        const ASN1_UTF8STRING *s = sk_ASN1_UTF8STRING_value(text, 0);
        text_format(words, sizeof words, "%.*s",
                    SPAN_ARGS(span_of(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s))));
    }
    for (char *p = words; *p != '\0'; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
    return err_set(e, ERR_STATE, "the authority refused: %s", words);
}

static bool read_response(struct span bytes, struct reading *r, struct err *e)
{
    const uint8_t *p = bytes.p;
    if (bytes.n == 0 || bytes.n > SEAL_TOKEN_MAX)
        return err_set(e, ERR_FORMAT, "not a time-stamp answer");
    r->response = d2i_TS_RESP(NULL, &p, (long)bytes.n);
    if (r->response == NULL || p != bytes.p + bytes.n)
        return err_set(e, ERR_FORMAT, "not a time-stamp answer");
    TS_STATUS_INFO *status = TS_RESP_get_status_info(r->response);
    if (ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(status)) != TS_STATUS_GRANTED)
        return say_refused(status, e);
    r->token = TS_RESP_get_token(r->response);
    r->info = TS_RESP_get_tst_info(r->response);
    return (r->token != NULL && r->info != NULL && PKCS7_type_is_signed(r->token)) ||
           err_set(e, ERR_FORMAT, "the answer holds no time stamp");
}

static bool read_hash(const struct reading *r, enum seal_hash *out, struct err *e)
{
    const ASN1_OBJECT *oid;
    X509_ALGOR_get0(&oid, NULL, NULL,
                    TS_MSG_IMPRINT_get_algo(TS_TST_INFO_get_msg_imprint(r->info)));
    for (int h = 0; h < SEAL_HASHES; h++)
        if (OBJ_obj2nid(oid) == EVP_MD_get_type(seal_md((enum seal_hash)h))) {
            *out = (enum seal_hash)h;
            return true;
        }
    return err_set(e, ERR_FORMAT, "its hash is none of SHA-256, SHA-384 and SHA-512");
}

static struct span subject_of(X509 *x, struct arena *a)
{
    BIO *b = BIO_new(BIO_s_mem());
    char *text;
    X509_NAME_print_ex(b, X509_get_subject_name(x), 0, XN_FLAG_RFC2253);
    long n = BIO_get_mem_data(b, &text);
    struct span s = arena_copy(a, span_of(text, n > 0 ? (size_t)n : 0));
    BIO_free(b);
    return s;
}

static struct span serial_of(X509 *x, struct arena *a)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
    char *text = number == NULL ? NULL : BN_bn2hex(number);
    struct span s = arena_copy(a, span_str(text == NULL ? "" : text));
    OPENSSL_free(text);
    BN_free(number);
    return s;
}

static bool read_signer(struct reading *r, struct err *e)
{
    STACK_OF(X509) *signers = PKCS7_get0_signers(r->token, NULL, 0);
    if (signers != NULL && sk_X509_num(signers) == 1)
        r->signer = sk_X509_value(signers, 0);
    sk_X509_free(signers);
    return r->signer != NULL ||
           err_set(e, ERR_FORMAT, "it does not carry the one certificate that signed it");
}

static bool read_token(struct reading *r, struct arena *a, struct seal_token *out, struct err *e)
{
    if (!read_hash(r, &out->hash, e) || !read_signer(r, e))
        return false;
    if (!seal_seconds(TS_TST_INFO_get_time(r->info), &out->time) ||
        !seal_seconds(X509_get0_notAfter(r->signer), &out->until) || out->time < 0)
        return err_set(e, ERR_FORMAT, "its time is none");
    out->authority = subject_of(r->signer, a);
    out->serial = serial_of(r->signer, a);
    return true;
}

/* --- whether it is good --- */

static bool check_imprint(const struct reading *r, struct span data, enum seal_hash h,
                          struct err *e)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    ASN1_OCTET_STRING *m = TS_MSG_IMPRINT_get_msg(TS_TST_INFO_get_msg_imprint(r->info));
    bool same = EVP_Digest(data.p, data.n, digest, &n, seal_md(h), NULL) == 1 &&
                span_eq(span_of(ASN1_STRING_get0_data(m), (size_t)ASN1_STRING_length(m)),
                        span_of(digest, n));
    return same || err_set(e, ERR_FORMAT, "the time stamp is over other bytes");
}

/* OpenSSL's authority level speaks of certificates only; this is of the signature on the token. */
static bool check_digest(const struct reading *r, struct err *e)
{
    X509_ALGOR *digest = NULL;
    const ASN1_OBJECT *oid = NULL;
    STACK_OF(PKCS7_SIGNER_INFO) *signers = PKCS7_get_signer_info(r->token);
    if (sk_PKCS7_SIGNER_INFO_num(signers) == 1)
        PKCS7_SIGNER_INFO_get0_algs(sk_PKCS7_SIGNER_INFO_value(signers, 0), NULL, &digest, NULL);
    if (digest != NULL)
        X509_ALGOR_get0(&oid, NULL, NULL, digest);
    for (int h = 0; oid != NULL && h < SEAL_HASHES; h++)
        if (OBJ_obj2nid(oid) == EVP_MD_get_type(seal_md((enum seal_hash)h)))
            return true;
    return err_set(e, ERR_STATE, "it is signed with a hash that is too weak or unknown");
}

static X509_STORE *certificates_of(const struct seal_store *s, int64_t time)
{
    X509_STORE *store = X509_STORE_new();
    for (int i = 0; i < sk_X509_num(s->certificates); i++)
        X509_STORE_add_cert(store, sk_X509_value(s->certificates, i));
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)time);
    return store;
}

/*
 * The signature, that ESSCertID or ESSCertIDv2 names the certificate, and that the name in the
 * token, if it has one, is the certificate's (RFC 3161, 2.4.2). OpenSSL checks a chain on the way,
 * here with everything trusted that it was given: seal_chain_check is the one that counts.
 */
static bool check_signature(const struct reading *r, const struct seal_store *s, int64_t time,
                            struct err *e)
{
    TS_VERIFY_CTX *x = TS_VERIFY_CTX_new();
    if (x == NULL)
        return err_set(e, ERR_STATE, "its signature cannot be checked");
    TS_VERIFY_CTX_set_flags(x, TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_SIGNER);
    TS_VERIFY_CTX_set_store(x, certificates_of(s, time));
    bool good = TS_RESP_verify_token(x, r->token) == 1;
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    if (!good)
        err_set(e, ERR_STATE, "its signature is not that of its certificate: %s",
                reason == NULL ? "no reason given" : reason);
    TS_VERIFY_CTX_free(x);
    return good;
}

static bool check(struct reading *r, struct span data, struct span roots, struct span crls,
                  struct arena *a, struct seal_token *out, struct err *e)
{
    struct seal_store s = {0};
    bool good = read_token(r, a, out, e) && check_imprint(r, data, out->hash, e) &&
                (TS_TST_INFO_get_version(r->info) == 1 ||
                 err_set(e, ERR_FORMAT, "a time stamp of another version"));
    if (good) {
        bool rooted = seal_store_add(&s, roots, e);
        bool stored = rooted && seal_store_add_crls(&s, crls, e);
        if (!stored)
            err_at(e, rooted ? "its CRLs" : "tsa.pem");
        assert(r->token != NULL && r->token->d.sign != NULL);
        good = stored &&
               seal_chain_check(&s, r->signer, r->token->d.sign->cert, out->time, out, e) &&
               check_digest(r, e) && check_signature(r, &s, out->time, e);
    }
    seal_store_close(&s);
    return good;
}

bool seal_check(struct span token, struct span data, struct span roots, struct span crls,
                struct arena *a, struct seal_token *out, struct err *e)
{
    struct reading r = {0};
    seal_begin();
    *out = (struct seal_token){0};
    bool good = read_response(token, &r, e) && check(&r, data, roots, crls, a, out, e);
    close_reading(&r);
    return good;
}

/* --- whether it is the answer --- */

static bool answers(const struct reading *r, TS_REQ *q, struct err *e)
{
    const ASN1_INTEGER *said = TS_TST_INFO_get_nonce(r->info), *asked = TS_REQ_get_nonce(q);
    ASN1_OBJECT *policy = TS_REQ_get_policy_id(q);
    if (asked == NULL || said == NULL || ASN1_INTEGER_cmp(said, asked) != 0)
        return err_set(e, ERR_FORMAT, "it is the answer to another request");
    return policy == NULL || OBJ_cmp(policy, TS_TST_INFO_get_policy_id(r->info)) == 0 ||
           err_set(e, ERR_FORMAT, "it is under another policy than was asked for");
}

bool seal_reply_check(struct span reply, struct span request, struct span data, struct span roots,
                      struct span crls, struct arena *a, struct seal_token *out, struct err *e)
{
    struct reading r = {0};
    const uint8_t *p = request.p;
    seal_begin();
    *out = (struct seal_token){0};
    TS_REQ *q = request.n > SEAL_REQUEST_MAX ? NULL : d2i_TS_REQ(NULL, &p, (long)request.n);
    bool good =
        (q != NULL && p == request.p + request.n) || err_set(e, ERR_FORMAT, "the request is none");
    good = good && read_response(reply, &r, e) && answers(&r, q, e) &&
           check(&r, data, roots, crls, a, out, e);
    TS_REQ_free(q);
    close_reading(&r);
    return good;
}
