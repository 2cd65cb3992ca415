#include "content/content.h"

#include <stdio.h>

#include "os/dir.h"
#include "tests/test.h"

enum { ROWS = 3000 }; /* more than are taken in at once, so with a thread where there may be one */

/* A CSV of ROWS rows, and behind them `end`. */
static void make_csv(struct buf *b, const char *end)
{
    buf_str(b, "ID,VALUE\n");
    for (unsigned i = 0; i < ROWS; i++) {
        char line[64];
        snprintf(line, sizeof line, "%u,value %u\n", i, i * 7919 % ROWS);
        buf_str(b, line);
    }
    buf_str(b, end);
}

static const uint8_t secret[CHACHA20_KEY] = {7};

static bool read_content(struct span file, struct content **out, struct err *e)
{
    struct issues notes = {0};
    struct rows *rows = NULL;
    struct arena a = {0};
    struct dataset_key key;
    struct rows_input in = {
        .source = source_of(&file), .format = FILE_CSV, .name = "f", .notes = &notes};
    struct content_input content = {.records = {.notes = &notes, .place = "f", .key = &key},
                                    .secret = secret};
    bool good = dir_open_path("/tmp", &content.folder, e) && rows_open(&in, &rows, e) &&
                rows_member(rows, e) == ROWS_MORE;
    content.records.rows = rows;
    if (good)
        key_choose(rows_info(rows), SPAN("x"), NULL, 0, &notes, "f", &a, &key);
    good = good && content_read(&content, out, e);
    rows_close(rows);
    dir_close(content.folder);
    arena_close(&a);
    issues_close(&notes);
    return good;
}

/* While earlier rows are still being taken in. */
static void test_content__is_refused_where_a_late_row_is_malformed(void)
{
    struct buf b = {0};
    make_csv(&b, "1,2,3\n");
    for (unsigned i = 0; i < 200; i++) {
        struct content *c = NULL;
        struct err e = {0};
        CU_ASSERT_FALSE_FATAL(read_content(buf_span(&b), &c, &e));
        CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
    }
    buf_close(&b);
}

static void test_content__is_the_same_with_tree_and_digests_at_once(void)
{
    struct buf b = {0};
    struct content *c = NULL, *again = NULL;
    struct content_digests one, both;
    struct hash root, root_again;
    make_csv(&b, "");
    CU_ASSERT_TRUE_FATAL(read_content(buf_span(&b), &c, NULL));
    CU_ASSERT_TRUE_FATAL(read_content(buf_span(&b), &again, NULL));
    CU_ASSERT_EQUAL(content_order(c).records, ROWS);
    CU_ASSERT_TRUE(hash_eq(content_order(c).ordered, content_order(again).ordered));
    CU_ASSERT_TRUE_FATAL(content_digests(c, &one, NULL));
    CU_ASSERT_TRUE_FATAL(content_tree(c, &root, NULL));
    CU_ASSERT_TRUE_FATAL(content_digests_and_tree(again, &both, &root_again, NULL));
    CU_ASSERT_TRUE(hash_eq(one.unordered, both.unordered));
    CU_ASSERT_TRUE(hash_eq(one.strict_unordered, both.strict_unordered));
    CU_ASSERT_TRUE(hash_eq(root, root_again));
    content_close(c);
    content_close(again);
    buf_close(&b);
}

SUITE(content, TEST(test_content__is_refused_where_a_late_row_is_malformed),
      TEST(test_content__is_the_same_with_tree_and_digests_at_once))
