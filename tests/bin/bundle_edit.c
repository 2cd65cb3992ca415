/*
 * Changes one member of a bundle and leaves lists and signatures as they are;
 * test_tamper.sh runs it. A path is without the bundle's folder.
 *
 *     bundle_edit IN.zip OUT.zip drop PATH
 *     bundle_edit IN.zip OUT.zip put PATH FILE     new, or in place of what is there
 *     bundle_edit IN.zip OUT.zip rename PATH PATH
 *     bundle_edit IN.zip OUT.zip store PATH        no longer deflated
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "format/zip.h"

struct member {
    struct span name, bytes; /* bytes as they are, inflated */
    struct zip_member stat;
    struct span stored; /* as they lie in the archive */
};

static struct arena memory; /* until the program ends */
static struct member *members;
static size_t count;

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "bundle_edit: %s\n", why);
    exit(2);
}

static struct span keep(struct buf *b)
{
    struct span s = arena_copy(&memory, buf_span(b));
    buf_close(b);
    return s;
}

static struct span read_file(const char *path)
{
    struct buf b = {0};
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        host_fatal(path);
    for (int c; (c = getc(f)) != EOF;)
        buf_byte(&b, (uint8_t)c);
    fclose(f);
    return keep(&b);
}

/* Where the stored bytes of each member lie: FORMAT 7.1 leaves no gaps. No sizes of 4 GiB here. */
static void read_members(struct span zip)
{
    struct zip_reader *r;
    struct err e = {0};
    size_t at = 0;
    if (!zip_open(source_of(&zip), &r, &e))
        host_fatal(e.text);
    count = zip_count(r);
    members = arena_array(&memory, count + 1, sizeof *members); /* and one that is put */
    for (size_t i = 0; i < count; i++) {
        struct member *x = &members[i];
        zip_stat(r, i, &x->stat);
        x->name = arena_copy(&memory, x->stat.name);
        if (!zip_read_all(r, i, SIZE_MAX, &memory, &x->bytes, &e))
            host_fatal(e.text);
        at += 30 + x->name.n;
        x->stored = span_of(zip.p + at, (size_t)x->stat.stored);
        at += x->stored.n;
    }
    zip_shut(r);
}

static struct span full_name(const char *path)
{
    struct buf b = {0};
    buf_add(&b, span_of(members[0].name.p, span_find(members[0].name, 0, '/') + 1));
    buf_str(&b, path);
    return keep(&b);
}

static struct member *find(const char *path)
{
    struct span name = full_name(path);
    for (size_t i = 0; i < count; i++)
        if (span_eq(members[i].name, name))
            return &members[i];
    return NULL;
}

static struct member *must_find(const char *path)
{
    struct member *x = find(path);
    if (x == NULL)
        host_fatal(path);
    return x;
}

static bool edit(int argc, char **argv)
{
    const char *verb = argv[0], *path = argv[1];
    if (strcmp(verb, "drop") == 0 && argc == 2) {
        *must_find(path) = members[--count];
    } else if (strcmp(verb, "put") == 0 && argc == 3) {
        struct member *x = find(path);
        *(x == NULL ? &members[count++] : x) =
            (struct member){.name = full_name(path), .bytes = read_file(argv[2])};
    } else if (strcmp(verb, "rename") == 0 && argc == 3) {
        must_find(path)->name = full_name(argv[2]);
    } else if (strcmp(verb, "store") == 0 && argc == 2) {
        must_find(path)->stat.method = ZIP_STORED;
    } else {
        return false;
    }
    return true;
}

static int by_name(const void *a, const void *b)
{
    return span_cmp(((const struct member *)a)->name, ((const struct member *)b)->name);
}

static bool add(struct zip_writer *w, const struct member *x, struct err *e)
{
    if (x->stat.method == ZIP_STORED)
        return zip_add_bytes(w, x->name, x->bytes, e);
    struct zip_member m = x->stat;
    m.name = x->name;
    return zip_add(w, &m, e) && zip_feed(w, x->stored, e);
}

static void write_members(const char *path)
{
    struct buf out = {0};
    struct err e = {0};
    struct zip_writer *w = zip_create(sink_to(&out));
    FILE *f = fopen(path, "wb");
    qsort(members, count, sizeof *members, by_name);
    for (size_t i = 0; i < count; i++)
        if (!add(w, &members[i], &e))
            host_fatal(e.text);
    if (!zip_finish(w, &e))
        host_fatal(e.text);
    if (f == NULL || fwrite(out.p, 1, out.n, f) != out.n || fclose(f) != 0)
        host_fatal(path);
    zip_close(w);
    buf_close(&out);
}

int main(int argc, char **argv)
{
    if (argc < 5)
        host_fatal("usage: bundle_edit IN OUT drop|put|rename|store PATH ...");
    read_members(read_file(argv[1]));
    if (!edit(argc - 3, argv + 3))
        host_fatal("no such edit");
    write_members(argv[2]);
    return 0;
}
