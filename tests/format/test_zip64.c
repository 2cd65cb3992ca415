#include "tests/format/sparse.h"
#include "tests/format/zip_forge.h"

static const uint64_t FULL = 0xffffffff; /* the least value that a 32-bit field cannot hold */

enum { C_NAME_A = C_HEADER + 1 }; /* a central header with a name of one byte */

/* A member of zeros. Where it is "deflated", nobody looks at the bytes until it is read. */
static void add_zeros(struct zip_writer *w, const char *name, enum zip_method method, uint32_t crc,
                      uint64_t size, uint64_t stored)
{
    struct zip_member m = {span_str(name), method, crc, size, stored};
    struct err e = {0};
    if (!zip_add(w, &m, &e))
        host_fatal(e.text);
    for (uint64_t left = stored; left > 0;) {
        size_t n = left < SPARSE_ZEROS ? (size_t)left : SPARSE_ZEROS;
        if (!zip_feed(w, span_of(sparse_zeros, n), &e))
            host_fatal(e.text);
        left -= n;
    }
}

/* One "deflated" member a of these sizes, then an empty member b. */
static struct sparse two_members(uint64_t size, uint64_t stored)
{
    struct sparse f = {0};
    struct zip_writer *w = zip_create(sparse_sink(&f));
    add_zeros(w, "a", ZIP_DEFLATED, 0, size, stored);
    CU_ASSERT_TRUE(zip_add_bytes(w, SPAN("b"), SPAN(""), NULL));
    forge_finish(w);
    return f;
}

/* The n bytes at `at`. */
static uint64_t at_number(struct sparse *f, uint64_t at, unsigned n)
{
    uint8_t p[8] = {0};
    struct buf b = {p, sizeof p, sizeof p};
    sparse_read(f, at, p, n, NULL);
    return forge_get(&b, 0, n);
}

static void test_zip64__refuses_every_change_of_a_byte(void)
{
    struct sparse f = {0};
    struct zip_writer *w = zip_create(sparse_sink(&f));
    CU_ASSERT_TRUE(zip_add_bytes(w, SPAN("a"), SPAN(""), NULL));
    add_zeros(w, "b", ZIP_DEFLATED, 0, FULL, FULL);
    CU_ASSERT_TRUE(zip_add_bytes(w, SPAN("c"), SPAN(""), NULL));
    forge_finish(w);
    for (size_t i = 0; i < f.kept.n; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            struct zip_reader *r = NULL;
            struct err e = {0};
            f.kept.p[i] ^= (uint8_t)(1u << bit);
            bool good = zip_open(sparse_source(&f), &r, &e);
            /* The local headers are looked at when their members are read. */
            good = good && zip_read(r, 0, (struct sink){forge_forget, NULL}, NULL, &e) &&
                   zip_read(r, 2, (struct sink){forge_forget, NULL}, NULL, &e) &&
                   (zip_read(r, 1, (struct sink){forge_forget, NULL}, NULL, &e),
                    strstr(e.text, "local header") == NULL);
            CU_ASSERT_FALSE(good);
            f.kept.p[i] ^= (uint8_t)(1u << bit);
            zip_shut(r);
        }
    buf_close(&f.kept);
}

/* What the numbers say instead is allowed in ZIP64 and would read just as well. */
static void test_zip64__refuses_sizes_in_the_local_header_that_the_directory_does_not_have(void)
{
    struct sparse f = two_members(FULL, FULL);
    struct zip_reader *r = NULL;
    struct err e = {0};
    forge_put(&f.kept, L_HEADER + 1 + 4, FULL - 1, 8);
    CU_ASSERT_TRUE_FATAL(zip_open(sparse_source(&f), &r, &e));
    CU_ASSERT_FALSE(zip_read(r, 0, (struct sink){forge_forget, NULL}, NULL, &e));
    CU_ASSERT_STRING_EQUAL(e.text, "member a: local header: name or extra field differs from the "
                                   "directory or is not canonical");
    zip_shut(r);
    buf_close(&f.kept);
}

static void test_zip64__refuses_numbers_that_would_overflow(void)
{
    static const uint64_t huge[] = {UINT64_MAX, UINT64_MAX - 30, (uint64_t)1 << 63,
                                    (uint64_t)1 << 43};
    for (size_t i = 0; i < 4; i++)
        for (size_t number = 0; number < 5; number++) {
            struct sparse f = two_members(FULL, FULL);
            struct zip_reader *r = NULL;
            size_t end = f.kept.n - E_RECORD - E64_RECORDS;
            size_t first_extra = end - (C_NAME_A + 4 + 8) - (4 + 8 + 8);
            const size_t at[] = {first_extra + 4, first_extra + 12, /* size, stored */
                                 end - 8,                           /* offset of b */
                                 end + 40, end + 48};               /* directory: size, offset */
            forge_put(&f.kept, at[number], huge[i], 8);
            struct err e = {0};
            CU_ASSERT_FALSE(zip_open(sparse_source(&f), &r, &e));
            CU_ASSERT(e.kind == ERR_FORMAT || e.kind == ERR_LIMIT);
            buf_close(&f.kept);
        }
}

