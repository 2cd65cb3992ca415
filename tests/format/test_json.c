#include "format/json.h"

#include "base/arena.h"
#include "base/buf.h"
#include "tests/test.h"

/* Gives `text` in blocks of `size` bytes, each in memory of its own, so that a sanitizer sees
   whoever reads beyond one or keeps one for too long. */
struct blocks {
    struct span text;
    size_t size;
    uint8_t *block;
    bool fails; /* at the end, in place of ending */
    bool ended; /* and is not asked again */
};

static bool next_block(void *ctx, struct span *block, struct err *e)
{
    struct blocks *b = ctx;
    CU_ASSERT_FALSE(b->ended);
    mem_free(b->block);
    b->block = NULL;
    size_t n = b->text.n < b->size ? b->text.n : b->size;
    b->ended = n == 0;
    if (n == 0 && b->fails)
        return err_set(e, ERR_IO, "disk on fire");
    *block = span_of(NULL, 0);
    if (n == 0)
        return true;
    b->block = mem_new(n);
    memcpy(b->block, b->text.p, n);
    b->text = span_skip(b->text, n);
    *block = span_of(b->block, n);
    return true;
}

static void describe(struct buf *log, const struct json_reader *r, enum json_token token,
                     struct span text)
{
    static const char *const sign[] = {
        [JSON_END] = ".",       [JSON_OBJECT] = "{", [JSON_OBJECT_END] = "}", [JSON_ARRAY] = "[",
        [JSON_ARRAY_END] = "]", [JSON_NAME] = "n",   [JSON_STRING] = "s",     [JSON_NUMBER] = "#",
        [JSON_TRUE] = "t",      [JSON_FALSE] = "f",  [JSON_NULL] = "0"};
    buf_str(log, sign[token]);
    buf_u64(log, json_offset(r));
    buf_byte(log, '/');
    buf_u64(log, json_line(r));
    if (token == JSON_NAME || token == JSON_STRING || token == JSON_NUMBER) {
        buf_byte(log, '=');
        buf_add(log, text);
    }
    buf_byte(log, ' ');
}

static bool log_text(struct buf *log, struct json_reader *r, struct err *e)
{
    enum json_token token;
    struct span text;
    do {
        if (!json_next(r, &token, &text, e))
            return false;
        describe(log, r, token, text);
    } while (token != JSON_END);
    return true;
}

static bool log_lines(struct buf *log, struct json_reader *r, struct err *e)
{
    bool more;
    while (json_next_line(r, &more, e))
        if (!more)
            return true;
        else if (!log_text(log, r, e))
            return false;
    return false;
}

/* What the tokenizer makes of a text: each token as sign, offset, line and text; or the error. */
static bool tokens(struct buf *log, struct blocks *b, bool lines)
{
    struct err e = {0};
    struct json_reader *r = json_open((struct json_input){next_block, b});
    bool accepted = lines ? log_lines(log, r, &e) : log_text(log, r, &e);
    if (!accepted)
        buf_str(log, e.text);
    json_close(r);
    mem_free(b->block);
    b->block = NULL;
    return accepted;
}

static bool accepts(struct span text)
{
    struct buf log = {0};
    bool accepted = tokens(&log, &(struct blocks){.text = text, .size = SIZE_MAX}, false);
    buf_close(&log);
    return accepted;
}

static void check_tokens(struct span text, bool lines, const char *want)
{
    struct buf log = {0};
    tokens(&log, &(struct blocks){.text = text, .size = SIZE_MAX}, lines);
    ASSERT_SPAN(buf_span(&log), span_str(want));
    buf_close(&log);
}

#define REFUSED(literal, why) check_tokens(SPAN(literal), false, why)

