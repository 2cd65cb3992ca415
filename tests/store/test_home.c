#include "store/home.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/sign.h"
#include "os/dir.h"
#include "os/publish.h"
#include "store/keys.h"
#include "tests/temp.h"
#include "tests/test.h"

static void test_home__refuses_what_is_no_home(void)
{
    int d;
    const char *path = temp_folder(&d);
    struct home *h;
    struct err e = {0};
    CU_ASSERT_FALSE(home_open("/nowhere/at/all", HOME_READ, &h, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(e.hint, "trialseal init"));
    CU_ASSERT_FALSE(home_open(path, HOME_READ, &h, &e));
    CU_ASSERT_PTR_NOT_NULL(strstr(e.hint, "trialseal init"));
    temp_folder_end(path, d);
}

static void test_home__init_makes_all_or_nothing(void)
{
    int d;
    const char *path = temp_folder(&d);
    char inside[600];
    struct arena a = {0};
    struct dir_list l;
    struct err e = {0};
    snprintf(inside, sizeof inside, "%s/h", path);
    CU_ASSERT_FALSE(home_init(inside, SPAN("no good"), false, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_USAGE);
    CU_ASSERT_TRUE(dir_make(d, "h", DIR_PRIVATE, &e));
    CU_ASSERT_TRUE(publish(d, "h/mine", SPAN("x"), FILE_SHARED, &e));
    CU_ASSERT_FALSE(home_init(inside, SPAN("example.org"), false, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_STATE);
    CU_ASSERT_TRUE(dir_list(d, ".", &a, &l, &e));
    CU_ASSERT_EQUAL(l.count, 1); /* nothing is left beside it */
    CU_ASSERT_TRUE(file_remove(d, "h/mine", &e));
    CU_ASSERT_TRUE(home_init(inside, SPAN("example.org"), false, &e));
    CU_ASSERT_FALSE(home_init(inside, SPAN("example.org"), false, &e));
    arena_close(&a);
    temp_folder_end(path, d);
}

static void test_home__refuses_a_second_run(void)
{
    struct temp_home t = temp_home();
    struct home *h;
    struct err e = {0};
    CU_ASSERT_FALSE(home_open(t.path, HOME_WORK, &h, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_BUSY);
    CU_ASSERT_TRUE(home_open(t.path, HOME_READ, &h, &e));
    home_close(h);
    temp_home_end(&t);
}

static void test_home__refuses_access_by_others(void)
{
    struct temp_home t = temp_home();
    struct home *h;
    struct err e = {0};
    struct secret_key k;
    CU_ASSERT_EQUAL(fchmodat(t.home->root, "keys", 0750, 0), 0);
    CU_ASSERT_FALSE(home_open(t.path, HOME_READ, &h, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_STATE);
    CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "keys"));
    CU_ASSERT_EQUAL(fchmodat(t.home->root, "keys", 0700, 0), 0);
    CU_ASSERT_EQUAL(fchmodat(t.home->root, "catalog.db", 0644, 0), 0);
    CU_ASSERT_FALSE(home_open(t.path, HOME_READ, &h, &e));
    CU_ASSERT_EQUAL(fchmodat(t.home->keys, "notary", 0640, 0), 0);
    CU_ASSERT_FALSE(keys_load(t.home, KEYS_NOTARY, &k, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_STATE);
    temp_home_end(&t);
}

static void test_home__has_private_modes(void)
{
    struct temp_home t = temp_home();
    struct file_info info;
    static const char *const folders[] = {".",     "keys",   "secrets", "studies",
                                          "inbox", "outbox", "ledger",  "objects"};
    static const char *const files[] = {"trialseal.conf",        "catalog.db",
                                        "keys/notary",           "keys/log-S1",
                                        "studies/S1/study.conf", "lock"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        CU_ASSERT_TRUE(file_stat(t.home->root, folders[i], &info, NULL) && info.mode == 0700);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        CU_ASSERT_TRUE(file_stat(t.home->root, files[i], &info, NULL) && info.mode == 0600);
    temp_home_end(&t);
}

static void test_home__gives_the_same_bytes_in_test_homes_only(void)
{
    struct temp_home one = temp_home(), two = temp_home();
    struct public_key a, b;
    uint8_t x[32], y[32];
    int64_t now;
    struct err e = {0};
    CU_ASSERT_TRUE(keys_public(one.home, KEYS_NOTARY, &a, &e));
    CU_ASSERT_TRUE(keys_public(two.home, KEYS_NOTARY, &b, &e));
    CU_ASSERT_TRUE(public_key_eq(&a, &b));
    CU_ASSERT_TRUE(home_random(one.home, SPAN("S1"), 1, "entry", x, &e));
    CU_ASSERT_TRUE(home_random(two.home, SPAN("S1"), 1, "entry", y, &e));
    CU_ASSERT_EQUAL(memcmp(x, y, 32), 0);
    CU_ASSERT_TRUE(home_random(two.home, SPAN("S1"), 2, "entry", y, &e));
    CU_ASSERT_NOT_EQUAL(memcmp(x, y, 32), 0);
    CU_ASSERT_TRUE(home_now(one.home, 77, &now, &e));
    CU_ASSERT_EQUAL(now, 77);
    one.home->conf.test = false; /* as a real home */
    CU_ASSERT_FALSE(home_now(one.home, 77, &now, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_USAGE);
    CU_ASSERT_TRUE(home_now(one.home, HOME_NO_TIME, &now, &e) && now > 77);
    CU_ASSERT_TRUE(home_random(one.home, SPAN("S1"), 1, "entry", x, &e));
    CU_ASSERT_TRUE(home_random(one.home, SPAN("S1"), 1, "entry", y, &e));
    CU_ASSERT_NOT_EQUAL(memcmp(x, y, 32), 0);
    temp_home_end(&one);
    temp_home_end(&two);
}

static void test_home__makes_a_study_again_without_harm(void)
{
    struct temp_home t = temp_home();
    struct arena a = {0};
    struct home_studies l;
    struct conf_study c;
    struct public_key before, after;
    struct err e = {0};
    CU_ASSERT_TRUE(keys_public(t.home, "log-S1", &before, &e));
    CU_ASSERT_TRUE(file_remove(t.home->keys, "log-S1.pub", &e)); /* killed in between */
    CU_ASSERT_TRUE(home_study_make(t.home, SPAN("S1"), &e));
    CU_ASSERT_TRUE(keys_public(t.home, "log-S1", &after, &e));
    CU_ASSERT_TRUE(public_key_eq(&before, &after));
    CU_ASSERT_FALSE(home_study_make(t.home, SPAN("s1"), &e));
    CU_ASSERT_EQUAL(e.kind, ERR_USAGE);
    CU_ASSERT_FALSE(home_study_make(t.home, SPAN("../x"), &e));
    CU_ASSERT_TRUE(home_study_make(t.home, SPAN("A"), &e));
    CU_ASSERT_TRUE(home_studies(t.home, &a, &l, &e));
    CU_ASSERT_EQUAL_FATAL(l.count, 2);
    CU_ASSERT_STRING_EQUAL(l.name[0], "A");
    CU_ASSERT_TRUE(home_study_conf(t.home, SPAN("S1"), &a, &c, &e));
    ASSERT_SPAN(c.id, SPAN("S1"));
    CU_ASSERT_FALSE(home_study_conf(t.home, SPAN("S2"), &a, &c, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_USAGE);
    ASSERT_SPAN(home_study_origin(t.home, &a, SPAN("S1")), SPAN("example.org/trials/S1"));
    arena_close(&a);
    temp_home_end(&t);
}

static void test_keys__loads_what_it_made_and_lists_it(void)
{
    struct temp_home t = temp_home();
    struct arena a = {0};
    struct keys_list l;
    struct secret_key k;
    struct err e = {0};
    CU_ASSERT_FALSE(keys_make(t.home, KEYS_NOTARY, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_STATE);
    CU_ASSERT_TRUE(keys_load(t.home, "log-S1", &k, &e));
    CU_ASSERT_TRUE(keys_list(t.home, &a, &l, &e));
    CU_ASSERT_EQUAL_FATAL(l.count, 2);
    CU_ASSERT_STRING_EQUAL(l.entry[0].name, "log-S1");
    CU_ASSERT_TRUE(public_key_eq(&l.entry[0].key, &k.public));
    CU_ASSERT_FALSE(keys_load(t.home, "log-S2", &k, &e));
    secret_key_wipe(&k);
    arena_close(&a);
    temp_home_end(&t);
}

static void test_home__sweeps_leftovers_when_it_opens(void)
{
    struct temp_home t = temp_home();
    struct file_info info;
    struct err e = {0};
    static const char *const left[] = {PUBLISH_TEMP "1-0", "keys/" PUBLISH_TEMP "1-0",
                                       "objects/" PUBLISH_TEMP "1-0",
                                       "ledger/S1/" PUBLISH_TEMP "1-0"};
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_TRUE(publish(t.home->root, left[i], SPAN("x"), FILE_PRIVATE, &e));
    home_close(t.home);
    CU_ASSERT_TRUE_FATAL(home_open(t.path, HOME_WORK, &t.home, &e));
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_TRUE(file_stat(t.home->root, left[i], &info, &e) && info.kind == FILE_ABSENT);
    temp_home_end(&t);
}

static bool is_there(int folder, const char *name)
{
    struct file_info info;
    return file_stat(folder, name, &info, NULL) && info.kind == FILE_FOLDER;
}

static void test_home__making_one_removes_what_a_killed_one_left(void)
{
    int d, busy;
    const char *path = temp_folder(&d);
    char home[512];
    struct lock lock;
    static const char *const left[] = {PUBLISH_TEMP "7-home", PUBLISH_TEMP "8-home",
                                       PUBLISH_TEMP "9-other"};
    text_format(home, sizeof home, "%s/home", path);
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(mkdirat(d, left[i], 0700), 0);
    CU_ASSERT_TRUE(dir_open(d, left[1], &busy, NULL));
    CU_ASSERT_TRUE(lock_take(busy, HOME_LOCK, &lock, NULL));
    CU_ASSERT_TRUE(home_init(home, SPAN("example.org"), false, NULL));
    CU_ASSERT_FALSE(is_there(d, left[0]));
    CU_ASSERT_TRUE(is_there(d, left[1])); /* somebody is at work there */
    CU_ASSERT_TRUE(is_there(d, left[2])); /* it is of another home */
    lock_drop(&lock);
    dir_close(busy);
    temp_folder_end(path, d);
}

SUITE(home, TEST(test_home__refuses_what_is_no_home), TEST(test_home__init_makes_all_or_nothing),
      TEST(test_home__refuses_a_second_run), TEST(test_home__refuses_access_by_others),
      TEST(test_home__has_private_modes), TEST(test_home__gives_the_same_bytes_in_test_homes_only),
      TEST(test_home__makes_a_study_again_without_harm),
      TEST(test_keys__loads_what_it_made_and_lists_it),
      TEST(test_home__sweeps_leftovers_when_it_opens),
      TEST(test_home__making_one_removes_what_a_killed_one_left))
