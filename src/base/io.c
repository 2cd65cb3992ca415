#include "base/io.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

enum { COPY_BLOCK = 256 * 1024 };

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

static bool forget(void *ctx, struct span s, struct err *e)
{
    (void)ctx;
    (void)s;
    (void)e;
    return true;
}

struct sink sink_nowhere(void)
{
    return (struct sink){forget, NULL};
}

bool source_copy(struct source from, struct sink to, struct err *e)
{
    size_t most = from.size < COPY_BLOCK ? (size_t)from.size : COPY_BLOCK;
    uint8_t *block = mem_new(most);
    bool good = true;
    for (uint64_t at = 0; good && at < from.size;) {
        size_t n = from.size - at < most ? (size_t)(from.size - at) : most;
        good = from.read_at(from.ctx, at, block, n, e) && to.write(to.ctx, span_of(block, n), e);
        at += n;
    }
    mem_free(block);
    return good;
}

bool source_equal(struct source a, struct source b, bool *equal, struct err *e)
{
    size_t most = a.size < COPY_BLOCK ? (size_t)a.size : COPY_BLOCK;
    uint8_t *block = mem_new(2 * most), *other = block + most;
    bool good = true;
    *equal = a.size == b.size;
    for (uint64_t at = 0; good && *equal && at < a.size;) {
        size_t n = a.size - at < most ? (size_t)(a.size - at) : most;
        good = a.read_at(a.ctx, at, block, n, e) && b.read_at(b.ctx, at, other, n, e);
        *equal = good && memcmp(block, other, n) == 0;
        at += n;
    }
    mem_free(block);
    return good;
}
