#include "cli/options.h"

#include "tests/test.h"

static const struct option table[] = {
    {"quiet", NULL, "", 'q', false},
    {"output", "FILE", "", 'o', false},
    {"known", "FILE", "", 0, true},
    {0},
};
static const struct option more[] = {{"json", NULL, "", 0, false}, {0}};

enum { MOST = 8 };

/* Parses up to MOST words; NULL ends them. */
static bool parse(struct options *o, bool until_operand, const char *const words[], int *taken,
                  struct err *e)
{
    static char text[MOST][64];
    static char *argv[MOST];
    int argc = 0;
    for (; words[argc] != NULL; argc++) {
        text_format(text[argc], sizeof text[argc], "%s", words[argc]);
        argv[argc] = text[argc];
    }
    *o = (struct options){.tables = {table, more}};
    *e = (struct err){0};
    return options_parse(o, until_operand, argc, argv, taken, e);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void refuses(const char *const words[], const char *why)
{
    struct options o;
    struct err e;
    int taken;
    CU_ASSERT_FALSE(parse(&o, false, words, &taken, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(e.text, why));
}

static void test_options__refuse_what_no_table_has(void)
{
    refuses(WORDS("--nonsense"), "--nonsense");
    refuses(WORDS("--nonsense=1"), "no option --nonsense here");
    refuses(WORDS("-x"), "-x");
    refuses(WORDS("--quie"), "--quie");
    refuses(WORDS("--quieter"), "--quieter");
    refuses(WORDS("--=1"), "--");
    refuses(WORDS("---quiet"), "---quiet");
}

static void test_options__refuse_letters_that_are_joined(void)
{
    refuses(WORDS("-qo"), "-qo");
    refuses(WORDS("-ofile"), "-ofile");
}

static void test_options__refuse_a_missing_or_superfluous_value(void)
{
    refuses(WORDS("--output"), "--output needs a value: FILE");
    refuses(WORDS("-o"), "-o needs a value: FILE");
    refuses(WORDS("--quiet=yes"), "--quiet takes no value");
}

static void test_options__refuse_the_same_twice(void)
{
    refuses(WORDS("-o", "a", "--output=b"), "--output is given twice");
    refuses(WORDS("-q", "-q"), "--quiet is given twice");
}

static void test_options__refuse_a_number_that_is_none(void)
{
    struct options o;
    struct err e;
    int taken;
    uint64_t v = 7;
    CU_ASSERT(parse(&o, false, WORDS("-o", "0x1"), &taken, &e));
    CU_ASSERT_FALSE(options_number(&o, "output", &v, &e));
    CU_ASSERT_EQUAL(v, 7);
    CU_ASSERT(options_number(&o, "known", &v, &e));
    CU_ASSERT_EQUAL(v, 7);
}

static void test_options__take_values_in_both_ways(void)
{
    struct options o;
    struct err e;
    int taken;
    CU_ASSERT(parse(&o, false, WORDS("--output", "a=b"), &taken, &e));
    CU_ASSERT_STRING_EQUAL(options_value(&o, "output"), "a=b");
    CU_ASSERT(parse(&o, false, WORDS("--output=a=b"), &taken, &e));
    CU_ASSERT_STRING_EQUAL(options_value(&o, "output"), "a=b");
    CU_ASSERT(parse(&o, false, WORDS("-o", "-"), &taken, &e));
    CU_ASSERT_STRING_EQUAL(options_value(&o, "output"), "-");
    CU_ASSERT(parse(&o, false, WORDS("--output="), &taken, &e));
    CU_ASSERT_STRING_EQUAL(options_value(&o, "output"), "");
}

static void test_options__stand_before_and_behind_operands(void)
{
    struct options o;
    struct err e;
    int taken;
    CU_ASSERT(
        parse(&o, false, WORDS("a", "-q", "b", "--known", "c", "-", "--known=d"), &taken, &e));
    CU_ASSERT_EQUAL(taken, 7);
    CU_ASSERT(options_given(&o, "quiet"));
    CU_ASSERT_EQUAL(o.operands, 3);
    CU_ASSERT_STRING_EQUAL(o.operand[1], "b");
    CU_ASSERT_STRING_EQUAL(o.operand[2], "-");
    const char *known[OPTION_USES_MAX];
    CU_ASSERT_EQUAL(options_values(&o, "known", known), 2);
    CU_ASSERT_STRING_EQUAL(known[0], "c");
    CU_ASSERT_STRING_EQUAL(known[1], "d");
}

static void test_options__end_at_two_dashes(void)
{
    struct options o;
    struct err e;
    int taken;
    CU_ASSERT(parse(&o, false, WORDS("--", "-q", "--", "a"), &taken, &e));
    CU_ASSERT_FALSE(options_given(&o, "quiet"));
    CU_ASSERT_EQUAL(o.operands, 3);
    CU_ASSERT_STRING_EQUAL(o.operand[1], "--");
}

static void test_options__stop_before_the_first_operand_if_told_to(void)
{
    struct options o;
    struct err e;
    int taken;
    CU_ASSERT(parse(&o, true, WORDS("-o", "a", "--json", "run", "-q"), &taken, &e));
    CU_ASSERT_EQUAL(taken, 3);
    CU_ASSERT(options_given(&o, "json"));
    CU_ASSERT_FALSE(options_given(&o, "quiet"));
    CU_ASSERT(parse(&o, true, WORDS("--", "-q"), &taken, &e));
    CU_ASSERT_EQUAL(taken, 1);
}

SUITE(options, TEST(test_options__refuse_what_no_table_has),
      TEST(test_options__refuse_letters_that_are_joined),
      TEST(test_options__refuse_a_missing_or_superfluous_value),
      TEST(test_options__refuse_the_same_twice), TEST(test_options__refuse_a_number_that_is_none),
      TEST(test_options__take_values_in_both_ways),
      TEST(test_options__stand_before_and_behind_operands), TEST(test_options__end_at_two_dashes),
      TEST(test_options__stop_before_the_first_operand_if_told_to))
