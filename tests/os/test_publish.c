#include "os/publish.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/dir.h"
#include "tests/temp.h"
#include "tests/test.h"

static struct span content(int folder, const char *name)
{
    static struct arena a;
    struct span s = {0};
    return file_read_all(folder, name, 1 << 20, &a, &s, NULL) ? s : SPAN("(absent)");
}

static size_t count(int folder)
{
    struct arena a = {0};
    struct dir_list l = {0};
    dir_list(folder, ".", &a, &l, NULL);
    arena_close(&a);
    return l.count;
}

static void test_publish__replaces_whole_files_and_leaves_no_temporary(void)
{
    int d;
    const char *path = temp_folder(&d);
    struct err e = {0};
    struct file_info info;
    CU_ASSERT_TRUE(publish(d, "f", SPAN("old"), FILE_SHARED, &e));
    CU_ASSERT_TRUE(publish(d, "f", SPAN("new"), FILE_SECRET, &e));
    ASSERT_SPAN(content(d, "f"), SPAN("new"));
    CU_ASSERT_TRUE(file_stat(d, "f", &info, &e));
    CU_ASSERT_EQUAL(info.mode, 0600);
    CU_ASSERT_EQUAL(count(d), 1);
    temp_folder_end(path, d);
}

static void test_publish__refuses_to_create_over_what_is_there(void)
{
    int d;
    const char *path = temp_folder(&d);
    struct err e = {0};
    CU_ASSERT_TRUE(publish_new(d, "f", SPAN("first"), FILE_SHARED, &e));
    CU_ASSERT_FALSE(publish_new(d, "f", SPAN("second"), FILE_SHARED, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_STATE);
    ASSERT_SPAN(content(d, "f"), SPAN("first"));
    CU_ASSERT_EQUAL(count(d), 1);
    CU_ASSERT_FALSE(publish(d, "no/such/folder", SPAN(""), FILE_SHARED, &e));
    temp_folder_end(path, d);
}

static void test_batch__shows_nothing_before_its_commit(void)
{
    int d;
    const char *path = temp_folder(&d);
    struct err e = {0};
    struct batch *b = batch_open();
    char name[32];
    for (int i = 0; i < 300; i++) { /* more than are open at once */
        snprintf(name, sizeof name, "x/%d/f%d", i % 20, i);
        CU_ASSERT_TRUE_FATAL(batch_add(b, d, name, span_str(name), FILE_SHARED, &e));
    }
    ASSERT_SPAN(content(d, "x/0/f0"), SPAN("(absent)"));
    CU_ASSERT_TRUE(batch_commit(b, &e));
    ASSERT_SPAN(content(d, "x/0/f0"), SPAN("x/0/f0"));
    ASSERT_SPAN(content(d, "x/19/f299"), SPAN("x/19/f299"));
    CU_ASSERT_EQUAL(count(d), 1);
    CU_ASSERT_TRUE(batch_add(b, d, "dropped", SPAN("x"), FILE_SHARED, &e));
    batch_close(b);
    ASSERT_SPAN(content(d, "dropped"), SPAN("(absent)"));
    CU_ASSERT_EQUAL(count(d), 1);
    temp_folder_end(path, d);
}

static void test_batch__refuses_a_folder_where_a_file_is(void)
{
    int d;
    const char *path = temp_folder(&d);
    struct err e = {0};
    struct batch *b = batch_open();
    CU_ASSERT_TRUE(publish(d, "x", SPAN(""), FILE_SHARED, &e));
    CU_ASSERT_FALSE(batch_add(b, d, "x/f", SPAN(""), FILE_SHARED, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_STATE);
    batch_close(b);
    temp_folder_end(path, d);
}

static void test_publish__sweeps_what_a_killed_run_left(void)
{
    int d;
    const char *path = temp_folder(&d);
    struct err e = {0};
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        struct temp t;
        struct batch *b = batch_open();
        bool ok = temp_open(d, FILE_PRIVATE, &t, NULL) &&
                  batch_add(b, d, "f", SPAN("bytes"), FILE_PRIVATE, NULL) &&
                  batch_add(b, d, "x/y/f", SPAN("bytes"), FILE_PRIVATE, NULL);
        _exit(ok ? 9 : 1); /* as if killed: nothing is closed or removed */
    }
    int status;
    waitpid(pid, &status, 0);
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 9);
    CU_ASSERT_EQUAL(count(d), 4); /* all temporary files, and the folder x */
    CU_ASSERT_TRUE(publish(d, "kept", SPAN(""), FILE_SHARED, &e));
    CU_ASSERT_TRUE(dir_sweep(d, path, &e));
    CU_ASSERT_EQUAL(count(d), 2);
    temp_folder_end(path, d);
}

SUITE(publish, TEST(test_publish__replaces_whole_files_and_leaves_no_temporary),
      TEST(test_publish__refuses_to_create_over_what_is_there),
      TEST(test_batch__shows_nothing_before_its_commit),
      TEST(test_batch__refuses_a_folder_where_a_file_is),
      TEST(test_publish__sweeps_what_a_killed_run_left))
