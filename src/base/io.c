#include "base/io.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"

static bool read_span(void *ctx, uint64_t at, void *p, size_t n, struct err *e)
{
    const struct span *s = ctx;
    (void)e;
    assert(at <= s->n && n <= s->n - at);
    if (n > 0)
        memcpy(p, s->p + at, n);
    return true;
}

struct source source_of(const struct span *s)
{
    return (struct source){read_span, (void *)(uintptr_t)s, s->n};
}

static bool write_buf(void *ctx, struct span s, struct err *e)
{
    (void)e;
    buf_add(ctx, s);
    return true;
}

struct sink sink_to(struct buf *b)
{
    return (struct sink){write_buf, b};
}
