#include "base/issue.h"

#include "base/err.h"
#include "tests/test.h"

static void test_issue__replaces_what_a_terminal_might_obey(void)
{
    struct issues l = {0};
    issues_add(&l, ISSUE_FILE_NAME, "a\x1b[2J", "bad \xc2\x9b%s", "\xe2\x80\x94");
    CU_ASSERT_STRING_EQUAL(l.sample[0].place, "a?[2J");
    CU_ASSERT_STRING_EQUAL(l.sample[0].detail, "bad ??\xe2\x80\x94");
    issues_close(&l);
}

static void test_issue__caps_samples_but_not_counts(void)
{
    struct issues l = {0}, more = {0};
    for (int i = 0; i < 100; i++)
        issues_add(&more, ISSUE_FILE_EMPTY, "x", "number %d", i);
    issues_add(&l, ISSUE_FILE_EMPTY, "y", "first");
    issues_join(&l, &more);
    CU_ASSERT_EQUAL(l.count[ISSUE_FILE_EMPTY], 101);
    CU_ASSERT_EQUAL(l.samples, ISSUE_SAMPLES);
    CU_ASSERT_EQUAL(issues_count(&l, SEVERITY_BAD), 101);
    CU_ASSERT_EQUAL(issues_count(&l, SEVERITY_NOTE), 101);
    issues_close(&more);
    issues_close(&l);
}

static void test_issue__finds_every_id_by_its_name(void)
{
    for (enum issue_id id = 0; id < ISSUE_COUNT; id++)
        CU_ASSERT_EQUAL(issue_find(span_str(issue_name(id))), id);
    CU_ASSERT_EQUAL(issue_find(SPAN("no-such-issue")), ISSUE_COUNT);
}

static void test_err__cuts_long_text_at_a_character(void)
{
    char out[6];
    CU_ASSERT_EQUAL(text_format(out, sizeof out, "abc\xe2\x80\x94"), 3);
    CU_ASSERT_STRING_EQUAL(out, "abc");
    struct err e = {0};
    CU_ASSERT_FALSE(err_set(&e, ERR_FORMAT, "line %d", 3));
    CU_ASSERT_FALSE(err_at(&e, "file"));
    CU_ASSERT_STRING_EQUAL(e.text, "file: line 3");
}

SUITE(issue, TEST(test_issue__replaces_what_a_terminal_might_obey),
      TEST(test_issue__caps_samples_but_not_counts), TEST(test_issue__finds_every_id_by_its_name),
      TEST(test_err__cuts_long_text_at_a_character))
