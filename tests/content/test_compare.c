#include "content/compare.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "os/dir.h"
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

/* By the first of the columns if there is a key. */
static const size_t first_column[] = {0};
static const struct dataset_key by_first = {KEY_STUDY, 1, first_column};

static bool in_step_by(const struct dataset_key *key, enum file_format format, struct span a,
                       struct span b, struct comparison *out)
{
    struct reading x = {0}, y = {0};
    struct record_input in_a = begin(&x, format, a), in_b = begin(&y, format, b);
    struct arena arena = {0};
    struct content_order of_a, of_b;
    in_b.key = key;
    bool good = compare_in_step(&in_a, &in_b, &arena, out, &of_a, &of_b);
    arena_close(&arena);
    end(&x);
    end(&y);
    return good;
}

static bool in_step(enum file_format format, struct span a, struct span b, struct comparison *out)
{
    return in_step_by(NULL, format, a, b, out);
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

/* --- in order of a key --- */

static struct content *read_whole(enum file_format format, struct span bytes)
{
    struct reading r = {0};
    struct content *c = NULL;
    struct content_input in = {.records = begin(&r, format, bytes)};
    in.records.key = &by_first;
    CU_ASSERT_TRUE_FATAL(dir_open_path("/tmp", &in.folder, NULL));
    CU_ASSERT_TRUE_FATAL(content_read(&in, &c, NULL));
    CU_ASSERT_TRUE_FATAL(content_park(c, NULL));
    end(&r);
    dir_close(in.folder);
    return c;
}

static struct comparison whole(enum file_format format, struct span a, struct span b)
{
    struct content *x = read_whole(format, a), *y = read_whole(format, b);
    struct comparison found;
    CU_ASSERT_TRUE_FATAL(compare_contents(x, y, &found, NULL));
    content_close(x);
    content_close(y);
    return found;
}

static void found_are_equal(const struct comparison *a, const struct comparison *b)
{
    CU_ASSERT_EQUAL(a->change, b->change);
    CU_ASSERT_EQUAL(a->names_differ, b->names_differ);
    CU_ASSERT_EQUAL(a->keyed, b->keyed);
    CU_ASSERT_EQUAL(a->changes.added, b->changes.added);
    CU_ASSERT_EQUAL(a->changes.removed, b->changes.removed);
    CU_ASSERT_EQUAL(a->changes.changed, b->changes.changed);
    if (a->names_differ)
        return;
    CU_ASSERT_EQUAL(a->records.both, b->records.both);
    CU_ASSERT_EQUAL(a->records.only_a, b->records.only_a);
    CU_ASSERT_EQUAL(a->records.only_b, b->records.only_b);
    if (a->records.only_a + a->records.only_b == 0)
        CU_ASSERT_EQUAL(a->records.strict, b->records.strict);
}

#define HEAD                                                                                       \
    "{\"datasetJSONVersion\":\"1.1.0\",\"datasetJSONCreationDateTime\":\"2026-01-01T00:00:00\","   \
    "\"itemGroupOID\":\"IG.X\",\"name\":\"X\",\"label\":\"X\",\"columns\":["                       \
    "{\"itemOID\":\"K\",\"name\":\"K\",\"label\":\"K\",\"dataType\":\"integer\"},"                 \
    "{\"itemOID\":\"V\",\"name\":\"V\",\"label\":\"V\",\"dataType\":\"double\"}],"

/* Values of which some are others only behind the 15th digit. */
static const char *const values[] = {"1", "2", "0.3", "0.30000000000000004", "0.30000000000000002"};

/* Rows in order of a key, which some share, in `order` of their values; a few are left out. */
static struct buf make_rows(uint64_t *random, size_t rows, unsigned odds)
{
    struct buf b = {0};
    char line[64];
    size_t n = 0;
    struct buf text = {0};
    for (size_t i = 0; i < rows; i++) {
        uint64_t r = test_random(random);
        if (r % odds == 0)
            continue;
        const char *value = values[r >> 8 & 1 ? 0 : (r >> 16) % odds == 1 ? (r >> 32) % 5 : 1];
        snprintf(line, sizeof line, "%s[%zu,%s]", n++ > 0 ? "," : "", i / (1 + (i / 64) % 2),
                 value);
        buf_str(&text, line);
    }
    buf_str(&b, HEAD);
    snprintf(line, sizeof line, "\"records\":%zu,\"rows\":[", n);
    buf_str(&b, line);
    buf_add(&b, buf_span(&text));
    buf_str(&b, "]}");
    buf_close(&text);
    return b;
}

static void test_compare__finds_in_step_what_it_finds_whole(void)
{
    static const size_t rows[] = {0, 1, 2, 3, 10, 100, 300, 1000, 9000};
    uint64_t random = 1;
    size_t walked = 0, tries = 400;
    for (size_t i = 0; i < tries; i++) {
        uint64_t again = random;
        size_t n = rows[i % (sizeof rows / sizeof rows[0])];
        unsigned odds = i % 5 == 0 ? 3 : 5000;
        struct buf a = make_rows(&random, n, odds);
        if (i % 4 != 0)
            random = again;
        struct buf b = make_rows(&random, n, i % 3 == 0 ? odds : 7);
        struct comparison step, all = whole(FILE_JSON, buf_span(&a), buf_span(&b));
        if (in_step_by(&by_first, FILE_JSON, buf_span(&a), buf_span(&b), &step)) {
            found_are_equal(&step, &all);
            walked++;
        }
        buf_close(&a);
        buf_close(&b);
    }
    CU_ASSERT_TRUE(walked > tries / 4);
}

static void test_compare__goes_in_step_from_one_difference_to_the_next(void)
{
    struct buf a = {0}, b = {0};
    struct comparison found;
    buf_str(&a, "A,B\n");
    buf_str(&b, "A,B\n");
    for (unsigned i = 0; i < ROWS; i++) {
        if (i % 1000 != 7)
            add_row(&a, i, "text", "\n");
        if (i % 1000 != 8)
            add_row(&b, i, i % 1000 == 9 ? "other" : "text", "\n");
    }
    CU_ASSERT_TRUE(in_step_by(&by_first, FILE_CSV, buf_span(&a), buf_span(&b), &found));
    struct comparison all = whole(FILE_CSV, buf_span(&a), buf_span(&b));
    found_are_equal(&found, &all);
    CU_ASSERT_EQUAL(found.change, CHANGE_DATA);
    CU_ASSERT_EQUAL(found.changes.added, ROWS / 1000);
    CU_ASSERT_EQUAL(found.changes.removed, ROWS / 1000);
    CU_ASSERT_EQUAL(found.changes.changed, ROWS / 1000);
    buf_close(&a);
    buf_close(&b);
}

static void test_compare__leaves_the_step_where_the_order_is_not_the_keys(void)
{
    struct comparison found;
    struct span a = SPAN("A,B\n1,a\n2,b\n3,c\n");
    CU_ASSERT_FALSE(in_step_by(&by_first, FILE_CSV, a, SPAN("A,B\n2,b\n1,a\n3,c\n"), &found));
    CU_ASSERT_FALSE(in_step_by(&by_first, FILE_CSV, a, SPAN("A,B\n1,x\n3,c\n2,b\n"), &found));
    CU_ASSERT_FALSE(in_step_by(&by_first, FILE_CSV, SPAN("A,B\n1,x\n3,c\n2,b\n"), a, &found));
    CU_ASSERT_TRUE(in_step_by(&by_first, FILE_CSV, SPAN("A,B\n3,c\n2,b\n"),
                              SPAN("A,B\r\n3,c\r\n2,b\r\n"), &found));
    CU_ASSERT_EQUAL(found.change, CHANGE_HEADER);
}

/* How many x make a key of which the hash of all begins with the byte that ends a short one. */
static size_t long_text(char *x, size_t most)
{
    uint8_t key[2048] = {3};
    memset(key + 1, 'x', sizeof key - 1);
    memset(x, 'x', most);
    for (size_t n = SORT_KEY_MAX; n < most; n++) {
        key[1 + n] = 0;
        if (sha256_of(span_of(key, n + 2)).b[0] == 0)
            return n;
        key[1 + n] = 'x';
    }
    return 0;
}

/* Rows out of order, and one with a key of 481 bytes; `added`: also one with such a key. */
static struct buf make_long_keys(const char *x, size_t n, unsigned value, bool added)
{
    struct buf b = {0};
    char line[2048];
    snprintf(line, sizeof line, "A,B\nb,1\na,1\n%.*s,%u\n", SORT_KEY_WHOLE - 1, x, value);
    buf_str(&b, line);
    snprintf(line, sizeof line, "%.*s,1\n", (int)n, x);
    buf_str(&b, added ? line : "");
    return b;
}

/* Such a key would begin with one of 481 bytes, if that one were kept whole. */
static void test_compare__tells_the_longest_keys_apart(void)
{
    static char x[2000];
    size_t n = long_text(x, sizeof x);
    CU_ASSERT_FATAL(n > 0);
    for (unsigned value = 0; value < 16; value++) {
        struct buf a = make_long_keys(x, n, value, false), b = make_long_keys(x, n, value, true);
        struct comparison found = whole(FILE_CSV, buf_span(&a), buf_span(&b));
        CU_ASSERT_EQUAL(found.changes.added, 1);
        CU_ASSERT_EQUAL(found.changes.removed, 0);
        buf_close(&a);
        buf_close(&b);
    }
}

static void test_compare__counts_by_key_in_step_where_columns_differ(void)
{
    struct span a = SPAN("A,B\n1,a\n2,b\n3,c\n"), b = SPAN("A,C\n1,a\n3,b\n4,c\n5,d\n");
    struct comparison found, all = whole(FILE_CSV, a, b);
    CU_ASSERT_TRUE(in_step_by(&by_first, FILE_CSV, a, b, &found));
    found_are_equal(&found, &all);
    CU_ASSERT_EQUAL(found.changes.changed, 2);
    CU_ASSERT_FALSE(in_step_by(&by_first, FILE_CSV, a, SPAN("X,B\n1,a\n"), &found));
}

SUITE(compare, TEST(test_compare__goes_in_step_over_the_same_records),
      TEST(test_compare__leaves_the_step_at_a_record_that_differs),
      TEST(test_compare__leaves_the_step_where_one_ends),
      TEST(test_compare__leaves_the_step_where_one_is_malformed),
      TEST(test_compare__leaves_the_step_where_columns_are_called_otherwise),
      TEST(test_compare__leaves_the_step_behind_the_15th_digit),
      TEST(test_compare__finds_in_step_what_it_finds_whole),
      TEST(test_compare__goes_in_step_from_one_difference_to_the_next),
      TEST(test_compare__leaves_the_step_where_the_order_is_not_the_keys),
      TEST(test_compare__tells_the_longest_keys_apart),
      TEST(test_compare__counts_by_key_in_step_where_columns_differ))
