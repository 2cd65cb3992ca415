#include <stdio.h>

#include "base/buf.h"
#include "tests/dataset/json_judge.h"
#include "tests/test.h"

/* All ways judge it, and alike. */
static bool judged(struct span file, struct json_judged *out)
{
    struct json_judged j;
    bool good = json_judge(file, mark_way(0), out);
    for (size_t i = 0; good && mark_way(i) != NULL; i++) {
        good =
            json_judge(file, mark_way(i), &j) && j.taken == out->taken && j.passed == out->passed;
        if (!good)
            printf("  %s: %.*s\n", mark_way(i)->name, SPAN_ARGS(file));
    }
    return good;
}

/* Set where a byte is, or, where `least` is not 0, where it is below that or not ASCII. */
static uint64_t naive(const uint8_t *p, int c, int least)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < MARK_CHUNK; i++)
        bits |= (uint64_t)(least > 0 ? p[i] < least || p[i] >= 0x80 : p[i] == c) << i;
    return bits;
}

static void test_dataset_json_scan__finds_each_byte_in_every_way(void)
{
    uint64_t random = 7;
    uint8_t p[1 + MARK_CHUNK];
    struct json_chunk c;
    for (size_t round = 0; round < 3000; round++) {
        for (size_t i = 0; i < sizeof p; i++)
            p[i] = round % 2 == 0 ? (uint8_t)round : (uint8_t)(test_random(&random) >> 8);
        p[test_random(&random) % sizeof p] = (uint8_t)(test_random(&random) >> 8);
        for (size_t w = 0; mark_way(w) != NULL; w++) {
            mark_way(w)->look_at_json(p + 1, 1, &c);
            CU_ASSERT(c.comma == naive(p + 1, ',', 0) && c.quote == naive(p + 1, '"', 0));
            CU_ASSERT(c.backslash == naive(p + 1, '\\', 0) && c.blank == naive(p + 1, ' ', 0));
            CU_ASSERT(c.bracket == (naive(p + 1, '[', 0) | naive(p + 1, ']', 0)));
            CU_ASSERT(c.bad == naive(p + 1, 0, ' '));
        }
    }
}

static size_t below(size_t n, uint64_t *random)
{
    return (size_t)(test_random(random) >> 8) % n;
}

/* One in `rare` is not plain. */
static void add_value(struct buf *b, size_t rare, uint64_t *random)
{
    static const char *const plain[] = {
        "1",       "-2.50e3", "0",       "null",  "true",
        "false",   "753.5",   "\"\"",    "\"a\"", "\"a,b\"",
        "\"[1]\"", "\"]\"",   "\"a b\"", "\"'\"", "\"ABC DEFGHI JKLMNOPQRSTU\""};
    static const char *const odd[] = {"\"\\\"\"", "\"\\\\\"",   "\"\\\\\\\"]\"",    "\"\xc3\xa9\"",
                                      "\"\xc3\"", "\xc3\xa9",   "\"\\u0041\"",      "[]",
                                      "[\"a\"]",  "{\"a\":1}",  " \"a\"",           "\"a\" ",
                                      "01",       "\"a\"\"b\"", "\"a\tb\"",         "",
                                      "nul",      "\"\\",       "\"\\\\\\\\\\\"\"", "1 ",
                                      "-",        "\""};
    if (below(rare, random) > 0)
        buf_str(b, plain[below(sizeof plain / sizeof plain[0], random)]);
    else
        buf_str(b, odd[below(below(8, random) == 0 ? sizeof odd / sizeof odd[0] : 10, random)]);
}

static void test_dataset_json_scan__cuts_any_rows_like_the_tokenizer(void)
{
    uint64_t random = 1;
    size_t taken = 0, passed = 0;
    struct buf b = {0};
    for (size_t round = 0; round < 3000; round++) {
        const char *comma = round % 3 == 0 ? ", " : ",";
        const char *behind = round % 2 == 0 ? "\n" : round % 4 == 1 ? "," : ", ";
        struct json_judged j;
        buf_clear(&b);
        for (size_t rows = below(30, &random); rows > 0; rows--) {
            buf_str(&b, "[");
            for (size_t i = 0, n = 1 + below(12, &random); i < n; i++) {
                buf_str(&b, i == 0 ? "" : below(500, &random) == 0 ? " ," : comma);
                add_value(&b, 20 + round, &random);
            }
            buf_str(&b, "]");
            buf_str(&b, behind);
        }
        CU_ASSERT_TRUE(judged(buf_span(&b), &j));
        taken += j.taken;
        passed += j.passed;
    }
    CU_ASSERT(taken > 20000 && passed > 500);
    buf_close(&b);
}

