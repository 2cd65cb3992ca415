#include <stdio.h>

#include "base/buf.h"
#include "tests/dataset/csv_judge.h"
#include "tests/test.h"

/* All ways judge it, and alike. */
static bool judged(struct span file, struct csv_judged *out)
{
    const struct mark_way *way;
    struct csv_judged first = {0}, j;
    bool good = csv_judge(file, mark_way(0), &first);
    for (size_t i = 0; good && (way = mark_way(i)) != NULL; i++) {
        good = csv_judge(file, way, &j) && j.taken == first.taken && j.passed == first.passed;
        if (!good)
            printf("  %s: %.*s\n", way->name, SPAN_ARGS(file));
    }
    *out = first;
    return good;
}

static void test_csv_scan__has_a_way_for_any_machine(void)
{
    size_t n = 0;
    while (mark_way(n) != NULL)
        n++;
    CU_ASSERT_FATAL(n > 0);
    CU_ASSERT_STRING_EQUAL(mark_way(n - 1)->name, "portable");
}

static uint64_t naive(const uint8_t *p, int c)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < MARK_CHUNK; i++)
        bits |= (uint64_t)(c < 0 ? p[i] >= 0x80 : p[i] == c) << i;
    return bits;
}

static void test_csv_scan__finds_each_byte_in_every_way(void)
{
    enum { CHUNKS = 3 };
    uint64_t random = 5;
    uint8_t p[CHUNKS * MARK_CHUNK + 1];
    struct csv_chunk c[CHUNKS];
    for (size_t round = 0; round < 3000; round++) {
        for (size_t i = 0; i < sizeof p; i++)
            p[i] = round % 2 == 0 ? (uint8_t)round : (uint8_t)(test_random(&random) % 48);
        p[test_random(&random) % sizeof p] = (uint8_t)test_random(&random);
        for (size_t w = 0; mark_way(w) != NULL; w++) {
            mark_way(w)->look_at_csv(p + 1, CHUNKS, c);
            for (size_t i = 0; i < CHUNKS; i++) {
                const uint8_t *at = p + 1 + i * MARK_CHUNK;
                CU_ASSERT(c[i].comma == naive(at, ',') && c[i].quote == naive(at, '"'));
                CU_ASSERT(c[i].lf == naive(at, '\n') && c[i].cr == naive(at, '\r'));
                CU_ASSERT(c[i].nul == naive(at, 0) && c[i].high == naive(at, -1));
            }
        }
    }
}

/* Mostly text, with marks as often as `density` of 16 says. */
static void add_soup(struct buf *b, size_t n, size_t density, uint64_t *random)
{
    static const char marks[] = ",,,,,\"\"\n\n\r,\"\n";
    for (size_t i = 0; i < n; i++) {
        size_t r = (size_t)(test_random(random) >> 8);
        if (r % 16 >= density)
            buf_byte(b, (uint8_t) "abc \xe9"[r / 16 % 256 == 0 ? 4 : r / 16 % 4]);
        else if (r / 16 % 64 == 0)
            buf_str(b, r / 1024 % 2 == 0 ? "\",\"" : "\r\n");
        else
            buf_byte(b, (uint8_t)(r / 16 % 512 == 1 ? 0 : marks[r / 16 % (sizeof marks - 1)]));
    }
}

static void test_csv_scan__cuts_any_bytes_like_libcsv(void)
{
    uint64_t random = 1;
    size_t taken = 0, passed = 0;
    struct buf b = {0};
    for (size_t i = 0; i < 4000; i++) {
        struct csv_judged j;
        buf_clear(&b);
        add_soup(&b, (size_t)(test_random(&random) % 700), 1 + i % 16, &random);
        CU_ASSERT_TRUE(judged(buf_span(&b), &j));
        taken += j.taken;
        passed += j.passed;
    }
    CU_ASSERT(taken > 10000 && passed > 10000);
    buf_close(&b);
}

