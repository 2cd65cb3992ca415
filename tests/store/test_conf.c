#include "store/conf.h"

#include "tests/test.h"

static struct arena arena;

#define HOME  "[home]\norigin = example.org/trials\ntest = no\n"
#define STUDY "[study]\nid = S1\n"

static void test_conf__refuses_a_home_file_and_names_the_line(void)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "[home] origin is missing"},
        {"[home]\norigin = a\n", "[home] test is missing"},
        {HOME "colour = red\n", "line 4: unknown key: colour"},
        {HOME "[paint]\n", "line 4: unknown section: paint"},
        {HOME "[study]\nid = x\n", "line 4: unknown section"},
        {HOME "[home] x\n", "line 4: not a section"},
        {HOME "origin = b\n", "line 4: given twice"},
        {HOME "just words\n", "line 4: neither comment"},
        {HOME "anchor = relative\n", "line 4: not an absolute path"},
        {HOME "anchor = /a\nanchor = /a\n", "line 5: this anchor is given twice"},
        {HOME "anchor = /a ; why\n", "line 4: a comment must have a line of its own"},
        {HOME " anchor = /a\n", "line 4: begins or ends with a blank"},
        {HOME "anchor = /a", "line 4: the last line does not end"},
        {HOME "anchor = /a\r\n", "line 4: a tab or another control byte"},
        {HOME "[limits]\nfile-bytes = 0\n", "line 5: not a whole number above 0"},
        {HOME "[limits]\nfile-bytes = 1e9\n", "line 5: not a whole number above 0"},
        {HOME "[seal]\nauthority = ftp://a\n", "line 5: neither http:// nor https://"},
        {HOME "[seal]\nauthority = http://\n", "line 5: neither http:// nor https://"},
        {HOME "[seal]\nauthority = http://a b\n", "line 5: neither http:// nor https://"},
        {HOME "[seal]\nauthority = http://a\nauthority = http://a\n", "line 6: given twice"},
        {HOME "[seal]\nhash = sha1\n", "line 5: none of sha256, sha384, sha512"},
        {HOME "[seal]\nhash = 256\n", "line 5: none of sha256, sha384, sha512"},
        {HOME "[seal]\npolicy = 1.2.\n", "line 5: not numbers joined by dots"},
        {HOME "[seal]\npolicy = 1\n", "line 5: not numbers joined by dots"},
        {HOME "[seal]\npolicy = 1.x\n", "line 5: not numbers joined by dots"},
        {HOME "[seal]\ntimeout = 0\n", "line 5: not a number of seconds from 1 to 600"},
        {HOME "[seal]\ntimeout = 601\n", "line 5: not a number of seconds from 1 to 600"},
        {HOME "[seal]\nstale-hours = 0\n", "line 5: not a number of hours from 1 to 87600"},
        {HOME "[seal]\nrenew-days = 0\n", "line 5: not a number of days from 1 to 3650"},
        {HOME "[seal]\nrenew-days = 3651\n", "line 5: not a number of days from 1 to 3650"},
        {HOME "[seal]\nproxy = proxy:80\n", "line 5: neither http:// nor https://"},
        {HOME "[seal]\ncrl = crl.pem\n", "line 5: neither a URL nor an absolute path"},
        {"[home]\norigin = a b\ntest = no\n", "line 2: not an origin"},
        {"[home]\norigin = ../x\ntest = no\n", "line 2: not an origin"},
        {"[home]\norigin = a+b\ntest = no\n", "line 2: not an origin"},
        {"[home]\norigin = a\ntest = perhaps\n", "line 3: neither yes nor no"},
        {"origin = a\n", "line 1: a key before the first section"},
        {"\xef\xbb\xbf[home]\n", "line 1: not plain UTF-8"},
        {"[home]\norigin = \xff\n", "line 2: not plain UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct conf_home c;
        struct err e = {0};
        CU_ASSERT_FALSE(conf_home_parse(&arena, span_str(cases[i].text), &c, &e));
        CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
        CU_ASSERT_PTR_NOT_NULL(strstr(e.text, cases[i].says));
        if (strstr(e.text, cases[i].says) == NULL)
            printf("  %s\n  %s\n", e.text, cases[i].says);
    }
}

