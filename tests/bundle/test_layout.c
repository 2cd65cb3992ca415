#include <stdio.h>

#include "bundle/layout.h"
#include "format/zip.h"
#include "tests/test.h"

static struct arena kept; /* never freed, so no leak */

static struct span mapped(struct span name)
{
    struct buf b = {0};
    layout_file_name(&b, name);
    struct span s = arena_copy(&kept, buf_span(&b));
    buf_close(&b);
    return s;
}

/* The way back, for names that are not given by their hash. */
static struct span unmapped(struct span name)
{
    struct buf b = {0};
    while (name.n > 0) {
        uint8_t c = 0;
        if (span_take(&name, SPAN("_-"))) {
            CU_ASSERT_FATAL(name.n >= 2 && span_hex(span_of(name.p, 2), &c, 1));
            name = span_skip(name, 2);
        } else {
            c = name.p[0];
            name = span_skip(name, 1);
        }
        buf_byte(&b, c);
    }
    struct span s = arena_copy(&kept, buf_span(&b));
    buf_close(&b);
    return s;
}

static void check_name(struct span name, struct span want)
{
    ASSERT_SPAN(mapped(name), want);
    ASSERT_SPAN(unmapped(want), name);
    CU_ASSERT(zip_name_check(want));
}

static void test_layout__maps_file_names_as_section_6_4_says(void)
{
    static const char *const names[][2] = {
        {"lb.csv", "lb.csv"},
        {"LB-2_final.v1.csv", "LB-2_final.v1.csv"},
        {"dm \xc3\xbc.csv", "dm_-20_-c3_-bc.csv"},
        {".profile", "_-2eprofile"},
        {"ends.", "ends_-2e"},
        {".", "_-2e"},
        {"..", "_-2e_-2e"},
        {"...", "_-2e._-2e"},
        {"a..b", "a..b"},
        {"a_b", "a_b"},
        {"a__b", "a__b"},
        {"a_", "a_"},
        {"_-", "_-5f-"},
        {"a_-20", "a_-5f-20"},
        {"__-", "__-5f-"},
        {"a/b\\c", "a_-2fb_-5cc"},
        {"\x01\x7f\xff", "_-01_-7f_-ff"},
        {"-", "-"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        check_name(span_str(names[i][0]), span_str(names[i][1]));
    check_name(SPAN("a\0b"), SPAN("a_-00b"));
}

static void test_layout__escapes_names_that_dos_takes_for_devices(void)
{
    static const char *const devices[] = {"con",  "PRN",  "Aux",  "nuL",     "com0",      "COM9",
                                          "lpt1", "LPT0", "con.", "con.csv", "nul.tar.gz"};
    static const char *const others[] = {"cons", "co",    "com",      "com10", "lpt",        "xcon",
                                         "con-", "con_a", "con1.csv", "a.con", "COM\xc2\xb9"};
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        struct span name = span_str(devices[i]), s = mapped(name);
        char first[8];
        snprintf(first, sizeof first, "_-%02x", (unsigned)name.p[0]);
        CU_ASSERT(span_starts(s, span_str(first)) && zip_name_check(s));
        ASSERT_SPAN(unmapped(s), name);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        CU_ASSERT_EQUAL(mapped(span_str(others[i])).p[0], (uint8_t)others[i][0]);
}

/* All names of up to three of the bytes that the mapping treats apart. */
static void test_layout__maps_no_two_short_names_alike_and_all_of_them_back(void)
{
    static const char bytes[] = "_-.5fcC2e /\xc3";
    enum { BASE = sizeof bytes - 1 };
    for (unsigned i = 1; i < BASE * BASE * BASE * BASE; i++) {
        uint8_t name[4];
        size_t n = 0;
        for (unsigned v = i; v > 0; v /= BASE)
            name[n++] = (uint8_t)bytes[v % BASE];
        struct span s = mapped(span_of(name, n));
        ASSERT_SPAN(unmapped(s), span_of(name, n));
        CU_ASSERT(zip_name_check(s));
    }
}

static void test_layout__maps_random_names_back(void)
{
    uint64_t state = 64;
    for (int i = 0; i < 20000; i++) {
        uint8_t name[40];
        size_t n = 1 + test_random(&state) % sizeof name;
        for (size_t k = 0; k < n; k++)
            name[k] = (uint8_t)test_random(&state);
        struct span s = mapped(span_of(name, n));
        ASSERT_SPAN(unmapped(s), span_of(name, n));
        CU_ASSERT(zip_name_check(s));
    }
}

static void test_layout__gives_long_names_by_their_hash(void)
{
    uint8_t name[256];
    memset(name, 'a', sizeof name);
    ASSERT_SPAN(mapped(span_of(name, 200)), span_of(name, 200));
    struct span s = mapped(span_of(name, 201));
    char hex[65], want[70];
    snprintf(want, sizeof want, "_--%s", hash_hex(sha256_of(span_of(name, 201)), hex));
    ASSERT_SPAN(s, span_str(want));
    CU_ASSERT(zip_name_check(s));
    memset(name, 0xc3, sizeof name); /* escaped: four for one */
    CU_ASSERT_EQUAL(mapped(span_of(name, 50)).n, 200);
    CU_ASSERT_EQUAL(mapped(span_of(name, 51)).n, 67);
    struct buf b = {0};
    buf_str(&b, "before/");
    layout_file_name(&b, span_of(name, 51));
    CU_ASSERT_EQUAL(b.n, 7 + 67);
    buf_close(&b);
}

/* --- names of members --- */

static void test_layout__writes_numbers_with_leading_zeroes(void)
{
    static const struct {
        uint64_t v;
        unsigned digits;
        const char *want;
    } cases[] = {{0, 4, "0000"},
                 {7, 4, "0007"},
                 {9999, 4, "9999"},
                 {10000, 4, "10000"},
                 {0, 1, "0"},
                 {12, 1, "12"},
                 {99, 12, "000000000099"},
                 {999999999999, 12, "999999999999"},
                 {UINT64_MAX, 12, "18446744073709551615"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf b = {0};
        layout_index(&b, cases[i].v, cases[i].digits);
        ASSERT_SPAN(buf_span(&b), span_str(cases[i].want));
        buf_close(&b);
    }
}

static void test_layout__names_members_as_chapter_6_says(void)
{
    struct buf b = {0};
    struct hash h;
    memset(h.b, 0xab, sizeof h.b);
    layout_folder(&b, SPAN("S-1"), 42);
    buf_byte(&b, '\n');
    layout_entry(&b, 7);
    buf_byte(&b, '\n');
    layout_proof(&b, 123456789012);
    buf_byte(&b, '\n');
    layout_revision(&b, SPAN("SDTM/LB"), 12);
    buf_byte(&b, '\n');
    layout_object(&b, h);
    buf_byte(&b, '\n');
    layout_manifest_line(&b, h, SPAN("data/x"));
    ASSERT_SPAN(
        buf_span(&b),
        SPAN("S-1-000000000042\ndata/entries/000000000007.json\n"
             "data/proofs/123456789012.tlog-proof\ndata/datasets/SDTM/LB/r0012/\n"
             "data/objects/abababababababababababababababababababababababababababababababab\n"
             "abababababababababababababababababababababababababababababababab  data/x\n"));
    buf_close(&b);
}

/* --- scopes --- */

static void test_layout__refuses_scopes_that_section_6_2_does_not_know(void)
{
    static const char *const bad[] = {"",
                                      "All",
                                      "all ",
                                      " none",
                                      "all since=3",
                                      "none since=3",
                                      "since=",
                                      "since=0",
                                      "since=03",
                                      "since=-3",
                                      "since=3 ",
                                      "since=3 dataset=LB",
                                      "dataset=",
                                      "dataset=LB ",
                                      "dataset=-L",
                                      "dataset=/L",
                                      "dataset=LB  since=3",
                                      "dataset=LB since=",
                                      "since=1000000000000",
                                      "dataset=LB\nsince=3",
                                      "dataset=a/b/c/d"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct scope s = {.since = 77};
        CU_ASSERT(!scope_parse(span_str(bad[i]), &s));
        CU_ASSERT(s.since == 77 && s.dataset.n == 0 && !s.none);
    }
}

static void test_layout__writes_scopes_as_it_reads_them(void)
{
    static const char *const good[] = {"all",
                                       "none",
                                       "since=1",
                                       "since=999999999999",
                                       "dataset=LB",
                                       "dataset=a/b/c",
                                       "dataset=LB since=12"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct scope s;
        struct buf b = {0};
        CU_ASSERT_FATAL(scope_parse(span_str(good[i]), &s));
        scope_write(&b, &s);
        ASSERT_SPAN(buf_span(&b), span_str(good[i]));
        buf_close(&b);
    }
}

static void test_layout__knows_what_a_scope_contains(void)
{
    static const struct {
        const char *scope, *dataset;
        uint64_t entry;
        bool want;
    } cases[] = {
        {"all", "LB", 0, true},
        {"none", "LB", 9, false},
        {"since=5", "LB", 5, true},
        {"since=5", "LB", 4, false},
        {"dataset=LB", "LB", 0, true},
        {"dataset=LB", "lb", 0, false},
        {"dataset=LB", "LB/A", 0, false},
        {"dataset=LB since=5", "LB", 5, true},
        {"dataset=LB since=5", "LB", 4, false},
        {"dataset=LB since=5", "DM", 6, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scope s;
        CU_ASSERT_FATAL(scope_parse(span_str(cases[i].scope), &s));
        CU_ASSERT_EQUAL(scope_contains(&s, span_str(cases[i].dataset), cases[i].entry),
                        cases[i].want);
    }
}

/* --- tag files --- */

static const struct bag_info sample_info = {
    .origin = {(const uint8_t *)"example.org/S1", 14},
    .head_time = 1768270332,
    .size = 15,
    .payload_bytes = 4321,
    .payload_files = 12,
    .scope = {.since = 3},
};

static void test_layout__writes_bag_info_as_section_6_1_says(void)
{
    struct buf b = {0};
    struct scope s;
    bag_info_write(&b, &sample_info);
    ASSERT_SPAN(buf_span(&b), SPAN("Bagging-Date: 2026-01-13\n"
                                   "External-Identifier: example.org/S1\n"
                                   "Payload-Oxum: 4321.12\n"
                                   "Trialseal-Bundle-Version: 1\n"
                                   "Trialseal-Head-Time: 2026-01-13T02:12:12Z\n"
                                   "Trialseal-Scope: since=3\n"
                                   "Trialseal-Size: 15\n"));
    CU_ASSERT(bag_info_scope(buf_span(&b), &s) && s.since == 3);
    CU_ASSERT(!bag_info_scope(SPAN("Trialseal-Size: 15\n"), &s));
    CU_ASSERT(!bag_info_scope(SPAN("Trialseal-Scope: all"), &s)); /* not a line */
    CU_ASSERT(!bag_info_scope(SPAN("Trialseal-Scope: ALL\nTrialseal-Scope: all\n"), &s));
    ASSERT_SPAN(bagit_text(), SPAN("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"));
    buf_close(&b);
}

static void test_layout__tells_how_to_verify_by_hand(void)
{
    struct buf b = {0};
    verify_text_write(&b, &sample_info);
    CU_ASSERT(span_utf8(buf_span(&b)));
    buf_byte(&b, '\0');
    static const char *const words[] = {"example.org/S1",       "Entries     15",
                                        "2026-01-13T02:12:12Z", "since=3",
                                        "cd S1-000000000015",   "ssh-keygen"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        CU_ASSERT_PTR_NOT_NULL(strstr((const char *)b.p, words[i]));
    buf_close(&b);
}

SUITE(layout, TEST(test_layout__maps_file_names_as_section_6_4_says),
      TEST(test_layout__escapes_names_that_dos_takes_for_devices),
      TEST(test_layout__maps_no_two_short_names_alike_and_all_of_them_back),
      TEST(test_layout__maps_random_names_back), TEST(test_layout__gives_long_names_by_their_hash),
      TEST(test_layout__writes_numbers_with_leading_zeroes),
      TEST(test_layout__names_members_as_chapter_6_says),
      TEST(test_layout__refuses_scopes_that_section_6_2_does_not_know),
      TEST(test_layout__writes_scopes_as_it_reads_them),
      TEST(test_layout__knows_what_a_scope_contains),
      TEST(test_layout__writes_bag_info_as_section_6_1_says),
      TEST(test_layout__tells_how_to_verify_by_hand))
