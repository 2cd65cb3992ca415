/*
 * Tokens and certificates from strangers: no crash, no leak, and nothing is good where nobody is
 * trusted, whatever the answer says.
 */
#include <stdlib.h>

#include "seal/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct seal_token token;
    struct err e = {0};
    struct buf request = {0};
    struct span input = span_of(data, size), said = SPAN("the data\n");
    static const uint8_t nonce[SEAL_NONCE_SIZE] = {1, 2, 3, 4, 5, 6, 7, 8};
    if (!seal_request_write(said, SEAL_SHA256, nonce, SPAN("1.2.3.4"), &request, &e))
        abort();
    if (seal_check(input, said, SPAN(""), SPAN(""), &a, &token, &e) ||
        seal_check(input, said, SPAN(""), input, &a, &token, &e) ||
        seal_reply_check(input, buf_span(&request), said, SPAN(""), SPAN(""), &a, &token, &e))
        abort();
    seal_reply_check(input, input, said, input, SPAN(""), &a, &token, &e);
    seal_roots_check(input, &e);
    buf_clear(&request);
    if (seal_crl_pem(input, &request, &e) && !seal_crl_pem(input, &request, &e))
        abort();
    buf_close(&request);
    arena_close(&a);
    return 0;
}