/* Bytes that matter, in any order. */
static void test_dataset_json_scan__cuts_any_bytes_like_the_tokenizer(void)
{
    static const char bytes[] = "[[]],,,\"\"\"\"\"\\ 01e-.atnul\n";
    uint64_t random = 3;
    size_t taken = 0;
    struct buf b = {0};
    for (size_t round = 0; round < 8000; round++) {
        struct json_judged j;
        buf_clear(&b);
        buf_str(&b, "[");
        for (size_t n = below(14, &random); n > 0; n--)
            buf_byte(&b, (uint8_t)bytes[below(sizeof bytes - 1, &random)]);
        buf_str(&b, round % 2 == 0 ? "]" : "\"]");
        CU_ASSERT_TRUE(judged(buf_span(&b), &j));
        taken += j.taken;
    }
    CU_ASSERT(taken > 50);
    buf_close(&b);
}

/* All of up to five bytes, and longer ones, mostly digits. */
static void test_dataset_json_scan__knows_what_a_number_is(void)
{
    static const char bytes[] = "01.-e+9 ";
    uint64_t random = 4;
    size_t taken = 0;
    struct buf b = {0};
    for (size_t round = 0; round < 3 << 14; round++) {
        bool longer = round >> 15 != 0;
        struct json_judged j;
        buf_clear(&b);
        buf_str(&b, "[");
        for (size_t i = 0, n = longer ? 1 + below(20, &random) : 5; i < n; i++) {
            uint8_t c = (uint8_t)bytes[longer ? below(8, &random) : round >> 3 * i & 7];
            if (longer && below(12, &random) > 0)
                c = (uint8_t)('0' + below(10, &random));
            if (longer || c != ' ')
                buf_byte(&b, c);
        }
        buf_str(&b, "]");
        CU_ASSERT_TRUE(json_judge(buf_span(&b), mark_way(0), &j));
        CU_ASSERT(j.passed == 0 || b.n == 2 || span_find(buf_span(&b), 0, ' ') < b.n);
        taken += j.taken;
    }
    CU_ASSERT(taken > 5000);
    buf_close(&b);
}

static void test_dataset_json_scan__cuts_alike_wherever_chunks_end(void)
{
    static const char *const pieces[] = {"\"a,b\"", "\"\"",      "\"\\\"\"",     "\"\\\\\"",
                                         "-1.5e10", "null",      "\"\\\\\\\"\"", "false",
                                         "\"]\"",   "\"[\\\"]\""};
    struct buf b = {0};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        for (size_t at = 0; at < 2 * MARK_CHUNK; at++)
            for (size_t blanks = 0; blanks < 2; blanks++) {
                const char *comma = blanks == 1 ? ", " : ",";
                struct json_judged j;
                buf_clear(&b);
                buf_str(&b, "[\"");
                for (size_t k = 0; k < at; k++)
                    buf_byte(&b, 'x');
                buf_str(&b, "\"");
                for (size_t k = 0; k < 3; k++) {
                    buf_str(&b, comma);
                    buf_str(&b, pieces[i]);
                }
                buf_str(&b, "]\n[1");
                buf_str(&b, comma);
                buf_str(&b, "\"2\"]\n");
                CU_ASSERT_TRUE(judged(buf_span(&b), &j));
                CU_ASSERT_EQUAL(j.looks, 0); /* quotes with escapes are counted right */
                CU_ASSERT_EQUAL(
                    j.taken,
                    span_find(span_str(pieces[i]), 0, '\\') < span_str(pieces[i]).n ? 1 : 2);
            }
    buf_close(&b);
}

/* Wherever a chunk ends; what is no UTF-8 is left to the tokenizer. */
static void test_dataset_json_scan__takes_letters_beyond_ascii(void)
{
    static const struct {
        const char *text;
        size_t taken;
    } rows[] = {{"\xc2\xb5g/L", 1}, {"\xe6\x97\xa5\xe6\x9c\xac", 1},
                {"\xb5g/L", 0},     {"\xe6\x97", 0},
                {"\xc2\xb5\\n", 0}, {"\xed\xa0\x80", 0}};
    struct buf b = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t at = 0; at < 2 * MARK_CHUNK; at++) {
            struct json_judged j;
            buf_clear(&b);
            buf_str(&b, "[\"");
            for (size_t k = 0; k < at; k++)
                buf_byte(&b, 'x');
            buf_str(&b, rows[i].text);
            buf_str(&b, "\",1]\n");
            CU_ASSERT_TRUE(judged(buf_span(&b), &j));
            CU_ASSERT_EQUAL(j.taken, rows[i].taken);
        }
    buf_close(&b);
}

SUITE(dataset_json_scan, TEST(test_dataset_json_scan__finds_each_byte_in_every_way),
      TEST(test_dataset_json_scan__cuts_any_rows_like_the_tokenizer),
      TEST(test_dataset_json_scan__cuts_any_bytes_like_the_tokenizer),
      TEST(test_dataset_json_scan__knows_what_a_number_is),
      TEST(test_dataset_json_scan__cuts_alike_wherever_chunks_end),
      TEST(test_dataset_json_scan__takes_letters_beyond_ascii))
