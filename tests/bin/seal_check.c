/*
 * Checks a token, for test_token.sh:
 *
 *     seal_check DATA TOKEN ROOTS [CRLS]
 *     seal_check DATA TOKEN ROOTS request REQUEST     as the answer to it
 *     seal_check DATA TOKEN ROOTS bytes      changes each byte; counts those that then say else
 *     seal_check crl FILE                    as PEM
 *
 * Prints "good AUTHORITY REVOCATION KEYS", or "format: why", "state: why".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "seal/token.h"

static struct arena memory;

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "seal_check: %s\n", why);
    exit(2);
}

static struct span read_file(const char *path)
{
    struct buf b = {0};
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        host_fatal(path);
    for (int c; (c = getc(f)) != EOF;)
        buf_byte(&b, (uint8_t)c);
    fclose(f);
    struct span s = arena_copy(&memory, buf_span(&b));
    buf_close(&b);
    return s;
}

static bool same(const struct seal_token *a, const struct seal_token *b)
{
    return a->time == b->time && a->hash == b->hash && a->until == b->until &&
           span_eq(a->authority, b->authority) && span_eq(a->serial, b->serial);
}

/*
 * A CMS message has bytes that nothing signs: its version, certificates that are not needed. They
 * may change; what the token says must not.
 */
static unsigned count_forged(struct span data, struct span token, struct span roots)
{
    unsigned good = 0;
    struct seal_token right;
    struct err why = {0};
    struct buf copy = {0};
    buf_add(&copy, token);
    if (!seal_check(token, data, roots, SPAN(""), &memory, &right, &why))
        host_fatal(why.text);
    for (size_t i = 0; i < token.n; i++)
        for (int bit = 0; bit < 8; bit += 7) {
            struct arena a = {0};
            struct seal_token t;
            struct err e = {0};
            copy.p[i] ^= (uint8_t)(1u << bit);
            good +=
                seal_check(buf_span(&copy), data, roots, SPAN(""), &a, &t, &e) && !same(&t, &right);
            copy.p[i] ^= (uint8_t)(1u << bit);
            arena_close(&a);
        }
    for (size_t n = 0; n < token.n; n++) {
        struct arena a = {0};
        struct seal_token t;
        struct err e = {0};
        good += seal_check(span_of(token.p, n), data, roots, SPAN(""), &a, &t, &e);
        arena_close(&a);
    }
    buf_close(&copy);
    return good;
}

static int print_crl(struct span bytes)
{
    struct buf out = {0};
    struct err e = {0};
    bool good = seal_crl_pem(bytes, &out, &e);
    printf("%.*s", SPAN_ARGS(good ? buf_span(&out) : span_str(e.text)));
    buf_close(&out);
    return good ? 0 : 1;
}

static void print_good(const struct seal_token *t)
{
    char day[TIME_TEXT + 1] = "never weak";
    if (t->weak_from != INT64_MAX)
        time_write(t->weak_from, day);
    printf("good %.*s %s %s%s\n", SPAN_ARGS(t->authority),
           t->revocation_known ? "known" : "unknown", t->weak_from == INT64_MAX ? "" : "weak from ",
           day);
}

int main(int argc, char **argv)
{
    struct seal_token t;
    struct err e = {0};
    if (argc == 3 && strcmp(argv[1], "crl") == 0)
        return print_crl(read_file(argv[2]));
    if (argc < 4)
        host_fatal("usage: seal_check DATA TOKEN ROOTS [CRLS | bytes]");
    struct span data = read_file(argv[1]), token = read_file(argv[2]), roots = read_file(argv[3]);
    if (argc > 4 && strcmp(argv[4], "bytes") == 0) {
        printf("%u\n", count_forged(data, token, roots));
        return 0;
    }
    bool asked = argc > 5 && strcmp(argv[4], "request") == 0;
    struct span more = argc > 4 ? read_file(argv[asked ? 5 : 4]) : SPAN("");
    if (asked ? seal_reply_check(token, more, data, roots, SPAN(""), &memory, &t, &e)
              : seal_check(token, data, roots, more, &memory, &t, &e))
        print_good(&t);
    else
        printf("%s: %s\n", e.kind == ERR_STATE ? "state" : "format", e.text);
    return 0;
}
