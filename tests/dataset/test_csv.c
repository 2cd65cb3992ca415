#include <stdio.h>

#include "base/buf.h"
#include "tests/dataset/rows_read.h"
#include "tests/test.h"

static bool refused(struct span text, const char *why)
{
    struct rows_read r = rows_read(text, FILE_CSV, NULL);
    bool named = !r.good && r.err.kind == ERR_FORMAT && strstr(r.err.text, why) != NULL;
    if (!named)
        printf("  %s %s\n", r.good ? "read" : "refused:", r.err.text);
    rows_read_close(&r);
    return named;
}

static bool gives(struct span text, const char *want)
{
    struct rows_read r = rows_read(text, FILE_CSV, NULL);
    bool same = r.good && span_eq(buf_span(&r.text), span_str(want));
    if (!same)
        printf("  %s: %.*s\n", r.err.text, SPAN_ARGS(buf_span(&r.text)));
    rows_read_close(&r);
    return same;
}

static bool noted(struct span text, const char *part)
{
    struct rows_read r = rows_read(text, FILE_CSV, NULL);
    bool found = r.good && rows_read_noted(&r, part);
    rows_read_close(&r);
    return found;
}

static void test_csv__refuses_quotes_that_rfc_4180_does_not_have(void)
{
    CU_ASSERT(refused(SPAN("A,B\nx\"y,2\n"), "line 2: a quote within"));
    CU_ASSERT(refused(SPAN("A,B\n1\"\"2,3\n"), "line 2: a quote within"));
    CU_ASSERT(refused(SPAN("A,B\n\"x\"y,2\n"), "line 2: something"));
    CU_ASSERT(refused(SPAN("A,B\n\"x\" ,2\n"), "line 2: something"));
    CU_ASSERT(refused(SPAN("A,B\n \"x\",2\n"), "line 2: a quote within"));
    CU_ASSERT(refused(SPAN("A,B\n1,2\n3,\"4\n5,6\n"), "line 3: a quote of the row"));
    CU_ASSERT(refused(SPAN("A,B\n\"1\"\"\n"), "line 2: a quote of the row"));
    CU_ASSERT(refused(SPAN("\"A,B\n"), "line 1: a quote of the row"));
}

static void test_csv__refuses_rows_of_another_width(void)
{
    CU_ASSERT(refused(SPAN("A,B\n1,2\n3\n"), "line 3"));
    CU_ASSERT(refused(SPAN("A,B\n1,2,3\n"), "line 2"));
    CU_ASSERT(refused(SPAN("A,B\n1,2\n\n3,4\n"), "line 3: blank"));
    CU_ASSERT(refused(SPAN("A,B\n1,2\n\n"), "line 3: blank"));
    CU_ASSERT(refused(SPAN("A,B\n\"1\n2\",3\n4\n"), "line 4"));
    CU_ASSERT(refused(SPAN("A,B\r\n\r\n"), "line 2: blank"));
}

static void test_csv__refuses_bytes_that_are_no_text(void)
{
    CU_ASSERT(refused(SPAN("A,B\n1,\0\n"), "line 2: a NUL"));
    CU_ASSERT(refused(SPAN("A,B\n\"\n\0\",2\n"), "line 3: a NUL"));
    CU_ASSERT(refused(SPAN("A,B\r1,2\r"), "line 1: a carriage return"));
    CU_ASSERT(refused(SPAN("A,B\n1,2\r\r\n"), "line 2: a carriage return"));
    CU_ASSERT(refused(SPAN("A,B\n1,2\r"), "line 2: a carriage return"));
}

static void test_csv__refuses_a_file_without_header(void)
{
    CU_ASSERT(refused(SPAN(""), "line 1: no header"));
    CU_ASSERT(refused(SPAN("\xef\xbb\xbf"), "line 1: no header"));
    CU_ASSERT(refused(SPAN("\nA\n"), "line 1: no header"));
}

static void test_csv__keeps_to_its_limits(void)
{
    const struct rows_limits small = {.members = 1, .columns = 2, .cell = 4, .row = 20};
    static const char *const over[] = {
        "A,B,C\n",
        "A,B\n1,2,3\n",
        "A,B\n12345,2\n",
        "A,B\n\"\"\"\"\"\"\"\"\"\"\"\",2\n",
        "A,B\n\"\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\",2\n",
    };
    for (size_t i = 0; i < sizeof over / sizeof over[0]; i++) {
        struct rows_read r = rows_read(span_str(over[i]), FILE_CSV, &small);
        CU_ASSERT_FALSE(r.good);
        CU_ASSERT_EQUAL(r.err.kind, ERR_LIMIT);
        rows_read_close(&r);
    }
}

