#include "format/zip_unpack.h"

#define ZLIB_CONST
#include <zlib.h>

#include "crypto/crc32.h"

/* What inflate leaves in z_stream.data_type; zlib.h, at inflate(). */
enum { UNUSED_BITS = 7, IN_LAST_BLOCK = 64, AT_BLOCK_END = 128 };

_Static_assert(ZIP_LOCAL_SIZE + ZIP_NAME_MAX + ZIP_LOCAL_EXTRA_SIZE <= ZIP_BLOCK,
               "a local header comes with the first read");

struct zip_unpacker {
    uint8_t *read;  /* one byte, the last of the read before, then ZIP_BLOCK */
    uint8_t *plain; /* ZIP_BLOCK that were inflated */
    z_stream z;
};

/* A member on its way. */
struct stream {
    struct source in;
    uint64_t next, end; /* what is still to be read of the archive */
    const struct zip_member *member;
    struct sink out;
    uint64_t given; /* uncompressed bytes */
    uint32_t crc;   /* of them */
    struct sha256 stored;
    bool hashing;
};

/* zlib takes its memory where all of libcore does. */
static void *inflater_new(void *opaque, unsigned items, unsigned size)
{
    (void)opaque;
    return mem_new((size_t)items * size);
}

static void inflater_free(void *opaque, void *p)
{
    (void)opaque;
    mem_free(p);
}

struct zip_unpacker *zip_unpacker_open(void)
{
    struct zip_unpacker *u = mem_new(sizeof *u);
    u->read = mem_new(1 + ZIP_BLOCK);
    u->plain = mem_new(ZIP_BLOCK);
    u->z.zalloc = inflater_new;
    u->z.zfree = inflater_free;
    if (inflateInit2(&u->z, -MAX_WBITS) != Z_OK) /* negative: raw deflate */
        host_fatal("zlib does not start");
    return u;
}

void zip_unpacker_close(struct zip_unpacker *u)
{
    if (u == NULL)
        return;
    inflateEnd(&u->z);
    mem_free(u->read);
    mem_free(u->plain);
    mem_free(u);
}

/* The next bytes of the archive, at most ZIP_BLOCK and never beyond the member. */
static bool read_block(struct stream *s, uint8_t *p, struct span *out, struct err *e)
{
    uint64_t left = s->end - s->next;
    size_t n = left < ZIP_BLOCK ? (size_t)left : ZIP_BLOCK;
    if (!s->in.read_at(s->in.ctx, s->next, p, n, e))
        return false;
    s->next += n;
    *out = span_of(p, n);
    return true;
}

static void hash_stored(struct stream *s, struct span bytes)
{
    if (s->hashing)
        sha256_feed(&s->stored, bytes);
}

static bool give(struct stream *s, struct span plain, struct err *e)
{
    if (plain.n == 0)
        return true;
    if (plain.n > s->member->size - s->given)
        return err_set(e, ERR_FORMAT, "it inflates to more than its size says");
    s->given += plain.n;
    s->crc = crc32_feed(s->crc, plain);
    return s->out.write(s->out.ctx, plain, e);
}

static bool copy_stored(struct stream *s, uint8_t *p, struct span bytes, struct err *e)
{
    for (;;) {
        hash_stored(s, bytes);
        if (!give(s, bytes, e))
            return false;
        if (s->next == s->end)
            return true;
        if (!read_block(s, p, &bytes, e))
            return false;
    }
}

/* Sees to it that inflate has a byte to go on with. */
static bool need_input(struct stream *s, struct zip_unpacker *u, struct err *e)
{
    struct span bytes;
    if (u->z.avail_in > 0)
        return true;
    if (s->next == s->end)
        return err_set(e, ERR_FORMAT, "its deflate stream ends early");
    u->read[0] = u->z.next_in[-1];
    if (!read_block(s, u->read + 1, &bytes, e))
        return false;
    hash_stored(s, bytes);
    u->z.next_in = u->read + 1;
    u->z.avail_in = (unsigned)bytes.n;
    return true;
}