static void test_conf__never_says_what_stands_in_a_URL(void)
{
    static const char *const cases[] = {
        HOME "[seal]\nauthority = htp://user:secret@a/\n",
        HOME "[seal]\nauthority = http://user:secret @a/\n",
        HOME "[seal]\ncrl = ftp://a/?key=secret\n",
        HOME "[seal]\nproxy = user:secret@a:80\n",
        HOME "[seal]\nauthority = http://u:secret@a/\nauthority = http://u:secret@a/\n",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct conf_home c;
        struct err e = {0};
        CU_ASSERT_FALSE(conf_home_parse(&arena, span_str(cases[i]), &c, &e));
        CU_ASSERT_PTR_NULL(strstr(e.text, "secret"));
        CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "line "));
    }
}

static void test_conf__refuses_a_study_file_and_names_the_line(void)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"[study]\ntitle = x\n", "[study] id is missing"},
        {"[study]\nid = a/b\n", "line 2: not a study's name"},
        {STUDY "[datasets]\nae.xpt = sdtm/\n", "line 4: not a dataset's name"},
        {STUDY "[datasets]\nae.xpt = a/b/c/d\n", "line 4: not a dataset's name"},
        {STUDY "[datasets]\nae.xpt = a b\n", "line 4: not a dataset's name"},
        {STUDY "[datasets]\nae.xpt = opaque:\n", "line 4: not a dataset's name"},
        {STUDY "[datasets]\nae.xpt = sdtm/*\n", "line 4: not a dataset's name"},
        {STUDY "[datasets]\n*.* = sdtm/*\n", "line 4: a pattern has at most one"},
        {STUDY "[datasets]\n/ae = AE\n", "line 4: a pattern has at most one"},
        {STUDY "[datasets]\nae.xpt = AE\nae.xpt = AE\n", "line 5: given twice"},
        {STUDY "[home]\n", "line 3: unknown section"},
        {STUDY "[report]\nnames = perhaps\n", "line 4: neither yes nor no"},
        {STUDY "[report]\nvalues = yes\n", "line 4: unknown key"},
        {STUDY "[keys]\nL B = A\n", "line 4: not a dataset's name"},
        {STUDY "[keys]\nLB = A\nlb = B\n", "line 5: given twice"},
        {STUDY "[keys]\nLB =\n", "line 4: no column"},
        {STUDY "[keys]\nLB = 1 2 3 4 5 6 7 8 9 a b c d e f g h i j k l m n o p q r s t u v w x\n",
         "line 4: too many columns"},
        {STUDY "[csv]\nmissing =\n", "line 4: empty"},
        {STUDY "[csv]\nquote = x\n", "line 4: unknown key"},
        {STUDY "[text]\nencoding =\n", "line 4: not an encoding"},
        {STUDY "[text]\nencoding = a/b\n", "line 4: not an encoding"},
        {STUDY "[text]\nencoding = a\nencoding = b\n", "line 5: given twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct conf_study c;
        struct err e = {0};
        CU_ASSERT_FALSE(conf_study_parse(&arena, span_str(cases[i].text), NULL, &c, &e));
        CU_ASSERT_PTR_NOT_NULL(strstr(e.text, cases[i].says));
        if (strstr(e.text, cases[i].says) == NULL)
            printf("  %s\n  %s\n", e.text, cases[i].says);
    }
}

static void test_conf__refuses_lines_that_the_library_would_cut(void)
{
    char text[512] = STUDY "title = ";
    struct conf_study c;
    struct err e = {0};
    size_t n = strlen(text), line = strlen("title = ");
    memset(text + n, 't', 300);
    text[n + CONF_LINE_MAX - line - 1] = '\n';
    text[n + CONF_LINE_MAX - line] = '\0';
    CU_ASSERT_TRUE(conf_study_parse(&arena, span_str(text), NULL, &c, &e));
    CU_ASSERT_EQUAL(c.title.n, CONF_LINE_MAX - line - 1);
    text[n + CONF_LINE_MAX - line - 1] = 't';
    text[n + CONF_LINE_MAX - line] = '\n';
    text[n + CONF_LINE_MAX - line + 1] = '\0';
    CU_ASSERT_FALSE(conf_study_parse(&arena, span_str(text), NULL, &c, &e));
}

