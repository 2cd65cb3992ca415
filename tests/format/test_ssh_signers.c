#include "format/ssh_signers.h"

#include "format/ssh_key.h"
#include "format/sshsig.h"
#include "tests/format/ssh_keygen.h"
#include "tests/test.h"

#define SEED "6d7686d8b9496ecb49c4604a63b44eead139ab5f432c03391e33803303332a59"
#define KEY  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMlZ3AOJrM/aONChKWf55K78ecmEj0tyazrRnfLyux9o"
#define ECDSA                                                                                      \
    "ecdsa-sha2-nistp256 "                                                                         \
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBQjT6IJsCyaOOQyfdbiXaHVyummG8O1dFrZY1Gx" \
    "bcFXN2wHl7ZKmP0DAJD7pGyIJdCn4iosHwet/gmyy2vxKqs="

static struct secret_key test_key(void)
{
    struct secret_key k;
    secret_key_from_seed(test_hex(SEED).p, &k);
    return k;
}

static void assert_refused(struct span file, const char *what)
{
    struct arena a = {0};
    struct ssh_signers s = {.count = 77};
    struct err e = {0};
    CU_ASSERT_FALSE(ssh_signers_parse(&a, file, &s, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
    CU_ASSERT_EQUAL(s.count, 77);
    bool said = strstr(e.text, what) != NULL;
    CU_ASSERT_TRUE(said);
    if (!said)
        printf("  said \"%s\" instead of \"%s\"\n", e.text, what);
    arena_close(&a);
}

static void test_ssh_signers__refuses_malformed_lines_by_number(void)
{
    assert_refused(SPAN("me\n"), "line 1: the key is missing");
    assert_refused(SPAN("# good\n\nme " KEY "\nme \n"), "line 4: the key is missing");
    assert_refused(SPAN("me " KEY "\nme"), "line 2: the key is missing");
    assert_refused(SPAN(KEY "\n"), "line 1:");
    assert_refused(SPAN("me ssh-ed25519\n"), "line 1: not an ssh-ed25519 public key");
    assert_refused(SPAN("me ssh-ed25519 AAAAC3NzaC1lZDI1NTE5\n"), "line 1: the ssh-ed25519 public");
    assert_refused(SPAN("me ssh-rsa AAAA\n"), "\"ssh-rsa\" is neither an option");
    assert_refused(SPAN("me cert-authority\n"), "line 1: the key is missing or malformed");
    assert_refused(SPAN("me cert-authority ssh-rsa AAAA\n"), "the key is missing or malformed");
    assert_refused(SPAN("\"me " KEY "\n"), "badly quoted");
    assert_refused(SPAN("\"\" " KEY "\n"), "principals are empty");
    assert_refused(SPAN("m\"e\" " KEY "\n"), "badly quoted");
    assert_refused(SPAN("me\x01 " KEY "\n"), "a control byte");
    assert_refused(SPAN("me\xff " KEY "\n"), "not UTF-8");
}

static void test_ssh_signers__refuses_carriage_returns_with_a_hint(void)
{
    struct arena a = {0};
    struct ssh_signers s;
    struct err e = {0};
    CU_ASSERT_FALSE(ssh_signers_parse(&a, SPAN("me " KEY "\r\n"), &s, &e));
    CU_ASSERT_PTR_NOT_NULL(strstr(e.hint, "LF"));
    arena_close(&a);
}

static void test_ssh_signers__refuses_malformed_options(void)
{
    assert_refused(SPAN("me bogus " KEY "\n"), "\"bogus\" is neither an option");
    assert_refused(SPAN("me no-touch-required " KEY "\n"), "neither an option");
    assert_refused(SPAN("me namespaces=file " KEY "\n"), "namespaces is not in quotes");
    assert_refused(SPAN("me namespaces " KEY "\n"), "namespaces is not in quotes");
    assert_refused(SPAN("me namespaces=\"file " KEY "\n"), "namespaces is not in quotes");
    assert_refused(SPAN("me namespaces=\"a\\\"b\" " KEY "\n"), "namespaces is not in quotes");
    assert_refused(SPAN("me namespaces=\"\" " KEY "\n"), "namespaces is not allowed");
    assert_refused(SPAN("me namespaces=\"a\",namespaces=\"b\" " KEY "\n"), "given twice");
    assert_refused(SPAN("me cert-authority,cert-authority " KEY "\n"), "given twice");
    assert_refused(SPAN("me namespaces=\"a\"x " KEY "\n"), "not parted by a comma");
    assert_refused(SPAN("me cert-authority=\"x\" " KEY "\n"), "not parted by a comma");
    assert_refused(SPAN("me cert-authority, " KEY "\n"), "\"\" is neither an option");
    assert_refused(SPAN("me ,cert-authority " KEY "\n"), "\"\" is neither an option");
    assert_refused(SPAN("me namespaces=\"a\" valid-after=\"20200101\" " KEY "\n"),
                   "the key is missing or malformed");
}

static void test_ssh_signers__refuses_times_that_do_not_exist(void)
{
    static const char *const bad[] = {
        "",
        "2021",
        "20211301",
        "20210001",
        "20210230",
        "20210100",
        "202101012",
        "202101012400",
        "2021010112",
        "20210101126000",
        "20210229",
        "21000229",
        "202101011260",
        "2021-01-01",
        "20210101235960",
        "20210101ZZ",
        "20210101235959z",
        "Z",
        "+2021010",
        "19691231",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char line[256];
        snprintf(line, sizeof line, "me valid-after=\"%s\" " KEY "\n", bad[i]);
        assert_refused(span_str(line), "valid-after is not allowed");
    }
    assert_refused(SPAN("me valid-after=\"20210101\",valid-before=\"20210101\" " KEY "\n"),
                   "valid-before is not later than valid-after");
    assert_refused(SPAN("me valid-after=\"20210102\",valid-before=\"20210101\" " KEY "\n"),
                   "valid-before is not later than valid-after");
}

static void test_ssh_signers__refuses_more_than_the_limits(void)
{
    struct arena a = {0};
    struct buf b = {0};
    struct ssh_signers s;
    struct err e = {0};
    for (size_t i = 0; i < SSH_SIGNERS_MAX; i++)
        buf_str(&b, "me " KEY "\n");
    CU_ASSERT_TRUE_FATAL(ssh_signers_parse(&a, buf_span(&b), &s, &e));
    CU_ASSERT_EQUAL(s.count, SSH_SIGNERS_MAX);
    buf_str(&b, "me " KEY "\n");
    CU_ASSERT_FALSE(ssh_signers_parse(&a, buf_span(&b), &s, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_LIMIT);
    CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "line 1025"));
    while (b.n <= SSH_FILE_MAX)
        buf_str(&b, "# a comment\n");
    CU_ASSERT_FALSE(ssh_signers_parse(&a, buf_span(&b), &s, &e));
    CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "larger than"));
    buf_close(&b);
    arena_close(&a);
}

