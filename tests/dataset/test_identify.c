#include "dataset/identify.h"

#include "tests/test.h"

static bool contradicts(const char *name, enum file_format found)
{
    char why[200];
    return !file_check(file_claim(span_str(name)), found, why, sizeof why);
}

static void test_identify__says_why_content_contradicts_the_name(void)
{
    char why[200];
    enum file_format found = file_identify(SPAN(" \n<!DOCTYPE HTML><title>404</title>"));
    CU_ASSERT_FALSE(file_check(file_claim(SPAN("ae.XPT")), found, why, sizeof why));
    CU_ASSERT_STRING_EQUAL(why, "the name ends in .xpt, which claims a SAS transport file, but "
                                "the content is HTML");
}

static void test_identify__knows_contradictions(void)
{
    CU_ASSERT(contradicts("a.csv", FILE_BINARY));
    CU_ASSERT(contradicts("a.csv", FILE_HTML));
    CU_ASSERT(contradicts("a.csv", FILE_ZIP));
    CU_ASSERT(contradicts("a.csv", FILE_UTF16));
    CU_ASSERT(contradicts("a.json", FILE_CSV));
    CU_ASSERT(contradicts("a.dsjc", FILE_JSON));
    CU_ASSERT(contradicts("a.xpt", FILE_CSV));
    CU_ASSERT(contradicts("a.xpt5", FILE_XPT8));
    CU_ASSERT(contradicts("a.pdf", FILE_HTML));
    CU_ASSERT_FALSE(contradicts("a.csv", FILE_TEXT));
    CU_ASSERT_FALSE(contradicts("a.xpt", FILE_XPT8));
    CU_ASSERT_FALSE(contradicts("a.dsjc", FILE_ZLIB));
    CU_ASSERT_FALSE(contradicts("a.unknown", FILE_BINARY));
    CU_ASSERT_FALSE(contradicts("README", FILE_BINARY));
    CU_ASSERT_FALSE(contradicts("a.csv", FILE_EMPTY));
}

struct sample {
    struct span head;
    enum file_format format;
};

#define SAMPLE(literal, format)                                                                    \
    {                                                                                              \
        {(const uint8_t *)(literal), sizeof(literal) - 1}, FILE_##format                           \
    }
static const struct sample samples[] = {
    SAMPLE("", EMPTY),
    SAMPLE("\0", BINARY),
    SAMPLE("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", BINARY),
    SAMPLE("HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!0000", XPT5),
    SAMPLE("HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!0000", XPT8),
    SAMPLE("HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!", TEXT),
    SAMPLE("USUBJID,AESEQ\n1,2\n", CSV),
    SAMPLE("\xef\xbb\xbf\"A\",B", CSV),
    SAMPLE("caf\x92s,B\n", CSV),
    SAMPLE("USUBJID\n1,2\n", TEXT),
    SAMPLE("x^2\n", TEXT),
    SAMPLE("\xef\xbb\xbf \r\n\t{\"a\":1}", JSON),
    SAMPLE("[1,2]", JSON),
    SAMPLE("<?xml version=\"1.0\"?><ODM/>", XML),
    SAMPLE("<ODM xmlns=\"\"/>", XML),
    SAMPLE("<ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.2\">", XML),
    SAMPLE("<ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.3\" FileType", XML),
    SAMPLE("<Study xmlns=\"http://www.cdisc.org/ns/odm/v1.3\">", XML),
    SAMPLE("<x><ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.3\"></x>", XML),
    SAMPLE("<ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.3\" "
           "xmlns:def=\"http://www.cdisc.org/ns/def/v2.1\">",
           XML),
    SAMPLE("<ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.3\">", ODM),
    SAMPLE("\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- x -->\n"
           "<o:ODM xmlns:o=\"http://www.cdisc.org/ns/odm/v1.3\"/>",
           ODM),
    SAMPLE("< 5, of 10", CSV),
    SAMPLE("<HTML><body>", HTML),
    SAMPLE("%PDF-1.7\n", PDF),
    SAMPLE("\x1f\x8b\x08\0\0\0\0\0", GZIP),
    SAMPLE("x\x9c\x03\0\0\0\0\x01", ZLIB),
    SAMPLE("PK\x03\x04\x14\0", ZIP),
    SAMPLE("7z\xbc\xaf\x27\x1c\0\x04", 7Z),
    SAMPLE("\x28\xb5\x2f\xfd\x24\0", ZSTD),
    SAMPLE("\xff\xfe"
           "a\0,\0b\0",
           UTF16),
};

static void test_identify__goes_by_content(void)
{
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        enum file_format got = file_identify(samples[i].head);
        ASSERT_SPAN(span_str(file_format_name(got)), span_str(file_format_name(samples[i].format)));
    }
    uint8_t tar[512] = "ae.xpt";
    memcpy(tar + 257, "ustar", 5);
    CU_ASSERT_EQUAL(file_identify(span_of(tar, sizeof tar)), FILE_TAR);
    uint8_t sas[64] = {[12] = 0xc2, 0xea, 0x81, 0x60, 0xb3, 0x14, 0x11, 0xcf, 0xbd, 0x92,
                       0x08,        0x00, 0x09, 0xc7, 0x31, 0x8c, 0x18, 0x1f, 0x10, 0x11};
    CU_ASSERT_EQUAL(file_identify(span_of(sas, sizeof sas)), FILE_SAS7BDAT);
}

static void test_identify__reads_text_as_csv_only_where_the_name_says_so(void)
{
    CU_ASSERT_EQUAL(file_decide(file_claim(SPAN("a.CSV")), FILE_TEXT), FILE_CSV);
    CU_ASSERT_EQUAL(file_decide(file_claim(SPAN("a.csv")), FILE_JSON), FILE_CSV);
    CU_ASSERT_EQUAL(file_decide(file_claim(SPAN("a.csv")), FILE_XPT5), FILE_XPT5);
    CU_ASSERT_EQUAL(file_decide(file_claim(SPAN("a.txt")), FILE_TEXT), FILE_TEXT);
    CU_ASSERT_EQUAL(file_decide(NULL, FILE_TEXT), FILE_TEXT);
    CU_ASSERT_PTR_NULL(file_claim(SPAN("csv")));
}

SUITE(identify, TEST(test_identify__says_why_content_contradicts_the_name),
      TEST(test_identify__knows_contradictions), TEST(test_identify__goes_by_content),
      TEST(test_identify__reads_text_as_csv_only_where_the_name_says_so))
