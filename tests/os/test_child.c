#include "os/child.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "os/file.h"
#include "tests/temp.h"
#include "tests/test.h"

static struct arena arena;

/* Runs `sh -c SCRIPT` with that input; its output. False as child_run. */
static bool shell(const char *script, struct span input, unsigned seconds, struct span *output,
                  struct err *e)
{
    struct file in, out;
    const char *const argument[] = {"sh", "-c", script, NULL};
    const char *const variable[] = {"ONE=1", "TWO=2", NULL};
    int folder = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!file_scratch(folder, &in, e) || !file_scratch(folder, &out, e))
        return false;
    struct sink sink = file_sink(&in);
    bool good = sink.write(sink.ctx, input, e) && file_rewind(&in, e);
    const struct child c = {argument, variable, in.fd, out.fd, seconds};
    good = good && child_run(&c, e);
    struct err ignored = {0};
    size_t got = 0;
    file_rewind(&out, &ignored);
    uint8_t *p = arena_new(&arena, (size_t)out.size + 1);
    file_read_at(&out, 0, p, (size_t)out.size, &got, &ignored);
    *output = span_of(p, got);
    file_close(&in);
    file_close(&out);
    close(folder);
    return good;
}

static void test_child__tells_a_program_that_is_not_there(void)
{
    const char *const argument[] = {"no-such-program-anywhere", NULL};
    const struct child c = {argument, NULL, STDIN_FILENO, STDOUT_FILENO, 5};
    struct err e = {0};
    CU_ASSERT_FALSE(child_run(&c, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_STATE);
    CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "cannot run no-such-program-anywhere"));
}

static void test_child__tells_how_it_failed(void)
{
    struct span out = SPAN("");
    struct err e = {0};
    CU_ASSERT_FALSE(shell("exit 7", SPAN(""), 5, &out, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_STATE);
    CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "status 7"));
    CU_ASSERT_FALSE(shell("kill -SEGV $$", SPAN(""), 5, &out, &e));
    CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "signal 11"));
}

/* Its parent has died too, so that somebody else buries it: that takes a moment. */
static bool is_gone(pid_t pid)
{
    char path[64];
    struct span stat;
    for (int i = 0; i < 100; i++) {
        snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
        FILE *f = fopen(path, "r");
        char text[256] = "";
        if (f == NULL)
            return true;
        stat = span_of(text, fread(text, 1, sizeof text - 1, f));
        fclose(f);
        if (stat.n == 0 || strstr(text, ") Z ") != NULL)
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return false;
}

static void test_child__kills_what_takes_too_long_and_all_that_it_started(void)
{
    struct span out = SPAN("");
    struct err e = {0};
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    CU_ASSERT_FALSE(shell("sleep 61.5 & echo $!; sleep 61.5", SPAN(""), 1, &out, &e));
    clock_gettime(CLOCK_MONOTONIC, &to);
    CU_ASSERT_EQUAL(e.kind, ERR_STATE);
    CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "too long"));
    CU_ASSERT_TRUE(to.tv_sec - from.tv_sec < 20);
    uint64_t pid = 0;
    CU_ASSERT_TRUE_FATAL(out.n > 1 && span_u64(span_of(out.p, out.n - 1), &pid));
    CU_ASSERT_TRUE(is_gone((pid_t)pid));
}

static void test_child__gets_input_and_output_and_nothing_else(void)
{
    struct span out = SPAN("");
    struct err e = {0};
    int extra = dup(STDERR_FILENO); /* without close-on-exec */
    CU_ASSERT_TRUE(shell("cat; ls /proc/self/fd | wc -l", SPAN("given\n"), 10, &out, &e));
    /* 0, 1, 2 and the folder that ls reads. */
    ASSERT_SPAN(out, SPAN("given\n4\n"));
    close(extra);
}

static void test_child__has_the_variables_that_it_is_given(void)
{
    struct span out = SPAN("");
    struct err e = {0};
    setenv("SECRET_OF_OURS", "x", 1);
    CU_ASSERT_TRUE(shell("echo $ONE $TWO $LANG [$SECRET_OF_OURS]", SPAN(""), 10, &out, &e));
    ASSERT_SPAN(out, SPAN("1 2 C.UTF-8 []\n"));
    unsetenv("SECRET_OF_OURS");
}

static void test_child__says_nothing_on_our_streams(void)
{
    struct span out = SPAN("");
    struct err e = {0};
    CU_ASSERT_TRUE(shell("echo noise >&2; echo said", SPAN(""), 10, &out, &e));
    ASSERT_SPAN(out, SPAN("said\n"));
    arena_close(&arena);
}

SUITE(child, TEST(test_child__tells_a_program_that_is_not_there),
      TEST(test_child__tells_how_it_failed),
      TEST(test_child__kills_what_takes_too_long_and_all_that_it_started),
      TEST(test_child__gets_input_and_output_and_nothing_else),
      TEST(test_child__has_the_variables_that_it_is_given),
      TEST(test_child__says_nothing_on_our_streams))
