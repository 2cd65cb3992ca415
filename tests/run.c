/*
 * Runs the suites, each in a process of its own, and the test scripts, some at a time, and ends
 * with one line "N passed, N failed, N skipped". Fails if nothing ran.
 *
 *     run [-v] [SUITE | SCRIPT] ...      (from the project's root; all of them by default)
 *
 * A script prints one line a test: "ok NAME", "not ok NAME: why" or "skip NAME: why".
 */
#include <CUnit/Basic.h>
#include <CUnit/TestRun.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "tests/test.h"

#define SUITE_OF(name) extern const struct suite suite_##name;
#include "suites.inc"
#undef SUITE_OF

static const struct suite *const suites[] = {
#define SUITE_OF(name) &suite_##name,
#include "suites.inc"
#undef SUITE_OF
};

static const char *const scripts[] = {
#define SCRIPT(path) path,
#include "scripts.inc"
#undef SCRIPT
    NULL,
};

enum { SCRIPTS_AT_ONCE = 8 };

struct counts {
    unsigned passed, failed, skipped;
};

static bool verbose;
static const char *skipped_why; /* set by the running test */
static struct arena kept;       /* what test_file and test_hex gave; never freed, so no leak */

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "fatal: %s\n", why);
    abort();
}

void test_skip(const char *why)
{
    skipped_why = why;
}

void test_spans_equal(struct span got, struct span want, const char *file, unsigned line)
{
    bool equal = span_eq(got, want);
    if (!equal)
        printf("  %s:%u\n    got  (%zu) %.*s\n    want (%zu) %.*s\n", file, line, got.n,
               SPAN_ARGS(got), want.n, SPAN_ARGS(want));
    CU_assertImplementation(equal, line, "spans equal", file, "", CU_FALSE);
}

struct span test_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        return span_of(NULL, 0);
    uint8_t *p = arena_new(&kept, (size_t)st.st_size);
    size_t n = 0;
    ssize_t r;
    while (n < (size_t)st.st_size && (r = read(fd, p + n, (size_t)st.st_size - n)) > 0)
        n += (size_t)r;
    close(fd);
    return span_of(p, n);
}

struct span test_hex(const char *digits)
{
    size_t n = strlen(digits) / 2;
    uint8_t *p = arena_new(&kept, n);
    if (!span_hex(span_str(digits), p, n))
        host_fatal("test_hex: not lower-case hex");
    return span_of(p, n);
}

uint64_t test_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void print_failures(CU_pFailureRecord f)
{
    for (; f != NULL; f = f->pNext)
        printf("    %s:%u: %s\n", f->strFileName, f->uiLineNumber, f->strCondition);
}

/* Runs one CUnit test; CUnit's own registry holds one suite with this one test. */
static void run_test(CU_pSuite registered, const struct test *t, struct counts *c)
{
    skipped_why = NULL;
    CU_pTest test = CU_add_test(registered, t->name, t->run);
    bool ran = test != NULL && CU_run_test(registered, test) == CUE_SUCCESS;
    bool failed = !ran || CU_get_number_of_failures() > 0;
    if (failed) {
        c->failed++;
        printf("not ok %s\n", t->name);
        print_failures(CU_get_failure_list());
    } else if (skipped_why != NULL) {
        c->skipped++;
        printf("skip %s: %s\n", t->name, skipped_why);
    } else {
        c->passed++;
        if (verbose)
            printf("ok %s\n", t->name);
    }
    fflush(stdout);
}

static void run_suite(const struct suite *s, struct counts *c)
{
    if (CU_initialize_registry() != CUE_SUCCESS)
        host_fatal("CUnit does not start");
    CU_pSuite registered = CU_add_suite(s->name, NULL, NULL);
    for (size_t i = 0; i < s->count; i++)
        run_test(registered, &s->tests[i], c);
    CU_cleanup_registry();
}

