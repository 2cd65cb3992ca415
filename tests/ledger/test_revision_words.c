#include "ledger/revision_words.h"

#include "tests/test.h"

/* What is said of revision 7. */
static bool says(struct revision_change c, const char *back_to, const char *expected)
{
    struct buf b = {0};
    revision_change_words(&b, 7, true, &c, back_to);
    bool same = span_eq(buf_span(&b), span_str(expected));
    buf_close(&b);
    return same;
}

static struct revision_change counts(uint64_t added, uint64_t changed, uint64_t removed)
{
    return (struct revision_change){CHANGE_DATA, added, changed, removed, ENTRY_NONE};
}

static struct revision_change without_counts(enum change c)
{
    return (struct revision_change){.change = c, .reverted = ENTRY_NONE};
}

static void test_revision_words__what_was_not_compared_is_never_called_the_same(void)
{
    CU_ASSERT(says(revision_change_none, NULL, "not compared"));
    CU_ASSERT(says(revision_change_none, "revision 3", "not compared"));
}

static void test_revision_words__the_first_has_nothing_to_be_compared_with(void)
{
    struct buf b = {0};
    revision_change_words(&b, 1, false, &revision_change_none, NULL);
    CU_ASSERT(span_eq(buf_span(&b), SPAN("the first")));
    buf_clear(&b);
    revision_change_words(&b, 7, false, &revision_change_none, NULL);
    CU_ASSERT(span_eq(buf_span(&b), SPAN("the first in this format")));
    buf_close(&b);
}

static void test_revision_words__say_that_the_data_are_the_same(void)
{
    CU_ASSERT(says(without_counts(CHANGE_NONE), NULL, "the same bytes"));
    CU_ASSERT(says(without_counts(CHANGE_HEADER), NULL, "header only: the same data"));
    CU_ASSERT(says(without_counts(CHANGE_METADATA), NULL, "metadata only: the same data"));
    CU_ASSERT(says(without_counts(CHANGE_COLUMN_ORDER), NULL,
                   "the same data, its columns in another order"));
    CU_ASSERT(says(without_counts(CHANGE_RECORD_ORDER), NULL, "the same records in another order"));
}

static void test_revision_words__count_records_and_leave_out_what_is_none(void)
{
    CU_ASSERT(says(counts(34, 2, 1), NULL, "34 records added, 2 changed, 1 removed"));
    CU_ASSERT(says(counts(1, 0, 0), NULL, "1 record added"));
    CU_ASSERT(says(counts(0, 1, 2), NULL, "1 record changed, 2 removed"));
    CU_ASSERT(says(counts(0, 0, 5), NULL, "5 records removed"));
}

static void test_revision_words__other_columns_without_records_are_different_data(void)
{
    CU_ASSERT(says(counts(0, 0, 0), NULL, "different data"));
}

static void test_revision_words__say_how_many_numbers_differ_so_little(void)
{
    struct revision_change c = {CHANGE_FUZZ, 0, 3, 0, ENTRY_NONE};
    CU_ASSERT(says(c, NULL, "numbers differ behind the 15th digit in 3 records"));
    c.changed = 1;
    CU_ASSERT(says(c, NULL, "numbers differ behind the 15th digit in 1 record"));
}

static void test_revision_words__say_whose_data_came_back(void)
{
    struct revision_change c = counts(0, 2, 0);
    c.reverted = 6;
    CU_ASSERT(says(c, "revision 3", "back to the data of revision 3: 2 records changed"));
    CU_ASSERT(says(c, NULL, "2 records changed"));
    CU_ASSERT(says(counts(0, 2, 0), "revision 3", "2 records changed"));
}

static void test_revision_words__name_every_key(void)
{
    for (enum key_source k = KEY_UNREAD; k <= KEY_ALL; k++)
        CU_ASSERT(strlen(key_words(k)) > 0);
}

SUITE(revision_words, TEST(test_revision_words__what_was_not_compared_is_never_called_the_same),
      TEST(test_revision_words__the_first_has_nothing_to_be_compared_with),
      TEST(test_revision_words__say_that_the_data_are_the_same),
      TEST(test_revision_words__count_records_and_leave_out_what_is_none),
      TEST(test_revision_words__other_columns_without_records_are_different_data),
      TEST(test_revision_words__say_how_many_numbers_differ_so_little),
      TEST(test_revision_words__say_whose_data_came_back),
      TEST(test_revision_words__name_every_key))
