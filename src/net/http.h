/*
 * HTTP with libcurl: one question, one answer, bounded in time and size. No redirects, no cookies,
 * no passwords but those that are given. An answer that drips is given up.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "base/buf.h"
#include "base/err.h"

enum { HTTP_HOST_MAX = 256 };

/*
 * What messages call a URL: scheme, host and port. Its rest may hold a password or a token, and is
 * never said. Returns host.
 */
const char *http_name_host(const char *url, char host[HTTP_HOST_MAX]);

struct http_options {
    const char *proxy;     /* URL; NULL: none, whatever the environment says */
    const char *passwords; /* netrc(5) file, by host; NULL: none, whatever lies in a home folder */
    unsigned timeout_seconds, connect_seconds;
    size_t max; /* bytes of the answer */
};

/*
 * POSTs the body; the answer must have status 200 and the content type `accept`. ERR_IO names the
 * host and what went wrong: refused, timed out, status, size, content type.
 */
bool http_post(const char *url, const char *content_type, const char *accept, struct span body,
               const struct http_options *o, struct buf *out, struct err *e);

/* GETs it, whatever its content type. */
bool http_get(const char *url, const struct http_options *o, struct buf *out, struct err *e);

#endif
