#include "format/json_tree.h"

#include "base/buf.h"
#include "tests/test.h"

static bool refused(struct span text, enum err_kind kind, const char *why)
{
    struct arena a = {0};
    struct err e = {0};
    struct json *tree = NULL;
    bool parsed = json_parse(&a, text, &tree, &e);
    arena_close(&a);
    CU_ASSERT_STRING_EQUAL(e.text, why);
    return !parsed && tree == NULL && e.kind == kind;
}

static void test_json_tree__refuses_names_that_an_object_repeats(void)
{
    CU_ASSERT(refused(SPAN("{\"a\":1,\"a\":1}"), ERR_FORMAT,
                      "line 1, offset 7: member name \"a\" is repeated"));
    CU_ASSERT(refused(SPAN("{\"a\":1,\n\"\\u0061\":2}"), ERR_FORMAT,
                      "line 2, offset 8: member name \"a\" is repeated"));
    CU_ASSERT(refused(SPAN("[{\"\":{},\"b\":[],\"\":0}]"), ERR_FORMAT,
                      "line 1, offset 15: member name \"\" is repeated"));
    CU_ASSERT(refused(SPAN("{\"a\\u0000b\":1,\"z\":1,\"y\":1,\"a\\u0000b\":2}"), ERR_FORMAT,
                      "line 1, offset 26: member name \"a\" is repeated"));
    CU_ASSERT(refused(SPAN("{\"c\":1,\"\\ud83d\\ude00\":1,\"a\":2,\"\xf0\x9f\x98\x80\":3}"),
                      ERR_FORMAT,
                      "line 1, offset 30: member name \"\xf0\x9f\x98\x80\" is repeated"));
}

static void test_json_tree__takes_one_name_in_different_objects(void)
{
    struct arena a = {0};
    struct json *tree;
    CU_ASSERT_TRUE(
        json_parse(&a, SPAN("{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]},\"A\":3}"), &tree, NULL));
    arena_close(&a);
}

static void test_json_tree__refuses_more_bytes_than_its_limit(void)
{
    struct arena a = {0};
    struct json *tree;
    static uint8_t text[JSON_TREE_MAX + 1];
    memset(text, ' ', sizeof text);
    text[0] = '1';
    CU_ASSERT_TRUE(json_parse(&a, span_of(text, JSON_TREE_MAX), &tree, NULL));
    CU_ASSERT(refused(span_of(text, JSON_TREE_MAX + 1), ERR_LIMIT,
                      "65537 bytes of JSON, at most 65536 are read"));
    arena_close(&a);
}

static void test_json_tree__refuses_what_the_tokenizer_refuses(void)
{
    CU_ASSERT(refused(SPAN("[1,\n2"), ERR_FORMAT,
                      "line 2, offset 5: ',' or the end of the object or array expected, "
                      "but the input ends"));
    CU_ASSERT(refused(SPAN("1 1"), ERR_FORMAT, "line 1, offset 2: nothing more expected, not '1'"));
    CU_ASSERT(
        refused(SPAN(""), ERR_FORMAT, "line 1, offset 0: a value expected, but the input ends"));
}

static void test_json_tree__refuses_a_text_that_is_cut_anywhere(void)
{
    static const struct span whole =
        SPAN("{\"a\\u00e9\":[1,-2.5e+3,true,false,null,\"\\ud83d\\ude00\"],\"\":{\"b\":[]}}");
    struct arena a = {0};
    struct json *tree;
    for (size_t n = 0; n < whole.n; n++)
        CU_ASSERT_FALSE(json_parse(&a, span_of(whole.p, n), &tree, NULL));
    CU_ASSERT_TRUE(json_parse(&a, whole, &tree, NULL));
    arena_close(&a);
}

/*
 * {"<name>":0,...} with names in the order that `step` makes of 0..count-1; step and
 * count coprime.
 */
