#include "store/secrets.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/temp.h"
#include "tests/test.h"

#define STUDY SPAN("S1")

static const uint8_t one[SECRET_SIZE] = "one secret, which has 32 bytes!";
static const uint8_t two[SECRET_SIZE] = "another, which comes before it.";

static struct hash put(struct temp_home *t, const uint8_t secret[SECRET_SIZE])
{
    struct batch *b = batch_open();
    struct hash name = {{0}};
    struct err e = {0};
    CU_ASSERT_TRUE(secrets_put(t->home, b, STUDY, secret, &name, &e));
    CU_ASSERT_TRUE(batch_commit(b, &e));
    batch_close(b);
    return name;
}

/* Below HOME/secrets. */
static const char *path_of(struct hash name, char path[80])
{
    char hex[65];
    snprintf(path, 80, "S1/%s", hash_hex(name, hex));
    return path;
}

static bool is_wiped(const uint8_t out[SECRET_SIZE])
{
    static const uint8_t nothing[SECRET_SIZE];
    return memcmp(out, nothing, SECRET_SIZE) == 0;
}

/* It is refused as that, and what was read of it is not left in memory. */
static bool refuses(struct temp_home *t, struct hash name, enum err_kind kind, const char *why)
{
    uint8_t out[SECRET_SIZE] = {1};
    struct err e = {0};
    return !secrets_read(t->home, STUDY, name, out, &e) && e.kind == kind &&
           strstr(e.text, why) != NULL && is_wiped(out);
}

static bool gives(struct temp_home *t, struct hash name, const uint8_t secret[SECRET_SIZE])
{
    uint8_t out[SECRET_SIZE];
    struct err e = {0};
    return secrets_read(t->home, STUDY, name, out, &e) && memcmp(out, secret, SECRET_SIZE) == 0;
}

