#include "ledger/twin.h"

#include "base/buf.h"
#include "ledger/revision_words.h"
#include "tests/ledger/entry_make.h"
#include "tests/test.h"

/* Not compared with any before it. Those of one number are files of one transfer. */
static struct entry revision(const char *dataset, uint64_t number, enum data_format format,
                             uint8_t content)
{
    struct entry x = entry_make(ENTRY_REVISION);
    x.subject = sha256_of(span_of(&number, sizeof number));
    x.revision.dataset = span_str(dataset);
    x.revision.revision = number;
    x.revision.format = format;
    x.revision.transfer = number;
    x.revision.data.content = hash_fill(content);
    x.revision.against = revision_change_none;
    return x;
}

static struct entry withdrawal(uint64_t revision)
{
    struct entry x = entry_make(ENTRY_WITHDRAWAL);
    x.withdrawal.revision = revision;
    return x;
}

/* What is said of the last one of a ledger of these entries. */
static struct span said(const struct entry *x, size_t n)
{
    static struct buf b;
    struct twins *t = twins_open();
    struct twin twin = twin_none;
    buf_clear(&b);
    for (size_t i = 0; i < n; i++)
        twins_add(t, i, &x[i], &twin);
    twin_words(&b, &twin);
    twins_close(t);
    return buf_span(&b);
}
#define ASSERT_SAID(entries, want)                                                                 \
    ASSERT_SPAN(said(entries, sizeof entries / sizeof entries[0]), SPAN(want))

static void test_twin__is_none_of_what_was_not_read(void)
{
    struct entry x[] = {revision("DM", 1, FORMAT_XPT, 1), revision("DM", 2, FORMAT_JSON, 1)};
    ASSERT_SAID(x, "; header only: the same data as revision 1 (xpt)");
    x[1].revision.data = revision_data_none;
    ASSERT_SAID(x, "");
    x[0].revision.data = revision_data_none;
    ASSERT_SAID(x, "");
}

static void test_twin__has_the_same_form(void)
{
    struct entry x[] = {revision("DM", 1, FORMAT_XPT, 1), revision("DM", 2, FORMAT_JSON, 1)};
    x[0].revision.data.form = 2;
    ASSERT_SAID(x, "");
}

static void test_twin__is_not_told_where_the_change_says_it(void)
{
    struct entry x[] = {revision("DM", 1, FORMAT_XPT, 1), revision("DM", 2, FORMAT_XPT, 1)};
    for (enum change c = CHANGE_NONE; c < CHANGE_FUZZ; c++) {
        x[1].revision.against.change = c;
        ASSERT_SAID(x, "");
    }
    x[1].revision.against = revision_change_none;
    ASSERT_SAID(x, "; header only: the same data as revision 1 (xpt)");
    x[1].revision.against.change = CHANGE_DATA;
    x[1].revision.against.reverted = 0;
    ASSERT_SAID(x, "");
}

static void test_twin__without_records_is_of_the_same_dataset(void)
{
    struct entry x[] = {revision("SUPPAE", 1, FORMAT_XPT, 1), revision("SUPPDM", 1, FORMAT_XPT, 1)};
    ASSERT_SAID(x, "; header only: the same data as SUPPAE@1 (xpt)");
    x[0].revision.records = x[1].revision.records = 0;
    ASSERT_SAID(x, "");
    x[1].revision.dataset = x[0].revision.dataset;
    ASSERT_SAID(x, "; header only: the same data as revision 1 (xpt)");
    /* Other columns: another digest. */
    x[1].revision.data.content = hash_fill(2);
    ASSERT_SAID(x, "");
}

