#include "net/http.h"

#include <curl/curl.h>
#include <string.h>

struct answer {
    struct buf *out;
    size_t max;
    bool too_large;
};

static size_t keep(char *p, size_t one, size_t n, void *ctx)
{
    struct answer *a = ctx;
    size_t bytes = one * n; /* libcurl: one is 1 */
    a->too_large = bytes > a->max - a->out->n;
    if (a->too_large)
        return 0;
    buf_add(a->out, span_of(p, bytes));
    return bytes;
}

static void set_limits(CURL *c, const struct http_options *o)
{
    curl_easy_setopt(c, CURLOPT_PROXY, o->proxy != NULL ? o->proxy : "");
    curl_easy_setopt(c, CURLOPT_NOPROXY, "");
    curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)o->timeout_seconds);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)o->connect_seconds);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "trialseal");
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(c, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

/* What came is what was wanted. */
static bool check_answer(CURL *c, CURLcode code, const struct answer *a, const char *url,
                         const char *accept, struct err *e)
{
    long status = 0;
    char *type = NULL;
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
    if (a->too_large)
        return err_set(e, ERR_IO, "%s: it answered with more than %zu bytes", url, a->max);
    if (code != CURLE_OK)
        return err_set(e, ERR_IO, "%s: %s", url, curl_easy_strerror(code));
    if (status != 200)
        return err_set(e, ERR_IO, "%s: it answered with status %ld", url, status);
    if (accept != NULL && (type == NULL || strncmp(type, accept, strlen(accept)) != 0))
        return err_set(e, ERR_IO, "%s: its answer is not %s", url, accept);
    return true;
}

static bool perform(CURL *c, const char *url, const char *accept, const struct http_options *o,
                    struct buf *out, struct err *e)
{
    struct answer a = {.out = out, .max = o->max};
    buf_clear(out);
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, &a);
    set_limits(c, o);
    return check_answer(c, curl_easy_perform(c), &a, url, accept, e);
}

bool http_post(const char *url, const char *content_type, const char *accept, struct span body,
               const struct http_options *o, struct buf *out, struct err *e)
{
    enum { HEADER_MAX = 200 };
    char header[HEADER_MAX];
    CURL *c = curl_easy_init();
    if (c == NULL)
        return err_set(e, ERR_IO, "libcurl does not start");
    text_format(header, sizeof header, "Content-Type: %s", content_type);
    struct curl_slist *headers = curl_slist_append(NULL, header);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, (const char *)body.p);
    bool good = perform(c, url, accept, o, out, e);
    curl_slist_free_all(headers);
    curl_easy_cleanup(c);
    return good;
}

bool http_get(const char *url, const struct http_options *o, struct buf *out, struct err *e)
{
    CURL *c = curl_easy_init();
    if (c == NULL)
        return err_set(e, ERR_IO, "libcurl does not start");
    bool good = perform(c, url, NULL, o, out, e);
    curl_easy_cleanup(c);
    return good;
}
