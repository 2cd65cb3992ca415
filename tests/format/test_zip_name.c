#include "tests/format/zip_forge.h"

static void test_zip_name__refuses_what_some_file_system_would_not_take(void)
{
    static const char *const bad[] = {
        "",        "/",        "/a",     "a/",     "a//b",   ".",       "..",          "a/.",
        "a/..",    "../a",     "a/../b", ".a",     "a.",     "a/.b/c",  "a./b",        "a b",
        "a\\b",    "a:b",      "a*b",    "a?b",    "a\"b",   "a<b",     "a|b",         "a~b",
        "a\tb",    "\xc3\xa9", "a\x7f",  "con",    "CON",    "a/Con.x", "prn.",        "aux.a.b",
        "NUL.txt", "nul/a",    "com0",   "com1.x", "a/LPT9", "lpt0",    "COM9.tar.gz",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_FALSE(zip_name_check(span_str(bad[i])));
    CU_ASSERT_FALSE(zip_name_check(SPAN("a\0b")));
    CU_ASSERT_FALSE(zip_name_check(span_of(NULL, 0)));
}

static void test_zip_name__refuses_every_byte_outside_its_alphabet(void)
{
    for (unsigned c = 0; c < 256; c++) {
        uint8_t name[] = {'a', (uint8_t)c, 'b'};
        bool good = c != 0 && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789._-/",
                                     (int)c) != NULL;
        CU_ASSERT_EQUAL(zip_name_check(span_of(name, 3)), good);
    }
}

static void test_zip_name__refuses_long_names(void)
{
    uint8_t name[ZIP_NAME_MAX + 1];
    memset(name, 'a', sizeof name);
    CU_ASSERT_TRUE(zip_name_check(span_of(name, 255)));
    CU_ASSERT_FALSE(zip_name_check(span_of(name, 256)));
    for (size_t i = 100; i < ZIP_NAME_MAX; i += 100)
        name[i] = '/';
    CU_ASSERT_TRUE(zip_name_check(span_of(name, ZIP_NAME_MAX)));
    CU_ASSERT_FALSE(zip_name_check(span_of(name, ZIP_NAME_MAX + 1)));
}

