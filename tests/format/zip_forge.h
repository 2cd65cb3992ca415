/* Archives for tests: made by the writer, then bent byte by byte. */
#ifndef TESTS_FORMAT_ZIP_FORGE_H
#define TESTS_FORMAT_ZIP_FORGE_H

#include <stdio.h>
#include <zlib.h>

#include "base/buf.h"
#include "format/zip.h"
#include "tests/test.h"

/* Offsets in header records (APPNOTE 4.3), not taken from the code under test. */
enum {
    L_NEEDED = 4,
    L_FLAGS = 6,
    L_METHOD = 8,
    L_CRC = 14,
    L_STORED = 18,
    L_SIZE = 22,
    L_NAME = 26,
    L_EXTRA = 28,
    L_HEADER = 30,
    C_MADE_BY = 4,
    C_NEEDED = 6,
    C_FLAGS = 8,
    C_METHOD = 10,
    C_CRC = 16,
    C_STORED = 20,
    C_SIZE = 24,
    C_NAME = 28,
    C_EXTRA = 30,
    C_EXTERNAL = 38,
    C_AT = 42,
    C_HEADER = 46,
    E_COUNT_HERE = 8,
    E_COUNT = 10,
    E_SIZE = 12,
    E_AT = 16,
    E_COMMENT = 20,
    E_RECORD = 22,
    E64_RECORDS = 56 + 20,
};

static inline void forge_put(struct buf *b, size_t at, uint64_t v, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        b->p[at + i] = (uint8_t)(v >> (8 * i));
}

static inline uint64_t forge_get(const struct buf *b, size_t at, unsigned width)
{
    uint64_t v = 0;
    for (unsigned i = width; i-- > 0;)
        v = v << 8 | b->p[at + i];
    return v;
}

/* Puts n bytes of v into the archive at `at`; offsets elsewhere are left as they are. */
static inline void forge_insert(struct buf *b, size_t at, uint8_t v, size_t n)
{
    buf_room(b, n);
    memmove(b->p + at + n, b->p + at, b->n - at);
    memset(b->p + at, v, n);
    b->n += n;
}

static inline void forge_remove(struct buf *b, size_t at, size_t n)
{
    memmove(b->p + at, b->p + at + n, b->n - at - n);
    b->n -= n;
}

/* Every occurrence of `from` becomes `to`, which has the same length. */
static inline void forge_replace(struct buf *b, struct span from, struct span to)
{
    for (size_t i = 0; i + from.n <= b->n; i++)
        if (memcmp(b->p + i, from.p, from.n) == 0)
            memcpy(b->p + i, to.p, to.n);
}

/* Where the end record, the directory, the i-th central header and the i-th local header begin. */
static inline size_t forge_end(const struct buf *b)
{
    return b->n - E_RECORD;
}

static inline size_t forge_central(const struct buf *b, size_t i)
{
    size_t at = (size_t)forge_get(b, forge_end(b) + E_AT, 4);
    while (i-- > 0)
        at += C_HEADER + forge_get(b, at + C_NAME, 2) + forge_get(b, at + C_EXTRA, 2);
    return at;
}

static inline size_t forge_local(const struct buf *b, size_t i)
{
    return (size_t)forge_get(b, forge_central(b, i) + C_AT, 4);
}

static inline size_t forge_bytes(const struct buf *b, size_t i)
{
    size_t at = forge_local(b, i);
    return at + L_HEADER + forge_get(b, at + L_NAME, 2) + forge_get(b, at + L_EXTRA, 2);
}

/* Changes the same field in local and central header. */
static inline void forge_both(struct buf *b, size_t i, size_t in_local, size_t in_central,
                              uint64_t v, unsigned width)
{
    forge_put(b, forge_local(b, i) + in_local, v, width);
    forge_put(b, forge_central(b, i) + in_central, v, width);
}