/* Every field where it stops fitting: the last value without ZIP64, the first ones with it. */
static void test_zip64__is_used_for_sizes_from_four_gigabytes_less_one(void)
{
    for (uint64_t size = FULL - 1; size <= FULL + 2; size++) {
        bool wide = size >= FULL;
        struct sparse f = two_members(size, 5000000);
        struct zip_reader *r = NULL;
        struct zip_member m;
        CU_ASSERT_TRUE_FATAL(zip_open(sparse_source(&f), &r, NULL));
        zip_stat(r, 0, &m);
        CU_ASSERT(m.size == size && m.stored == 5000000);
        CU_ASSERT_EQUAL(at_number(&f, L_NEEDED, 2), wide ? 45 : 20);
        CU_ASSERT_EQUAL(at_number(&f, L_SIZE, 4), wide ? FULL : size);
        CU_ASSERT_EQUAL(at_number(&f, L_STORED, 4), wide ? FULL : 5000000); /* both or neither */
        CU_ASSERT_EQUAL(at_number(&f, L_EXTRA, 2), wide ? 20 : 0);
        uint64_t central = f.size - E_RECORD - C_NAME_A - C_NAME_A - (wide ? 12 : 0);
        CU_ASSERT_EQUAL(at_number(&f, central + C_NEEDED, 2), wide ? 45 : 20);
        CU_ASSERT_EQUAL(at_number(&f, central + C_SIZE, 4), wide ? FULL : size);
        CU_ASSERT_EQUAL(at_number(&f, central + C_STORED, 4), 5000000); /* only what needs it */
        CU_ASSERT_EQUAL(at_number(&f, central + C_EXTRA, 2), wide ? 12 : 0);
        if (wide)
            CU_ASSERT_EQUAL(at_number(&f, central + C_NAME_A + 4, 8), size);
        zip_shut(r);
        buf_close(&f.kept);
    }
}

static void test_zip64__is_used_for_offsets_from_four_gigabytes_less_one(void)
{
    for (uint64_t at = FULL - 1; at <= FULL + 2; at++) {
        bool wide = at >= FULL;
        struct sparse f = two_members(100, at - L_HEADER - 1);
        struct zip_reader *r = NULL;
        struct zip_member m;
        CU_ASSERT_TRUE_FATAL(zip_open(sparse_source(&f), &r, NULL));
        CU_ASSERT_TRUE(zip_read(r, 1, (struct sink){forge_forget, NULL}, NULL, NULL));
        zip_stat(r, 0, &m);
        CU_ASSERT_EQUAL(m.stored, at - L_HEADER - 1);
        uint64_t central = f.size - E_RECORD - E64_RECORDS - C_NAME_A - (wide ? 12 : 0);
        CU_ASSERT_EQUAL(at_number(&f, at + L_NEEDED, 2), wide ? 45 : 20);
        CU_ASSERT_EQUAL(at_number(&f, at + L_EXTRA, 2), 0);
        CU_ASSERT_EQUAL(at_number(&f, central + C_MADE_BY, 2), wide ? 0x032d : 0x0314);
        CU_ASSERT_EQUAL(at_number(&f, central + C_AT, 4), wide ? FULL : at);
        CU_ASSERT_EQUAL(at_number(&f, f.size - E_RECORD + E_AT, 4), FULL);
        zip_shut(r);
        buf_close(&f.kept);
    }
}

/* The directory's own offset decides about the ZIP64 end record. */
static void test_zip64__end_record_is_used_for_a_directory_from_four_gigabytes_less_one(void)
{
    for (uint64_t at = FULL - 1; at <= FULL + 1; at++) {
        bool wide = at >= FULL;
        struct sparse f = two_members(100, at - 2 * (L_HEADER + 1));
        struct zip_reader *r = NULL;
        CU_ASSERT_TRUE_FATAL(zip_open(sparse_source(&f), &r, NULL));
        uint64_t directory = f.size - E_RECORD - (wide ? E64_RECORDS : 0) - 2 * C_NAME_A;
        CU_ASSERT_EQUAL(directory, at);
        CU_ASSERT_EQUAL(at_number(&f, f.size - E_RECORD + E_AT, 4), wide ? FULL : at);
        CU_ASSERT_EQUAL(at_number(&f, f.size - E_RECORD + E_SIZE, 4), 2 * C_NAME_A);
        if (wide)
            CU_ASSERT_EQUAL(at_number(&f, f.size - E_RECORD - E64_RECORDS, 4), 0x06064b50);
        zip_shut(r);
        buf_close(&f.kept);
    }
}

