/*
 * Asks over HTTP, for test_http.sh:
 *
 *     http_ask post URL MAX SECONDS     posts "question", wants application/timestamp-reply
 *     http_ask get URL MAX SECONDS
 *
 * Prints "good BYTES", or "bad: why".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/http.h"

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "http_ask: %s\n", why);
    exit(2);
}

int main(int argc, char **argv)
{
    struct buf out = {0};
    struct err e = {0};
    if (argc != 5)
        host_fatal("usage: http_ask post|get URL MAX SECONDS");
    unsigned seconds = (unsigned)strtoul(argv[4], NULL, 10);
    struct http_options o = {NULL, NULL, seconds, seconds, strtoul(argv[3], NULL, 10)};
    bool good = strcmp(argv[1], "get") == 0
                    ? http_get(argv[2], &o, &out, &e)
                    : http_post(argv[2], "application/timestamp-query",
                                "application/timestamp-reply", SPAN("question"), &o, &out, &e);
    if (good)
        printf("good %.*s\n", SPAN_ARGS(buf_span(&out)));
    else
        printf("bad: %s\n", e.text);
    buf_close(&out);
    return 0;
}