static struct span object_of(struct buf *b, size_t count, size_t step)
{
    buf_clear(b);
    for (size_t i = 0; i < count; i++) {
        buf_byte(b, i == 0 ? '{' : ',');
        buf_byte(b, '"');
        buf_u64(b, i * step % count);
        buf_str(b, "\":0");
    }
    buf_byte(b, '}');
    return buf_span(b);
}

static void test_json_tree__finds_a_repeated_name_among_thousands(void)
{
    enum { COUNT = 6007 };
    struct buf b = {0};
    struct arena a = {0};
    struct json *tree;
    static const size_t steps[] = {1, COUNT - 1, 1000, 3003};
    for (size_t i = 0; i < 4; i++) {
        CU_ASSERT_TRUE(json_parse(&a, object_of(&b, COUNT, steps[i]), &tree, NULL));
        CU_ASSERT_EQUAL(tree->count, COUNT);
        const struct json **m = json_sorted(&a, tree);
        for (size_t k = 1; k < COUNT; k++)
            CU_ASSERT_TRUE_FATAL(json_name_cmp(m[k - 1]->name, m[k]->name) < 0);
        b.n--;
        buf_str(&b, ",\"4711\":1}");
        CU_ASSERT_FALSE(json_parse(&a, buf_span(&b), &tree, NULL));
    }
    buf_close(&b);
    arena_close(&a);
}

static void test_json_tree__orders_names_by_utf16_code_units(void)
{
    static const struct span ascending[] = {
        SPAN(""),
        SPAN("\0"),
        SPAN("\0a"),
        SPAN("A"),
        SPAN("a"),
        SPAN("a\x7f"),
        SPAN("a\xc2\x80"),
        SPAN("a\xf0\x90\x80\x80"),
        SPAN("a\xee\x80\x80"),
        SPAN("b"),
        SPAN("\xc3\xb6"),         /* U+00F6 */
        SPAN("\xe2\x82\xac"),     /* U+20AC */
        SPAN("\xed\x9f\xbf"),     /* U+D7FF */
        SPAN("\xf0\x90\x80\x80"), /* U+10000: D800 DC00 */
        SPAN("\xf0\x90\x80\x81"),
        SPAN("\xf0\x9f\x98\x80"),
        SPAN("\xf3\xbf\xbf\xbf"),
        SPAN("\xf4\x8f\xbf\xbf"), /* U+10FFFF: DBFF DFFF */
        SPAN("\xee\x80\x80"),     /* U+E000 */
        SPAN("\xef\xac\xb3"),     /* U+FB33 */
        SPAN("\xef\xbf\xbf"),     /* U+FFFF */
        SPAN("\xef\xbf\xbf\xf0\x90\x80\x80"),
        SPAN("\xef\xbf\xbf\xef\xbf\xbf"),
    };
    enum { COUNT = sizeof ascending / sizeof ascending[0] };
    for (int i = 0; i < COUNT; i++)
        for (int k = 0; k < COUNT; k++)
            CU_ASSERT_EQUAL(json_name_cmp(ascending[i], ascending[k]), (i > k) - (i < k));
}

static void test_json_tree__takes_only_integers_below_2_to_the_53(void)
{
    static const struct span bad[] = {
        SPAN(""),
        SPAN("-"),
        SPAN("-0"),
        SPAN("00"),
        SPAN("01"),
        SPAN("-01"),
        SPAN("+1"),
        SPAN("1.0"),
        SPAN("1e0"),
        SPAN("1 "),
        SPAN("--1"),
        SPAN("0x1"),
        SPAN("9007199254740992"),
        SPAN("-9007199254740992"),
        SPAN("18446744073709551616"),
    };
    int64_t v = 7;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_FALSE(json_integer_parse(bad[i], &v));
    CU_ASSERT_EQUAL(v, 7);
    CU_ASSERT_TRUE(json_integer_parse(SPAN("9007199254740991"), &v));
    CU_ASSERT_EQUAL(v, JSON_INTEGER_MAX);
    CU_ASSERT_TRUE(json_integer_parse(SPAN("-9007199254740991"), &v));
    CU_ASSERT_EQUAL(v, -JSON_INTEGER_MAX);
    CU_ASSERT_TRUE(json_integer_parse(SPAN("0"), &v));
    CU_ASSERT_EQUAL(v, 0);
}