static void test_csv__keeps_every_byte_of_a_cell(void)
{
    CU_ASSERT(gives(SPAN("A,B\n 1 ,\t2\t\n"), "< 1 ><\t2\t>\n"));
    CU_ASSERT(gives(SPAN("A,B\n\" 1 \",\"2,\"\"3\"\"\"\n"), "<\" 1 \"><\"2,\"3\"\">\n"));
    CU_ASSERT(gives(SPAN("A,B\n\"1\r\n2\n\r3\",\"\"\n"), "<\"1\r\n2\n\r3\"><\"\">\n"));
    CU_ASSERT(gives(SPAN("A,B\n,\n"), "<><>\n"));
    CU_ASSERT(gives(SPAN("A,B\r\n1,\"2\"\r\n"), "<1><\"2\">\n"));
    CU_ASSERT(gives(SPAN("A,B\n1,2"), "<1><2>\n"));
    CU_ASSERT(gives(SPAN("A,B\n1,"), "<1><>\n"));
    CU_ASSERT(gives(SPAN("A,B\nNA,\"NA\"\n"), "<NA><\"NA\">\n"));
    CU_ASSERT(gives(SPAN("A,B\n"), ""));
    CU_ASSERT(gives(SPAN("A,B"), ""));
    CU_ASSERT(gives(SPAN(",\n,\n"), "<><>\n"));
}

static void test_csv__takes_a_blank_line_of_one_column_for_an_empty_cell(void)
{
    CU_ASSERT(gives(SPAN("A\n1\n\n2\n\n"), "<1>\n<>\n<2>\n<>\n"));
    CU_ASSERT(gives(SPAN("A\r\n\r\n\"\"\r\n"), "<>\n<\"\">\n"));
}

static void test_csv__notes_peculiarities(void)
{
    CU_ASSERT(noted(SPAN("\xef\xbb\xbf"
                         "A,B\n1,2\n"),
                    "byte order mark"));
    CU_ASSERT(noted(SPAN("A,B\n1,2\r\n"), "CR LF and in LF"));
    CU_ASSERT(noted(SPAN("A,B\n1,2"), "the last line has no end"));
    CU_ASSERT(noted(SPAN("A,B\n1,2\n1,it\x92s\n"), "not UTF-8, first in row 2"));
    CU_ASSERT(noted(SPAN("\"\",B\n1,2\n"), "column 1 has no name"));
    CU_ASSERT(noted(SPAN("A,A\n1,2\n"), "column 2: the name A was there"));
    CU_ASSERT(noted(SPAN("A;B\n1;2\n"), "one column, whose name holds"));
    CU_ASSERT(noted(SPAN("A\tB\n1\t2\n"), "one column, whose name holds"));
    CU_ASSERT(noted(SPAN("A|B\n1|2\n"), "one column, whose name holds"));
    CU_ASSERT_FALSE(noted(SPAN("A;B,C\n1,2\n"), ""));
    CU_ASSERT_FALSE(noted(SPAN("A\n1;2\n"), ""));
    CU_ASSERT_FALSE(noted(SPAN("A,B\r\n1,\xc3\xa9\r\n"), ""));
}

/* Rows that begin and end everywhere around the borders of the blocks in which a file is read. */
static void test_csv__reads_rows_across_blocks(void)
{
    for (size_t shift = 0; shift < 40; shift++) {
        struct buf b = {0};
        buf_str(&b, "A,B\r\n\"");
        for (size_t i = 0; i < 256 * 1024 - 20 + shift; i++)
            buf_byte(&b, i % 1000 == 999 ? '\n' : 'x');
        buf_str(&b, "\",1\r\n2,\"3\"\"\"\r\n");
        struct rows_read r = rows_read(buf_span(&b), FILE_CSV, NULL);
        CU_ASSERT_TRUE(r.good);
        CU_ASSERT_EQUAL(r.rows, 2);
        CU_ASSERT_TRUE(span_ends(buf_span(&r.text), SPAN("\"><1>\n<2><\"3\"\">\n")));
        CU_ASSERT_EQUAL(r.notes.samples, 0);
        rows_read_close(&r);
        buf_close(&b);
    }
}

