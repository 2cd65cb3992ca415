#include "os/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/file.h"

enum { CANNOT_START = 127, PATH_MAX_BYTES = 4096 };

/* --- in the child, between fork and exec: system calls only --- */

static void limit(int resource, rlim_t most)
{
    const struct rlimit l = {most, most};
    setrlimit((__rlimit_resource_t)resource, &l);
}

/* The descriptors may be 0 to 2 themselves: first copies above these, then into their places. */
static bool place(int from, int to)
{
    int copy = fcntl(from, F_DUPFD, 3);
    return copy >= 0 && dup2(copy, to) == to;
}

static void calm_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
}

_Noreturn static void become(const struct child *c, char *const *environment, int told)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    /* `told` is close-on-exec: who reads its other end sees its end once the program runs. */
    int above = fcntl(told, F_DUPFD_CLOEXEC, 10);
    setpgid(0, 0);
    calm_signals();
    umask(077);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, CHILD_FILE_MAX);
    limit(RLIMIT_CPU, c->seconds + 1);
    if (above >= 0 && nowhere >= 0 && place(c->input, 0) && place(c->output, 1) &&
        dup2(nowhere, 2) == 2) {
        syscall(SYS_close_range, 3U, (unsigned)above - 1, 0U);
        syscall(SYS_close_range, (unsigned)above + 1, ~0U, 0U);
        execvpe(c->argument[0], (char *const *)(uintptr_t)c->argument, environment);
    }
    int why = errno;
    ssize_t ignored = write(above, &why, sizeof why);
    (void)ignored;
    _exit(CANNOT_START);
}

/* --- in the parent --- */

static bool failed(struct err *e, const struct child *c, const char *what)
{
    return err_set(e, ERR_STATE, "%s %s", c->argument[0], what);
}

/* Waits for its end for the seconds that it has; else kills it. */
static bool wait_for(const struct child *c, pid_t pid, int *status, struct err *e)
{
    int handle = (int)syscall(SYS_pidfd_open, pid, 0U);
    struct pollfd end = {.fd = handle, .events = POLLIN};
    int ended;
    do
        ended = handle < 0 ? -1 : poll(&end, 1, (int)c->seconds * 1000);
    while (ended < 0 && handle >= 0 && errno == EINTR);
    /* Also what it left running. Before it is reaped, so that the number is still its own. */
    kill(-pid, SIGKILL);
    while (waitpid(pid, status, 0) < 0 && errno == EINTR)
        ;
    if (handle >= 0)
        close(handle);
    return ended > 0 || failed(e, c, "took too long and was killed");
}

static bool judge(const struct child *c, int status, int why, struct err *e)
{
    char text[128];
    if (why != 0)
        return err_set(e, ERR_STATE, "cannot run %s: %s", c->argument[0],
                       strerror_r(why, text, sizeof text));
    if (WIFSIGNALED(status))
        return err_set(e, ERR_STATE, "%s was killed by signal %d", c->argument[0],
                       WTERMSIG(status));
    return WEXITSTATUS(status) == 0 ||
           err_set(e, ERR_STATE, "%s ended with status %d", c->argument[0], WEXITSTATUS(status));
}

static bool start(const struct child *c, char *const *environment, struct err *e)
{
    int told[2], status = 0, why = 0;
    if (pipe2(told, O_CLOEXEC) != 0)
        return file_failed(e, "make", "a pipe");
    pid_t pid = fork();
    if (pid == 0)
        become(c, environment, told[1]);
    close(told[1]);
    if (pid < 0) {
        close(told[0]);
        return file_failed(e, "start", c->argument[0]);
    }
    setpgid(pid, pid);
    ssize_t got;
    do
        got = read(told[0], &why, sizeof why);
    while (got < 0 && errno == EINTR);
    close(told[0]);
    return wait_for(c, pid, &status, e) &&
           judge(c, status, got == (ssize_t)sizeof why ? why : 0, e);
}

bool child_run(const struct child *c, struct err *e)
{
    char path[PATH_MAX_BYTES];
    const char *along = getenv("PATH");
    char *environment[CHILD_VARIABLES_MAX + 3];
    size_t n = 0;
    text_format(path, sizeof path, "PATH=%s", along != NULL ? along : "/usr/bin:/bin");
    environment[n++] = path;
    environment[n++] = (char *)(uintptr_t) "LANG=C.UTF-8";
    for (size_t i = 0; c->variable != NULL && c->variable[i] != NULL; i++) {
        if (i == CHILD_VARIABLES_MAX)
            return err_set(e, ERR_LIMIT, "too many variables");
        environment[n++] = (char *)(uintptr_t)c->variable[i];
    }
    environment[n] = NULL;
    return start(c, environment, e);
}
