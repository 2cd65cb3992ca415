#include "store/sums.h"

#include "base/buf.h"
#include "os/publish.h"
#include "tests/temp.h"
#include "tests/test.h"

#define D1 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define D2 "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static bool refused(struct span text, const char *why)
{
    struct sums s;
    struct err e = {0};
    bool parsed = sums_parse(&s, text, &e);
    if (parsed)
        sums_close(&s);
    return !parsed && e.kind == ERR_FORMAT && strstr(e.text, why) != NULL;
}

static void test_sums__refuses_what_is_no_hash_and_path(void)
{
    CU_ASSERT(refused(SPAN("\n"), "line 1"));
    CU_ASSERT(refused(SPAN(D1 "  \n"), "line 1"));
    CU_ASSERT(refused(SPAN(D1 " *a\n"), "line 1"));
    CU_ASSERT(refused(SPAN("\\" D1 "  a\n"), "line 1"));
    CU_ASSERT(refused(SPAN(D1 "  a\n" D1 "  b"), "no end"));
}

static void test_sums__refuses_paths_that_lead_elsewhere(void)
{
    CU_ASSERT(refused(SPAN(D1 "  /etc/passwd\n"), "line 1"));
    CU_ASSERT(refused(SPAN(D1 "  ../a\n"), "line 1"));
    CU_ASSERT(refused(SPAN(D1 "  a/..\n"), "line 1"));
    CU_ASSERT(refused(SPAN(D1 "  a/./b\n"), "line 1"));
    CU_ASSERT(refused(SPAN(D1 "  a//b\n"), "line 1"));
    CU_ASSERT(refused(SPAN(D1 "  a/\n"), "line 1"));
    CU_ASSERT(refused(SPAN(D1 "  a\tb\n"), "line 1"));
    CU_ASSERT(refused(SPAN(D1 "  a\r\n"), "line 1"));
}

static void test_sums__refuses_another_order_and_a_path_twice(void)
{
    CU_ASSERT(refused(SPAN(D1 "  b\n" D1 "  a\n"), "order"));
    CU_ASSERT(refused(SPAN(D1 "  a\n" D2 "  a\n"), "order"));
}

static void test_sums__does_not_list_what_it_could_not_read(void)
{
    struct sums s = {0};
    struct err e = {0};
    CU_ASSERT_FALSE(sums_add(&s, SPAN("a\nb"), (struct hash){{0}}, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
    CU_ASSERT_FALSE(sums_add(&s, SPAN(""), (struct hash){{0}}, NULL));
    sums_close(&s);
}

/* A write that was cut off, and the next one behind it. */
static void test_sums__passes_over_what_is_no_line_of_a_journal(void)
{
    struct sums s;
    struct hash one = {{0}}, two = {{0}};
    CU_ASSERT_FATAL(hash_parse(SPAN(D1), &one) && hash_parse(SPAN(D2), &two));
    sums_parse_journal(&s, SPAN("\n" D1 "  b\n" D1 "  ../a\n012" D1 "  c\n\n" D2 "  a\n" D2 "  d"));
    CU_ASSERT_EQUAL(s.count, 2);
    CU_ASSERT(sums_has(&s, SPAN("a"), two));
    CU_ASSERT(sums_has(&s, SPAN("b"), one));
    CU_ASSERT_FALSE(sums_has(&s, SPAN("b"), two));
    CU_ASSERT_FALSE(sums_has(&s, SPAN("c"), one));
    CU_ASSERT_FALSE(sums_has(&s, SPAN("d"), two));
    sums_close(&s);
}

static void test_sums__knows_each_line_of_a_path(void)
{
    struct sums s;
    struct hash one = {{0}}, two = {{0}};
    CU_ASSERT_FATAL(hash_parse(SPAN(D1), &one) && hash_parse(SPAN(D2), &two));
    sums_parse_journal(&s, SPAN(D1 "  b\n" D2 "  a\n" D2 "  b\n" D1 "  c\n"));
    CU_ASSERT(sums_has(&s, SPAN("b"), one));
    CU_ASSERT(sums_has(&s, SPAN("b"), two));
    CU_ASSERT_FALSE(sums_has(&s, SPAN("a"), one));
    CU_ASSERT_FALSE(sums_has(&s, SPAN("bb"), one));
    sums_close(&s);
}

static void test_sums__reads_what_it_wrote(void)
{
    int d;
    const char *path = temp_folder(&d);
    struct sums s = {0}, again, none;
    struct err e = {0};
    CU_ASSERT_TRUE(sums_read(d, &none, &e));
    CU_ASSERT_EQUAL(none.count, 0);
    CU_ASSERT_TRUE(sums_add(&s, SPAN("b/c d"), sha256_of(SPAN("1")), &e));
    CU_ASSERT_TRUE(sums_add(&s, SPAN("a"), sha256_of(SPAN("2")), &e));
    CU_ASSERT_TRUE(sums_write(d, &s, &e));
    CU_ASSERT_TRUE(sums_read(d, &again, &e));
    CU_ASSERT_TRUE(sums_same(&s, &again));
    CU_ASSERT_TRUE(hash_eq(sums_find(&again, SPAN("a"))->hash, sha256_of(SPAN("2"))));
    CU_ASSERT_PTR_NULL(sums_find(&again, SPAN("b")));
    sums_close(&again);
    sums_close(&s);
    temp_folder_end(path, d);
}

SUITE(sums, TEST(test_sums__refuses_what_is_no_hash_and_path),
      TEST(test_sums__refuses_paths_that_lead_elsewhere),
      TEST(test_sums__refuses_another_order_and_a_path_twice),
      TEST(test_sums__does_not_list_what_it_could_not_read),
      TEST(test_sums__passes_over_what_is_no_line_of_a_journal),
      TEST(test_sums__knows_each_line_of_a_path), TEST(test_sums__reads_what_it_wrote))
