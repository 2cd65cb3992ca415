/*
 * Tokens and certificates from strangers: no crash, no leak, and nothing is good where nobody is
 * trusted, whatever the answer says. The input is two: a byte N, N * 64 bytes of certificates or
 * CRLs, and a token.
 */
#include <stdlib.h>

#include "seal/token.h"

enum { UNIT = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

/* "N, N * 64 bytes, the rest": as far as there are bytes. */
static void split(struct span input, struct span *pem, struct span *token)
{
    size_t n = input.n == 0 ? 0 : (size_t)input.p[0] * UNIT;
    *token = span_skip(input, input.n > 0);
    *pem = span_of(token->p, n < token->n ? n : token->n);
    *token = span_skip(*token, pem->n);
}

static void check_token(struct span token, struct span pem, struct arena *a)
{
    struct seal_token out;
    struct err e = {0};
    struct buf request = {0};
    struct span said = SPAN("the data\n");
    static const uint8_t nonce[SEAL_NONCE_SIZE] = {1, 2, 3, 4, 5, 6, 7, 8};
    if (!seal_request_write(said, SEAL_SHA256, nonce, SPAN("1.2.3.4"), &request, &e) ||
        seal_check(token, said, SPAN(""), SPAN(""), a, &out, &e) ||
        seal_check(token, said, SPAN(""), pem, a, &out, &e) ||
        seal_reply_check(token, buf_span(&request), said, SPAN(""), pem, a, &out, &e))
        abort();
    seal_check(token, said, pem, SPAN(""), a, &out, &e);
    seal_reply_check(token, token, said, pem, pem, a, &out, &e);
    buf_close(&request);
}

static void check_pem(struct span pem)
{
    struct err e = {0};
    struct buf once = {0}, twice = {0};
    seal_roots_check(pem, &e);
    if (seal_crl_pem(pem, &once, &e) &&
        (!seal_crl_pem(buf_span(&once), &twice, &e) || !span_eq(buf_span(&once), buf_span(&twice))))
        abort();
    buf_close(&once);
    buf_close(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct span pem, token;
    split(span_of(data, size), &pem, &token);
    check_token(token, pem, &a);
    check_pem(pem);
    arena_close(&a);
    return 0;
}
