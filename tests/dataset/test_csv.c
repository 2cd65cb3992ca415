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

SUITE(csv, TEST(test_csv__refuses_quotes_that_rfc_4180_does_not_have),
      TEST(test_csv__refuses_rows_of_another_width), TEST(test_csv__refuses_bytes_that_are_no_text),
      TEST(test_csv__refuses_a_file_without_header), TEST(test_csv__keeps_to_its_limits),
      TEST(test_csv__keeps_every_byte_of_a_cell),
      TEST(test_csv__takes_a_blank_line_of_one_column_for_an_empty_cell),
      TEST(test_csv__notes_peculiarities), TEST(test_csv__reads_rows_across_blocks))
