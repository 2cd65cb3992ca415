#include "format/json_write.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

/*
 * The error of json_parse_canonical, or NULL where it took the text; lives until the
 * process ends.
 */
static const char *refusal(struct span text)
{
    struct arena a = {0};
    static struct err e;
    struct json *tree = NULL;
    bool taken = json_parse_canonical(&a, text, &tree, &e);
    CU_ASSERT_EQUAL(taken, tree != NULL);
    arena_close(&a);
    return taken ? NULL : e.text;
}

static void test_json_write__refuses_texts_that_are_not_canonical(void)
{
    static const struct span texts[] = {
        SPAN(" {}"),
        SPAN("{}\n"),
        SPAN("{ }"),
        SPAN("[1, 2]"),
        SPAN("{\"a\": 1}"),
        SPAN("{\"b\":1,\"a\":2}"),
        SPAN("{\"a\":{\"c\":1,\"b\":1}}"),
        SPAN("{\"a\":1,\"a\":1}"),
        SPAN("\"\\u0041\""),
        SPAN("\"\\/\""),
        SPAN("\"\\u000a\""),
        SPAN("\"\\u000A\""),
        SPAN("\"\\u001F\""),
        SPAN("\"\\u0022\""),
        SPAN("\"\\u007f\""),
        SPAN("\"\\u00e9\""),
        SPAN("\"\\ud83d\\ude00\""),
        SPAN("{\"\\u0061\":1}"),
        SPAN("1.0"),
        SPAN("-0"),
        SPAN("0.0"),
        SPAN("1e3"),
        SPAN("1E3"),
        SPAN("01"),
        SPAN("9007199254740992"),
        SPAN("-9007199254740992"),
        SPAN("{\"\xee\x80\x80\":1,\"\xf0\x90\x80\x80\":2}"), /* in the order of bytes */
        SPAN(""),
        SPAN("\xef\xbb\xbf{}"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (refusal(texts[i]) == NULL)
            ASSERT_SPAN(texts[i], SPAN("(refused)"));
}

static void test_json_write__says_where_a_text_is_not_canonical(void)
{
    CU_ASSERT_STRING_EQUAL(refusal(SPAN("{\"a\":1, \"b\":2}")),
                           "offset 7: not in canonical form (RFC 8785)");
    CU_ASSERT_STRING_EQUAL(refusal(SPAN("[1]\n")), "offset 3: not in canonical form (RFC 8785)");
    CU_ASSERT_STRING_EQUAL(refusal(SPAN("[1,{\"n\":1.5}]")),
                           "offset 4: not an integer below 2^53 in plain digits");
}

static void test_json_write__takes_texts_that_are_canonical(void)
{
    static const struct span texts[] = {
        SPAN("{}"),
        SPAN("[]"),
        SPAN("\"\""),
        SPAN("0"),
        SPAN("-1"),
        SPAN("true"),
        SPAN("null"),
        SPAN("9007199254740991"),
        SPAN("{\"\":[],\"A\":{},\"a\":[false,null,-9007199254740991]}"),
        SPAN("\"/\x7f\\u0000\\u001f\\b\\t\\n\\f\\r\\\"\\\\\xc3\xa9\xf0\x9f\x98\x80\""),
        SPAN("{\"\xf0\x90\x80\x80\":2,\"\xee\x80\x80\":1}"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (refusal(texts[i]) != NULL)
            ASSERT_SPAN(texts[i], SPAN("(taken)"));
}

static void check_canonical(struct span text, struct span want)
{
    struct arena a = {0};
    struct buf b = {0};
    struct json *tree;
    struct err e = {0};
    bool written = json_parse(&a, text, &tree, &e) && json_write(&b, tree, &e);
    CU_ASSERT_STRING_EQUAL(e.text, "");
    CU_ASSERT_TRUE(written);
    ASSERT_SPAN(buf_span(&b), want);
    CU_ASSERT_PTR_NULL(refusal(want));
    arena_close(&a);
    buf_close(&b);
}

/* RFC 8785, 3.2.3. */
static void test_json_write__sorts_as_the_example_of_rfc_8785(void)
{
    check_canonical(
        SPAN("{\n  \"\\u20ac\": \"Euro Sign\",\n  \"\\r\": \"Carriage Return\",\n"
             "  \"\\ufb33\": \"Hebrew Letter Dalet With Dagesh\",\n  \"1\": \"One\",\n"
             "  \"\\ud83d\\ude00\": \"Emoji: Grinning Face\",\n  \"\\u0080\": \"Control\",\n"
             "  \"\\u00f6\": \"Latin Small Letter O With Diaeresis\"\n}\n"),
        SPAN("{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
             "\"\xc3\xb6\":\"Latin Small Letter O With Diaeresis\",\"\xe2\x82\xac\":\"Euro Sign\","
             "\"\xf0\x9f\x98\x80\":\"Emoji: Grinning Face\","
             "\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}"));
}

/* RFC 8785, 3.2.2 and 3.2.4 (expected bytes), without its numbers. */
static void test_json_write__escapes_as_the_example_of_rfc_8785(void)
{
    check_canonical(
        SPAN("{\n  \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n"
             "  \"literals\": [null, true, false]\n}"),
        SPAN("{\"literals\":[null,true,false],"
             "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"));
    CU_ASSERT_PTR_NOT_NULL(refusal(
        SPAN("{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,"
             "1e-27],\"string\":\"\"}")));
}

/* The test data that RFC 8785, appendix G, refers to; integers stand for its other numbers. */
static void test_json_write__agrees_with_the_published_test_data(void)
{
    check_canonical(SPAN("{\"peach\": \"This sorting order\", \"p\xc3\xa9"
                         "ch\xc3\xa9\": \"is wrong according to French\", \"p\xc3\xaa"
                         "che\": \"but canonicalization MUST\", \"sin\": \"ignore locale\"}"),
                    SPAN("{\"peach\":\"This sorting order\",\"p\xc3\xa9"
                         "ch\xc3\xa9\":\"is wrong according to French\",\"p\xc3\xaa"
                         "che\":\"but canonicalization MUST\",\"sin\":\"ignore locale\"}"));
    check_canonical(
        SPAN("{\"1\": {\"f\": {\"f\": \"hi\",\"F\": 5} ,\"\\n\": 56}, \"10\": { },"
             "\"\": \"empty\", \"a\": { }, \"111\": [ {\"e\": \"yes\",\"E\": \"no\" } ],"
             "\"A\": { } }"),
        SPAN("{\"\":\"empty\",\"1\":{\"\\n\":56,\"f\":{\"F\":5,\"f\":\"hi\"}},\"10\":{},"
             "\"111\":[{\"E\":\"no\",\"e\":\"yes\"}],\"A\":{},\"a\":{}}"));
    check_canonical(SPAN("{\"Unnormalized Unicode\":\"A\\u030a\"}"),
                    SPAN("{\"Unnormalized Unicode\":\"A\xcc\x8a\"}"));
    check_canonical(
        SPAN("{\"\\u20ac\": \"Euro Sign\", \"\\r\": \"Carriage Return\","
             "\"\\u000a\": \"Newline\", \"1\": \"One\", \"\\u0080\": \"Control\\u007f\","
             "\"\\ud83d\\ude02\": \"Smiley\", \"\\u00f6\": \"o\", \"\\ufb33\": \"Dalet\","
             "\"</script>\": \"Browser Challenge\"}"),
        SPAN("{\"\\n\":\"Newline\",\"\\r\":\"Carriage Return\",\"1\":\"One\","
             "\"</script>\":\"Browser Challenge\",\"\xc2\x80\":\"Control\x7f\","
             "\"\xc3\xb6\":\"o\",\"\xe2\x82\xac\":\"Euro Sign\","
             "\"\xf0\x9f\x98\x82\":\"Smiley\",\"\xef\xac\xb3\":\"Dalet\"}"));
}

static void test_json_write__leaves_the_buffer_as_it_was_when_it_fails(void)
{
    struct arena a = {0};
    struct buf b = {0};
    struct json *tree;
    buf_str(&b, "before");
    CU_ASSERT_TRUE_FATAL(json_parse(&a, SPAN("[1,{\"a\":1e3}]"), &tree, NULL));
    CU_ASSERT_FALSE(json_write(&b, tree, NULL));
    ASSERT_SPAN(buf_span(&b), SPAN("before"));
    CU_ASSERT_TRUE(json_write(&b, tree->child, NULL));
    ASSERT_SPAN(buf_span(&b), SPAN("before1"));
    arena_close(&a);
    buf_close(&b);
}

static void test_json_write__writes_each_ascii_character_as_rfc_8785_says(void)
{
    static const char *const short_escape[128] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f",
        ['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\"};
    for (uint8_t c = 0; c < 128; c++) {
        struct buf got = {0}, want = {0};
        json_write_string(&got, span_of(&c, 1));
        buf_byte(&want, '"');
        if (short_escape[c] != NULL) {
            buf_str(&want, short_escape[c]);
        } else if (c < 0x20) {
            buf_str(&want, "\\u00");
            buf_hex(&want, span_of(&c, 1));
        } else {
            buf_byte(&want, c);
        }
        buf_byte(&want, '"');
        ASSERT_SPAN(buf_span(&got), buf_span(&want));
        buf_close(&got);
        buf_close(&want);
    }
}

static void test_json_write__builds_canonical_texts_member_by_member(void)
{
    struct buf b = {0};
    struct json_out o = {.b = &b};
    json_out_object(&o, NULL);
    json_out_array(&o, "");
    json_out_array_end(&o);
    json_out_bool(&o, "B", true);
    json_out_array(&o, "a");
    json_out_integer(&o, NULL, 0);
    json_out_integer(&o, NULL, -JSON_INTEGER_MAX);
    json_out_object(&o, NULL);
    json_out_object_end(&o);
    json_out_string(&o, NULL, SPAN("x\n\"\xc3\xa9"));
    json_out_null(&o, NULL);
    json_out_array_end(&o);
    json_out_object(&o, "b");
    json_out_hex(&o, "a", SPAN("\0\xff"));
    json_out_bool(&o, "b", false);
    json_out_object_end(&o);
    json_out_integer(&o, "c", JSON_INTEGER_MAX);
    json_out_object_end(&o);
    ASSERT_SPAN(buf_span(&b),
                SPAN("{\"\":[],\"B\":true,\"a\":[0,-9007199254740991,{},\"x\\n\\\"\xc3\xa9\",null],"
                     "\"b\":{\"a\":\"00ff\",\"b\":false},\"c\":9007199254740991}"));
    CU_ASSERT_PTR_NULL(refusal(buf_span(&b)));
    buf_close(&b);
}

/* Whether `misuse` ends its process by an assertion. */
static bool dies(void (*misuse)(struct json_out *o))
{
    pid_t pid = fork();
    if (pid == 0) {
        struct buf b = {0};
        struct json_out o = {.b = &b};
        close(STDERR_FILENO);
        misuse(&o);
        _exit(0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void repeats_a_name(struct json_out *o)
{
    json_out_object(o, NULL);
    json_out_null(o, "a");
    json_out_null(o, "a");
}

static void goes_back(struct json_out *o)
{
    json_out_object(o, NULL);
    json_out_null(o, "b");
    json_out_null(o, "a");
}

static void forgets_a_name(struct json_out *o)
{
    json_out_object(o, NULL);
    json_out_null(o, NULL);
}

static void names_an_element(struct json_out *o)
{
    json_out_array(o, NULL);
    json_out_null(o, "a");
}

static void closes_another_kind(struct json_out *o)
{
    json_out_array(o, NULL);
    json_out_object_end(o);
}

static void counts_too_far(struct json_out *o)
{
    json_out_integer(o, NULL, JSON_INTEGER_MAX + 1);
}

static void writes_malformed_utf8(struct json_out *o)
{
    json_out_string(o, NULL, SPAN("\xff"));
}

static void nests_too_deep(struct json_out *o)
{
    for (int i = 0; i <= JSON_DEPTH_MAX; i++)
        json_out_array(o, NULL);
}

static void writes_two_values(struct json_out *o)
{
    json_out_null(o, NULL);
    json_out_null(o, NULL);
}

static void test_json_write__asserts_that_what_is_built_is_canonical(void)
{
    CU_ASSERT_TRUE(dies(repeats_a_name));
    CU_ASSERT_TRUE(dies(goes_back));
    CU_ASSERT_TRUE(dies(forgets_a_name));
    CU_ASSERT_TRUE(dies(names_an_element));
    CU_ASSERT_TRUE(dies(closes_another_kind));
    CU_ASSERT_TRUE(dies(counts_too_far));
    CU_ASSERT_TRUE(dies(writes_malformed_utf8));
    CU_ASSERT_TRUE(dies(nests_too_deep));
    CU_ASSERT_TRUE(dies(writes_two_values));
}

SUITE(json_write, TEST(test_json_write__refuses_texts_that_are_not_canonical),
      TEST(test_json_write__says_where_a_text_is_not_canonical),
      TEST(test_json_write__takes_texts_that_are_canonical),
      TEST(test_json_write__sorts_as_the_example_of_rfc_8785),
      TEST(test_json_write__escapes_as_the_example_of_rfc_8785),
      TEST(test_json_write__agrees_with_the_published_test_data),
      TEST(test_json_write__leaves_the_buffer_as_it_was_when_it_fails),
      TEST(test_json_write__writes_each_ascii_character_as_rfc_8785_says),
      TEST(test_json_write__builds_canonical_texts_member_by_member),
      TEST(test_json_write__asserts_that_what_is_built_is_canonical))