/* Adds delta to the offset of the directory, and to those of the members from i on. */
static inline void forge_move(struct buf *b, size_t i, size_t delta)
{
    size_t count = (size_t)forge_get(b, forge_end(b) + E_COUNT, 2);
    for (; i < count; i++) {
        size_t at = forge_central(b, i) + C_AT;
        forge_put(b, at, forge_get(b, at, 4) + delta, 4);
    }
    forge_put(b, forge_end(b) + E_AT, forge_get(b, forge_end(b) + E_AT, 4) + delta, 4);
}

static struct arena forge_memory; /* until the test's process ends */

static inline uint32_t forge_crc(struct span s)
{
    return (uint32_t)crc32_z(0, s.p, s.n);
}

/* Raw deflate; lives until the test's process ends. */
static inline struct span forge_deflate(struct span plain)
{
    z_stream z = {0};
    if (deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        host_fatal("deflateInit2");
    size_t room = deflateBound(&z, plain.n);
    uint8_t *p = arena_new(&forge_memory, room);
    z.next_in = (Bytef *)(uintptr_t)plain.p;
    z.avail_in = (uInt)plain.n;
    z.next_out = p;
    z.avail_out = (uInt)room;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        host_fatal("deflate");
    deflateEnd(&z);
    return span_of(p, z.total_out);
}

/* A member whose compressed bytes are given as they are. */
static inline bool forge_add_raw(struct zip_writer *w, const char *name, struct span stored,
                                 struct span plain)
{
    struct zip_member m = {
        .name = span_str(name),
        .method = ZIP_DEFLATED,
        .crc32 = forge_crc(plain),
        .size = plain.n,
        .stored = stored.n,
    };
    return zip_add(w, &m, NULL) && zip_feed(w, stored, NULL);
}

static inline void forge_finish(struct zip_writer *w)
{
    struct err e = {0};
    if (!zip_finish(w, &e))
        host_fatal(e.text);
    zip_close(w);
}

/* An archive of stored members; names is a list that ends with NULL, contents are the names. */
static inline struct buf forge_archive(const char *const *names)
{
    struct buf b = {0};
    struct zip_writer *w = zip_create(sink_to(&b));
    struct err e = {0};
    for (; *names != NULL; names++)
        if (!zip_add_bytes(w, span_str(*names), span_str(*names), &e))
            host_fatal(e.text);
    forge_finish(w);
    return b;
}

#define ARCHIVE(...) forge_archive((const char *const[]){__VA_ARGS__, NULL})

/* An archive of one deflated member with these compressed bytes. */
static inline struct buf forge_deflated_as(const char *name, struct span stored, struct span plain)
{
    struct buf b = {0};
    struct zip_writer *w = zip_create(sink_to(&b));
    if (!forge_add_raw(w, name, stored, plain))
        host_fatal("forge_deflated");
    forge_finish(w);
    return b;
}

static inline struct buf forge_deflated(struct span stored, struct span plain)
{
    return forge_deflated_as("d.txt", stored, plain);
}

static inline bool forge_forget(void *ctx, struct span s, struct err *e)
{
    (void)ctx, (void)s, (void)e;
    return true;
}

/* Opens the archive and reads every member of it. */
static inline bool forge_reads(struct span archive, struct err *e)
{
    struct zip_reader *r;
    struct hash h;
    if (!zip_open(source_of(&archive), &r, e))
        return false;
    bool good = true;
    for (size_t i = 0; good && i < zip_count(r); i++)
        good = zip_read(r, i, (struct sink){forge_forget, NULL}, i % 2 == 0 ? &h : NULL, e);
    zip_shut(r);
    return good;
}

/* Refused, and the reason contains `why`. */
static inline void forge_refused(struct buf *b, const char *why, unsigned line)
{
    struct err e = {0};
    bool read = forge_reads(buf_span(b), &e);
    bool right = !read && e.kind == ERR_FORMAT && strstr(e.text, why) != NULL;
    if (!right)
        printf("  line %u: %s, want: %s\n", line, read ? "was read" : e.text, why);
    CU_assertImplementation(right, line, why, __FILE__, "", CU_FALSE);
    buf_close(b);
}
#define REFUSED(b, why) forge_refused(b, why, __LINE__)

#endif
