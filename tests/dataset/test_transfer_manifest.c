#include "dataset/transfer_manifest.h"

#include <stdio.h>

#include "base/buf.h"
#include "tests/test.h"

#define D1 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define D2 "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct span self = {(const uint8_t *)"MANIFEST.sha256", 15};

static bool refused(struct span text, const char *why)
{
    struct arena a = {0};
    struct err e = {0};
    struct transfer_manifest m;
    bool parsed = transfer_manifest_parse(&a, text, self, TRANSFER_MANIFEST_LINES, &m, &e);
    bool named = !parsed && e.kind == ERR_FORMAT && strstr(e.text, why) != NULL;
    if (!named)
        printf("  %s %s\n", parsed ? "parsed" : "refused:", e.text);
    arena_close(&a);
    return named;
}

static void test_transfer_manifest__refuses_what_sha256sum_does_not_print(void)
{
    CU_ASSERT(refused(SPAN(""), "no line"));
    CU_ASSERT(refused(SPAN("\n"), "line 1"));
    CU_ASSERT(refused(SPAN(D1 "  a.csv"), "line 1: has no end"));
    CU_ASSERT(refused(SPAN(D1 "  a.csv\n\n"), "line 2"));
    CU_ASSERT(refused(SPAN(D1 "  a.csv\n" D2 "  b.csv"), "line 2: has no end"));
    CU_ASSERT(refused(SPAN(D1 "  a.csv\r\n"), "control"));
    CU_ASSERT(refused(SPAN(D1 " *a.csv\n"), "two blanks"));
    CU_ASSERT(refused(SPAN(D1 " a.csv\n"), "two blanks"));
    CU_ASSERT(refused(SPAN(D1 "\ta.csv\n"), "two blanks"));
    CU_ASSERT(refused(SPAN("\\" D1 "  a\\nb\n"), "64 lower-case"));
    CU_ASSERT(refused(SPAN("0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"
                           "  a.csv\n"),
                      "64 lower-case"));
    CU_ASSERT(refused(SPAN("012  a.csv\n"), "64 lower-case"));
    CU_ASSERT(refused(SPAN("\xef\xbb\xbf" D1 "  a.csv\n"), "64 lower-case"));
    CU_ASSERT(refused(SPAN("SHA256 (a.csv) = " D1 "\n"), "64 lower-case"));
}

static void test_transfer_manifest__refuses_names_that_lead_elsewhere(void)
{
    CU_ASSERT(refused(SPAN(D1 "  \n"), "empty file name"));
    CU_ASSERT(refused(SPAN(D1 "  ../a\n"), "slash"));
    CU_ASSERT(refused(SPAN(D1 "  /a\n"), "slash"));
    CU_ASSERT(refused(SPAN(D1 "  a/b\n"), "slash"));
    CU_ASSERT(refused(SPAN(D1 "  a\\b\n"), "backslash"));
    CU_ASSERT(refused(SPAN(D1 "  .\n"), "not a file name"));
    CU_ASSERT(refused(SPAN(D1 "  ..\n"), "not a file name"));
    CU_ASSERT(refused(SPAN(D1 "  a\0b\n"), "control"));
    CU_ASSERT(refused(SPAN(D1 "  a\x7f\n"), "control"));
    CU_ASSERT(refused(SPAN(D1 "  a\xc2\x9b\n"), "control"));
    CU_ASSERT(refused(SPAN(D1 "  caf\xe9\n"), "UTF-8"));
    CU_ASSERT(refused(SPAN(D1 "  MANIFEST.sha256\n"), "itself"));
    CU_ASSERT(refused(SPAN(D1 "  a\n" D1 "  b\n" D2 "  a\n"), "listed twice"));
    struct buf b = {0};
    buf_str(&b, D1 "  ");
    for (int i = 0; i < 256; i++)
        buf_byte(&b, 'x');
    buf_byte(&b, '\n');
    CU_ASSERT(refused(buf_span(&b), "256 bytes"));
    buf_close(&b);
}

static void test_transfer_manifest__limits_the_number_of_lines(void)
{
    struct arena a = {0};
    struct err e = {0};
    struct transfer_manifest m;
    struct span two = SPAN(D1 "  a.zip\n" D2 "  b.zip\n");
    CU_ASSERT_FALSE(transfer_manifest_parse(&a, two, SPAN("a.zip.sha256"), 1, &m, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_LIMIT);
    CU_ASSERT_TRUE(transfer_manifest_parse(&a, two, SPAN("a.zip.sha256"), 2, &m, &e));
    arena_close(&a);
}

static void test_transfer_manifest__has_its_lines_by_name(void)
{
    struct arena a = {0};
    struct err e = {0};
    struct transfer_manifest m;
    struct span text = SPAN(D2 "  z \xc3\xa9.csv\n" D1 "   leading\n" D1 "  ae.xpt\n");
    CU_ASSERT_TRUE_FATAL(transfer_manifest_parse(&a, text, self, 3, &m, &e));
    CU_ASSERT_EQUAL(m.lines, 3);
    ASSERT_SPAN(m.line[0].name, SPAN(" leading"));
    ASSERT_SPAN(m.line[1].name, SPAN("ae.xpt"));
    ASSERT_SPAN(m.line[2].name, SPAN("z \xc3\xa9.csv"));
    CU_ASSERT_EQUAL(m.line[2].hash.b[0], 0x11);
    CU_ASSERT_EQUAL(m.line[2].hash.b[31], 0xef);
    arena_close(&a);
}

SUITE(transfer_manifest, TEST(test_transfer_manifest__refuses_what_sha256sum_does_not_print),
      TEST(test_transfer_manifest__refuses_names_that_lead_elsewhere),
      TEST(test_transfer_manifest__limits_the_number_of_lines),
      TEST(test_transfer_manifest__has_its_lines_by_name))
