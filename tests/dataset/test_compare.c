#include "dataset/compare.h"

#include <stdio.h>

#include "base/buf.h"
#include "tests/test.h"

enum { ROWS = 20000 };

/* A member that is to be read. */
struct reading {
    struct span bytes;
    struct issues notes;
    struct rows *rows;
};

static struct record_input begin(struct reading *r, enum file_format format, struct span bytes)
{
    r->bytes = bytes;
    struct rows_input in = {
        .source = source_of(&r->bytes), .format = format, .name = "f", .notes = &r->notes};
    CU_ASSERT_TRUE_FATAL(rows_open(&in, &r->rows, NULL));
    CU_ASSERT_EQUAL_FATAL(rows_member(r->rows, NULL), ROWS_MORE);
    return (struct record_input){.rows = r->rows, .notes = &r->notes, .place = "f"};
}

static void end(struct reading *r)
{
    rows_close(r->rows);
    issues_close(&r->notes);
}

static bool in_step(enum file_format format, struct span a, struct span b, struct comparison *out)
{
    struct reading x = {0}, y = {0};
    struct record_input in_a = begin(&x, format, a), in_b = begin(&y, format, b);
    struct arena arena = {0};
    struct content_order of_b;
    bool same = compare_in_step(&in_a, &in_b, &arena, out, &of_b);
    arena_close(&arena);
    end(&x);
    end(&y);
    return same;
}

static void add_row(struct buf *b, unsigned i, const char *text, const char *line_end)
{
    char line[64];
    snprintf(line, sizeof line, "%u,%s%s", i, text, line_end);
    buf_str(b, line);
}

/* Rows with `text`, but row `other`. */
static struct buf make_csv(size_t rows, size_t other, const char *line_end)
{
    struct buf b = {0};
    buf_str(&b, "A,B\n");
    for (unsigned i = 0; i < rows; i++)
        add_row(&b, i, i == other ? "other" : "text", line_end);
    return b;
}

static void test_compare__goes_in_step_over_the_same_records(void)
{
    static const size_t rows[] = {0, 1, 255, 256, 257, 4096, 4097, ROWS};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf a = make_csv(rows[i], SIZE_MAX, "\n"), b = make_csv(rows[i], SIZE_MAX, "\r\n");
        struct comparison found;
        CU_ASSERT_TRUE_FATAL(in_step(FILE_CSV, buf_span(&a), buf_span(&b), &found));
        CU_ASSERT_EQUAL(found.change, CHANGE_HEADER);
        CU_ASSERT_EQUAL(found.records.both, rows[i]);
        buf_close(&a);
        buf_close(&b);
    }
}

static void test_compare__leaves_the_step_at_a_record_that_differs(void)
{
    static const size_t other[] = {0, 255, 256, 4095, 4096, 4097, 10000, ROWS - 1};
    struct buf a = make_csv(ROWS, SIZE_MAX, "\n");
    struct comparison found;
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        struct buf b = make_csv(ROWS, other[i], "\n");
        CU_ASSERT_FALSE(in_step(FILE_CSV, buf_span(&a), buf_span(&b), &found));
        CU_ASSERT_FALSE(in_step(FILE_CSV, buf_span(&b), buf_span(&a), &found));
        buf_close(&b);
    }
    buf_close(&a);
}

static void test_compare__leaves_the_step_where_one_ends(void)
{
    static const size_t fewer[] = {0, 1, 256, 4096, ROWS - 256, ROWS - 1};
    struct buf a = make_csv(ROWS, SIZE_MAX, "\n");
    struct comparison found;
    for (size_t i = 0; i < sizeof fewer / sizeof fewer[0]; i++) {
        struct buf b = make_csv(fewer[i], SIZE_MAX, "\n");
        CU_ASSERT_FALSE(in_step(FILE_CSV, buf_span(&a), buf_span(&b), &found));
        CU_ASSERT_FALSE(in_step(FILE_CSV, buf_span(&b), buf_span(&a), &found));
        buf_close(&b);
    }
    buf_close(&a);
}

static void test_compare__leaves_the_step_where_one_is_malformed(void)
{
    struct buf a = make_csv(ROWS, SIZE_MAX, "\n"), b = make_csv(ROWS, SIZE_MAX, "\n");
    struct comparison found;
    buf_str(&b, "1,2,3\n");
    CU_ASSERT_FALSE(in_step(FILE_CSV, buf_span(&a), buf_span(&b), &found));
    CU_ASSERT_FALSE(in_step(FILE_CSV, buf_span(&b), buf_span(&a), &found));
    CU_ASSERT_FALSE(in_step(FILE_CSV, buf_span(&b), buf_span(&b), &found));
    buf_close(&a);
    buf_close(&b);
}

static void test_compare__leaves_the_step_where_columns_are_called_otherwise(void)
{
    struct comparison found;
    CU_ASSERT_FALSE(in_step(FILE_CSV, SPAN("A,B\n1,2\n"), SPAN("A,C\n1,2\n"), &found));
    CU_ASSERT_TRUE(in_step(FILE_CSV, SPAN("A,B\n1,2\n"), SPAN("B,A\n2,1\n"), &found));
    CU_ASSERT_EQUAL(found.change, CHANGE_COLUMN_ORDER);
}

#define NUMBERS(value)                                                                             \
    "{\"datasetJSONVersion\":\"1.1.0\",\"datasetJSONCreationDateTime\":\"2026-01-01T00:00:00\","   \
    "\"itemGroupOID\":\"IG.X\",\"records\":1,\"name\":\"X\",\"label\":\"X\",\"columns\":["         \
    "{\"itemOID\":\"A\",\"name\":\"A\",\"label\":\"A\",\"dataType\":\"double\"}],"                 \
    "\"rows\":[[" value "]]}"

static void test_compare__leaves_the_step_behind_the_15th_digit(void)
{
    struct comparison found;
    CU_ASSERT_FALSE(
        in_step(FILE_JSON, SPAN(NUMBERS("0.3")), SPAN(NUMBERS("0.30000000000000004")), &found));
    CU_ASSERT_TRUE(in_step(FILE_JSON, SPAN(NUMBERS("0.30000000000000004")),
                           SPAN(NUMBERS("3.0000000000000004e-1")), &found));
}

SUITE(compare, TEST(test_compare__goes_in_step_over_the_same_records),
      TEST(test_compare__leaves_the_step_at_a_record_that_differs),
      TEST(test_compare__leaves_the_step_where_one_ends),
      TEST(test_compare__leaves_the_step_where_one_is_malformed),
      TEST(test_compare__leaves_the_step_where_columns_are_called_otherwise),
      TEST(test_compare__leaves_the_step_behind_the_15th_digit))
