#include "job/authority.h"

#include <string.h>

#include "net/http.h"
#include "os/file.h"
#include "os/random.h"
#include "store/keys.h"

#define QUERY_TYPE "application/timestamp-query"
#define REPLY_TYPE "application/timestamp-reply"

enum { CONNECT_SECONDS = 10 };

/* --- whom to ask and to believe --- */

static bool check_roots(const struct authorities *t, struct err *e)
{
    if (t->roots.p != NULL)
        return seal_roots_check(t->roots, e) || err_at(e, HOME_TSA);
    if (t->conf.authorities == 0)
        return true;
    err_set(e, ERR_STATE, "[seal] names an authority, and the home has no " HOME_TSA);
    return err_hint(e, "put the authority's root certificate there; RUNBOOK, \"Seals\"");
}

bool authorities_of_home(const struct home *h, struct arena *a, struct authorities *out,
                         struct err *e)
{
    *out = (struct authorities){.home = h, .conf = h->conf.seal};
    return home_tsa(h, a, &out->roots, e) && check_roots(out, e) &&
           keys_passwords(h, a, &out->passwords, e);
}

void authorities_close(struct authorities *t)
{
    issues_close(&t->tried);
}

static struct http_options options_of(const struct authorities *t, size_t max)
{
    unsigned seconds = (unsigned)t->conf.timeout;
    unsigned connect = seconds < CONNECT_SECONDS ? seconds : CONNECT_SECONDS;
    return (struct http_options){t->conf.proxy, t->passwords, seconds, connect, max};
}

/* A URL may hold a password or a token: it is called by its host. */
static const char *name_of(const char *from, char host[HTTP_HOST_MAX])
{
    return from[0] == '/' ? from : http_name_host(from, host);
}

static bool fetch_crl(const struct authorities *t, const char *from, struct buf *out, struct err *e)
{
    struct arena a = {0};
    struct span bytes;
    struct http_options o = options_of(t, BUNDLE_TSA_MAX);
    if (from[0] != '/')
        return http_get(from, &o, out, e);
    bool good = file_read_all(-1, from, BUNDLE_TSA_MAX, &a, &bytes, e);
    if (good)
        buf_add(out, bytes);
    arena_close(&a);
    return good;
}

/* Into pem, or why not, with the name of what failed. */
static bool get_crl(const struct authorities *t, const char *from, struct buf *pem, struct err *e)
{
    char host[HTTP_HOST_MAX];
    struct buf bytes = {0};
    bool good = fetch_crl(t, from, &bytes, e) &&
                (seal_crl_pem(buf_span(&bytes), pem, e) || err_at(e, "%s", name_of(from, host)));
    buf_close(&bytes);
    return good;
}

bool authorities_fetch_crls(struct authorities *t, struct arena *a, struct err *e)
{
    struct buf all = {0};
    (void)e;
    if (t->crls.p != NULL)
        return true;
    for (size_t i = 0; i < t->conf.crls; i++) {
        struct buf pem = {0};
        struct err why = {0};
        if (!get_crl(t, t->conf.crl[i], &pem, &why))
            issues_add(&t->tried, ISSUE_SEAL_PENDING, "", "%s", why.text);
        else if (all.n + pem.n <= BUNDLE_TSA_MAX)
            buf_add(&all, buf_span(&pem));
        buf_close(&pem);
    }
    t->crls = arena_copy(a, buf_span(&all));
    buf_close(&all);
    return true;
}

/* --- asking --- */

static enum seal_hash hash_of(const struct authorities *t)
{
    return t->conf.hash_bits == 512   ? SEAL_SHA512
           : t->conf.hash_bits == 384 ? SEAL_SHA384
                                      : SEAL_SHA256;
}

bool authority_request(const struct authorities *t, struct span data, struct span study,
                       uint64_t number, struct buf *out, struct err *e)
{
    uint8_t random[32];
    bool good = t->home != NULL ? home_random(t->home, study, number, "nonce", random, e)
                                : random_bytes(random, sizeof random, e);
    return good && seal_request_write(data, hash_of(t), random, t->conf.policy, out, e);
}

static bool ask_one(const struct authorities *t, const char *url, struct span request,
                    struct span data, struct arena *a, struct span *token, struct seal_token *out,
                    struct err *e)
{
    struct buf reply = {0};
    char host[HTTP_HOST_MAX];
    struct http_options o = options_of(t, SEAL_TOKEN_MAX);
    bool good = http_post(url, QUERY_TYPE, REPLY_TYPE, request, &o, &reply, e) &&
                (seal_reply_check(buf_span(&reply), request, data, t->roots, t->crls, a, out, e) ||
                 err_at(e, "%s", name_of(url, host)));
    if (good)
        *token = arena_copy(a, buf_span(&reply));
    buf_close(&reply);
    return good;
}

bool authority_ask(struct authorities *t, struct span data, struct span study, uint64_t number,
                   struct arena *a, struct span *token, struct seal_token *out, bool *found,
                   struct err *e)
{
    struct buf request = {0};
    *found = false;
    bool good =
        authorities_fetch_crls(t, a, e) && authority_request(t, data, study, number, &request, e);
    for (size_t i = 0; good && !*found && i < t->conf.authorities; i++) {
        struct err why = {0};
        if (t->failed[i])
            continue;
        *found = ask_one(t, t->conf.authority[i], buf_span(&request), data, a, token, out, &why);
        t->failed[i] = !*found;
        if (!*found)
            issues_add(&t->tried, ISSUE_SEAL_PENDING, "", "%s", why.text);
    }
    buf_close(&request);
    return good;
}

/* --- checking --- */

void authority_sealed(const struct seal_token *t, struct sealed *out)
{
    static const unsigned bits[SEAL_HASHES] = {
        [SEAL_SHA256] = 256, [SEAL_SHA384] = 384, [SEAL_SHA512] = 512};
    *out = (struct sealed){.time = t->time,
                           .authority = t->authority,
                           .bits = bits[t->hash],
                           .until = t->until,
                           .weak_from = t->weak_from,
                           .revocation_known = t->revocation_known,
                           .revocation_as_of = t->revocation_as_of};
}

static bool check(void *ctx, struct span token, struct span data, struct span roots,
                  struct span crls, struct arena *a, struct sealed *out, struct err *e)
{
    struct seal_token t;
    (void)ctx;
    if (!seal_check(token, data, roots, crls, a, &t, e))
        return false;
    authority_sealed(&t, out);
    return true;
}

const struct seal_checker authority_checker = {check, NULL};
