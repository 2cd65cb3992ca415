#include "os/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/dir.h"
#include "os/lock.h"
#include "os/publish.h"
#include "os/random.h"
#include "tests/temp.h"
#include "tests/test.h"

static bool put(int folder, const char *name, const char *text)
{
    return publish(folder, name, span_str(text), FILE_PRIVATE, NULL);
}

static void test_file__refuses_links_and_special_files(void)
{
    int d;
    const char *path = temp_folder(&d);
    struct file f;
    struct err e = {0};
    CU_ASSERT_TRUE(put(d, "real", "x"));
    CU_ASSERT_EQUAL(symlinkat("real", d, "link"), 0);
    CU_ASSERT_EQUAL(mkfifoat(d, "pipe", 0600), 0);
    CU_ASSERT_EQUAL(mkdirat(d, "folder", 0700), 0);
    const char *const bad[] = {"link", "pipe", "folder"};
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_FALSE(file_open(d, bad[i], &f, &e));
        CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
        CU_ASSERT_PTR_NOT_NULL(strstr(e.text, bad[i]));
    }
    CU_ASSERT_FALSE(file_open(d, "absent", &f, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_USAGE);
    CU_ASSERT_FALSE(dir_open(d, "link", &f.fd, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
    temp_folder_end(path, d);
}

static void test_file__refuses_more_bytes_than_allowed(void)
{
    int d;
    const char *path = temp_folder(&d);
    struct arena a = {0};
    struct span s;
    struct err e = {0};
    CU_ASSERT_TRUE(put(d, "f", "12345"));
    CU_ASSERT_FALSE(file_read_all(d, "f", 4, &a, &s, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_LIMIT);
    CU_ASSERT_TRUE(file_read_all(d, "f", 5, &a, &s, &e));
    ASSERT_SPAN(s, SPAN("12345"));
    arena_close(&a);
    temp_folder_end(path, d);
}

static void test_file__says_that_a_file_shrank(void)
{
    int d;
    const char *path = temp_folder(&d);
    struct file f;
    struct err e = {0};
    char four[4];
    CU_ASSERT_TRUE(put(d, "f", "1234"));
    CU_ASSERT_TRUE(file_open(d, "f", &f, &e));
    int again = openat(d, "f", O_WRONLY | O_TRUNC);
    struct source s = file_source(&f);
    CU_ASSERT_FALSE(s.read_at(s.ctx, 0, four, 4, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_IO);
    close(again);
    file_close(&f);
    temp_folder_end(path, d);
}

static void test_file__lists_by_bytes_and_tells_kinds(void)
{
    int d;
    const char *path = temp_folder(&d);
    struct arena a = {0};
    struct dir_list l;
    struct err e = {0};
    CU_ASSERT_TRUE(put(d, "b", "") && put(d, "B", "") && put(d, "\xc3\xa9", "") &&
                   put(d, ".x", ""));
    CU_ASSERT_EQUAL(symlinkat("b", d, "a"), 0);
    CU_ASSERT_TRUE(dir_list(d, ".", &a, &l, &e));
    CU_ASSERT_EQUAL_FATAL(l.count, 5);
    const char *const want[] = {".x", "B", "a", "b", "\xc3\xa9"};
    for (size_t i = 0; i < 5; i++)
        CU_ASSERT_STRING_EQUAL(l.entry[i].name, want[i]);
    CU_ASSERT_EQUAL(l.entry[2].kind, FILE_LINK);
    CU_ASSERT_EQUAL(l.entry[3].kind, FILE_REGULAR);
    arena_close(&a);
    temp_folder_end(path, d);
}

static void test_file__removes_trees_without_following_links(void)
{
    int d;
    const char *path = temp_folder(&d);
    struct file_info info;
    struct err e = {0};
    CU_ASSERT_TRUE(dir_make_path(d, "t/u/v", DIR_PRIVATE, &e));
    CU_ASSERT_TRUE(dir_make(d, "keep", DIR_PRIVATE, &e) && put(d, "keep/f", "x"));
    CU_ASSERT_EQUAL(symlinkat("../../keep", d, "t/u/link"), 0);
    CU_ASSERT_TRUE(dir_remove_tree(d, "t", &e));
    CU_ASSERT_TRUE(file_stat(d, "t", &info, &e) && info.kind == FILE_ABSENT);
    CU_ASSERT_TRUE(file_stat(d, "keep/f", &info, &e) && info.kind == FILE_REGULAR);
    CU_ASSERT_TRUE(dir_remove_tree(d, "t", &e));
    temp_folder_end(path, d);
}

static void test_file__moves_only_to_a_free_name(void)
{
    int d;
    const char *path = temp_folder(&d);
    struct err e = {0};
    CU_ASSERT_TRUE(put(d, "a", "a") && put(d, "b", "b") && dir_make(d, "sub", DIR_PRIVATE, &e));
    CU_ASSERT_FALSE(dir_move(d, "a", d, "b", &e));
    CU_ASSERT_EQUAL(e.kind, ERR_STATE);
    CU_ASSERT_TRUE(dir_move(d, "a", d, "sub/a", &e));
    struct file_info info;
    CU_ASSERT_TRUE(file_stat(d, "sub/a", &info, &e) && info.kind == FILE_REGULAR);
    temp_folder_end(path, d);
}

static void test_lock__refuses_a_second_holder(void)
{
    int d;
    const char *path = temp_folder(&d);
    struct lock one, two;
    struct err e = {0};
    CU_ASSERT_TRUE(lock_take(d, "lock", &one, &e));
    CU_ASSERT_FALSE(lock_take(d, "lock", &two, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_BUSY);
    lock_drop(&one);
    CU_ASSERT_TRUE(lock_take(d, "lock", &two, &e));
    lock_drop(&two);
    lock_drop(&two);
    struct file_info info;
    CU_ASSERT_TRUE(file_stat(d, "lock", &info, &e) && info.kind == FILE_REGULAR);
    temp_folder_end(path, d);
}

static void test_random__differs_and_the_clock_is_after_2024(void)
{
    uint8_t a[32] = {0}, b[32] = {0};
    CU_ASSERT_TRUE(random_bytes(a, 32, NULL) && random_bytes(b, 32, NULL));
    CU_ASSERT_NOT_EQUAL(memcmp(a, b, 32), 0);
    CU_ASSERT_TRUE(clock_now() > INT64_C(1704067200));
}

SUITE(file, TEST(test_file__refuses_links_and_special_files),
      TEST(test_file__refuses_more_bytes_than_allowed), TEST(test_file__says_that_a_file_shrank),
      TEST(test_file__lists_by_bytes_and_tells_kinds),
      TEST(test_file__removes_trees_without_following_links),
      TEST(test_file__moves_only_to_a_free_name), TEST(test_lock__refuses_a_second_holder),
      TEST(test_random__differs_and_the_clock_is_after_2024))
