#include "bundle/layout.h"
#include "bundle/listing.h"
#include "tests/test.h"

/* --- a list of three members, a, b/c and d, each with the hash of its path --- */

struct members {
    size_t i, count;
};

static const char *const paths[] = {"a", "b/c", "d"};

static bool next_member(void *ctx, struct span *path, struct hash *hash)
{
    struct members *m = ctx;
    if (m->i == m->count)
        return false;
    *path = span_str(paths[m->i++]);
    *hash = sha256_of(*path);
    return true;
}

struct outcome {
    uint64_t altered, unlisted, missing, malformed;
};

/* Feeds the text in pieces of that size. */
static struct outcome check(struct span text, size_t piece, size_t count)
{
    struct issues issues = {0};
    struct members m = {0, count};
    struct err e = {0};
    struct listing l = {
        .next = next_member,
        .ctx = &m,
        .issues = &issues,
        .altered = ISSUE_BUNDLE_ALTERED,
        .unlisted = ISSUE_BUNDLE_UNLISTED,
        .missing = ISSUE_BUNDLE_MISSING,
        .name = "list.txt",
    };
    listing_begin(&l);
    struct sink s = listing_sink(&l);
    while (text.n > 0) {
        size_t n = text.n < piece ? text.n : piece;
        CU_ASSERT(s.write(s.ctx, span_of(text.p, n), &e));
        text = span_skip(text, n);
    }
    listing_end(&l);
    struct outcome o = {issues.count[ISSUE_BUNDLE_ALTERED], issues.count[ISSUE_BUNDLE_UNLISTED],
                        issues.count[ISSUE_BUNDLE_MISSING], issues.count[ISSUE_BUNDLE_TAG_FILE]};
    issues_close(&issues);
    return o;
}

static void gives(const struct buf *text, struct outcome want)
{
    for (size_t piece = 1; piece <= 200; piece = piece * 2 + 1) {
        struct outcome got = check(buf_span(text), piece, 3);
        CU_ASSERT(got.altered == want.altered && got.unlisted == want.unlisted &&
                  got.missing == want.missing && got.malformed == want.malformed);
    }
}

static void add(struct buf *b, const char *path, const char *hash_of)
{
    layout_manifest_line(b, sha256_of(span_str(hash_of)), span_str(path));
}

/* The lines of these paths, each with its right hash. */
static struct buf lines(const char *const *path)
{
    struct buf b = {0};
    for (; *path != NULL; path++)
        add(&b, *path, *path);
    return b;
}

#define LINES(...) lines((const char *const[]){__VA_ARGS__, NULL})
#define GIVES(b, ...)                                                                              \
    do {                                                                                           \
        gives(b, (struct outcome){__VA_ARGS__});                                                   \
        buf_close(b);                                                                              \
    } while (0)

static void test_listing__refuses_a_hash_that_is_not_the_members(void)
{
    struct buf b = {0};
    add(&b, "a", "a");
    add(&b, "b/c", "x");
    add(&b, "d", "d");
    GIVES(&b, .altered = 1);
}

static void test_listing__refuses_a_member_that_is_not_listed(void)
{
    struct buf b = LINES("b/c", "d");
    GIVES(&b, .unlisted = 1);
    b = LINES("a", "d");
    GIVES(&b, .unlisted = 1);
    b = LINES("a", "b/c");
    GIVES(&b, .unlisted = 1);
    b = (struct buf){0};
    GIVES(&b, .unlisted = 3);
}

static void test_listing__refuses_a_line_without_member(void)
{
    struct buf b = LINES("A", "a", "b/c", "d");
    GIVES(&b, .missing = 1);
    b = LINES("a", "b", "b/c", "d");
    GIVES(&b, .missing = 1);
    b = LINES("a", "b/c", "d", "e");
    GIVES(&b, .missing = 1);
}

static void test_listing__refuses_lines_twice_or_in_another_order(void)
{
    struct buf b = LINES("a", "a", "b/c", "d");
    GIVES(&b, .missing = 1);
    b = LINES("a", "b/c", "d", "d");
    GIVES(&b, .missing = 1);
    b = LINES("b/c", "a", "d");
    GIVES(&b, .unlisted = 1, .missing = 1);
    b = LINES("d", "b/c", "a");
    GIVES(&b, .unlisted = 2, .missing = 2);
}

static void test_listing__refuses_lines_that_sha256sum_would_not_print(void)
{
    static const char *const bad[] = {"\n",        "a\n",      "  a\n",
                                      "abcd  a\n", "# note\n", "SHA256 (a) = 00\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct buf b = {0};
        buf_str(&b, bad[i]);
        GIVES(&b, .malformed = 1);
    }
    struct buf b = LINES("a", "b/c", "d");
    b.p[64] = '\t';
    GIVES(&b, .malformed = 1);
    b = LINES("a", "b/c", "d");
    b.p[65] = '*';
    GIVES(&b, .malformed = 1);
    b = LINES("a", "b/c", "d");
    b.p[3] = 'F';
    GIVES(&b, .malformed = 1);
    b = LINES("");
    GIVES(&b, .malformed = 1);
}

static void test_listing__refuses_a_last_line_without_end(void)
{
    struct buf b = LINES("a", "b/c", "d");
    b.n--;
    GIVES(&b, .unlisted = 1, .malformed = 1);
}

static void test_listing__refuses_a_line_without_limit(void)
{
    struct buf b = {0};
    for (int i = 0; i < 100000; i++)
        buf_byte(&b, 'a');
    GIVES(&b, .malformed = 1);
}

static void test_listing__accepts_the_one_list_that_is_right(void)
{
    struct buf b = LINES("a", "b/c", "d");
    GIVES(&b, 0);
    struct outcome o = check(SPAN(""), 1, 0);
    CU_ASSERT(o.altered + o.unlisted + o.missing + o.malformed == 0);
}

SUITE(listing, TEST(test_listing__refuses_a_hash_that_is_not_the_members),
      TEST(test_listing__refuses_a_member_that_is_not_listed),
      TEST(test_listing__refuses_a_line_without_member),
      TEST(test_listing__refuses_lines_twice_or_in_another_order),
      TEST(test_listing__refuses_lines_that_sha256sum_would_not_print),
      TEST(test_listing__refuses_a_last_line_without_end),
      TEST(test_listing__refuses_a_line_without_limit),
      TEST(test_listing__accepts_the_one_list_that_is_right))