/* The bits of the byte before next_in that inflate has not used; they are the upper ones. */
static unsigned unused_bits(const z_stream *z, unsigned *count)
{
    *count = (unsigned)z->data_type & UNUSED_BITS;
    return (unsigned)z->next_in[-1] >> (8 - *count);
}

/*
 * Between a stored block's three header bits and the next byte is padding that
 * inflate skips unseen (RFC 1951, 3.2.4). A byte of input is there.
 */
static bool padding_is_zero(const z_stream *z)
{
    unsigned count, bits = unused_bits(z, &count);
    if (count < 3) {
        bits |= (unsigned)z->next_in[0] << count;
        count += 8;
    }
    bool is_stored = (bits >> 1 & 3) == 0;
    return !is_stored || (bits & ((1u << count) - 1)) >> 3 == 0;
}

/* One deflate block: RFC 1951, 3.2.3. */
static bool inflate_block(struct stream *s, struct zip_unpacker *u, struct err *e)
{
    z_stream *z = &u->z;
    if (!need_input(s, u, e))
        return false;
    if (!padding_is_zero(z))
        return err_set(e, ERR_FORMAT, "its deflate stream has padding that is not zero");
    for (;;) {
        z->next_out = u->plain;
        z->avail_out = ZIP_BLOCK;
        int status = inflate(z, Z_BLOCK);
        if (status != Z_OK && status != Z_BUF_ERROR)
            return err_set(e, ERR_FORMAT, "its deflate stream is malformed: %s",
                           z->msg == NULL ? "no reason given" : z->msg);
        if (!give(s, span_of(u->plain, ZIP_BLOCK - z->avail_out), e))
            return false;
        if (z->data_type & AT_BLOCK_END)
            return true;
        if (z->avail_out > 0 && !need_input(s, u, e))
            return false;
    }
}

static bool inflate_stream(struct stream *s, struct zip_unpacker *u, struct span bytes,
                           struct err *e)
{
    z_stream *z = &u->z;
    unsigned count;
    inflateReset(z);
    hash_stored(s, bytes);
    z->next_in = bytes.p;
    z->avail_in = (unsigned)bytes.n;
    z->data_type = 0; /* no unused bits before the first block */
    do {
        if (!inflate_block(s, u, e))
            return false;
    } while (!(z->data_type & IN_LAST_BLOCK));
    if (z->avail_in > 0 || s->next < s->end)
        return err_set(e, ERR_FORMAT, "its deflate stream ends before its bytes do");
    if (unused_bits(z, &count) != 0)
        return err_set(e, ERR_FORMAT, "its deflate stream has padding that is not zero");
    return true;
}

/* The local header stands before the member's bytes and is read with the first of them. */
static bool unpack(struct stream *s, struct zip_unpacker *u, const struct zip_entry *x,
                   struct err *e)
{
    struct span bytes;
    size_t header = zip_local_size(x);
    if (!read_block(s, u->read + 1, &bytes, e) || !zip_check_local(span_of(bytes.p, header), x, e))
        return false;
    bytes = span_skip(bytes, header);
    bool done = x->member.method == ZIP_STORED ? copy_stored(s, u->read + 1, bytes, e)
                                               : inflate_stream(s, u, bytes, e);
    if (!done)
        return false;
    if (s->given != x->member.size)
        return err_set(e, ERR_FORMAT, "it inflates to less than its size says");
    if (s->crc != x->member.crc32)
        return err_set(e, ERR_FORMAT, "its bytes do not have its CRC-32");
    return true;
}

bool zip_unpack(struct zip_unpacker *u, struct source in, const struct zip_entry *x,
                struct sink out, struct hash *stored_hash, struct err *e)
{
    struct stream s = {
        .in = in,
        .next = x->at,
        .end = x->at + zip_local_size(x) + x->member.stored,
        .member = &x->member,
        .out = out,
        .hashing = stored_hash != NULL,
    };
    if (s.hashing)
        sha256_begin(&s.stored);
    if (!unpack(&s, u, x, e))
        return err_at(e, "member %.*s", SPAN_ARGS(x->member.name));
    if (stored_hash != NULL)
        *stored_hash = sha256_end(&s.stored);
    return true;
}