/* In a child, so that a crash costs one suite and is counted as one failure. */
static void run_suite_apart(const struct suite *s, struct counts *total)
{
    int report[2];
    if (pipe(report) != 0)
        host_fatal("pipe");
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        struct counts c = {0};
        run_suite(s, &c);
        ssize_t n = write(report[1], &c, sizeof c);
        exit(n == (ssize_t)sizeof c ? 0 : 1);
    }
    close(report[1]);
    struct counts c = {0};
    bool reported = read(report[0], &c, sizeof c) == (ssize_t)sizeof c;
    close(report[0]);
    int status = 0;
    waitpid(pid, &status, 0);
    if (!reported || status != 0) {
        printf("not ok suite %s: ended with status 0x%x\n", s->name, (unsigned)status);
        c.failed++;
    }
    total->passed += c.passed;
    total->failed += c.failed;
    total->skipped += c.skipped;
}

static void count_line(const char *line, struct counts *c)
{
    if (strncmp(line, "ok ", 3) == 0) {
        c->passed++;
        if (!verbose)
            return;
    } else if (strncmp(line, "not ok ", 7) == 0) {
        c->failed++;
    } else if (strncmp(line, "skip ", 5) == 0) {
        c->skipped++;
    }
    fputs(line, stdout);
}

/* A script that runs; what it prints goes to a file, so that scripts do not mix their lines. */
struct running {
    const char *path;
    FILE *out;
    pid_t pid;
};

static void start_script(struct running *r, const char *path)
{
    *r = (struct running){.path = path, .out = tmpfile()};
    if (r->out == NULL)
        host_fatal("no temporary file");
    fflush(stdout);
    r->pid = fork();
    if (r->pid == 0) {
        if (dup2(fileno(r->out), STDOUT_FILENO) >= 0)
            execl("/bin/sh", "sh", "-c", path, (char *)NULL);
        _exit(127);
    }
}

static void count_script(struct running *r, int status, struct counts *total)
{
    struct counts c = {0};
    char line[4096];
    rewind(r->out);
    while (fgets(line, sizeof line, r->out) != NULL)
        count_line(line, &c);
    fclose(r->out);
    if (c.passed + c.failed + c.skipped == 0 || (status != 0 && c.failed == 0)) {
        printf("not ok %s: ended with status 0x%x after %u tests\n", r->path, (unsigned)status,
               c.passed);
        c.failed++;
    }
    fflush(stdout);
    *r = (struct running){0};
    total->passed += c.passed;
    total->failed += c.failed;
    total->skipped += c.skipped;
}

/* Waits until one of them has ended; gives its place. */
static struct running *end_script(struct running *r, size_t n, struct counts *total)
{
    int status;
    pid_t pid = waitpid(-1, &status, 0);
    size_t i = 0;
    while (i < n && r[i].pid != pid)
        i++;
    if (pid <= 0 || i == n)
        host_fatal("a script that was started cannot be waited for");
    count_script(&r[i], status, total);
    return &r[i];
}

static bool wanted(int argc, char **argv, const char *name)
{
    bool named = false;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-')
            continue;
        named = true;
        if (strcmp(argv[i], name) == 0)
            return true;
    }
    return !named;
}

/* As many at a time as there are processors: most of them wait for disks and clocks. */
static void run_scripts(int argc, char **argv, struct counts *total)
{
    struct running running[SCRIPTS_AT_ONCE] = {{0}};
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t most = processors < 1                 ? 1
                  : processors > SCRIPTS_AT_ONCE ? SCRIPTS_AT_ONCE
                                                 : (size_t)processors;
    size_t count = 0;
    for (size_t i = 0; scripts[i] != NULL; i++) {
        if (!wanted(argc, argv, scripts[i]))
            continue;
        struct running *place = count < most ? &running[count++] : end_script(running, most, total);
        start_script(place, scripts[i]);
    }
    for (; count > 0; count--)
        end_script(running, most, total);
}

int main(int argc, char **argv)
{
    struct counts c = {0};
    verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++)
        if (wanted(argc, argv, suites[i]->name))
            run_suite_apart(suites[i], &c);
    run_scripts(argc, argv, &c);
    printf("%u passed, %u failed, %u skipped\n", c.passed, c.failed, c.skipped);
    return c.passed > 0 && c.failed == 0 ? 0 : 1;
}