static void test_conf__keeps_values_verbatim(void)
{
    struct conf_home h;
    struct conf_study s;
    struct err e = {0};
    CU_ASSERT_TRUE_FATAL(
        conf_home_parse(&arena,
                        SPAN("# why\n\n[home]\norigin = example.org/t\ntest = yes\n"
                             "anchor = /mnt/a;b #c\n[limits]\nstale-hours = 6\n"),
                        &h, &e));
    CU_ASSERT_TRUE(h.test);
    CU_ASSERT_STRING_EQUAL(h.anchor[0], "/mnt/a;b #c");
    CU_ASSERT_EQUAL(h.limits.stale_hours, 6);
    CU_ASSERT_TRUE_FATAL(conf_study_parse(
        &arena, SPAN(STUDY "title = \"A = B\" : c\n[limits]\ntransfer-files = 7\n"), &h.limits, &s,
        &e));
    ASSERT_SPAN(s.title, SPAN("\"A = B\" : c"));
    CU_ASSERT_EQUAL(s.limits.stale_hours, 6);
    CU_ASSERT_EQUAL(s.limits.transfer_files, 7);
}

static void test_conf__reads_what_a_report_may_show(void)
{
    struct conf_study s;
    struct err e = {0};
    CU_ASSERT_TRUE_FATAL(conf_study_parse(&arena, SPAN(STUDY), NULL, &s, &e));
    CU_ASSERT(!s.report.names && !s.report.reasons && s.report.nightly);
    CU_ASSERT_TRUE_FATAL(conf_study_parse(
        &arena, SPAN(STUDY "[report]\nnames = yes\nreasons = no\nnightly = no\n"), NULL, &s, &e));
    CU_ASSERT(s.report.names && !s.report.reasons && !s.report.nightly);
}

static void test_conf__limits_keys_and_texts_for_nothing(void)
{
    struct buf text = {0};
    struct conf_study s;
    struct err e = {0};
    buf_str(&text, STUDY "[csv]\n");
    for (int i = 0; i < CONF_MISSINGS_MAX; i++)
        buf_str(&text, "missing = NA\n");
    CU_ASSERT(conf_study_parse(&arena, buf_span(&text), NULL, &s, &e));
    CU_ASSERT_EQUAL(s.missings, CONF_MISSINGS_MAX);
    buf_str(&text, "missing = NA\n");
    CU_ASSERT_FALSE(conf_study_parse(&arena, buf_span(&text), NULL, &s, &e));
    CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "too many of them"));
    buf_clear(&text);
    buf_str(&text, STUDY "[keys]\n");
    for (unsigned i = 0; i <= CONF_KEYS_MAX; i++) {
        buf_str(&text, "D");
        buf_u64(&text, i);
        buf_str(&text, " = A\n");
    }
    CU_ASSERT_FALSE(conf_study_parse(&arena, buf_span(&text), NULL, &s, &e));
    CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "too many keys"));
    buf_close(&text);
}