static void test_json__refuses_what_the_grammar_does_not_have(void)
{
    static const struct span texts[] = {
        SPAN(""),
        SPAN(" "),
        SPAN("\n"),
        SPAN("["),
        SPAN("]"),
        SPAN("{"),
        SPAN("}"),
        SPAN("[}"),
        SPAN("{]"),
        SPAN("[1}"),
        SPAN("{\"a\":1]"),
        SPAN("[1,]"),
        SPAN("[,1]"),
        SPAN("[,]"),
        SPAN("[1,,2]"),
        SPAN("[1 2]"),
        SPAN("[1:2]"),
        SPAN("[1;2]"),
        SPAN("[[1]"),
        SPAN("[1]]"),
        SPAN("[1],"),
        SPAN("1 2"),
        SPAN("{}{}"),
        SPAN("[][]"),
        SPAN("\"a\" \"b\""),
        SPAN("{,}"),
        SPAN("{\"a\"}"),
        SPAN("{\"a\":}"),
        SPAN("{\"a\":1,}"),
        SPAN("{\"a\":1,,\"b\":2}"),
        SPAN("{\"a\" 1}"),
        SPAN("{\"a\",1}"),
        SPAN("{\"a\"::1}"),
        SPAN("{\"a\":1 \"b\":2}"),
        SPAN("{\"a\":1;\"b\":2}"),
        SPAN("{a:1}"),
        SPAN("{'a':1}"),
        SPAN("{1:1}"),
        SPAN("{null:1}"),
        SPAN("{[]:1}"),
        SPAN("{\"a\":1}#"),
        SPAN("[1]//c"),
        SPAN("/**/1"),
        SPAN("tru"),
        SPAN("true1"),
        SPAN("truefalse"),
        SPAN("True"),
        SPAN("TRUE"),
        SPAN("nul"),
        SPAN("nulll"),
        SPAN("nan"),
        SPAN("NaN"),
        SPAN("Infinity"),
        SPAN("-Infinity"),
        SPAN("undefined"),
        SPAN("*"),
        SPAN("'a'"),
        SPAN("\v1"),
        SPAN("\f1"),
        SPAN("\xc2\xa0[]"),
        SPAN("\xe2\x80\xa8[]"),
        SPAN("[]\0"),
        SPAN("\0[]"),
        SPAN("[\0]"),
        SPAN("[1]\x1a"),
        SPAN("\xff\xfe[\0]\0"),
        SPAN("\0[\0]"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (accepts(texts[i]))
            ASSERT_SPAN(texts[i], SPAN("(refused)"));
}

static void test_json__refuses_numbers_that_others_may_read_otherwise(void)
{
    static const struct span texts[] = {
        SPAN("-"),         SPAN("+1"),    SPAN("01"),           SPAN("-01"),   SPAN("00"),
        SPAN("1."),        SPAN(".5"),    SPAN("-.5"),          SPAN("1.e1"),  SPAN("1e"),
        SPAN("1e+"),       SPAN("1E-"),   SPAN("1e1.5"),        SPAN("1e1e1"), SPAN("0x1"),
        SPAN("1_000"),     SPAN("1,000"), SPAN("--1"),          SPAN("1-1"),   SPAN("1+1"),
        SPAN("-e1"),       SPAN("1.2.3"), SPAN("0e"),           SPAN("-0."),   SPAN("1a"),
        SPAN("1\0"),       SPAN("e1"),    SPAN("\xef\xbc\x91"), /* fullwidth one */
        SPAN("1\xd9\xa1"),                                      /* arabic-indic one */
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (accepts(texts[i]))
            ASSERT_SPAN(texts[i], SPAN("(refused)"));
        struct buf array = {0};
        buf_byte(&array, '[');
        buf_add(&array, texts[i]);
        buf_byte(&array, ']');
        CU_ASSERT_FALSE(accepts(buf_span(&array)));
        buf_close(&array);
    }
}

static void test_json__refuses_strings_that_are_not_clean_text(void)
{
    static const struct span texts[] = {
        SPAN("\""),
        SPAN("\"\\\""),
        SPAN("\"a"),
        SPAN("\"a\\"),
        SPAN("\"\\u"),
        SPAN("\"\\u12"),
        SPAN("\"\\u123\""),
        SPAN("\"\\u123g\""),
        SPAN("\"\\u+123\""),
        SPAN("\"\\u 123\""),
        SPAN("\"\\U0041\""),
        SPAN("\"\\x41\""),
        SPAN("\"\\a\""),
        SPAN("\"\\'\""),
        SPAN("\"\\0\""),
        SPAN("\"\\\0\""),
        SPAN("\"\\\n\""),
        SPAN("\"\0\""),
        SPAN("\"\x01\""),
        SPAN("\"\x1f\""),
        SPAN("\"a\tb\""),
        SPAN("\"a\nb\""),
        SPAN("\"a\rb\""),
        SPAN("\"0123456789abcdef\x1f\""),
        SPAN("\"\\ud800\""),
        SPAN("\"\\udc00\""),
        SPAN("\"\\udfff\\ud800\""),
        SPAN("\"\\ud800x\""),
        SPAN("\"\\ud800\\n\""),
        SPAN("\"\\ud800\\u0041\""),
        SPAN("\"\\ud800\\ud800\\udc00\""),
        SPAN("\"\\udbff\\ue000\""),
        SPAN("\"\\ud83d\\\""),
        SPAN("\"\\ud83d\\u\""),
        SPAN("\"\x80\""),
        SPAN("\"\xbf\""),
        SPAN("\"\xc0\x80\""),
        SPAN("\"\xc1\xbf\""),
        SPAN("\"\xc3\""),
        SPAN("\"\xc3(\""),
        SPAN("\"\xe0\x9f\xbf\""),
        SPAN("\"\xe2\x82\""),
        SPAN("\"\xed\xa0\x80\""),
        SPAN("\"\xed\xbf\xbf\""),
        SPAN("\"\xf0\x8f\xbf\xbf\""),
        SPAN("\"\xf0\x9f\x98\""),
        SPAN("\"\xf4\x90\x80\x80\""),
        SPAN("\"\xf5\x80\x80\x80\""),
        SPAN("\"\xf8\x88\x80\x80\x80\""),
        SPAN("\"\xff\""),
        SPAN("\"\xc3"),
        SPAN("{\"\xff\":1}"),
        SPAN("{\"\\ud800\":1}"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (accepts(texts[i]))
            ASSERT_SPAN(texts[i], SPAN("(refused)"));
}

/* However many bytes the scanner takes at a time. */
static void test_json__sees_a_special_byte_wherever_it_stands_in_a_string(void)
{
    static const uint8_t refused[] = {0, 1, 0x1f, 0x80, 0xc2, 0xff, '\\'};
    enum { LONGEST = 40 };
    uint8_t text[LONGEST + 2];
    for (size_t n = 1; n <= LONGEST; n++) {
        memset(text, ' ', sizeof text);
        text[0] = text[n + 1] = '"';
        for (size_t at = 1; at <= n; at++) {
            for (size_t i = 0; i < sizeof refused; i++) {
                text[at] = refused[i];
                CU_ASSERT_FALSE(accepts(span_of(text, n + 2)));
            }
            text[at] = '"';
            CU_ASSERT_FALSE(accepts(span_of(text, n + 2)));
            CU_ASSERT_TRUE(accepts(span_of(text, at + 1)));
            text[at] = 0x7f;
            CU_ASSERT_TRUE(accepts(span_of(text, n + 2)));
        }
    }
}

static void test_json__says_line_offset_and_what_was_wrong(void)
{
    REFUSED("", "line 1, offset 0: a value expected, but the input ends");
    REFUSED("\xef\xbb\xbf{}", "line 1, offset 0: a value expected, not a byte order mark");
    REFUSED("{\n \"a\" = 1}", "{0/1 n3/2=a line 2, offset 7: ':' expected, not '='");
    REFUSED("[\n\n1\n}", "[0/1 #3/3=1 line 4, offset 5: ',' or the end of the object or array "
                         "expected, not '}'");
    REFUSED("{,", "{0/1 line 1, offset 1: a member name or '}' expected, not ','");
    REFUSED("[1,\xff", "[0/1 #1/1=1 line 1, offset 3: a value expected, not byte 0xff");
    REFUSED("true x", "t0/1 line 1, offset 5: nothing more expected, not 'x'");
    REFUSED("[tru]", "[0/1 line 1, offset 1: true, false or null misspelt");
    REFUSED("[-]", "[0/1 line 1, offset 1: malformed number");
    REFUSED("[1-1]", "[0/1 line 1, offset 1: malformed number");
    REFUSED("[\xef\xbb\xbf]", "[0/1 line 1, offset 1: a value or ']' expected, not byte 0xef");
    REFUSED("[\"ab\x01\"]", "[0/1 line 1, offset 4: control byte in a string");
    REFUSED("\"\\q\"", "line 1, offset 1: no such escape");
    REFUSED("\"\\u00g0\"", "line 1, offset 5: \\u wants four hex digits");
    REFUSED("\"a\\ud800\\u0041\"", "line 1, offset 2: lone surrogate");
    REFUSED("\"a\xc3\x28\"", "line 1, offset 2: malformed UTF-8");
    REFUSED("\"abc", "line 1, offset 4: the input ends inside a string");
}

static struct span nested(struct buf *b, size_t depth, const char *open, const char *close)
{
    buf_clear(b);
    for (size_t i = 0; i < depth; i++)
        buf_str(b, open);
    buf_byte(b, '1');
    for (size_t i = 0; i < depth; i++)
        buf_str(b, close);
    return buf_span(b);
}

static void test_json__refuses_what_is_nested_too_deep(void)
{
    struct buf b = {0};
    CU_ASSERT_TRUE(accepts(nested(&b, JSON_DEPTH_MAX, "[", "]")));
    CU_ASSERT_FALSE(accepts(nested(&b, JSON_DEPTH_MAX + 1, "[", "]")));
    CU_ASSERT_TRUE(accepts(nested(&b, JSON_DEPTH_MAX, "{\"\":", "}")));
    CU_ASSERT_FALSE(accepts(nested(&b, JSON_DEPTH_MAX + 1, "{\"\":", "}")));
    CU_ASSERT_FALSE(accepts(nested(&b, 1000000, "[", "]")));
    CU_ASSERT_FALSE(accepts(nested(&b, 1000000, "[{\"a\":", "}]")));
    buf_close(&b);
}

static enum err_kind error_kind(struct span text, size_t block)
{
    struct blocks b = {.text = text, .size = block};
    struct json_reader *r = json_open((struct json_input){next_block, &b});
    struct buf log = {0};
    struct err e = {0};
    log_text(&log, r, &e);
    json_close(r);
    mem_free(b.block);
    buf_close(&log);
    return e.kind;
}

/* n bytes c between two `quote`. */
static struct span repeated(struct buf *b, const char *quote, uint8_t c, size_t n)
{
    buf_clear(b);
    buf_str(b, quote);
    memset(buf_room(b, n), c, n);
    b->n += n;
    buf_str(b, quote);
    return buf_span(b);
}

static void test_json__refuses_strings_and_numbers_beyond_their_limit(void)
{
    static const size_t blocks[] = {1 << 16, (1 << 16) + 1, SIZE_MAX};
    struct buf b = {0};
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(error_kind(repeated(&b, "\"", 'x', JSON_STRING_MAX), blocks[i]), ERR_NONE);
        CU_ASSERT_EQUAL(error_kind(repeated(&b, "\"", 'x', JSON_STRING_MAX + 1), blocks[i]),
                        ERR_LIMIT);
        CU_ASSERT_EQUAL(error_kind(repeated(&b, "", '7', JSON_NUMBER_MAX), blocks[i]), ERR_NONE);
        CU_ASSERT_EQUAL(error_kind(repeated(&b, "", '7', JSON_NUMBER_MAX + 1), blocks[i]),
                        ERR_LIMIT);
        CU_ASSERT_EQUAL(
            error_kind(repeated(&b, "\"", '\\', (size_t)2 * (JSON_STRING_MAX + 1)), blocks[i]),
            ERR_LIMIT);
    }
    CU_ASSERT_EQUAL(error_kind(repeated(&b, " ", '7', JSON_NUMBER_MAX), SIZE_MAX), ERR_NONE);
    CU_ASSERT_EQUAL(error_kind(repeated(&b, " ", '7', JSON_NUMBER_MAX + 1), SIZE_MAX), ERR_LIMIT);
    CU_ASSERT_EQUAL(error_kind(repeated(&b, "", '7', JSON_NUMBER_MAX), 1), ERR_NONE);
    CU_ASSERT_EQUAL(error_kind(repeated(&b, "", '7', JSON_NUMBER_MAX + 1), 1), ERR_LIMIT);
    buf_close(&b);
}

static const struct span samples[] = {
    SPAN(
        " {\"a\\u00e9\\n\" : [1, -0.5e+10 ,true,\r\n\tfalse , null], \"\":{} ,\"c\":[[],[{}]]} \n"),
    SPAN("[\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 plain text that is longer than sixteen bytes\","
         "\"\\ud83d\\ude00\\u0000\\\"\\\\\\/\\b\\f\\n\\r\\t\",12345678901234567890.000E-77]"),
    SPAN("-1234567"),
    SPAN("\"\""),
    SPAN("{\"0123456789abcdefghijklmnopqrstuvwxyz\\\\0123456789abcdefghijklmnopqrstuvwxyz\":0}"),
    /* and some to be refused */
    SPAN("[1,\"abc\xe2\x82(\"]"),
    SPAN("[1,\n\"\\ud83d\\u0020\"]"),
    SPAN("[1,\n-.5]"),
    SPAN("[1,\n01]"),
    SPAN("[1-1]"),
    SPAN("\"\xd0\x90\xdf\xbf\xc2\x80\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""),
    SPAN("{\"a\":null}"),
    SPAN("{\"a\"\n:1,\n\"a\x7f\":\"\x1f\"}"),
};
enum { SAMPLES = sizeof samples / sizeof samples[0] };

/* First block of `first` bytes, then the rest. */
struct split {
    struct span part[2];
    size_t next;
};

static bool next_part(void *ctx, struct span *block, struct err *e)
{
    struct split *s = ctx;
    (void)e;
    while (s->next < 2 && s->part[s->next].n == 0)
        s->next++;
    *block = s->next < 2 ? s->part[s->next++] : span_of(NULL, 0);
    return true;
}

static void log_split(struct buf *log, struct span text, size_t at)
{
    struct split s = {{span_of(text.p, at), span_skip(text, at)}, 0};
    struct json_reader *r = json_open((struct json_input){next_part, &s});
    struct err e = {0};
    if (!log_text(log, r, &e))
        buf_str(log, e.text);
    json_close(r);
}

static void test_json__gives_the_same_however_the_blocks_are_cut(void)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct buf whole = {0}, cut = {0};
        tokens(&whole, &(struct blocks){.text = samples[i], .size = SIZE_MAX}, false);
        for (size_t size = 1; size < samples[i].n; size++) {
            buf_clear(&cut);
            tokens(&cut, &(struct blocks){.text = samples[i], .size = size}, false);
            ASSERT_SPAN(buf_span(&cut), buf_span(&whole));
            buf_clear(&cut);
            log_split(&cut, samples[i], size);
            ASSERT_SPAN(buf_span(&cut), buf_span(&whole));
        }
        buf_close(&whole);
        buf_close(&cut);
    }
}

static void test_json__refuses_a_text_that_is_cut_anywhere(void)
{
    static const struct span whole = SPAN("{\"a\\u00e9\":[1,-2.5e+3,true,false,null,"
                                          "\"\\ud83d\\ude00\xf0\x9f\x98\x80\"],\"\":{\"b\":[]}}");
    for (size_t n = 0; n < whole.n; n++)
        for (size_t block = 1; block < 9; block++) {
            struct buf log = {0};
            struct blocks b = {.text = span_of(whole.p, n), .size = block};
            CU_ASSERT_FALSE(tokens(&log, &b, false));
            buf_close(&log);
        }
    CU_ASSERT_TRUE(accepts(whole));
}

static void test_json__passes_on_what_the_input_says(void)
{
    static const struct span texts[] = {SPAN(""),         SPAN("["),       SPAN("\"a"),
                                        SPAN("\"\\"),     SPAN("\"\\u00"), SPAN("\"\\ud83d\\"),
                                        SPAN("\"\xc3"),   SPAN("12"),      SPAN("tru"),
                                        SPAN("[] "),      SPAN("{\"a\""),  SPAN("{\"a\":"),
                                        SPAN("{\"a\":1"), SPAN("[1,")};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct blocks b = {.text = texts[i], .size = 1, .fails = true};
        struct json_reader *r = json_open((struct json_input){next_block, &b});
        struct buf log = {0};
        for (int again = 0; again < 2; again++) {
            struct err e = {0};
            CU_ASSERT_FALSE(log_text(&log, r, &e));
            CU_ASSERT_EQUAL(e.kind, ERR_IO);
            CU_ASSERT_STRING_EQUAL(e.text, "disk on fire");
        }
        CU_ASSERT_FALSE(log_text(&log, r, NULL));
        if (span_eq(texts[i], SPAN("12"))) /* which may have gone on */
            ASSERT_SPAN(buf_span(&log), SPAN(""));
        buf_close(&log);
        json_close(r);
    }
}

static void test_json__gives_error_and_end_again_and_again(void)
{
    struct blocks b = {.text = SPAN("1"), .size = 1};
    struct json_reader *r = json_open((struct json_input){next_block, &b});
    struct buf log = {0};
    struct err e = {0};
    CU_ASSERT_TRUE(log_text(&log, r, &e) && log_text(&log, r, &e));
    ASSERT_SPAN(buf_span(&log), SPAN("#0/1=1 .1/1 .1/1 "));
    json_close(r);
    buf_clear(&log);

    b = (struct blocks){.text = SPAN("[}1"), .size = 1};
    r = json_open((struct json_input){next_block, &b});
    CU_ASSERT_FALSE(log_text(&log, r, NULL));
    bool more;
    CU_ASSERT_FALSE(json_next_line(r, &more, &e));
    CU_ASSERT_FALSE(log_text(&log, r, &e));
    CU_ASSERT_STRING_EQUAL(e.text, "line 1, offset 1: a value or ']' expected, not '}'");
    json_close(r);
    json_close(NULL);
    buf_close(&log);
    mem_free(b.block);
}

static void test_json__gives_tokens_with_their_places(void)
{
    check_tokens(SPAN("{\"a\" : [1,\n true] , \"b\":\"x\\ty\"}\n"), false,
                 "{0/1 n1/1=a [7/1 #8/1=1 t12/2 ]16/2 n20/2=b s24/2=x\ty }30/2 .32/3 ");
    check_tokens(SPAN("[[],{},null,false]"), false,
                 "[0/1 [1/1 ]2/1 {4/1 }5/1 07/1 f12/1 ]17/1 .18/1 ");
    check_tokens(SPAN("0"), false, "#0/1=0 .1/1 ");
    check_tokens(SPAN("[-0,1.0,1E2,-1.5e-007,0e0]"), false,
                 "[0/1 #1/1=-0 #4/1=1.0 #8/1=1E2 #12/1=-1.5e-007 #22/1=0e0 ]25/1 .26/1 ");
}

static void test_json__takes_every_length_of_utf8_sequence(void)
{
    check_tokens(
        SPAN("[\"\xd0\x90\",\"\xdf\xbf\",\"\xe0\xa0\x80\",\"\xef\xbf\xbf\",\"\xf4\x8f\xbf\xbf\"]"),
        false,
        "[0/1 s1/1=\xd0\x90 s6/1=\xdf\xbf s11/1=\xe0\xa0\x80 s17/1=\xef\xbf\xbf "
        "s23/1=\xf4\x8f\xbf\xbf ]29/1 .30/1 ");
}

static void test_json__decodes_every_escape(void)
{
    static const struct span want =
        SPAN("s0/1=\"\\/\b\f\n\r\t\0A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"
             "\xef\xbf\xbf\xf4\x8f\xbf\xbf\x7f .73/1 ");
    static const struct span text = SPAN("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u0041\\u00e9\\u20AC"
                                         "\\uD83D\\uDe00\\uffff\\uDBFF\\uDFFF\x7f\"");
    struct buf log = {0};
    tokens(&log, &(struct blocks){.text = text, .size = SIZE_MAX}, false);
    ASSERT_SPAN(buf_span(&log), want);
    buf_close(&log);
}

static void test_json__refuses_lines_that_are_not_one_text_each(void)
{
    check_tokens(SPAN("1\n\n2\n"), true,
                 "#0/1=1 .1/1 line 2, offset 2: a value expected, but the line ends");
    check_tokens(SPAN("[1,\n2]\n"), true,
                 "[0/1 #1/1=1 line 1, offset 3: a value expected, but the line ends");
    check_tokens(SPAN("{\"a\"\n:2}\n"), true,
                 "{0/1 n1/1=a line 1, offset 4: ':' expected, but the line ends");
    check_tokens(SPAN("1 2\n"), true, "#0/1=1 line 1, offset 2: nothing more expected, not '2'");
    check_tokens(SPAN("1\n \r\n"), true,
                 "#0/1=1 .1/1 line 2, offset 4: a value expected, but the line ends");
    check_tokens(
        SPAN("[]\n["), true,
        "[0/1 ]1/1 .2/1 [3/2 line 2, offset 4: a value or ']' expected, but the input ends");
    check_tokens(SPAN("\xef\xbb\xbf[]\n"), true,
                 "line 1, offset 0: a value expected, not a byte order mark");
}

static void test_json__reads_a_text_on_each_line(void)
{
    check_tokens(SPAN(""), true, "");
    check_tokens(SPAN("1"), true, "#0/1=1 .1/1 ");
    check_tokens(SPAN("1\n"), true, "#0/1=1 .1/1 ");
    check_tokens(SPAN("1 \r\n [2]\n\"x\""), true,
                 "#0/1=1 .3/1 [5/2 #6/2=2 ]7/2 .8/2 s9/3=x .12/3 ");
}

static void test_json__gives_the_end_again_where_no_line_is_left(void)
{
    struct blocks b = {.text = SPAN("1\n"), .size = 1};
    struct json_reader *r = json_open((struct json_input){next_block, &b});
    struct buf log = {0};
    bool more;
    CU_ASSERT_TRUE(log_lines(&log, r, NULL) && log_text(&log, r, NULL));
    CU_ASSERT(json_next_line(r, &more, NULL) && !more);
    ASSERT_SPAN(buf_span(&log), SPAN("#0/1=1 .1/1 .1/2 "));
    json_close(r);
    buf_close(&log);
}

static void test_json__reads_lines_the_same_however_the_blocks_are_cut(void)
{
    static const struct span text =
        SPAN("{\"a\":[1,\"\\u00e9\xc3\xa9\"]}\r\n12\ntrue \n[\"x\"]\n[\n");
    struct buf whole = {0}, cut = {0};
    tokens(&whole, &(struct blocks){.text = text, .size = SIZE_MAX}, true);
    for (size_t size = 1; size < text.n; size++) {
        buf_clear(&cut);
        tokens(&cut, &(struct blocks){.text = text, .size = size}, true);
        ASSERT_SPAN(buf_span(&cut), buf_span(&whole));
    }
    buf_close(&whole);
    buf_close(&cut);
}

SUITE(json, TEST(test_json__refuses_what_the_grammar_does_not_have),
      TEST(test_json__refuses_numbers_that_others_may_read_otherwise),
      TEST(test_json__refuses_strings_that_are_not_clean_text),
      TEST(test_json__sees_a_special_byte_wherever_it_stands_in_a_string),
      TEST(test_json__says_line_offset_and_what_was_wrong),
      TEST(test_json__refuses_what_is_nested_too_deep),
      TEST(test_json__refuses_strings_and_numbers_beyond_their_limit),
      TEST(test_json__gives_the_same_however_the_blocks_are_cut),
      TEST(test_json__refuses_a_text_that_is_cut_anywhere),
      TEST(test_json__passes_on_what_the_input_says),
      TEST(test_json__gives_error_and_end_again_and_again),
      TEST(test_json__gives_tokens_with_their_places),
      TEST(test_json__takes_every_length_of_utf8_sequence), TEST(test_json__decodes_every_escape),
      TEST(test_json__refuses_lines_that_are_not_one_text_each),
      TEST(test_json__reads_a_text_on_each_line),
      TEST(test_json__gives_the_end_again_where_no_line_is_left),
      TEST(test_json__reads_lines_the_same_however_the_blocks_are_cut))