static void test_zip_name__takes_the_others(void)
{
    static const char *const good[] = {
        "a",
        "A",
        "0",
        "-",
        "_",
        "a.b",
        "a..b",
        "a/b/c",
        "-rf",
        "con1",
        "com",
        "com10",
        "com1x.a",
        "xcon",
        "a.con",
        "conin",
        "bagit.txt",
        "lpt",
        "data/entries/000000000123.json",
        "nul-1.txt",
        "auxx/a",
        "company.txt",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CU_ASSERT_TRUE(zip_name_check(span_str(good[i])));
}

/* An archive of these names, which must be in byte order, can be finished. */
static bool distinct(const char *const *names)
{
    struct err e = {0};
    struct zip_writer *w = zip_create((struct sink){forge_forget, NULL});
    for (; *names != NULL; names++)
        CU_ASSERT_TRUE(zip_add_bytes(w, span_str(*names), SPAN(""), &e));
    bool good = zip_finish(w, &e);
    CU_ASSERT(good || strstr(e.text, "would collide") != NULL);
    zip_close(w);
    return good;
}
#define DISTINCT(...) distinct((const char *const[]){__VA_ARGS__, NULL})

static void test_zip_name__refuses_members_that_differ_in_case_only(void)
{
    CU_ASSERT_FALSE(DISTINCT("A", "a"));
    CU_ASSERT_FALSE(DISTINCT("README", "ReadMe", "x"));
    CU_ASSERT_FALSE(DISTINCT("A.txt", "B", "C", "a.txt"));
    CU_ASSERT_FALSE(DISTINCT("d/A-1", "d/B", "d/a-1"));
}

static void test_zip_name__refuses_folders_that_differ_in_case_only(void)
{
    CU_ASSERT_FALSE(DISTINCT("A/x", "a/y"));
    CU_ASSERT_FALSE(DISTINCT("A/x", "A/z", "B", "a/y"));
    CU_ASSERT_FALSE(DISTINCT("d/E/f/1", "d/e/g/2"));
    CU_ASSERT_FALSE(DISTINCT("D/e/f", "d/a/f"));
}

static void test_zip_name__refuses_a_file_that_is_a_folder(void)
{
    CU_ASSERT_FALSE(DISTINCT("a", "a/b"));
    CU_ASSERT_FALSE(DISTINCT("a", "a-b", "a.b", "a/b")); /* '-' and '.' come before '/' */
    CU_ASSERT_FALSE(DISTINCT("A", "a/b"));
    CU_ASSERT_FALSE(DISTINCT("A/b", "B", "a"));
    CU_ASSERT_FALSE(DISTINCT("x/y", "x/y/z"));
}

static void test_zip_name__takes_members_that_only_look_alike(void)
{
    CU_ASSERT_TRUE(DISTINCT("A", "B/a", "B/b", "c/B", "c/a"));
    CU_ASSERT_TRUE(DISTINCT("a-b", "a.b", "a/b", "a/b-", "a0"));
    CU_ASSERT_TRUE(DISTINCT("ab", "abc", "abcd/e", "b"));
    CU_ASSERT_TRUE(DISTINCT("A/x", "AB/x", "b/a", "c/A"));
    CU_ASSERT_TRUE(DISTINCT("x"));
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Says whether the two names may not stand in one archive, straight from the rule. */
static bool collide(const char *a, const char *b)
{
    for (size_t i = 0;; i++) {
        bool a_ends = a[i] == '\0' || a[i] == '/', b_ends = b[i] == '\0' || b[i] == '/';
        if (a_ends && b_ends) /* the parts are the same but for case */
            return a[i] == '\0' || b[i] == '\0' || memcmp(a, b, i) != 0;
        if (a_ends || b_ends || (a[i] | 0x20) != (b[i] | 0x20))
            return false;
    }
}

/* Only the first parts decide above; deeper ones are compared where the first are the same. */
static bool collide_deep(const char *a, const char *b)
{
    while (!collide(a, b)) {
        const char *end = strchr(a, '/');
        size_t n = end == NULL ? 0 : (size_t)(end - a) + 1;
        if (n == 0 || strncmp(a, b, n) != 0)
            return false;
        a += n;
        b += n;
    }
    return true;
}

/* All pairs against the sort, on small random sets of letters a, A, b, '/'. */
static void test_zip_name__agrees_with_a_comparison_of_all_pairs(void)
{
    static const char alphabet[] = "aAbBc/-";
    uint64_t seed = 11;
    unsigned collisions = 0;
    for (unsigned round = 0; round < 3000; round++) {
        char text[6][8];
        const char *names[7] = {0};
        size_t n = 0;
        for (size_t i = 0; i < 6; i++) {
            size_t length = 1 + test_random(&seed) % 6;
            for (size_t k = 0; k < length; k++)
                text[n][k] = alphabet[test_random(&seed) % 7];
            text[n][length] = '\0';
            if (!zip_name_check(span_str(text[n])))
                continue;
            names[n] = text[n];
            n++;
        }
        qsort(names, n, sizeof names[0], by_bytes);
        bool expected = true, repeated = false;
        for (size_t i = 0; i < n; i++)
            for (size_t k = i + 1; k < n; k++) {
                repeated |= strcmp(names[i], names[k]) == 0;
                expected &= !collide_deep(names[i], names[k]);
            }
        if (repeated || n == 0)
            continue;
        names[n] = NULL;
        collisions += !expected;
        CU_ASSERT_EQUAL(distinct(names), expected);
    }
    CU_ASSERT(collisions > 100);
}

SUITE(zip_name, TEST(test_zip_name__refuses_what_some_file_system_would_not_take),
      TEST(test_zip_name__refuses_every_byte_outside_its_alphabet),
      TEST(test_zip_name__refuses_long_names), TEST(test_zip_name__takes_the_others),
      TEST(test_zip_name__refuses_members_that_differ_in_case_only),
      TEST(test_zip_name__refuses_folders_that_differ_in_case_only),
      TEST(test_zip_name__refuses_a_file_that_is_a_folder),
      TEST(test_zip_name__takes_members_that_only_look_alike),
      TEST(test_zip_name__agrees_with_a_comparison_of_all_pairs))