static void test_zip64__reads_a_stored_member_of_more_than_four_gigabytes(void)
{
    const uint64_t size = FULL + 2;
    uLong crc = crc32_z(0, sparse_zeros, SPARSE_ZEROS), all = 0;
    for (unsigned i = 0; i < 4096; i++)
        all = crc32_combine(all, crc, SPARSE_ZEROS);
    all = crc32_z(all, sparse_zeros, 1);
    struct sparse f = {0};
    struct zip_writer *w = zip_create(sparse_sink(&f));
    add_zeros(w, "a", ZIP_STORED, (uint32_t)all, size, size);
    forge_finish(w);
    struct zip_reader *r = NULL;
    CU_ASSERT_TRUE_FATAL(zip_open(sparse_source(&f), &r, NULL));
    CU_ASSERT_TRUE(zip_read(r, 0, (struct sink){forge_forget, NULL}, NULL, NULL));
    zip_shut(r);
    buf_close(&f.kept);
}

static char *numbered(char name[24], unsigned i)
{
    snprintf(name, 24, "d%02u/%07u", i / 100000, i);
    return name;
}

static struct buf many(unsigned n)
{
    struct buf b = {0};
    char name[24];
    struct zip_writer *w = zip_create(sink_to(&b));
    for (unsigned i = 0; i < n; i++)
        if (!zip_add_bytes(w, span_str(numbered(name, i)), SPAN(""), NULL))
            host_fatal("many");
    forge_finish(w);
    return b;
}

static void test_zip64__end_record_is_used_from_65535_members(void)
{
    for (unsigned n = 65534; n <= 65537; n++) {
        struct buf b = many(n);
        struct span archive = buf_span(&b);
        struct zip_reader *r = NULL;
        char name[24];
        CU_ASSERT_TRUE_FATAL(zip_open(source_of(&archive), &r, NULL));
        CU_ASSERT_EQUAL(zip_count(r), n);
        CU_ASSERT_EQUAL(zip_find(r, span_str(numbered(name, n - 1))), n - 1);
        CU_ASSERT_EQUAL(forge_get(&b, forge_end(&b) + E_COUNT, 2), n < 65535 ? n : 65535);
        bool zip64 = forge_get(&b, forge_end(&b) - 20, 4) == 0x07064b50;
        CU_ASSERT_EQUAL(zip64, n >= 65535);
        zip_shut(r);
        buf_close(&b);
    }
}

static void test_zip64__refuses_lies_about_65536_members(void)
{
    static const size_t at[] = {4, 12, 14, 16, 20, 24, 32, 40, 48, 60, 64, 72};
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        struct buf b = many(65536);
        b.p[forge_end(&b) - E64_RECORDS + at[i]] ^= 1;
        struct span archive = buf_span(&b);
        struct zip_reader *r = NULL;
        struct err e = {0};
        CU_ASSERT_FALSE(zip_open(source_of(&archive), &r, &e));
        CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
        buf_close(&b);
    }
    struct buf b = many(65536); /* without the ZIP64 records */
    forge_remove(&b, forge_end(&b) - E64_RECORDS, E64_RECORDS);
    REFUSED(&b, "end record: ZIP64 signature");
}

static void test_zip64__refuses_more_than_the_limits(void)
{
    struct buf b = many(65536);
    size_t end = forge_end(&b) - E64_RECORDS;
    uint64_t size = forge_get(&b, end + 40, 8);
    const struct {
        uint64_t count, directory;
    } claim[] = {{ZIP_MEMBERS_MAX + 1, size}, {65536, (uint64_t)ZIP_DIRECTORY_MAX + 1}};
    for (size_t i = 0; i < 2; i++) {
        struct sparse f = {.size = claim[i].directory + E64_RECORDS + E_RECORD};
        forge_put(&b, end + 24, claim[i].count, 8);
        forge_put(&b, end + 32, claim[i].count, 8);
        forge_put(&b, end + 40, claim[i].directory, 8);
        forge_put(&b, end + 48, 0, 8);
        forge_put(&b, end + 64, claim[i].directory, 8);
        forge_put(&b, forge_end(&b) + E_SIZE, claim[i].directory, 4);
        forge_put(&b, forge_end(&b) + E_AT, 0, 4);
        f.size -= E64_RECORDS + E_RECORD;
        CU_ASSERT_TRUE(sparse_write(&f, span_skip(buf_span(&b), end), NULL));
        struct zip_reader *r = NULL;
        struct err e = {0};
        CU_ASSERT_FALSE(zip_open(sparse_source(&f), &r, &e));
        CU_ASSERT_EQUAL(e.kind, ERR_LIMIT);
        buf_close(&f.kept);
    }
    buf_close(&b);
}

SUITE(zip64, TEST(test_zip64__refuses_every_change_of_a_byte),
      TEST(test_zip64__refuses_sizes_in_the_local_header_that_the_directory_does_not_have),
      TEST(test_zip64__refuses_numbers_that_would_overflow),
      TEST(test_zip64__is_used_for_sizes_from_four_gigabytes_less_one),
      TEST(test_zip64__is_used_for_offsets_from_four_gigabytes_less_one),
      TEST(test_zip64__end_record_is_used_for_a_directory_from_four_gigabytes_less_one),
      TEST(test_zip64__reads_a_stored_member_of_more_than_four_gigabytes),
      TEST(test_zip64__end_record_is_used_from_65535_members),
      TEST(test_zip64__refuses_lies_about_65536_members),
      TEST(test_zip64__refuses_more_than_the_limits))
