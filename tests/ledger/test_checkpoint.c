#include "ledger/checkpoint.h"

#include <stdio.h>

#include "format/note.h"
#include "tests/test.h"

#define ROOT       "HtoEmkNR2G92JSvX7At3Rq11t/oDFq1fVB29pFijEsQ="
#define EMPTY_ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define ORIGIN     "trial-ledger.example/nct00000001"

static void assert_refused(struct span text, const char *what)
{
    struct checkpoint c = {.size = 77};
    struct err e = {0};
    CU_ASSERT_FALSE(checkpoint_parse(text, &c, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
    CU_ASSERT_EQUAL(c.size, 77);
    bool said = strstr(e.text, what) != NULL;
    CU_ASSERT_TRUE(said);
    if (!said)
        printf("  said \"%s\" instead of \"%s\"\n", e.text, what);
}

static void test_checkpoint__refuses_a_missing_origin(void)
{
    assert_refused(SPAN(""), "line 1");
    assert_refused(SPAN("origin"), "line 1");
    assert_refused(SPAN("\n257\n" ROOT "\n"), "line 1");
}

static void test_checkpoint__refuses_sizes_that_are_not_canonical(void)
{
    static const char *const bad[] = {
        "",
        "bananas",
        "-34",
        "+34",
        "0257",
        "00",
        " 257",
        "257 ",
        "0x10",
        "2.0",
        "9223372036854775808",
        "18446744073709551616",
        "3438945738945739845734895735",
    };
    assert_refused(SPAN("origin\n257"), "line 2");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, "origin\n%s\n" ROOT "\n", bad[i]);
        assert_refused(span_str(text), "line 2");
    }
}

static void test_checkpoint__refuses_roots_that_are_not_32_bytes(void)
{
    static const char *const bad[] = {
        "",
        "YmFuYW5hcw==",
        "ThisIsn'tBase64",
        "dGhlIHZpZXcgZnJvbSB0aGUgdHJlZSB0b3BzIGlzIGdyZWF0IQ==",
        "HtoEmkNR2G92JSvX7At3Rq11t/oDFq1fVB29pFijEsQ",
        "HtoEmkNR2G92JSvX7At3Rq11t/oDFq1fVB29pFijEsR=",
        "HtoEmkNR2G92JSvX7At3Rq11t_oDFq1fVB29pFijEsQ=",
        "HtoEmkNR2G92JSvX7At3Rq11t/oDFq1fVB29pFijEsQ= ",
    };
    assert_refused(SPAN("origin\n257\n" ROOT), "line 3");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, "origin\n257\n%s\n", bad[i]);
        assert_refused(span_str(text), "line 3");
    }
}

static void test_checkpoint__refuses_another_root_for_size_0(void)
{
    struct checkpoint c;
    assert_refused(SPAN("origin\n0\n" ROOT "\n"), "empty tree");
    CU_ASSERT_TRUE(checkpoint_parse(SPAN("origin\n0\n" EMPTY_ROOT "\n"), &c, NULL));
    CU_ASSERT_TRUE(checkpoint_parse(SPAN("origin\n1\n" EMPTY_ROOT "\n"), &c, NULL));
}

static void test_checkpoint__refuses_empty_extension_lines(void)
{
    assert_refused(SPAN("origin\n257\n" ROOT "\n\n"), "line 4: an extension line is empty");
    assert_refused(SPAN("origin\n257\n" ROOT "\nlots\n\nlines\n"), "line 5: an extension");
    assert_refused(SPAN("origin\n257\n" ROOT "\nlots"), "does not end with LF");
}

static void test_checkpoint__refuses_carriage_returns_and_other_bytes(void)
{
    assert_refused(SPAN("origin\r\n257\r\n" ROOT "\r\n"), "UTF-8 without control");
    assert_refused(SPAN("ori\0gin\n257\n" ROOT "\n"), "UTF-8 without control");
    assert_refused(SPAN("ori\xffgin\n257\n" ROOT "\n"), "UTF-8 without control");
    assert_refused(SPAN("origin\n257\n" ROOT "\nline\x7f\n\x01\n"), "UTF-8 without control");
}