static bool there(struct temp_home *t, struct hash name)
{
    char path[80];
    struct stat st;
    return fstatat(t->home->secrets, path_of(name, path), &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void test_secrets__refuses_one_that_is_missing(void)
{
    struct temp_home t = temp_home();
    struct hash name = sha256_of(span_of(one, SECRET_SIZE));
    CU_ASSERT_TRUE(refuses(&t, name, ERR_INTEGRITY, "missing"));
    CU_ASSERT_EQUAL(unlinkat(t.home->secrets, "S1", AT_REMOVEDIR), 0);
    CU_ASSERT_TRUE(refuses(&t, name, ERR_INTEGRITY, "missing"));
    temp_home_end(&t);
}

static void test_secrets__refuses_a_link(void)
{
    struct temp_home t = temp_home();
    struct hash name = put(&t, one);
    char path[80];
    path_of(name, path);
    CU_ASSERT_EQUAL(renameat(t.home->secrets, path, t.home->secrets, "elsewhere"), 0);
    CU_ASSERT_EQUAL(symlinkat("../elsewhere", t.home->secrets, path), 0);
    CU_ASSERT_TRUE(refuses(&t, name, ERR_INTEGRITY, "no file of 32 bytes"));
    put(&t, one);
    CU_ASSERT_EQUAL(renameat(t.home->secrets, "S1", t.home->secrets, "S2"), 0);
    CU_ASSERT_EQUAL(symlinkat("S2", t.home->secrets, "S1"), 0);
    CU_ASSERT_TRUE(refuses(&t, name, ERR_INTEGRITY, "S1 is no folder"));
    temp_home_end(&t);
}

static void test_secrets__refuses_one_of_another_size(void)
{
    struct temp_home t = temp_home();
    struct hash name = put(&t, one);
    char path[80];
    struct err e = {0};
    for (size_t n = 0; n <= SECRET_SIZE + 1; n++) {
        static const uint8_t bytes[SECRET_SIZE + 1];
        CU_ASSERT_TRUE(
            publish(t.home->secrets, path_of(name, path), span_of(bytes, n), FILE_SECRET, &e));
        CU_ASSERT_TRUE(
            refuses(&t, name, ERR_INTEGRITY, n == SECRET_SIZE ? "hash" : "no file of 32 bytes"));
    }
    temp_home_end(&t);
}

static void test_secrets__refuses_other_bytes(void)
{
    struct temp_home t = temp_home();
    struct hash name = put(&t, one);
    char path[80];
    struct err e = {0};
    CU_ASSERT_TRUE(
        publish(t.home->secrets, path_of(name, path), span_of(two, SECRET_SIZE), FILE_SECRET, &e));
    CU_ASSERT_TRUE(refuses(&t, name, ERR_INTEGRITY, "hash"));
    put(&t, one); /* what is damaged is put anew */
    CU_ASSERT_TRUE(gives(&t, name, one));
    temp_home_end(&t);
}

static void test_secrets__refuses_one_that_others_can_read(void)
{
    struct temp_home t = temp_home();
    struct hash name = put(&t, one);
    char path[80];
    static const mode_t modes[] = {0604, 0640, 0602, 0610};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        CU_ASSERT_EQUAL(fchmodat(t.home->secrets, path_of(name, path), modes[i], 0), 0);
        CU_ASSERT_TRUE(refuses(&t, name, ERR_STATE, "ours alone"));
    }
    CU_ASSERT_EQUAL(fchmodat(t.home->secrets, path, FILE_SECRET, 0), 0);
    CU_ASSERT_TRUE(gives(&t, name, one));
    temp_home_end(&t);
}

static void test_secrets__are_there_only_after_the_commit(void)
{
    struct temp_home t = temp_home();
    struct batch *b = batch_open();
    struct hash first, second;
    struct err e = {0};
    struct stat st;
    char path[80];
    CU_ASSERT_TRUE(secrets_put(t.home, b, STUDY, one, &first, &e));
    CU_ASSERT_TRUE(secrets_put(t.home, b, STUDY, two, &second, &e));
    CU_ASSERT_TRUE(hash_eq(first, sha256_of(span_of(one, SECRET_SIZE))));
    CU_ASSERT_FALSE(there(&t, first));
    CU_ASSERT_FALSE(there(&t, second));
    CU_ASSERT_TRUE(batch_commit(b, &e));
    batch_close(b);
    CU_ASSERT_TRUE(gives(&t, first, one));
    CU_ASSERT_TRUE(gives(&t, second, two));
    CU_ASSERT_EQUAL(fstatat(t.home->secrets, path_of(first, path), &st, 0), 0);
    CU_ASSERT_EQUAL(st.st_mode & 07777, FILE_SECRET);
    temp_home_end(&t);
}

static void test_secrets__are_destroyed_one_by_one(void)
{
    struct temp_home t = temp_home();
    struct hash first = put(&t, one), second = put(&t, two);
    struct err e = {0};
    CU_ASSERT_TRUE(secrets_destroy(t.home, STUDY, first, &e));
    CU_ASSERT_FALSE(there(&t, first));
    CU_ASSERT_TRUE(gives(&t, second, two));
    CU_ASSERT_TRUE(secrets_destroy(t.home, STUDY, first, &e));
    CU_ASSERT_TRUE(secrets_destroy(t.home, SPAN("S2"), second, &e));
    CU_ASSERT_TRUE(there(&t, second));
    temp_home_end(&t);
}

struct seen {
    struct hash name[4];
    size_t count;
};

static bool see(void *ctx, struct hash name, struct err *e)
{
    struct seen *s = ctx;
    (void)e;
    s->name[s->count++ % 4] = name;
    return true;
}

static void test_secrets__visits_each_in_order_and_refuses_strangers(void)
{
    struct temp_home t = temp_home();
    struct hash first = put(&t, one), second = put(&t, two);
    struct seen s = {0};
    struct err e = {0};
    CU_ASSERT_TRUE(secrets_each(t.home, SPAN("S2"), see, &s, &e));
    CU_ASSERT_EQUAL(s.count, 0);
    CU_ASSERT_TRUE(secrets_each(t.home, STUDY, see, &s, &e));
    CU_ASSERT_EQUAL(s.count, 2);
    CU_ASSERT_TRUE(memcmp(s.name[0].b, s.name[1].b, SHA256_SIZE) < 0);
    CU_ASSERT_TRUE(hash_eq(s.name[0], first) || hash_eq(s.name[0], second));
    CU_ASSERT_TRUE(hash_eq(s.name[1], first) || hash_eq(s.name[1], second));
    CU_ASSERT_TRUE(publish(t.home->secrets, "S1/notes.txt", SPAN("x"), FILE_SECRET, &e));
    CU_ASSERT_FALSE(secrets_each(t.home, STUDY, see, &s, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_INTEGRITY);
    CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "S1: notes.txt is no secret"));
    temp_home_end(&t);
}

SUITE(secrets, TEST(test_secrets__refuses_one_that_is_missing), TEST(test_secrets__refuses_a_link),
      TEST(test_secrets__refuses_one_of_another_size), TEST(test_secrets__refuses_other_bytes),
      TEST(test_secrets__refuses_one_that_others_can_read),
      TEST(test_secrets__are_there_only_after_the_commit),
      TEST(test_secrets__are_destroyed_one_by_one),
      TEST(test_secrets__visits_each_in_order_and_refuses_strangers))