static struct ssh_signers parsed(struct arena *a, struct span file)
{
    struct ssh_signers s = {0};
    struct err e = {0};
    bool good = ssh_signers_parse(a, file, &s, &e);
    if (!good)
        printf("  %s\n", e.text);
    CU_ASSERT_TRUE_FATAL(good);
    return s;
}

static void test_ssh_signers__reads_every_part_of_a_line(void)
{
    struct arena a = {0};
    struct secret_key k = test_key();
    struct ssh_signers s = parsed(
        &a, SPAN("# who may sign\n"
                 "\n"
                 " \t# and a comment behind blanks\n"
                 "notary@example.org,*@qa.example.org " KEY " a comment \"quoted\n"
                 "other@example.org " ECDSA "\n"
                 "other@example.org namespaces=\"file\" " ECDSA " comment\n"
                 " \t\"a person\"\tNamespaces=\"a, b\",VALID-AFTER=\"20240229\",valid-before="
                 "\"20240301120102Z\" \t" KEY "\n"
                 "ca cert-authority " KEY));
    CU_ASSERT_EQUAL_FATAL(s.count, 3);
    ASSERT_SPAN(s.signer[0].principals, SPAN("notary@example.org,*@qa.example.org"));
    CU_ASSERT_EQUAL(s.signer[0].spaces.n, 0);
    CU_ASSERT_EQUAL(s.signer[0].valid_after, INT64_MIN);
    CU_ASSERT_EQUAL(s.signer[0].valid_before, INT64_MAX);
    CU_ASSERT_FALSE(s.signer[0].authority);
    CU_ASSERT_TRUE(public_key_eq(&s.signer[0].key, &k.public));
    ASSERT_SPAN(s.signer[1].principals, SPAN("a person"));
    ASSERT_SPAN(s.signer[1].spaces, SPAN("a, b"));
    CU_ASSERT_EQUAL(s.signer[1].valid_after, 1709164800);  /* date -u -d 2024-02-29 +%s */
    CU_ASSERT_EQUAL(s.signer[1].valid_before, 1709294462); /* 2024-03-01 12:01:02 UTC */
    CU_ASSERT_TRUE(s.signer[2].authority);
    arena_close(&a);
}