static void test_twin__differs_as_identify_says(void)
{
    struct entry x[] = {revision("DM", 1, FORMAT_CSV, 1), revision("DM", 2, FORMAT_JSON, 1)};
    x[1].revision.data.metadata = hash_fill(9);
    x[1].revision.data.schema = hash_fill(9); /* what typed it does not matter */
    ASSERT_SAID(x, "; metadata only: the same data as revision 1 (csv)");
    x[1].revision.data.strict_order = hash_fill(9);
    ASSERT_SAID(x, "; the same records in another order than in revision 1 (csv)");
    x[1].revision.data.strict = hash_fill(9);
    ASSERT_SAID(x, "; numbers differ behind the 15th digit from those of revision 1 (csv)");
    x[1].subject = x[0].subject;
    ASSERT_SAID(x, "; the same bytes as revision 1 (csv)");
    x[1].revision.transfer = x[0].revision.transfer; /* two datasets of one file */
    ASSERT_SAID(x, "; numbers differ behind the 15th digit from those of revision 1 (csv)");
}

static void test_twin__of_little_other_numbers_is_not_the_one_before(void)
{
    struct entry x[] = {revision("DM", 1, FORMAT_CSV, 1), revision("DM", 2, FORMAT_CSV, 1),
                        revision("DM", 3, FORMAT_CSV, 1)};
    x[0].revision.format = FORMAT_JSON;
    x[1].revision.data.strict = hash_fill(9);
    x[2].revision.against.change = CHANGE_FUZZ;
    ASSERT_SAID(x, "; header only: the same data as revision 1 (json)");
    x[0].revision.data.strict = hash_fill(8);
    ASSERT_SAID(x, "");
}

static void test_twin__is_the_same_first_then_of_the_dataset_then_the_last(void)
{
    struct entry x[] = {revision("DM", 1, FORMAT_XPT, 1), revision("LB", 1, FORMAT_CSV, 1),
                        revision("LB", 2, FORMAT_JSON, 1), revision("DM", 2, FORMAT_JSON, 1)};
    ASSERT_SAID(x, "; header only: the same data as revision 1 (xpt)");
    x[0].revision.data.strict = hash_fill(9);
    ASSERT_SAID(x, "; header only: the same data as LB@2 (json)");
    x[1].revision.data.strict = x[2].revision.data.strict = hash_fill(9);
    ASSERT_SAID(x, "; numbers differ behind the 15th digit from those of revision 1 (xpt)");
}

static void test_twin__was_withdrawn_before_this_one_came(void)
{
    struct entry x[] = {revision("LB", 1, FORMAT_XPT, 2), revision("DM", 1, FORMAT_XPT, 1),
                        withdrawal(1), revision("DM", 2, FORMAT_JSON, 1)};
    ASSERT_SAID(x, "; header only: the same data as revision 1 (xpt, withdrawn)");
    x[2] = withdrawal(0);
    ASSERT_SAID(x, "; header only: the same data as revision 1 (xpt)");
    x[2] = withdrawal(99);
    ASSERT_SAID(x, "; header only: the same data as revision 1 (xpt)");
}

/* That many datasets with the same data are met from the last one back. */
static void test_twin__is_not_looked_for_without_end(void)
{
    enum { MANY = TWIN_LOOK + 2 };
    static struct entry x[MANY];
    for (size_t i = 0; i < MANY; i++)
        x[i] = revision(i == 1 || i == MANY - 1 ? "DM" : "LB", i + 1, FORMAT_XPT, 1);
    ASSERT_SAID(x, "; header only: the same data as revision 2 (xpt)");
    x[0] = x[1];
    x[1] = revision("LB", 2, FORMAT_XPT, 1);
    ASSERT_SAID(x, "; header only: the same data as LB@257 (xpt)");
}

SUITE(twin, TEST(test_twin__is_none_of_what_was_not_read), TEST(test_twin__has_the_same_form),
      TEST(test_twin__is_not_told_where_the_change_says_it),
      TEST(test_twin__without_records_is_of_the_same_dataset),
      TEST(test_twin__differs_as_identify_says),
      TEST(test_twin__of_little_other_numbers_is_not_the_one_before),
      TEST(test_twin__is_the_same_first_then_of_the_dataset_then_the_last),
      TEST(test_twin__was_withdrawn_before_this_one_came),
      TEST(test_twin__is_not_looked_for_without_end))