/* Each piece at every place around the ends of chunks, and around the end of what is ahead. */
static void test_csv_scan__cuts_alike_wherever_chunks_end(void)
{
    static const struct span pieces[] = {
        SPAN("\"a,b\""),     SPAN("\"\""),      SPAN("\"a\"\"b\""), SPAN("\"\"\"\""),
        SPAN("\"a\nb\""),    SPAN("\"a\r\"b"),  SPAN("\r\n"),       SPAN("\r"),
        SPAN("\r\r\n"),      SPAN("\n"),        SPAN("\0"),         SPAN("\xc3\xa9"),
        SPAN("a\"b"),        SPAN("\"a\"b"),    SPAN("\"a\" "),     SPAN("\"a\"\r\n"),
        SPAN("\"a\"\r\n\""), SPAN(",,,,,,,,,"), SPAN("\n\n\n\n\n"), SPAN("\""),
    };
    struct buf b = {0};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        for (size_t at = 0; at < 3 * MARK_CHUNK; at++)
            for (size_t comma = 0; comma < 2; comma++) {
                struct csv_judged j;
                buf_clear(&b);
                for (size_t k = 0; k < at; k++)
                    buf_byte(&b, comma && k + 1 == at ? ',' : 'x');
                buf_add(&b, pieces[i]);
                CU_ASSERT_TRUE(judged(buf_span(&b), &j));
                buf_str(&b, ",y\r\n1,\"2\"\r\n\"3\",4\n");
                CU_ASSERT_TRUE(judged(buf_span(&b), &j));
            }
    buf_close(&b);
}

/* A row of n bytes with its LF. */
static void add_row(struct buf *b, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++)
        buf_byte(b, i % 50 == 49 ? ',' : 'x');
    buf_byte(b, '\n');
}

static void test_csv_scan__takes_rows_of_any_length_up_to_its_largest_block(void)
{
    static const size_t lengths[] = {1, 63, 64, 65, 16383, 16384, 16385, 40000, 262143, 262144};
    struct buf b = {0};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct csv_judged j;
        buf_clear(&b);
        add_row(&b, 10);
        add_row(&b, lengths[i]);
        add_row(&b, 10);
        CU_ASSERT_TRUE(judged(buf_span(&b), &j));
        CU_ASSERT_EQUAL(j.taken, 3);
    }
    buf_clear(&b);
    add_row(&b, 262145);
    struct csv_judged j;
    CU_ASSERT_TRUE(judged(buf_span(&b), &j));
    CU_ASSERT_EQUAL(j.taken, 0);
    buf_close(&b);
}

static void test_csv_scan__keeps_to_limits(void)
{
    const struct rows_limits small = {.members = 1, .columns = 9, .cell = 4, .row = 12};
    static const struct {
        const char *text;
        bool good;
    } rows[] = {{"1234,\"123\"\r\n", true},
                {"12345,1\n", false},
                {"\"12345\",\"\"\n", false},
                {"1234,1234\n", true},
                {"1234,12345\r\n", false}};
    for (size_t w = 0; mark_way(w) != NULL; w++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            struct csv_scan s;
            struct cell cell[2 + MARK_CUT_ROOM];
            struct row row;
            size_t n;
            bool crlf;
            csv_scan_open(&s, mark_way(w));
            csv_scan_look(&s, span_str(rows[i].text));
            CU_ASSERT_EQUAL(csv_scan_take(&s, &small, cell, 2, &row, &n, &crlf), rows[i].good);
            csv_scan_close(&s);
        }
}

SUITE(csv_scan, TEST(test_csv_scan__has_a_way_for_any_machine),
      TEST(test_csv_scan__finds_each_byte_in_every_way),
      TEST(test_csv_scan__cuts_any_bytes_like_libcsv),
      TEST(test_csv_scan__cuts_alike_wherever_chunks_end),
      TEST(test_csv_scan__takes_rows_of_any_length_up_to_its_largest_block),
      TEST(test_csv_scan__keeps_to_limits))
