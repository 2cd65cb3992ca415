#include <assert.h>
#include <zlib.h>

#include "base/buf.h"
#include "crypto/crc32.h"
#include "store/object_file.h"
#include "store/objects.h"

struct object {
    struct object_file f;
    struct hash name;
    struct sha256 hash;
    uint64_t read;   /* bytes of the file's payload that were read */
    uint64_t given;  /* original bytes that were given */
    struct sink tee; /* stored bytes go there, too; write may be NULL */
    bool inflating;  /* z is live */
    z_stream z;
    size_t block; /* of `in`: most objects are smaller than FILE_BLOCK */
    uint8_t *in;
    uint8_t *out; /* FILE_BLOCK bytes; NULL where the object is not deflated */
};

static bool damaged(const struct object *o, const char *what, struct err *e)
{
    err_set(e, ERR_INTEGRITY, "objects/%s: %s", o->f.file.name, what);
    return err_hint(e, "restore this file from the backup; then `trialseal check`");
}

static bool rewind_object(struct object *o, struct err *e)
{
    o->read = o->given = 0;
    sha256_begin(&o->hash);
    if (!o->f.deflated)
        return true;
    o->z.avail_in = 0;
    if (o->inflating)
        return inflateReset(&o->z) == Z_OK || damaged(o, "zlib does not start again", e);
    o->inflating = inflateInit2(&o->z, -MAX_WBITS) == Z_OK;
    return o->inflating || err_set(e, ERR_IO, "zlib does not start");
}

static void make_buffers(struct object *o)
{
    o->block = o->f.stored < FILE_BLOCK ? (size_t)o->f.stored : FILE_BLOCK;
    o->in = mem_new(o->block);
    o->out = o->f.deflated ? mem_new(FILE_BLOCK) : NULL;
}

bool objects_open(const struct home *h, struct hash name, struct object **out, struct err *e)
{
    struct object *o = mem_new(sizeof *o);
    o->f.file.fd = -1;
    o->name = name;
    *out = NULL;
    if (!object_file_open(h, name, &o->f, e) || !rewind_object(o, e)) {
        object_close(o);
        return false;
    }
    make_buffers(o);
    *out = o;
    return true;
}

void object_close(struct object *o)
{
    if (o == NULL)
        return;
    if (o->inflating)
        inflateEnd(&o->z);
    file_close(&o->f.file);
    mem_free(o->in);
    mem_free(o->out);
    mem_free(o);
}

void object_tee(struct object *o, struct sink to)
{
    o->tee = to;
}

const struct object_file *object_opened(const struct object *o)
{
    return &o->f;
}

uint64_t object_size(const struct object *o)
{
    return o->f.size;
}

enum zip_method object_method(const struct object *o)
{
    return o->f.deflated ? ZIP_DEFLATED : ZIP_STORED;
}

static bool read_stored(void *ctx, uint64_t at, void *p, size_t n, struct err *e)
{
    const struct object *o = ctx;
    size_t got;
    assert(at <= o->f.stored && n <= o->f.stored - at);
    if (!file_read_at(&o->f.file, o->f.at + at, p, n, &got, e))
        return false;
    return got == n || damaged(o, "became shorter while it was read", e);
}

struct source object_stored(struct object *o)
{
    return (struct source){.read_at = read_stored, .ctx = o, .size = o->f.stored};
}

/* --- original bytes --- */

static bool read_input(struct object *o, size_t *n, struct err *e)
{
    uint64_t left = o->f.stored - o->read;
    *n = left < o->block ? (size_t)left : o->block;
    if (*n > 0 && !read_stored(o, o->read, o->in, *n, e))
        return false;
    o->read += *n;
    return o->tee.write == NULL || *n == 0 || o->tee.write(o->tee.ctx, span_of(o->in, *n), e);
}

/* Fills o->out; *n is 0 only at the end of the stream, which must be the end of the payload. */
static bool inflate_block(struct object *o, size_t *n, struct err *e)
{
    int state = Z_OK;
    o->z.next_out = o->out;
    o->z.avail_out = FILE_BLOCK;
    while (state == Z_OK && o->z.avail_out > 0) {
        size_t got;
        if (o->z.avail_in == 0) {
            if (!read_input(o, &got, e))
                return false;
            o->z.next_in = o->in;
            o->z.avail_in = (uInt)got;
        }
        state = inflate(&o->z, Z_NO_FLUSH);
    }
    *n = FILE_BLOCK - o->z.avail_out;
    if (state == Z_STREAM_END)
        return (o->read == o->f.stored && o->z.avail_in == 0) || damaged(o, "bytes too many", e);
    return state == Z_OK || damaged(o, "the deflated bytes are damaged", e);
}

static bool check_end(struct object *o, struct err *e)
{
    struct hash got = sha256_end(&o->hash);
    if (o->given != o->f.size || !hash_eq(got, o->name))
        return damaged(o, "the bytes do not have the SHA-256 that is their name", e);
    return rewind_object(o, e);
}

bool object_next(struct object *o, struct span *block, struct err *e)
{
    size_t n;
    *block = span_of(NULL, 0);
    /* An inflated block may be the last although more could follow: ask until nothing comes. */
    if (!(o->f.deflated ? inflate_block(o, &n, e) : read_input(o, &n, e)))
        return false;
    if (n == 0)
        return check_end(o, e);
    *block = span_of(o->f.deflated ? o->out : o->in, n);
    o->given += n;
    if (o->given > o->f.size)
        return damaged(o, "more bytes than its header says", e);
    sha256_feed(&o->hash, *block);
    return true;
}

bool object_read(struct object *o, struct sink out, struct err *e)
{
    struct span block;
    if (!rewind_object(o, e))
        return false;
    do {
        if (!object_next(o, &block, e) || (block.n > 0 && !out.write(out.ctx, block, e)))
            return false;
    } while (block.n > 0);
    return true;
}

bool object_crc32(struct object *o, uint32_t *out, struct err *e)
{
    struct span block;
    if (o->f.deflated) {
        *out = o->f.crc32;
        return true;
    }
    if (!rewind_object(o, e))
        return false;
    *out = 0;
    do {
        if (!object_next(o, &block, e))
            return false;
        *out = crc32_feed(*out, block);
    } while (block.n > 0);
    return true;
}

bool objects_read_all(const struct home *h, struct hash name, size_t max, struct arena *a,
                      struct span *out, struct err *e)
{
    struct object *o;
    struct buf b = {0};
    if (!objects_open(h, name, &o, e))
        return false;
    bool ok = o->f.size <= max ||
              err_set(e, ERR_LIMIT, "objects/%s is larger than %zu bytes", o->f.file.name, max);
    ok = ok && object_read(o, sink_to(&b), e);
    if (ok)
        *out = arena_copy(a, buf_span(&b));
    buf_close(&b);
    object_close(o);
    return ok;
}

bool objects_open_plain(const struct home *h, struct hash name, struct file *out, struct err *e)
{
    struct object *o;
    out->fd = -1;
    if (!objects_open(h, name, &o, e))
        return false;
    bool ok = true;
    if (!o->f.deflated) {
        *out = o->f.file;
        o->f.file.fd = -1; /* it is the caller's now */
    } else {
        ok = file_scratch(h->objects, out, e) && object_read(o, file_sink(out), e) &&
             file_check_written(out, e);
        if (!ok)
            file_close(out);
    }
    object_close(o);
    return ok;
}