static void test_ssh_signers__reads_times_as_utc(void)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } known[] = {
        {"19700101Z", 0},
        {"19700102", 86400},
        {"200002292359", 951868740},
        {"20380119031408", 2147483648},
        {"21000301", 4107542400},
        {"99991231235959Z", 253402300799},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct arena a = {0};
        char line[256];
        snprintf(line, sizeof line, "me valid-after=\"%s\" " KEY "\n", known[i].text);
        struct ssh_signers s = parsed(&a, span_str(line));
        CU_ASSERT_EQUAL(s.signer[0].valid_after, known[i].seconds);
        arena_close(&a);
    }
}

static void test_ssh_signers__finds_the_first_line_that_allows(void)
{
    struct arena a = {0};
    struct secret_key k = test_key();
    struct public_key other = {{1}};
    struct ssh_signers s = parsed(&a, SPAN("ca cert-authority " KEY "\n"
                                           "old valid-before=\"20200101\" " KEY "\n"
                                           "bundles namespaces=\"trialseal-bundle\" " KEY "\n"
                                           "all " KEY "\n"));
    ASSERT_SPAN(ssh_signers_find(&s, &k.public, SPAN("x"), 0)->principals, SPAN("old"));
    ASSERT_SPAN(ssh_signers_find(&s, &k.public, SPAN("trialseal-bundle"), 1767139200)->principals,
                SPAN("bundles"));
    ASSERT_SPAN(ssh_signers_find(&s, &k.public, SPAN("x"), 1767139200)->principals, SPAN("all"));
    CU_ASSERT_PTR_NULL(ssh_signers_find(&s, &other, SPAN("x"), 0));
    s.count = 3;
    CU_ASSERT_PTR_NULL(ssh_signers_find(&s, &k.public, SPAN("x"), 1767139200));
    s.count = 0;
    CU_ASSERT_PTR_NULL(ssh_signers_find(&s, &k.public, SPAN("x"), 0));
    arena_close(&a);
}

/* 20240601000000Z, unless a case says otherwise */
enum { NOW = 1717200000 };

