/* The only way bytes enter and leave libcore besides spans. */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

/* Bytes of known size. read_at fills all n bytes or fails with ERR_IO; at + n <= size. */
struct source {
    bool (*read_at)(void *ctx, uint64_t at, void *p, size_t n, struct err *e);
    void *ctx;
    uint64_t size;
};

/* Takes all bytes of s or fails with ERR_IO. */
struct sink {
    bool (*write)(void *ctx, struct span s, struct err *e);
    void *ctx;
};

/* A source over bytes in memory; *s must outlive it. */
struct source source_of(const struct span *s);

struct buf;
struct sink sink_to(struct buf *b); /* appends to *b */
struct sink sink_nowhere(void);     /* takes all and keeps nothing */

/* All bytes of the source into the sink, a block at a time. */
bool source_copy(struct source from, struct sink to, struct err *e);

/* Whether both have the same bytes; reads them side by side up to the first that differs. */
bool source_equal(struct source a, struct source b, bool *equal, struct err *e);

#endif
