#include "dataset/window.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"

enum { BLOCK = 256 * 1024 };

void window_open(struct window *w, struct source source)
{
    *w = (struct window){.source = source, .cap = BLOCK};
    w->p = mem_new(w->cap);
}

void window_close(struct window *w)
{
    mem_free(w->p);
    *w = (struct window){0};
}

/* Drops what lies before `at`. */
static void slide(struct window *w, uint64_t at)
{
    uint64_t passed = at - w->at;
    if (passed >= w->n) {
        w->n = 0;
    } else if (passed > 0) {
        w->n -= (size_t)passed;
        memmove(w->p, w->p + passed, w->n);
    }
    w->at = at;
}

static bool fill(struct window *w, struct err *e)
{
    uint64_t left = w->source.size - w->at - w->n;
    size_t n = w->cap - w->n;
    if (n > left)
        n = (size_t)left;
    if (!w->source.read_at(w->source.ctx, w->at + w->n, w->p + w->n, n, e))
        return false;
    w->n += n;
    return true;
}

bool window_read(struct window *w, uint64_t at, size_t least, struct span *out, struct err *e)
{
    assert(at >= w->at && at <= w->source.size && least <= SIZE_MAX / 2);
    uint64_t ahead = w->source.size - at;
    if (least > ahead)
        least = (size_t)ahead;
    if (at + least > w->at + w->n) {
        slide(w, at);
        if (least > w->cap) {
            w->cap = least * 2;
            w->p = mem_resize(w->p, w->cap);
        }
        if (!fill(w, e))
            return false;
    }
    size_t skip = (size_t)(at - w->at);
    *out = span_of(w->p + skip, w->n - skip);
    return true;
}