static void test_checkpoint__refuses_more_than_its_limit(void)
{
    static uint8_t text[CHECKPOINT_MAX + 1];
    struct checkpoint c;
    struct err e = {0};
    memset(text, 'x', sizeof text);
    CU_ASSERT_FALSE(checkpoint_parse(span_of(text, sizeof text), &c, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_LIMIT);
}

static void test_checkpoint__refuses_origins_that_name_no_key(void)
{
    static uint8_t name[ORIGIN_MAX + 1];
    CU_ASSERT_FALSE(origin_check(SPAN("")));
    CU_ASSERT_FALSE(origin_check(SPAN("go.sum database tree")));
    CU_ASSERT_FALSE(origin_check(SPAN("a+b")));
    CU_ASSERT_FALSE(origin_check(SPAN("caf\xc3\xa9")));
    CU_ASSERT_FALSE(origin_check(SPAN("a\x7f")));
    CU_ASSERT_FALSE(origin_check(SPAN("a\n")));
    CU_ASSERT_TRUE(origin_check(SPAN(ORIGIN)));
    memset(name, '~', sizeof name);
    CU_ASSERT_FALSE(origin_check(span_of(name, sizeof name)));
    CU_ASSERT_TRUE(origin_check(span_of(name, sizeof name - 1)));
}

static void test_checkpoint__reads_and_writes_the_same_bytes(void)
{
    static const struct {
        const char *text, *origin, *extensions;
        uint64_t size;
    } known[] = {
        {ORIGIN "\n257\n" ROOT "\n", ORIGIN, "", 257},
        {"go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
         "go.sum database tree", "", 20852163},
        {"o\n0\n" EMPTY_ROOT "\n", "o", "", 0},
        {"o\n9223372036854775807\n" ROOT "\nlots\nof\nlines\n", "o", "lots\nof\nlines\n",
         INT64_MAX},
    };
    struct buf b = {0};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct checkpoint c;
        CU_ASSERT_TRUE_FATAL(checkpoint_parse(span_str(known[i].text), &c, NULL));
        ASSERT_SPAN(c.origin, span_str(known[i].origin));
        ASSERT_SPAN(c.extensions, span_str(known[i].extensions));
        CU_ASSERT_EQUAL(c.size, known[i].size);
        buf_clear(&b);
        checkpoint_write(&b, &c);
        ASSERT_SPAN(buf_span(&b), span_str(known[i].text));
    }
    buf_close(&b);
}

static void test_checkpoint__reads_a_known_root(void)
{
    struct checkpoint c;
    CU_ASSERT_TRUE_FATAL(checkpoint_parse(SPAN(ORIGIN "\n257\n" ROOT "\n"), &c, NULL));
    ASSERT_SPAN(hash_span(&c.root),
                test_hex("1eda049a4351d86f76252bd7ec0b7746ad75b7fa0316ad5f541dbda458a312c4"));
}

static void test_checkpoint__reads_the_published_checkpoints(void)
{
    static const struct {
        const char *path;
        uint64_t size;
    } files[] = {
        {"c2sp/sumdb-20852163.note", 20852163},
        {"c2sp/sumdb-35225469.note", 35225469},
        {"c2sp/issue99-sigsum.note", 10},
        {"generated/checkpoint.0", 0},
        {"generated/checkpoint.1", 1},
        {"generated/checkpoint.257", 257},
        {"generated/checkpoint.70000", 70000},
        {"generated/checkpoint.70000.pq", 70000},
        {"tessera/testdata/log/checkpoint.0", 0},
        {"tessera/testdata/log/checkpoint.15", 15},
    };
    if (test_file("../shared/vectors/README.md").p == NULL)
        SKIP("no ../shared/vectors");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[128];
        struct arena a = {0};
        struct note n;
        struct checkpoint c;
        snprintf(path, sizeof path, "../shared/vectors/%s", files[i].path);
        CU_ASSERT_TRUE_FATAL(note_parse(&a, test_file(path), &n, NULL));
        CU_ASSERT_TRUE_FATAL(checkpoint_parse(n.text, &c, NULL));
        CU_ASSERT_EQUAL(c.size, files[i].size);
        arena_close(&a);
    }
}

/* Takes the next JSON string behind `before`; the only escape there is \n. */
static bool next_string(struct span *rest, struct span before, struct buf *out)
{
    while (rest->n > 0 && !span_starts(*rest, before))
        *rest = span_skip(*rest, 1);
    if (!span_take(rest, before))
        return false;
    buf_clear(out);
    while (rest->n > 0 && rest->p[0] != '"') {
        bool lf = span_take(rest, SPAN("\\n"));
        buf_byte(out, lf ? '\n' : rest->p[0]);
        *rest = span_skip(*rest, lf ? 0 : 1);
    }
    return true;
}

/* All of them have roots that are not 32 bytes, where we are stricter than the Go code. */
static void test_checkpoint__refuses_the_cases_of_transparency_dev(void)
{
    struct span rest = test_file("../shared/vectors/transparency-dev-formats/cases.json");
    struct buf text = {0};
    struct checkpoint c;
    size_t cases = 0;
    if (rest.p == NULL)
        SKIP("no ../shared/vectors");
    for (; next_string(&rest, SPAN("\"t\": \""), &text); cases++)
        CU_ASSERT_FALSE(checkpoint_parse(buf_span(&text), &c, NULL));
    CU_ASSERT_EQUAL(cases, 10);
    buf_close(&text);
}

SUITE(checkpoint, TEST(test_checkpoint__refuses_a_missing_origin),
      TEST(test_checkpoint__refuses_sizes_that_are_not_canonical),
      TEST(test_checkpoint__refuses_roots_that_are_not_32_bytes),
      TEST(test_checkpoint__refuses_another_root_for_size_0),
      TEST(test_checkpoint__refuses_empty_extension_lines),
      TEST(test_checkpoint__refuses_carriage_returns_and_other_bytes),
      TEST(test_checkpoint__refuses_more_than_its_limit),
      TEST(test_checkpoint__refuses_origins_that_name_no_key),
      TEST(test_checkpoint__reads_and_writes_the_same_bytes),
      TEST(test_checkpoint__reads_a_known_root),
      TEST(test_checkpoint__reads_the_published_checkpoints),
      TEST(test_checkpoint__refuses_the_cases_of_transparency_dev))
