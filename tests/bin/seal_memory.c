/*
 * Checks a good token again and again, and each time memory runs out one allocation later:
 *
 *     seal_memory STEP DATA TOKEN ROOTS [CRLS]      STEP 1: at each allocation
 *
 * Each check runs in a child. It must end the program, or find what it finds with enough memory;
 * never something else. Prints "N allocations: F ended the program, G found the same", or what went
 * wrong.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seal/token.h"

enum { SAME, OTHER, FATAL, OUTCOMES };
enum { ANSWER_MAX = 1000 };

static struct arena memory;
static long left = LONG_MAX; /* allocations before one fails, and all behind it */

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    _exit(FATAL);
}

static bool fails(void)
{
    if (left == 0)
        return true;
    left--;
    return false;
}

/* In place of the C library's, whose header names the parameters otherwise. */
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t n);
void *__libc_realloc(void *p, size_t n);

void *malloc(size_t n)
{
    return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t count, size_t n)
{
    return fails() ? NULL : __libc_calloc(count, n);
}

void *realloc(void *p, size_t n)
{
    return fails() ? NULL : __libc_realloc(p, n);
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)

static struct span read_file(const char *path)
{
    struct buf b = {0};
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        exit(1);
    }
    for (int c; (c = getc(f)) != EOF;)
        buf_byte(&b, (uint8_t)c);
    fclose(f);
    struct span s = arena_copy(&memory, buf_span(&b));
    buf_close(&b);
    return s;
}

struct question {
    struct span data, token, roots, crls;
};

/* What a child found; it begins with the allocations that it made. */
struct answer {
    long used;
    char text[ANSWER_MAX];
};

static struct answer ask(const struct question *q, long allocations)
{
    struct answer a = {0};
    struct seal_token t;
    struct err e = {0};
    left = allocations;
    bool good = seal_check(q->token, q->data, q->roots, q->crls, &memory, &t, &e);
    a.used = allocations - left;
    if (good)
        text_format(a.text, sizeof a.text, "%.*s %.*s %lld %lld %lld %d %lld",
                    SPAN_ARGS(t.authority), SPAN_ARGS(t.serial), (long long)t.time,
                    (long long)t.until, (long long)t.weak_from, t.revocation_known,
                    (long long)t.revocation_as_of);
    else
        text_format(a.text, sizeof a.text, "bad: %s", e.text);
    return a;
}

/* In a child, whose libcrypto has not begun yet. */
static int ask_child(const struct question *q, long allocations, struct answer *out)
{
    int way[2], status;
    if (pipe(way) != 0)
        return OTHER;
    pid_t child = fork();
    if (child == 0) {
        struct answer a = ask(q, allocations);
        _exit(write(way[1], &a, sizeof a) == (ssize_t)sizeof a ? SAME : OTHER);
    }
    close(way[1]);
    bool told = read(way[0], out, sizeof *out) == (ssize_t)sizeof *out;
    close(way[0]);
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return OTHER;
    return WEXITSTATUS(status) == SAME && !told ? OTHER : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
    long found[OUTCOMES] = {0};
    struct answer right = {0};
    long step = argc < 5 ? 0 : atol(argv[1]);
    if (step < 1)
        return 1;
    struct question q = {.data = read_file(argv[2]),
                         .token = read_file(argv[3]),
                         .roots = read_file(argv[4]),
                         .crls = argc > 5 ? read_file(argv[5]) : SPAN("")};
    if (ask_child(&q, LONG_MAX, &right) != SAME)
        return 1;
    for (long n = 0; n < right.used; n += step) {
        struct answer a = {.text = "crashed"};
        int how = ask_child(&q, n, &a);
        if (how == SAME && strcmp(a.text, right.text) != 0)
            how = OTHER;
        if (how == OTHER)
            printf("behind %ld allocations: %s\n", n, a.text);
        found[how]++;
    }
    printf("%s; %ld allocations: %ld ended the program, %ld found the same, %ld something else\n",
           right.text, right.used, found[FATAL], found[SAME], found[OTHER]);
    return found[OTHER] == 0 && right.used > 0 ? 0 : 1;
}
