#include "dataset/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <sys/resource.h>

#include "base/arena.h"
#include "base/buf.h"
#include "tests/test.h"

enum { ROOM = 1 << 20 };

struct made_member {
    const char *name;
    const char *text;
    unsigned type;    /* 0: regular */
    const char *link; /* hard link's target */
};

static struct arena made; /* archives, until the process ends */

/* Archives made by libarchive's writer. */
static struct span make(const char *format, const char *filter, const char *options,
                        const struct made_member *m, size_t n)
{
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), before = uselocale(utf8);
    uint8_t *room = mem_new(ROOM);
    size_t used = 0;
    struct archive *a = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    archive_write_set_format_by_name(a, format);
    if (filter != NULL)
        archive_write_add_filter_by_name(a, filter);
    if (options != NULL)
        archive_write_set_options(a, options);
    archive_write_set_bytes_in_last_block(a, 1);
    if (options != NULL && strstr(options, "encryption") != NULL)
        archive_write_set_passphrase(a, "secret");
    archive_write_open_memory(a, room, ROOM, &used);
    for (size_t i = 0; i < n; i++) {
        archive_entry_clear(entry);
        archive_entry_set_pathname(entry, m[i].name);
        archive_entry_set_filetype(entry, m[i].type == 0 ? AE_IFREG : m[i].type);
        archive_entry_set_perm(entry, 0644);
        if (m[i].type == AE_IFLNK)
            archive_entry_set_symlink(entry, "target");
        if (m[i].link != NULL)
            archive_entry_set_hardlink(entry, m[i].link);
        size_t size = m[i].text == NULL ? 0 : strlen(m[i].text);
        archive_entry_set_size(entry, (la_int64_t)size);
        archive_write_header(a, entry);
        if (size > 0)
            archive_write_data(a, m[i].text, size);
    }
    archive_entry_free(entry);
    archive_write_free(a);
    uselocale(before);
    freelocale(utf8);
    struct span out = arena_copy(&made, span_of(room, used));
    mem_free(room);
    return out;
}

struct unpacked {
    bool good;
    struct err err;
    struct buf text; /* name:bytes; */
};

static struct unpacked unpack(struct span file, enum file_format format,
                              const struct archive_in_limits *limits)
{
    struct unpacked out = {0};
    struct archive_in *a;
    struct archive_in_member m;
    enum archive_in_step step = ARCHIVE_IN_FAILED;
    if (!archive_in_open(source_of(&file), format, limits, &a, &out.err))
        return out;
    while ((step = archive_in_next(a, &m, &out.err)) == ARCHIVE_IN_MORE) {
        buf_str(&out.text, m.name);
        buf_byte(&out.text, ':');
        if (!archive_in_copy(a, sink_to(&out.text), &out.err)) {
            step = ARCHIVE_IN_FAILED;
            break;
        }
        buf_byte(&out.text, ';');
    }
    archive_in_close(a);
    out.good = step == ARCHIVE_IN_END;
    return out;
}

static bool gives(struct span file, const char *want)
{
    struct unpacked u = unpack(file, file_identify(file), NULL);
    bool same = u.good && span_eq(buf_span(&u.text), span_str(want));
    if (!same)
        printf("  %s; %.*s\n", u.err.text, SPAN_ARGS(buf_span(&u.text)));
    buf_close(&u.text);
    return same;
}

static bool refused(struct span file, const char *why)
{
    struct unpacked u = unpack(file, file_identify(file), NULL);
    bool named = !u.good && u.err.kind == ERR_FORMAT && strstr(u.err.text, why) != NULL;
    if (!named)
        printf("  %s %s (%s)\n", u.good ? "unpacked" : "refused:", u.err.text,
               file_format_name(file_identify(file)));
    buf_close(&u.text);
    return named;
}