/* A text of some length, rarely a long one, as it stands in quotes or not; and as it reads. */
static void add_cell(struct buf *file, struct buf *want, uint64_t *random)
{
    static const char *const pieces[] = {"a", "bc",   " ",    "\xc3\xa9", "1.5",
                                         ",", "\"\"", "\r\n", "\n"};
    uint64_t r = test_random(random) >> 8;
    bool quoted = r % 4 == 0;
    size_t kinds = quoted ? (r / 4 % 4 == 0 ? 9 : 6) : 5; /* some are not plain */
    size_t n = r / 16 % 1000 == 0 ? 30000 : r / 16 % 9;
    buf_str(file, quoted ? "\"" : "");
    buf_str(want, quoted ? "<\"" : "<");
    for (size_t i = 0; i < n; i++) {
        const char *piece = pieces[(test_random(random) >> 8) % kinds];
        buf_str(file, piece);
        buf_str(want, piece[0] == '"' ? "\"" : piece);
    }
    buf_str(file, quoted ? "\"" : "");
    buf_str(want, quoted ? "\">" : ">");
}

static void add_row(struct buf *file, struct buf *want, size_t columns, uint64_t *random)
{
    for (size_t i = 0; i < columns; i++) {
        buf_str(file, i > 0 ? "," : "");
        add_cell(file, want, random);
    }
    buf_str(want, "\n");
}

/* Rows that are plain and rows that are not in turn, around the ends of all blocks. */
static void test_csv__reads_what_was_written(void)
{
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct buf file = {0}, want = {0};
        uint64_t random = seed;
        size_t columns = seed % 3 == 0 ? 1 : seed * 3, rows = 0;
        buf_str(&file, seed % 2 == 0 ? "\xef\xbb\xbfH" : "H");
        for (size_t i = 1; i < columns; i++)
            buf_str(&file, ",H");
        for (; file.n < 1 << 20; rows++) {
            buf_str(&file, test_random(&random) >> 8 & 1 ? "\n" : "\r\n");
            add_row(&file, &want, columns, &random);
        }
        buf_str(&file, "\n");
        struct rows_read r = rows_read(buf_span(&file), FILE_CSV, NULL);
        CU_ASSERT_TRUE(r.good);
        CU_ASSERT_EQUAL(r.rows, rows);
        CU_ASSERT_TRUE(span_eq(buf_span(&r.text), buf_span(&want)));
        rows_read_close(&r);
        buf_close(&file);
        buf_close(&want);
    }
}

/* What is wrong in the third line, wherever it is there. */
static void test_csv__refuses_alike_wherever_it_looks(void)
{
    static const struct {
        struct span text;
        const char *why;
    } wrong[] = {{SPAN("x\"y,2\r\n"), "line 3: a quote within"},
                 {SPAN("\"x\"y,2\n"), "line 3: something"},
                 {SPAN("\"x\"\"\"y,2\n"), "line 3: something"},
                 {SPAN("x\r,2\n"), "line 3: a carriage return"},
                 {SPAN("x,2\r\r\n"), "line 3: a carriage return"},
                 {SPAN("x\0,2\n"), "line 3: a NUL"},
                 {SPAN("x\n"), "line 3: short"},
                 {SPAN("x,2,3\n"), "line 3: short or long"},
                 {SPAN("x,\"2\n"), "line 3: a quote of the row"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        for (size_t shift = 0; shift < 140; shift++) {
            struct buf b = {0};
            buf_str(&b, "A,B\r\n");
            for (size_t k = 0; k < shift; k++)
                buf_byte(&b, 'x');
            buf_str(&b, ",\"1\"\n");
            buf_add(&b, wrong[i].text);
            buf_str(&b, "5,6\n7,8\n");
            CU_ASSERT(refused(buf_span(&b), wrong[i].why));
            buf_close(&b);
        }
}

SUITE(csv, TEST(test_csv__refuses_quotes_that_rfc_4180_does_not_have),
      TEST(test_csv__refuses_rows_of_another_width), TEST(test_csv__refuses_bytes_that_are_no_text),
      TEST(test_csv__refuses_a_file_without_header), TEST(test_csv__keeps_to_its_limits),
      TEST(test_csv__keeps_every_byte_of_a_cell),
      TEST(test_csv__takes_a_blank_line_of_one_column_for_an_empty_cell),
      TEST(test_csv__notes_peculiarities), TEST(test_csv__reads_rows_across_blocks),
      TEST(test_csv__reads_what_was_written), TEST(test_csv__refuses_alike_wherever_it_looks))
