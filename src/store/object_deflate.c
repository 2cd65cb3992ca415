#include <zlib.h>

#include "crypto/crc32.h"
#include "os/publish.h"
#include "store/object_file.h"
#include "store/objects.h"

static bool zlib_failed(struct err *e)
{
    return err_set(e, ERR_IO, "zlib: deflate fails");
}

/* --- is it worth it? --- */

enum { SAMPLE_TOTAL = OBJECT_SAMPLES * OBJECT_SAMPLE_SIZE };

/* The pieces, one behind the other; of a small object all bytes. */
static bool take_sample(const struct object_file *f, uint8_t *p, size_t *n, struct err *e)
{
    if (f->size <= SAMPLE_TOTAL)
        return file_read_at(&f->file, 0, p, (size_t)f->size, n, e);
    uint64_t step = f->size / OBJECT_SAMPLES;
    for (*n = 0; *n < SAMPLE_TOTAL; *n += OBJECT_SAMPLE_SIZE) {
        size_t got;
        if (!file_read_at(&f->file, *n / OBJECT_SAMPLE_SIZE * step, p + *n, OBJECT_SAMPLE_SIZE,
                          &got, e))
            return false;
    }
    return true;
}

/* How many bytes p becomes, or where that would be more than `limit`, some number above it. */
static bool try_deflate(uint8_t *p, size_t n, size_t limit, size_t *out, struct err *e)
{
    z_stream z = {.next_in = p, .avail_in = (uInt)n};
    uint8_t block[4096];
    int state = Z_OK;
    *out = 0;
    if (deflateInit2(&z, 1, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return zlib_failed(e);
    while (state == Z_OK && *out <= limit) {
        z.next_out = block;
        z.avail_out = sizeof block;
        state = deflate(&z, Z_FINISH);
        *out += sizeof block - z.avail_out;
    }
    deflateEnd(&z);
    return state == Z_OK || state == Z_STREAM_END || zlib_failed(e);
}

/* A function of the bytes alone, so that it says the same every night. */
static bool is_worth_it(const struct object_file *f, bool *worth, struct err *e)
{
    size_t n, deflated;
    *worth = false;
    if (f->size < OBJECT_DEFLATE_MIN)
        return true;
    uint8_t *sample = mem_new(SAMPLE_TOTAL);
    bool ok = take_sample(f, sample, &n, e);
    size_t limit = ok ? n / 100 * OBJECT_WORTH_PERCENT : 0;
    ok = ok && try_deflate(sample, n, limit, &deflated, e);
    *worth = ok && deflated <= limit;
    mem_free(sample);
    return ok;
}

/* --- deflating --- */

struct deflating {
    z_stream z;
    uint32_t crc;
    struct sha256 hash; /* of what was read: bytes that went bad must not become an object */
    struct sink to;
    uint8_t in[FILE_BLOCK];
    uint8_t out[FILE_BLOCK];
};

/* What is in z goes out; all of it with Z_FINISH. */
static bool drain(struct deflating *d, int flush, struct err *e)
{
    int state;
    do {
        d->z.next_out = d->out;
        d->z.avail_out = sizeof d->out;
        state = deflate(&d->z, flush);
        struct span made = span_of(d->out, sizeof d->out - d->z.avail_out);
        if (made.n > 0 && !d->to.write(d->to.ctx, made, e))
            return false;
    } while (state == Z_OK && d->z.avail_out == 0);
    return state == (flush == Z_FINISH ? Z_STREAM_END : Z_OK) || state == Z_BUF_ERROR ||
           zlib_failed(e);
}

static bool deflate_all(struct deflating *d, const struct object_file *f, struct err *e)
{
    size_t n;
    for (uint64_t at = 0; at < f->size; at += n) {
        if (!file_read_at(&f->file, at, d->in, sizeof d->in, &n, e))
            return false;
        if (n == 0)
            return err_set(e, ERR_IO, "objects/%s became shorter", f->file.name);
        sha256_feed(&d->hash, span_of(d->in, n));
        d->crc = crc32_feed(d->crc, span_of(d->in, n));
        d->z.next_in = d->in;
        d->z.avail_in = (uInt)n;
        if (!drain(d, Z_NO_FLUSH, e))
            return false;
    }
    return drain(d, Z_FINISH, e);
}

static bool write_frame(struct deflating *d, const struct object_file *f, struct err *e)
{
    uint8_t header[OBJECT_HEADER], trailer[OBJECT_TRAILER];
    object_header(f->size, header);
    if (!d->to.write(d->to.ctx, span_of(header, sizeof header), e) || !deflate_all(d, f, e))
        return false;
    object_trailer(d->crc, f->size, trailer);
    return d->to.write(d->to.ctx, span_of(trailer, sizeof trailer), e);
}

static bool write_deflated(const struct object_file *f, struct hash name, struct temp *t,
                           struct err *e)
{
    struct deflating *d = mem_new(sizeof *d);
    d->to = file_sink(&t->file);
    sha256_begin(&d->hash);
    bool ok = deflateInit2(&d->z, OBJECT_DEFLATE_LEVEL, Z_DEFLATED, -MAX_WBITS, 8,
                           Z_DEFAULT_STRATEGY) == Z_OK ||
              zlib_failed(e);
    if (ok) {
        ok = write_frame(d, f, e);
        deflateEnd(&d->z);
    }
    if (ok && !hash_eq(sha256_end(&d->hash), name))
        ok = err_set(e, ERR_INTEGRITY,
                     "objects/%s: the bytes do not have the SHA-256 that is "
                     "their name",
                     f->file.name);
    mem_free(d);
    return ok;
}

/* Reads the deflated form back, checks its hash, and only then removes the other. */
static bool drop_plain(struct home *h, struct hash name, struct err *e)
{
    char path[OBJECT_PATH_MAX];
    struct object *o;
    if (!objects_open(h, name, &o, e))
        return false;
    bool ok = object_read(o, sink_nowhere(), e);
    object_close(o);
    object_path(name, false, path);
    return ok && file_remove(h->objects, path, e);
}

static bool deflate_object(struct home *h, struct hash name, const struct object_file *f,
                           struct err *e)
{
    char path[OBJECT_PATH_MAX];
    struct temp t;
    bool worth;
    if (!is_worth_it(f, &worth, e))
        return false;
    if (!worth)
        return true;
    if (!temp_open(h->objects, FILE_PRIVATE, &t, e))
        return false;
    object_path(name, true, path);
    bool ok = write_deflated(f, name, &t, e) && temp_publish(&t, h->objects, path, e);
    temp_drop(&t);
    return ok && drop_plain(h, name, e);
}

bool objects_deflate(struct home *h, struct hash name, struct err *e)
{
    char path[OBJECT_PATH_MAX];
    struct object_file f;
    struct file_info plain;
    if (!object_file_open(h, name, &f, e))
        return false;
    bool ok = true;
    if (!f.deflated) {
        ok = deflate_object(h, name, &f, e);
    } else {
        /* A run may have been killed between writing the one form and removing the other. */
        object_path(name, false, path);
        ok = file_stat(h->objects, path, &plain, e) &&
             (plain.kind == FILE_ABSENT || drop_plain(h, name, e));
    }
    file_close(&f.file);
    return ok;
}