struct kind {
    const char *format, *filter;
};
static const struct kind kinds[] = {
    {"zip", NULL},      {"7zip", NULL},  {"ustar", NULL},
    {"gnutar", "gzip"}, {"pax", "zstd"}, {"pax", NULL},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

#define MAKE(k, ...)                                                                               \
    make(kinds[k].format, kinds[k].filter, NULL, (const struct made_member[]){__VA_ARGS__},        \
         sizeof((const struct made_member[]){__VA_ARGS__}) / sizeof(struct made_member))

static void test_archive__refuses_names_that_lead_elsewhere(void)
{
    for (size_t k = 0; k < KINDS; k++) {
        CU_ASSERT(refused(MAKE(k, {"/a", "x", 0, NULL}), "empty file name"));
        CU_ASSERT(refused(MAKE(k, {"../a", "x", 0, NULL}), ".. is not a file name"));
        CU_ASSERT(refused(MAKE(k, {"f/../a", "x", 0, NULL}), "slash"));
        CU_ASSERT(refused(MAKE(k, {"f/g/a", "x", 0, NULL}), "slash"));
        CU_ASSERT(refused(MAKE(k, {"a\tb", "x", 0, NULL}), "control"));
    }
}

static void test_archive__refuses_what_is_not_one_flat_set_of_files(void)
{
    for (size_t k = 0; k < KINDS; k++) {
        CU_ASSERT(refused(MAKE(k, {"a", "x", 0, NULL}, {"a", "y", 0, NULL}), "two members"));
        CU_ASSERT(refused(MAKE(k, {"f/a", "x", 0, NULL}, {"b", "y", 0, NULL}), "same folder"));
        CU_ASSERT(refused(MAKE(k, {"a", "x", 0, NULL}, {"f/b", "y", 0, NULL}), "same folder"));
        CU_ASSERT(refused(MAKE(k, {"f/a", "x", 0, NULL}, {"g/b", "y", 0, NULL}), "same folder"));
        CU_ASSERT(refused(MAKE(k, {"l", NULL, AE_IFLNK, NULL}), "not a regular file"));
        CU_ASSERT(refused(MAKE(k, {"f/", NULL, AE_IFDIR, NULL}), "without files"));
    }
    for (size_t k = 2; k < KINDS; k++) {
        CU_ASSERT(refused(MAKE(k, {"a", "x", 0, NULL}, {"b", NULL, 0, "a"}), "not a regular file"));
        CU_ASSERT(refused(MAKE(k, {"p", NULL, AE_IFIFO, NULL}), "not a regular file"));
    }
}

static void test_archive__refuses_what_is_encrypted(void)
{
    struct made_member m = {"a", "x", 0, NULL};
    CU_ASSERT(refused(make("zip", NULL, "zip:encryption=aes256", &m, 1), "encrypted"));
    CU_ASSERT(refused(make("zip", NULL, "zip:encryption=traditional", &m, 1), "encrypted"));
}

static char *long_text(void)
{
    char *p = mem_new(60001);
    uint64_t state = 7;
    for (size_t i = 0; i < 60000; i++)
        p[i] = (char)('a' + test_random(&state) % 20);
    return p;
}

static void test_archive__refuses_a_cut_anywhere(void)
{
    char *text = long_text();
    for (size_t k = 0; k < KINDS; k++) {
        struct span whole = MAKE(k, {"a.csv", text, 0, NULL}, {"b.csv", "short", 0, NULL});
        uint64_t state = k;
        for (int i = 0; i < 60; i++) {
            size_t cut = i < 20 ? (size_t)i + 1 : (size_t)(test_random(&state) % whole.n);
            struct unpacked u = unpack(span_of(whole.p, whole.n - cut), file_identify(whole), NULL);
            bool zero_padding = kinds[k].filter == NULL && k >= 2 && cut <= 1024;
            CU_ASSERT(!u.good || zero_padding);
            buf_close(&u.text);
        }
    }
    mem_free(text);
}

static void test_archive__refuses_bytes_behind_it(void)
{
    for (size_t k = 0; k < KINDS; k++) {
        struct span whole = MAKE(k, {"a.csv", "text", 0, NULL});
        struct buf b = {0};
        buf_add(&b, whole);
        buf_str(&b, "more");
        CU_ASSERT(refused(buf_span(&b), ""));
        buf_add(&b, whole);
        CU_ASSERT(refused(buf_span(&b), ""));
        buf_close(&b);
    }
}

/* What is flipped may be a date or a permission, that nobody looks at; but the bytes are right. */
static void test_archive__never_gives_other_bytes_when_one_is_flipped(void)
{
    char *text = long_text();
    struct buf want = {0};
    buf_str(&want, text);
    for (size_t k = 0; k < 2; k++) {
        struct span whole = MAKE(k, {"a", text, 0, NULL});
        uint8_t *p = arena_new(&made, whole.n);
        memcpy(p, whole.p, whole.n);
        uint64_t state = k;
        for (int i = 0; i < 150; i++) {
            size_t at = (size_t)(test_random(&state) % whole.n);
            p[at] ^= 0x10;
            struct unpacked u = unpack(span_of(p, whole.n), file_identify(whole), NULL);
            if (u.good)
                ASSERT_SPAN(span_of(u.text.p + 2, u.text.n - 3), buf_span(&want));
            buf_close(&u.text);
            p[at] ^= 0x10;
        }
    }
    struct span gz = MAKE(3, {"a", text, 0, NULL});
    uint8_t *p = arena_new(&made, gz.n);
    for (size_t at = 10; at < gz.n; at += gz.n / 100) {
        memcpy(p, gz.p, gz.n);
        p[at] ^= 1;
        CU_ASSERT(refused(span_of(p, gz.n), ""));
    }
    buf_close(&want);
    mem_free(text);
}

static void test_archive__keeps_to_its_limits(void)
{
    static const struct archive_in_limits few[] = {{1, 100, 1000, 0}, {2, 5, 1000, 0}};
    for (size_t k = 0; k < KINDS; k++) {
        struct span file = MAKE(k, {"a", "abc", 0, NULL}, {"b", "def", 0, NULL});
        for (size_t i = 0; i < 2; i++) {
            struct unpacked u = unpack(file, file_identify(file), &few[i]);
            CU_ASSERT_FALSE(u.good);
            CU_ASSERT_EQUAL(u.err.kind, ERR_LIMIT);
            buf_close(&u.text);
        }
    }
}

static void test_archive__refuses_bombs(void)
{
    static const struct archive_in_limits strict = {10, 1 << 20, 50, 30000};
    char *text = mem_new(60001);
    memset(text, ' ', 60000);
    for (size_t k = 0; k < KINDS; k++) {
        struct span file = MAKE(k, {"a", text, 0, NULL});
        struct unpacked u = unpack(file, file_identify(file), &strict);
        bool packed = file.n < 1000;
        CU_ASSERT_EQUAL(u.good, !packed);
        CU_ASSERT_EQUAL(u.err.kind, packed ? ERR_LIMIT : ERR_NONE);
        buf_close(&u.text);
    }
    mem_free(text);
}

static bool read_nothing(void *ctx, uint64_t at, void *p, size_t n, struct err *e)
{
    (void)ctx;
    (void)at;
    (void)p;
    (void)n;
    return err_set(e, ERR_IO, "the disk is gone");
}

static void test_archive__tells_what_the_source_said(void)
{
    struct archive_in *a;
    for (enum file_format f = 0; f < FILE_FORMAT_COUNT; f++) {
        struct err e = {0};
        struct source gone = {read_nothing, NULL, 1000};
        CU_ASSERT_FALSE(archive_in_open(gone, f, NULL, &a, &e));
        CU_ASSERT_EQUAL(e.kind, archive_in_readable(f) ? ERR_IO : ERR_USAGE);
    }
}

static void test_archive__refuses_formats_it_was_not_made_for(void)
{
    struct made_member m = {"a", "x", 0, NULL};
    struct span cpio = make("cpio", "gzip", NULL, &m, 1);
    CU_ASSERT(refused(cpio, "malformed"));
    struct span xz = make("ustar", "xz", NULL, &m, 1);
    struct unpacked u = unpack(xz, file_identify(xz), NULL);
    CU_ASSERT_EQUAL(u.err.kind, ERR_USAGE);
    CU_ASSERT(refused(SPAN("PK\3\4 and then nothing of the kind, nothing of the kind at all"), ""));
}

static void test_archive__unpacks_flat_files_and_takes_one_folder_off(void)
{
    for (size_t k = 0; k < KINDS; k++) {
        CU_ASSERT(gives(MAKE(k, {"a.csv", "abc", 0, NULL}, {"\xc3\xa9 b", NULL, 0, NULL}),
                        "a.csv:abc;\xc3\xa9 b:;"));
        CU_ASSERT(gives(
            MAKE(k, {"f/", NULL, AE_IFDIR, NULL}, {"f/a", "x", 0, NULL}, {"f/b", "y", 0, NULL}),
            "a:x;b:y;"));
        CU_ASSERT(gives(MAKE(k, {"f/a", "x", 0, NULL}, {"f/b", "y", 0, NULL}), "a:x;b:y;"));
        CU_ASSERT(gives(MAKE(k, {"./", NULL, AE_IFDIR, NULL}, {"./a", "x", 0, NULL}), "a:x;"));
    }
}

/* 126 bytes that claim to hold some twenty million files. */
static void test_archive__denies_memory_that_only_a_header_claims(void)
{
    struct span file = test_file("tests/fuzz/seeds/archive/seven-many-files");
    CU_ASSERT_EQUAL_FATAL(file.n, 126);
#ifdef __SANITIZE_ADDRESS__
    SKIP("a sanitized program cannot limit its address space");
#else
    struct rlimit before, after;
    getrlimit(RLIMIT_AS, &before);
    CU_ASSERT_TRUE(refused(file, "allocate memory"));
    getrlimit(RLIMIT_AS, &after);
    CU_ASSERT_EQUAL(before.rlim_cur, after.rlim_cur);
#endif
}

/*
 * libarchive ends the process where a name is no text and errno says ENOMEM: also where that is of
 * an archive before.
 */
static void test_archive__is_refused_although_memory_was_denied_before(void)
{
    struct span file = test_file("tests/fuzz/seeds/archive/zip-name-not-utf8");
    struct archive_in *a;
    struct archive_in_member m;
    struct err e;
    CU_ASSERT_FATAL(archive_in_open(source_of(&file), FILE_ZIP, NULL, &a, &e));
    errno = ENOMEM;
    CU_ASSERT_EQUAL(archive_in_next(a, &m, &e), ARCHIVE_IN_FAILED);
    CU_ASSERT_STRING_EQUAL(e.text, "a member whose name is not UTF-8");
    archive_in_close(a);
}

SUITE(archive, TEST(test_archive__is_refused_although_memory_was_denied_before),
      TEST(test_archive__denies_memory_that_only_a_header_claims),
      TEST(test_archive__refuses_names_that_lead_elsewhere),
      TEST(test_archive__refuses_what_is_not_one_flat_set_of_files),
      TEST(test_archive__refuses_what_is_encrypted), TEST(test_archive__refuses_a_cut_anywhere),
      TEST(test_archive__refuses_bytes_behind_it),
      TEST(test_archive__never_gives_other_bytes_when_one_is_flipped),
      TEST(test_archive__keeps_to_its_limits), TEST(test_archive__refuses_bombs),
      TEST(test_archive__tells_what_the_source_said),
      TEST(test_archive__refuses_formats_it_was_not_made_for),
      TEST(test_archive__unpacks_flat_files_and_takes_one_folder_off))
