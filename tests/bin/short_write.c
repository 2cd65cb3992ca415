/*
 * For tests: short_write N COMMAND...: runs it, and makes its N-th write of more than one byte a
 * short one: the kernel is asked for half of the bytes only, writes them and says so, as it may
 * whenever it likes. strace's retval= would say so without writing. Ends as the command ended, and
 * with 126 where there was no N-th write.
 */
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_REACHED = 126, CANNOT_RUN = 127 };

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "short_write: %s\n", why);
    exit(CANNOT_RUN);
}

static void set_length(struct user_regs_struct *r, unsigned long long n)
{
#if defined(__x86_64__)
    r->rdx = n;
#elif defined(__aarch64__)
    r->regs[2] = n;
#else
#error "say where this processor has the third argument of a system call"
#endif
}

static void halve(pid_t pid, unsigned long long length)
{
    struct user_regs_struct r;
    struct iovec v = {&r, sizeof r};
    if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v) != 0)
        host_fatal("cannot read the registers");
    set_length(&r, length / 2);
    if (ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &v) != 0)
        host_fatal("cannot set the registers");
}

/* Stopped before a write of more than one byte. */
static bool is_write(pid_t pid, int status, struct __ptrace_syscall_info *info)
{
    if (WSTOPSIG(status) != (SIGTRAP | 0x80) ||
        ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof *info, info) <= 0 ||
        info->op != PTRACE_SYSCALL_INFO_ENTRY)
        return false;
    return (info->entry.nr == SYS_write || info->entry.nr == SYS_pwrite64) &&
           info->entry.args[2] > 1;
}

_Noreturn static void run(char *const command[])
{
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
        _exit(CANNOT_RUN);
    execvp(command[0], command);
    perror(command[0]);
    _exit(CANNOT_RUN);
}

int main(int argc, char *argv[])
{
    int status;
    if (argc < 3)
        host_fatal("say which write, and what to run");
    unsigned long left = strtoul(argv[1], NULL, 10);
    pid_t pid = fork();
    if (pid == 0)
        run(argv + 2);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        host_fatal("cannot run a process");
    if (WIFSTOPPED(status))
        ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    while (WIFSTOPPED(status)) {
        struct __ptrace_syscall_info info;
        if (left > 0 && is_write(pid, status, &info) && --left == 0)
            halve(pid, info.entry.args[2]);
        ptrace(left > 0 ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL, NULL);
        waitpid(pid, &status, 0);
    }
    if (left > 0)
        return NOT_REACHED;
    return WIFEXITED(status) ? WEXITSTATUS(status) : CANNOT_RUN;
}
