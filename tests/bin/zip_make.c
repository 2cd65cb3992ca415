/*
 * Writes an archive for other people's tools to judge; test_zip_oracle.sh runs it.
 *
 *     zip_make mixed FILE    stored and deflated members of many sizes
 *     zip_make many FILE     70,000 members
 *     zip_make large FILE    sizes and offsets above 4 GiB; the file is sparse
 */
#include <stdio.h>
#include <unistd.h>

#include "tests/format/sparse.h"
#include "tests/format/zip_forge.h"

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "zip_make: %s\n", why);
    exit(2);
}

/* Zeros become a hole. */
static bool write_file(void *ctx, struct span s, struct err *e)
{
    FILE *f = ctx;
    bool done =
        s.p == sparse_zeros ? fseek(f, (long)s.n, SEEK_CUR) == 0 : fwrite(s.p, 1, s.n, f) == s.n;
    return done || err_set(e, ERR_IO, "cannot write");
}

static void must(bool done, const struct err *e)
{
    if (!done)
        host_fatal(e->text);
}

/* Half of it noise, half of it compressible. */
static struct span text(size_t n, uint32_t noise)
{
    uint8_t *p = arena_new(&forge_memory, n);
    for (size_t i = 0; i < n; i++) {
        noise = noise * 1664525 + 1013904223;
        p[i] = (uint8_t)(i < n / 2 ? noise >> 24 : 'a' + i % 7);
    }
    return span_of(p, n);
}

static void mixed(struct zip_writer *w)
{
    struct err e = {0};
    for (unsigned i = 0; i < 40; i++) {
        char name[40];
        struct span s = text((size_t)i * i * i * 5, i);
        snprintf(name, sizeof name, "%c/%02u/file-%u.bin", 'a' + (int)(i / 20), i, i);
        must(i % 2 == 0 ? zip_add_bytes(w, span_str(name), s, &e)
                        : forge_add_raw(w, name, forge_deflate(s), s),
             &e);
    }
}

static void many(struct zip_writer *w)
{
    struct err e = {0};
    for (unsigned i = 0; i < 70000; i++) {
        char name[40];
        snprintf(name, sizeof name, "d%02u/%06u.txt", i / 1000, i);
        must(zip_add_bytes(w, span_str(name), span_str(name), &e), &e);
    }
}

static void large(struct zip_writer *w)
{
    struct err e = {0};
    const uint64_t blocks = 4097; /* of 1 MiB: more than 4 GiB */
    uLong block = crc32_z(0, sparse_zeros, SPARSE_ZEROS), crc = 0;
    for (uint64_t i = 0; i < blocks; i++)
        crc = crc32_combine(crc, block, SPARSE_ZEROS);
    struct zip_member m = {SPAN("large/stored"), ZIP_STORED, (uint32_t)crc, blocks * SPARSE_ZEROS,
                           blocks * SPARSE_ZEROS};
    must(zip_add_bytes(w, SPAN("first"), SPAN("before 4 GiB"), &e), &e);
    must(zip_add(w, &m, &e), &e);
    for (uint64_t i = 0; i < blocks; i++)
        must(zip_feed(w, span_of(sparse_zeros, SPARSE_ZEROS), &e), &e);
    must(zip_add_bytes(w, SPAN("second"), SPAN("behind 4 GiB"), &e), &e);
    must(forge_add_raw(w, "third", forge_deflate(SPAN("and deflated")), SPAN("and deflated")), &e);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*make)(struct zip_writer *w);
    } kinds[] = {{"mixed", mixed}, {"many", many}, {"large", large}};
    struct err e = {0};
    FILE *f = argc == 3 ? fopen(argv[2], "wb") : NULL;
    for (size_t i = 0; f != NULL && i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(argv[1], kinds[i].name) != 0)
            continue;
        struct zip_writer *w = zip_create((struct sink){write_file, f});
        kinds[i].make(w);
        must(zip_finish(w, &e), &e);
        zip_close(w);
        return fclose(f) == 0 ? 0 : 2;
    }
    fputs("usage: zip_make mixed|many|large FILE\n", stderr);
    return 2;
}
