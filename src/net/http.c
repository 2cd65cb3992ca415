#include "net/http.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

enum {
    HEADERS_MAX = 64 * 1024, /* of one answer, all lines */
    SLOW_BYTES = 16,         /* a second: less than this ... */
    SLOW_SECONDS = 10,       /* ... for so long is given up */
};

struct answer {
    struct buf *out;
    size_t max, headers;
    bool too_large, headers_too_large;
};

const char *http_name_host(const char *url, char host[HTTP_HOST_MAX])
{
    CURLU *u = curl_url();
    char *scheme = NULL, *name = NULL, *port = NULL;
    bool good = u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
                curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                curl_url_get(u, CURLUPART_HOST, &name, 0) == CURLUE_OK;
    if (good)
        curl_url_get(u, CURLUPART_PORT, &port, 0);
    text_format(host, HTTP_HOST_MAX, "%s%s%s%s%s", good ? scheme : "",
                good ? "://" : "a URL that is none", good ? name : "", port != NULL ? ":" : "",
                port != NULL ? port : "");
    curl_free(scheme);
    curl_free(name);
    curl_free(port);
    curl_url_cleanup(u);
    return host;
}

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

/* libcurl limits each line only. */
static size_t count_header(char *p, size_t one, size_t n, void *ctx)
{
    struct answer *a = ctx;
    (void)p;
    a->headers_too_large = one * n > HEADERS_MAX - a->headers;
    if (a->headers_too_large)
        return 0;
    a->headers += one * n;
    return one * n;
}

static void set_limits(CURL *c, const struct http_options *o)
{
    curl_easy_setopt(c, CURLOPT_PROXY, o->proxy != NULL ? o->proxy : "");
    curl_easy_setopt(c, CURLOPT_NOPROXY, "");
    curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)o->timeout_seconds);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)o->connect_seconds);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)SLOW_SECONDS);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L);
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_NETRC,
                     (long)(o->passwords != NULL ? CURL_NETRC_OPTIONAL : CURL_NETRC_IGNORED));
    curl_easy_setopt(c, CURLOPT_NETRC_FILE, o->passwords);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "trialseal");
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(c, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

/* Parameters may follow: "; charset=binary". */
static bool is_type(const char *type, const char *wanted)
{
    size_t n = strlen(wanted);
    return type != NULL && strncasecmp(type, wanted, n) == 0 &&
           (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

/* What came is what was wanted. */
static bool check_answer(CURL *c, CURLcode code, const struct answer *a, const char *url,
                         const char *accept, struct err *e)
{
    char host[HTTP_HOST_MAX];
    long status = 0;
    char *type = NULL;
    http_name_host(url, host);
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
    if (a->too_large)
        return err_set(e, ERR_IO, "%s: it answered with more than %zu bytes", host, a->max);
    if (a->headers_too_large)
        return err_set(e, ERR_IO, "%s: its headers are longer than %d bytes", host, HEADERS_MAX);
    if (code != CURLE_OK)
        return err_set(e, ERR_IO, "%s: %s", host, curl_easy_strerror(code));
    if (status >= 300 && status < 400)
        return err_set(e, ERR_IO, "%s: it sends us elsewhere (status %ld), where we do not go",
                       host, status);
    if (status != 200)
        return err_set(e, ERR_IO, "%s: it answered with status %ld", host, status);
    if (accept != NULL && !is_type(type, accept))
        return err_set(e, ERR_IO, "%s: its answer is not %s", host, accept);
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
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, count_header);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, &a);
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
