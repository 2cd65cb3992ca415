#include <string.h>

#include "seal/openssl.h"

static void *take(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return n == 0 ? NULL : mem_resize(NULL, n);
}

static void give(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    mem_free(p);
}

static void *resize(void *p, size_t n, const char *file, int line)
{
    if (n > 0)
        return mem_resize(p, n);
    give(p, file, line);
    return NULL;
}

/* libcrypto refuses it, without a word, once it has allocated something. */
void seal_start(void)
{
    CRYPTO_set_mem_functions(take, resize, give);
}

void seal_begin(void)
{
    seal_start();
    if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
        host_fatal("libcrypto does not start");
    ERR_clear_error();
}

static const char *const names[SEAL_HASHES] = {
    [SEAL_SHA256] = "sha256", [SEAL_SHA384] = "sha384", [SEAL_SHA512] = "sha512"};

const char *seal_hash_name(enum seal_hash h)
{
    return names[h];
}

bool seal_hash_find(struct span name, enum seal_hash *out)
{
    for (int h = 0; h < SEAL_HASHES; h++)
        if (span_eq(name, span_str(names[h]))) {
            *out = (enum seal_hash)h;
            return true;
        }
    return false;
}

const EVP_MD *seal_md(enum seal_hash h)
{
    return h == SEAL_SHA512 ? EVP_sha512() : h == SEAL_SHA384 ? EVP_sha384() : EVP_sha256();
}

static bool set_imprint(TS_REQ *r, struct span data, enum seal_hash h)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n;
    TS_MSG_IMPRINT *m = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    bool good = m != NULL && algorithm != NULL &&
                EVP_Digest(data.p, data.n, digest, &n, seal_md(h), NULL) == 1 &&
                X509_ALGOR_set0(algorithm, OBJ_nid2obj(EVP_MD_get_type(seal_md(h))), V_ASN1_NULL,
                                NULL) == 1 &&
                TS_MSG_IMPRINT_set_algo(m, algorithm) == 1 &&
                TS_MSG_IMPRINT_set_msg(m, digest, (int)n) == 1 && TS_REQ_set_msg_imprint(r, m) == 1;
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(m);
    return good;
}

static bool set_nonce(TS_REQ *r, const uint8_t nonce[SEAL_NONCE_SIZE])
{
    BIGNUM *number = BN_bin2bn(nonce, SEAL_NONCE_SIZE, NULL);
    ASN1_INTEGER *value = number == NULL ? NULL : BN_to_ASN1_INTEGER(number, NULL);
    bool good = value != NULL && TS_REQ_set_nonce(r, value) == 1;
    ASN1_INTEGER_free(value);
    BN_free(number);
    return good;
}

static bool set_policy(TS_REQ *r, struct span policy)
{
    char text[SEAL_POLICY_MAX + 1];
    if (policy.n == 0)
        return true;
    if (policy.n > SEAL_POLICY_MAX)
        return false;
    text_format(text, sizeof text, "%.*s", SPAN_ARGS(policy));
    ASN1_OBJECT *oid = OBJ_txt2obj(text, 1);
    bool good = oid != NULL && TS_REQ_set_policy_id(r, oid) == 1;
    ASN1_OBJECT_free(oid);
    return good;
}

bool seal_request_write(struct span data, enum seal_hash h, const uint8_t nonce[SEAL_NONCE_SIZE],
                        struct span policy, struct buf *out, struct err *e)
{
    seal_begin();
    TS_REQ *r = TS_REQ_new();
    unsigned char *der = NULL;
    bool good = r != NULL && TS_REQ_set_version(r, 1) == 1 && set_imprint(r, data, h) &&
                set_nonce(r, nonce) && TS_REQ_set_cert_req(r, 1) == 1;
    if (!good)
        err_set(e, ERR_STATE, "libcrypto cannot make a request for a time stamp");
    else if (!set_policy(r, policy))
        good = err_set(e, ERR_USAGE, "the policy is not an object identifier");
    int n = good ? i2d_TS_REQ(r, &der) : 0;
    if (n > 0)
        buf_add(out, span_of(der, (size_t)n));
    OPENSSL_free(der);
    TS_REQ_free(r);
    ERR_clear_error();
    return good;
}
