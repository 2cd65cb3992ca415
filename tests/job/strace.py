"""Runs a program below strace(1), with or without faults, and reads what it wrote."""
import os
import re
import shutil
import subprocess

# Calls that change what is on the disk, or make it durable: a fault is injected into each.
CHANGING = {
    "write", "pwrite64", "fsync", "fdatasync", "sync_file_range", "syncfs", "rename", "renameat", "renameat2",
    "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat", "ftruncate", "fchmod", "fchown", "utimensat",
}

# Calls that change nothing outside the process.
HARMLESS = {
    "access", "arch_prctl", "brk", "clock_gettime", "close", "execve", "exit_group", "faccessat2", "fadvise64", "fcntl",
    "fstat", "fstatfs", "futex", "getcwd", "getdents64", "geteuid", "getpid", "getrandom", "gettid", "ioctl", "lseek",
    "lstat", "madvise", "mmap", "mprotect", "mremap", "munmap", "newfstatat", "open", "openat", "pread64", "prctl", "prlimit64",
    "read", "readlink", "rseq", "rt_sigaction", "rt_sigprocmask", "set_robust_list", "set_tid_address", "stat",
    "sysinfo", "umask", "uname",
    # to an authority
    "bind", "connect", "eventfd2", "getegid", "getgid", "getpeername", "getsockname", "getsockopt", "getuid", "pipe2", "poll", "recvfrom",
    "recvmsg", "sendmsg", "sendmmsg", "sendto", "setsockopt", "socket", "socketpair",
}

LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+|\?)(?:<[^\n]*>(?:\(deleted\))?)?(?: (E[A-Z0-9]+) .*)?(?: \(.*\))?$")


class Call:
    """One line of a trace. number: which call of its name it is, from 1, as strace's when= counts."""

    def __init__(self, name, args, result, error, number):
        self.name, self.args, self.error, self.number = name, args, error, number
        self.result = -1 if result == "?" else int(result, 16 if result.startswith("0x") else 10)

    @property
    def creates(self):
        return self.name in ("open", "openat") and re.search(r"O_CREAT|O_TRUNC|O_TMPFILE", self.args) is not None

    @property
    def changes(self):
        return self.name in CHANGING or self.creates

    @property
    def descriptor(self):
        """The first argument, where it is one."""
        found = re.match(r"(\d+)", self.args)
        return int(found.group(1)) if found else -1

    def unknown(self):
        """It may change something, and no list above says what: why, or None."""
        if self.name not in CHANGING | HARMLESS:
            return f"no list knows {self.name}"
        if self.name == "mmap" and "MAP_SHARED" in self.args and "PROT_WRITE" in self.args and "-shm>" not in self.args:
            return "a file is written through memory"
        return None


def parse(path):
    """The calls of a trace; a line that cannot be read is an error."""
    calls, counts = [], {}
    with open(path, encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if re.match(r"^(?:\d+ +)?(\+\+\+|---)", line):
                continue
            found = LINE.match(line)
            if found is None:
                raise ValueError(f"strace wrote: {line[:200]}")
            name = found.group(1)
            counts[name] = counts.get(name, 0) + 1
            calls.append(Call(name, found.group(2), found.group(3), found.group(4), counts[name]))
    return calls


def on_one_processor():
    """There a program of ours starts no threads, and makes the same calls in the same order each time."""
    processors = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {processors[os.getpid() % len(processors)]})


def run(trace, command, *, inject=None, only=None):
    """Runs it; the result has returncode, and what it said as stdout. inject is strace's -e inject=."""
    options = ["strace", "-f", "-qq", "-y", "-s", "512", "-o", str(trace)]
    if inject is not None:
        options += ["-e", "trace=" + only, "-e", "inject=" + inject]
    if inject is not None and "signal=" not in inject:
        options.append("--seccomp-bpf")  # faster, but strace 6.1 sends no signals then
    return subprocess.run(options + command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          text=True, errors="replace", timeout=120, check=False, preexec_fn=on_one_processor)


def available(scratch):
    """None, or why faults cannot be injected here."""
    if shutil.which("strace") is None:
        return "no strace"
    tried = run(scratch / "trace", ["true"], inject="close:error=EIO:when=1", only="close")
    return None if tried.returncode in (0, 1) and (scratch / "trace").exists() else "strace may not trace here"
