/*
 * For scripts/bench: measure COMMAND...: runs it with its standard output thrown away and
 * prints wall seconds, processor seconds (user and system) and peak memory (KB) of it and
 * all that it waited for. Ends as the command ended.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CANNOT_RUN = 127 };

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "measure: %s\n", why);
    exit(CANNOT_RUN);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

_Noreturn static void run(char *const command[])
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0)
        execvp(command[0], command);
    perror(command[0]);
    _exit(CANNOT_RUN);
}

int main(int argc, char *argv[])
{
    struct rusage used;
    int status;
    if (argc < 2)
        host_fatal("say what to run");
    double begun = now();
    pid_t pid = fork();
    if (pid == 0)
        run(argv + 1);
    if (pid < 0 || wait4(pid, &status, 0, &used) != pid)
        host_fatal("cannot run a process");
    printf("%.4f %.4f %ld\n", now() - begun, seconds(used.ru_utime) + seconds(used.ru_stime),
           used.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : CANNOT_RUN;
}
