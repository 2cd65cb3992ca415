/*
 * Gigabytes that are not there: a sink that keeps everything but the block of
 * zeros it knows, and a source that gives all of it back.
 */
#ifndef TESTS_FORMAT_SPARSE_H
#define TESTS_FORMAT_SPARSE_H

#include <string.h>

#include "base/buf.h"
#include "base/io.h"

enum { SPARSE_ZEROS = 1 << 20, SPARSE_PIECES = 64 };

static const uint8_t sparse_zeros[SPARSE_ZEROS];

struct sparse {
    uint64_t size;
    struct buf kept;
    size_t pieces;
    struct {
        uint64_t at;
        size_t begins, n; /* in kept */
    } piece[SPARSE_PIECES];
};

static inline bool sparse_write(void *ctx, struct span s, struct err *e)
{
    struct sparse *f = ctx;
    if (s.p != sparse_zeros) {
        if (f->pieces == SPARSE_PIECES)
            return err_set(e, ERR_LIMIT, "more than %d pieces", SPARSE_PIECES);
        f->piece[f->pieces].at = f->size;
        f->piece[f->pieces].begins = f->kept.n;
        f->piece[f->pieces++].n = s.n;
        buf_add(&f->kept, s);
    }
    f->size += s.n;
    return true;
}

static inline bool sparse_read(void *ctx, uint64_t at, void *p, size_t n, struct err *e)
{
    const struct sparse *f = ctx;
    (void)e;
    memset(p, 0, n);
    for (size_t i = 0; i < f->pieces; i++) {
        uint64_t begins = f->piece[i].at, ends = begins + f->piece[i].n;
        uint64_t from = begins > at ? begins : at, to = ends < at + n ? ends : at + n;
        if (from < to)
            memcpy((uint8_t *)p + (from - at), f->kept.p + f->piece[i].begins + (from - begins),
                   (size_t)(to - from));
    }
    return true;
}

static inline struct sink sparse_sink(struct sparse *f)
{
    return (struct sink){sparse_write, f};
}

static inline struct source sparse_source(struct sparse *f)
{
    return (struct source){sparse_read, f, f->size};
}

#endif