static void test_json_tree__gives_nothing_for_an_absent_member_or_another_kind(void)
{
    struct arena a = {0};
    struct json *tree;
    struct span s = SPAN("before");
    int64_t v = 7;
    bool t = true;
    CU_ASSERT_TRUE_FATAL(
        json_parse(&a, SPAN("{\"s\":\"x\",\"i\":1.5,\"b\":null,\"l\":[1]}"), &tree, NULL));
    CU_ASSERT_FALSE(json_string(tree, "i", &s) || json_string(tree, "none", &s));
    CU_ASSERT_FALSE(json_integer(tree, "s", &v) || json_integer(tree, "i", &v));
    CU_ASSERT_FALSE(json_bool(tree, "b", &t) || json_bool(tree, "s", &t));
    CU_ASSERT_FALSE(json_string(NULL, "s", &s) || json_string(json_member(tree, "l"), "s", &s));
    CU_ASSERT_PTR_NULL(json_member(json_member(tree, "none"), "s"));
    ASSERT_SPAN(s, SPAN("before"));
    CU_ASSERT(v == 7 && t);
    arena_close(&a);
}

static void test_json_tree__keeps_what_the_text_says_in_its_order(void)
{
    struct arena a = {0};
    struct json *tree;
    char text[] = "{\"z\":\"x\\n\",\"a\":-12,\"b\":false,\"l\":[1.50,[],\"\"]}";
    struct err e;
    CU_ASSERT_TRUE_FATAL(json_parse(&a, span_str(text), &tree, &e));
    memset(text, '?', sizeof text); /* nothing of the tree lives in the text */
    struct span s;
    int64_t v;
    bool t = true;
    CU_ASSERT(tree->kind == JSON_IS_OBJECT && tree->count == 4 && tree->next == NULL);
    ASSERT_SPAN(tree->child->name, SPAN("z"));
    CU_ASSERT_TRUE(json_string(tree, "z", &s));
    ASSERT_SPAN(s, SPAN("x\n"));
    CU_ASSERT(json_integer(tree, "a", &v) && v == -12);
    CU_ASSERT(json_bool(tree, "b", &t) && !t);
    const struct json *list = json_member(tree, "l");
    CU_ASSERT(list->kind == JSON_IS_ARRAY && list->count == 3 && list->offset == 29);
    ASSERT_SPAN(list->child->text, SPAN("1.50"));
    CU_ASSERT(list->child->next->kind == JSON_IS_ARRAY && list->child->next->count == 0);
    CU_ASSERT(list->child->next->next->text.n == 0 && list->child->next->next->next == NULL);
    CU_ASSERT_EQUAL(list->child->next->offset, 39);
    arena_close(&a);
}

SUITE(json_tree, TEST(test_json_tree__refuses_names_that_an_object_repeats),
      TEST(test_json_tree__takes_one_name_in_different_objects),
      TEST(test_json_tree__refuses_more_bytes_than_its_limit),
      TEST(test_json_tree__refuses_what_the_tokenizer_refuses),
      TEST(test_json_tree__refuses_a_text_that_is_cut_anywhere),
      TEST(test_json_tree__finds_a_repeated_name_among_thousands),
      TEST(test_json_tree__orders_names_by_utf16_code_units),
      TEST(test_json_tree__takes_only_integers_below_2_to_the_53),
      TEST(test_json_tree__gives_nothing_for_an_absent_member_or_another_kind),
      TEST(test_json_tree__keeps_what_the_text_says_in_its_order))
