/*
 * Input that begins with 'P' is an archive: what reads completely must be written
 * again to the same bytes. Other input is a deflate stream, put into an archive
 * that says what plain zlib makes of it: both must agree about where it ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "format/zip.h"

enum { PLAIN_MAX = 1 << 22, LOCAL_SIZE = 30 };

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "fatal: %s\n", why);
    abort();
}

static void must(bool what)
{
    if (!what)
        abort();
}

/* The members of r again; each lies behind its local header, from byte 0 on. */
static void write_again(struct zip_reader *r, struct span archive)
{
    struct buf again = {0};
    struct zip_writer *w = zip_create(sink_to(&again));
    size_t at = 0;
    for (size_t i = 0; i < zip_count(r); i++) {
        struct zip_member m;
        zip_stat(r, i, &m);
        at += LOCAL_SIZE + m.name.n;
        must(zip_add(w, &m, NULL));
        must(zip_feed(w, span_of(archive.p + at, (size_t)m.stored), NULL));
        must(zip_find(r, m.name) == i);
        at += (size_t)m.stored;
    }
    must(zip_finish(w, NULL));
    must(span_eq(buf_span(&again), archive));
    zip_close(w);
    buf_close(&again);
}

static bool reads_all(struct zip_reader *r)
{
    bool good = true;
    for (size_t i = 0; good && i < zip_count(r); i++) {
        struct arena a = {0};
        struct span plain;
        struct zip_member m;
        zip_stat(r, i, &m);
        good = zip_read_all(r, i, PLAIN_MAX, &a, &plain, NULL);
        must(!good || plain.n == m.size);
        arena_close(&a);
    }
    return good;
}

static bool reads(struct span archive)
{
    struct zip_reader *r;
    if (!zip_open(source_of(&archive), &r, NULL))
        return false;
    bool good = reads_all(r);
    if (good)
        write_again(r, archive);
    zip_shut(r);
    return good;
}

/* What zlib makes of a raw stream that is exactly s; false where it is malformed or too long. */
static bool inflates(struct span s, uint8_t *plain, size_t *n)
{
    z_stream z = {
        .next_in = s.p, .avail_in = (unsigned)s.n, .next_out = plain, .avail_out = PLAIN_MAX};
    must(inflateInit2(&z, -MAX_WBITS) == Z_OK);
    bool whole = inflate(&z, Z_FINISH) == Z_STREAM_END && z.avail_in == 0;
    *n = z.total_out;
    inflateEnd(&z);
    return whole;
}

/* zlib does not look at padding: with that in a stream, ours may refuse what it takes. */
static void compare_with_zlib(struct span stream)
{
    static uint8_t plain[PLAIN_MAX];
    size_t n;
    bool whole = inflates(stream, plain, &n);
    struct zip_member m = {SPAN("a"), ZIP_DEFLATED, (uint32_t)crc32_z(0, plain, n), n, stream.n};
    struct buf b = {0};
    struct zip_writer *w = zip_create(sink_to(&b));
    if (n < PLAIN_MAX && zip_add(w, &m, NULL)) {
        must(zip_feed(w, stream, NULL) && zip_finish(w, NULL));
        struct span archive = buf_span(&b);
        struct zip_reader *r;
        struct buf out = {0};
        struct err e = {0};
        must(zip_open(source_of(&archive), &r, NULL));
        bool good = zip_read(r, 0, sink_to(&out), NULL, &e);
        must(good ? whole : !whole || strstr(e.text, "padding") != NULL);
        must(out.n <= n && memcmp(out.p == NULL ? plain : out.p, plain, out.n) == 0);
        zip_shut(r);
        buf_close(&out);
    }
    zip_close(w);
    buf_close(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    if (n > 0 && p[0] == 'P')
        reads(span_of(p, n));
    else
        compare_with_zlib(span_of(p, n));
    return 0;
}