static const struct {
    const char *options, *space;
    bool allowed;
} cases[] = {
    {"", "file", true},
    {"namespaces=\"file\" ", "file", true},
    {"namespaces=\"file\" ", "files", false},
    {"namespaces=\"file\" ", "fil", false},
    {"namespaces=\"FILE\" ", "file", false},
    {"namespaces=\"a,file\" ", "file", true},
    {"namespaces=\"a, file\" ", "file", false},
    {"namespaces=\"file, a\" ", "file", true},
    {"namespaces=\"file,!file\" ", "file", false},
    {"namespaces=\"!file,file\" ", "file", false},
    {"namespaces=\"!file,*\" ", "file", false},
    {"namespaces=\"!file,*\" ", "git", true},
    {"namespaces=\"!file\" ", "git", false},
    {"namespaces=\"!f*,!g*,*\" ", "git", false},
    {"namespaces=\"f?le\" ", "file", true},
    {"namespaces=\"f?le\" ", "fle", false},
    {"namespaces=\"?\" ", "ab", false},
    {"namespaces=\"????\" ", "file", true},
    {"namespaces=\"f*\" ", "f", true},
    {"namespaces=\"*e\" ", "file", true},
    {"namespaces=\"*f*i*l*e*\" ", "file", true},
    {"namespaces=\"*a*b\" ", "aabab", true},
    {"namespaces=\"*a*b\" ", "aaba", false},
    {"namespaces=\"**\" ", "file", true},
    {"namespaces=\"trialseal-*\" ", "trialseal-bundle", true},
    {"namespaces=\"trialseal-*\" ", "trialsea", false},
    {"namespaces=\"a,,b\" ", "file", false},
    {"cert-authority ", "file", false},
    {"cert-authority,namespaces=\"file\" ", "file", false},
    {"valid-after=\"20240601000000Z\" ", "file", true},
    {"valid-after=\"20240601000001Z\" ", "file", false},
    {"valid-before=\"20240601000000Z\" ", "file", true},
    {"valid-before=\"20240531235959Z\" ", "file", false},
    {"valid-before=\"20240601\" ", "file", true},
    {"valid-after=\"20240601\",valid-before=\"20240602\" ", "file", true},
    {"valid-after=\"202405312359\" ", "file", true},
    {"Valid-After=\"20240101\",NAMESPACES=\"file\" ", "file", true},
};

static void test_ssh_signers__allows_by_namespace_and_time(void)
{
    struct secret_key k = test_key();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena a = {0};
        char line[256];
        snprintf(line, sizeof line, "me %s" KEY "\n", cases[i].options);
        struct ssh_signers s = parsed(&a, span_str(line));
        CU_ASSERT_EQUAL(ssh_signers_find(&s, &k.public, span_str(cases[i].space), NOW) != NULL,
                        cases[i].allowed);
        arena_close(&a);
    }
}

static void test_ssh_signers__agrees_with_ssh_keygen(void)
{
    if (!ssh_keygen_is_there())
        SKIP("no ssh-keygen");
    struct ssh_dir d = ssh_dir_open();
    struct secret_key k = test_key();
    ssh_dir_write(&d, "message", SPAN("text"));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf b = {0};
        char text[512];
        sshsig_write(&b, &k, span_str(cases[i].space), SPAN("text"));
        ssh_dir_write(&d, "message.sig", buf_span(&b));
        snprintf(text, sizeof text, "me %s" KEY "\n", cases[i].options);
        ssh_dir_write(&d, "signers", span_str(text));
        snprintf(text, sizeof text,
                 "TZ=UTC ssh-keygen -Y verify -f signers -I me -n %s -s message.sig "
                 "-O verify-time=20240601000000Z <message",
                 cases[i].space);
        CU_ASSERT_EQUAL(ssh_dir_run(&d, text), cases[i].allowed);
        buf_close(&b);
    }
    ssh_dir_close(&d);
}

SUITE(ssh_signers, TEST(test_ssh_signers__refuses_malformed_lines_by_number),
      TEST(test_ssh_signers__refuses_carriage_returns_with_a_hint),
      TEST(test_ssh_signers__refuses_malformed_options),
      TEST(test_ssh_signers__refuses_times_that_do_not_exist),
      TEST(test_ssh_signers__refuses_more_than_the_limits),
      TEST(test_ssh_signers__reads_every_part_of_a_line),
      TEST(test_ssh_signers__reads_times_as_utc),
      TEST(test_ssh_signers__finds_the_first_line_that_allows),
      TEST(test_ssh_signers__allows_by_namespace_and_time),
      TEST(test_ssh_signers__agrees_with_ssh_keygen))
