#include "dataset/blocks.h"

#include <zlib.h>

#include "base/arena.h"

enum { BLOCK = 256 * 1024, DETECT_HEADER = 32 }; /* zlib.h, at inflateInit2: gzip or zlib */

struct blocks {
    struct source source;
    uint64_t at; /* of what was not read yet */
    bool inflated;
    bool ended; /* the inflated stream */
    z_stream z;
    uint8_t in[BLOCK];
    uint8_t out[BLOCK]; /* what is given, where it is inflated */
};

static void *new_items(void *opaque, unsigned items, unsigned size)
{
    (void)opaque;
    return mem_new((size_t)items * size);
}

static void free_items(void *opaque, void *p)
{
    (void)opaque;
    mem_free(p);
}

struct blocks *blocks_open(struct source source, uint64_t at)
{
    struct blocks *b = mem_new(sizeof *b);
    b->source = source;
    b->at = at;
    return b;
}

struct blocks *blocks_open_inflated(struct source source)
{
    struct blocks *b = blocks_open(source, 0);
    b->inflated = true;
    b->z.zalloc = new_items;
    b->z.zfree = free_items;
    if (inflateInit2(&b->z, MAX_WBITS + DETECT_HEADER) != Z_OK)
        host_fatal("zlib does not start");
    return b;
}

void blocks_close(struct blocks *b)
{
    if (b == NULL)
        return;
    if (b->inflated)
        inflateEnd(&b->z);
    mem_free(b);
}

static bool read_in(struct blocks *b, struct span *block, struct err *e)
{
    uint64_t left = b->source.size - b->at;
    size_t n = left < BLOCK ? (size_t)left : BLOCK;
    *block = span_of(b->in, n);
    if (n > 0 && !b->source.read_at(b->source.ctx, b->at, b->in, n, e))
        return false;
    b->at += n;
    return true;
}

static bool refuse(const struct blocks *b, struct err *e, const char *why)
{
    return err_set(e, ERR_FORMAT, "offset %llu of the compressed stream: %s",
                   (unsigned long long)(b->at - b->z.avail_in), why);
}

static bool feed(struct blocks *b, struct err *e)
{
    struct span more;
    if (b->z.avail_in > 0)
        return true;
    if (!read_in(b, &more, e))
        return false;
    if (more.n == 0)
        return refuse(b, e, "cut off");
    b->z.next_in = b->in;
    b->z.avail_in = (uInt)more.n;
    return true;
}

static bool check_end(const struct blocks *b, struct err *e)
{
    bool all = b->z.avail_in == 0 && b->at == b->source.size;
    return all || refuse(b, e, "bytes behind its end");
}

/* Until there is something, or the stream has ended. */
static bool inflate_some(struct blocks *b, struct span *block, struct err *e)
{
    b->z.next_out = b->out;
    b->z.avail_out = BLOCK;
    while (b->z.avail_out == BLOCK && !b->ended) {
        if (!feed(b, e))
            return false;
        int state = inflate(&b->z, Z_NO_FLUSH);
        if (state != Z_OK && state != Z_STREAM_END)
            return refuse(b, e, "malformed");
        b->ended = state == Z_STREAM_END;
    }
    *block = span_of(b->out, BLOCK - b->z.avail_out);
    return block->n > 0 || check_end(b, e);
}

bool blocks_next(void *blocks, struct span *block, struct err *e)
{
    struct blocks *b = blocks;
    return b->inflated ? inflate_some(b, block, e) : read_in(b, block, e);
}