static void test_conf__reads_how_data_is_read(void)
{
    struct conf_study s;
    struct err e = {0};
    CU_ASSERT_TRUE_FATAL(conf_study_parse(
        &arena,
        SPAN(STUDY "[keys]\nLB = STUDYID  USUBJID LBSEQ\nsdtm/lb = LBSEQ\n[csv]\nmissing = NA\n"
                   "missing = n/a\n[text]\nencoding = shift_jis\n"),
        NULL, &s, &e));
    ASSERT_SPAN(s.encoding, SPAN("shift_jis"));
    CU_ASSERT_EQUAL_FATAL(s.missings, 2);
    ASSERT_SPAN(s.missing[1], SPAN("n/a"));
    const struct conf_key *last = conf_study_key(&s, SPAN("adam/LB"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(last);
    CU_ASSERT_EQUAL_FATAL(last->columns, 3);
    ASSERT_SPAN(last->column[1], SPAN("USUBJID"));
    const struct conf_key *whole = conf_study_key(&s, SPAN("SDTM/LB"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(whole);
    CU_ASSERT_EQUAL(whole->columns, 1);
    CU_ASSERT_PTR_NULL(conf_study_key(&s, SPAN("AE")));
}

static void test_conf__reads_how_to_seal(void)
{
    struct conf_home h;
    struct err e = {0};
    CU_ASSERT_TRUE_FATAL(conf_home_parse(&arena, SPAN(HOME), &h, &e));
    CU_ASSERT(h.seal.authorities == 0 && h.seal.crls == 0 && h.seal.proxy == NULL);
    CU_ASSERT(h.seal.hash_bits == 256 && h.seal.timeout == 30 && h.seal.stale_hours == 36 &&
              h.seal.renew_days == 90);
    CU_ASSERT_TRUE_FATAL(conf_home_parse(
        &arena,
        SPAN(HOME "[seal]\nauthority = http://a.example/tsa\nauthority = https://b.example:8443/\n"
                  "hash = sha512\npolicy = 1.2.3.4\ntimeout = 5\nproxy = http://proxy:3128\n"
                  "crl = /etc/tsa/crl.pem\ncrl = http://a.example/crl\nstale-hours = "
                  "72\nrenew-days = 30\n"),
        &h, &e));
    CU_ASSERT(h.seal.authorities == 2 && h.seal.crls == 2);
    CU_ASSERT_STRING_EQUAL(h.seal.authority[1], "https://b.example:8443/");
    CU_ASSERT_STRING_EQUAL(h.seal.crl[0], "/etc/tsa/crl.pem");
    CU_ASSERT_STRING_EQUAL(h.seal.proxy, "http://proxy:3128");
    ASSERT_SPAN(h.seal.policy, SPAN("1.2.3.4"));
    CU_ASSERT(h.seal.hash_bits == 512 && h.seal.timeout == 5 && h.seal.stale_hours == 72 &&
              h.seal.renew_days == 30);
}

static void test_conf__reads_what_it_writes(void)
{
    struct buf b = {0};
    struct conf_home h;
    struct conf_study s;
    struct err e = {0};
    conf_home_write(&b, SPAN("example.org"), true);
    CU_ASSERT_TRUE(conf_home_parse(&arena, buf_span(&b), &h, &e));
    buf_clear(&b);
    conf_study_write(&b, SPAN("S-1"));
    CU_ASSERT_TRUE(conf_study_parse(&arena, buf_span(&b), &h.limits, &s, &e));
    ASSERT_SPAN(s.id, SPAN("S-1"));
    buf_close(&b);
}

static void test_conf__finds_the_dataset_of_a_file(void)
{
    static const struct {
        const char *file, *member, *dataset;
        bool several, opaque, by_rule;
    } cases[] = {
        {"ae.xpt", "AE", "sdtm/AE", false, false, true},
        {"AE.XPT", "AE", "sdtm/AE", false, false, true},
        {"adam/adsl.xpt", "", "adam/ADSL", false, false, true},
        {"adam/all.xpt", "ADAE", "adam/ADAE", true, false, true},
        {"protocol-v2.pdf", "", "docs/PROTOCOL-V2", false, true, true},
        {"x/protocol.pdf", "", "x/PROTOCOL", false, false, false}, /* '*' is within a folder */
        {"my file.pdf", "", "", false, true, true},
        {"lb.xpt", "", "LB", false, false, false},
        {"m5/sdtm/lb.json", "lb", "sdtm/LB", false, false, false},
        {"a.b.csv", "", "", false, false, false},
        {".xpt", "", "", false, false, false},
    };
    struct conf_study s;
    struct err e = {0};
    CU_ASSERT_TRUE_FATAL(conf_study_parse(&arena,
                                          SPAN(STUDY "[datasets]\nae.xpt = sdtm/AE\n"
                                                     "adam/*.xpt = adam/*\n*.pdf = opaque:docs/*\n"
                                                     "ae.* = never\n"),
                                          NULL, &s, &e));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct conf_match m = conf_study_match(&s, &arena, span_str(cases[i].file),
                                               span_str(cases[i].member), cases[i].several);
        ASSERT_SPAN(m.dataset, span_str(cases[i].dataset));
        CU_ASSERT_EQUAL(m.opaque, cases[i].opaque);
        CU_ASSERT_EQUAL(m.by_rule, cases[i].by_rule);
    }
}

SUITE(conf, TEST(test_conf__refuses_a_home_file_and_names_the_line),
      TEST(test_conf__refuses_a_study_file_and_names_the_line),
      TEST(test_conf__refuses_lines_that_the_library_would_cut),
      TEST(test_conf__keeps_values_verbatim), TEST(test_conf__reads_what_a_report_may_show),
      TEST(test_conf__limits_keys_and_texts_for_nothing), TEST(test_conf__reads_how_data_is_read),
      TEST(test_conf__reads_how_to_seal), TEST(test_conf__never_says_what_stands_in_a_URL),
      TEST(test_conf__reads_what_it_writes), TEST(test_conf__finds_the_dataset_of_a_file))
