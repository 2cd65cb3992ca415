/*
 * A commit is killed before every system call that could change the disk, one run
 * after the other, and in other runs each fsync fails once: what the next run finds must be the old
 * state or the new one, or be completed from what was staged. The child is stopped by ptrace(2).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#if defined(__x86_64__)
#include <sys/reg.h>
#endif
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/tree.h"
#include "store/catalog.h"
#include "store/log.h"
#include "store/objects.h"
#include "tests/temp.h"
#include "tests/test.h"

#define S1 SPAN("S1")

/* TINY objects are so many that their batch waits for one syncfs (os/publish.c). */
enum { ENTRIES = 3, BIG = 20000, TINY = 16 };

static const struct span entry[ENTRIES] = {SPAN("{\"0\":0}"), SPAN("{\"1\":1}"), SPAN("{\"2\":2}")};

static struct span big(void)
{
    static uint8_t bytes[BIG];
    memset(bytes, 'x', sizeof bytes);
    return span_of(bytes, sizeof bytes);
}

static struct catalog_signed signed_next(void)
{
    struct tree t = {0};
    for (size_t i = 0; i < ENTRIES; i++)
        tree_add(&t, tree_leaf(entry[i]));
    return (struct catalog_signed){.size = ENTRIES, .root = tree_root(&t), .note = SPAN("note\n")};
}

/* --- one commit, in the order of the design --- */

static bool put_tiny(struct home *h, struct err *e)
{
    struct objects_put *p = objects_put_open(h);
    struct hash name;
    bool ok = true;
    for (uint8_t i = 0; ok && i < TINY; i++)
        ok = objects_put_bytes(p, span_of(&i, 1), &name, e);
    ok = ok && objects_put_commit(p, e);
    objects_put_close(p);
    return ok;
}

static bool put_objects(struct home *h, struct err *e)
{
    struct objects_put *p = objects_put_open(h);
    struct hash name;
    bool ok = objects_put_bytes(p, SPAN("small"), &name, e) &&
              objects_put_bytes(p, big(), &name, e) && objects_put_commit(p, e);
    objects_put_close(p);
    return ok && put_tiny(h, e);
}

static bool stage(struct catalog *c, struct err *e)
{
    struct catalog_signed old = {.root = tree_empty()}, next = signed_next();
    bool ok = catalog_begin(c, e);
    for (uint64_t i = 0; ok && i < ENTRIES; i++)
        ok = catalog_stage(c, S1, i, entry[i], e);
    return ok && catalog_sign(c, S1, &old, &next, e) && catalog_commit(c, e);
}

static bool get_staged(void *ctx, uint64_t index, struct span *out, struct err *e)
{
    return catalog_staged(ctx, S1, index, out, e);
}

static bool publish_staged(struct log *l, struct catalog *c, struct err *e)
{
    struct catalog_signed next = signed_next();
    return log_grow(l, 0, ENTRIES, next.root, (struct log_entries){get_staged, c}, e) &&
           log_publish(l, next.note, e) && catalog_begin(c, e) &&
           catalog_unstage(c, S1, ENTRIES, e) && catalog_commit(c, e);
}

/* From wherever the run before was killed to the end. */
static bool finish(struct home *h, struct catalog *c, struct log *l, struct err *e)
{
    struct arena a = {0};
    struct catalog_signed last;
    struct span note;
    bool found, ok = catalog_last_signed(c, S1, &a, &last, &found, e) && found;
    if (ok && last.size == 0)
        ok = put_objects(h, e) && stage(c, e);
    ok = ok && log_checkpoint(l, &a, &note, e);
    if (ok && note.n == 0)
        ok = publish_staged(l, c, e);
    arena_close(&a);
    return ok && objects_deflate(h, sha256_of(big()), e);
}

static bool run(const char *path, struct err *e)
{
    struct home *h = NULL;
    struct catalog *c = NULL;
    struct log *l = NULL;
    bool ok = home_open(path, HOME_WORK, &h, e) && catalog_open(h, &c, e) &&
              log_open(h, S1, &l, e) && finish(h, c, l, e);
    log_close(l);
    catalog_close(c);
    home_close(h);
    return ok;
}

/* --- what must hold afterwards --- */

static bool same_entry(void *ctx, uint64_t index, struct span got, struct err *e)
{
    (void)ctx, (void)e;
    return span_eq(got, entry[index]);
}

static bool has_object(struct home *h, struct span bytes, struct err *e)
{
    struct arena a = {0};
    struct span got;
    bool ok = objects_read_all(h, sha256_of(bytes), BIG, &a, &got, e);
    arena_close(&a);
    return ok;
}

static bool has_objects(struct home *h, struct err *e)
{
    bool ok = has_object(h, SPAN("small"), e) && has_object(h, big(), e);
    for (uint8_t i = 0; ok && i < TINY; i++)
        ok = has_object(h, span_of(&i, 1), e);
    return ok;
}

/* Straight after the kill: what was signed for has its objects, what was published its tiles. */
static bool is_sound(const char *path, struct err *e)
{
    struct home *h = NULL;
    struct catalog *c = NULL;
    struct log *l = NULL;
    struct arena a = {0};
    struct catalog_signed last = {0};
    struct span note;
    bool found;
    bool ok = home_open(path, HOME_WORK, &h, e) && catalog_open(h, &c, e) &&
              log_open(h, S1, &l, e) && catalog_check(c, e) &&
              catalog_last_signed(c, S1, &a, &last, &found, e) && log_checkpoint(l, &a, &note, e);
    if (ok && last.size > 0)
        ok = has_objects(h, e);
    if (ok && note.n > 0)
        ok = last.size == ENTRIES && log_each_entry(l, 0, ENTRIES, same_entry, NULL, e);
    log_close(l);
    catalog_close(c);
    home_close(h);
    arena_close(&a);
    return ok;
}

/* --- killing and failing --- */

static bool is_one_of(uint64_t call, const uint64_t *calls, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (calls[i] == call)
            return true;
    return false;
}

static bool changes_the_disk(const struct __ptrace_syscall_info *call)
{
    static const uint64_t calls[] = {
        SYS_openat,    SYS_write,    SYS_pwrite64, SYS_fsync,     SYS_fdatasync, SYS_renameat,
        SYS_renameat2, SYS_unlinkat, SYS_mkdirat,  SYS_ftruncate, SYS_fchmod,    SYS_syncfs,
#ifdef SYS_unlink
        SYS_unlink,    SYS_open,
#endif
    };
    return is_one_of(call->entry.nr, calls, sizeof calls / sizeof calls[0]);
}

/* One sync_file_range waits and tells; the one that only starts the disk is a hint. */
static bool syncs(const struct __ptrace_syscall_info *call)
{
    static const uint64_t calls[] = {SYS_fsync, SYS_fdatasync, SYS_syncfs};
    if (call->entry.nr == SYS_sync_file_range)
        return (call->entry.args[3] & SYNC_FILE_RANGE_WAIT_AFTER) != 0;
    return is_one_of(call->entry.nr, calls, sizeof calls / sizeof calls[0]);
}

static void child(const char *path)
{
    struct err e = {0};
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
        _exit(77);
    raise(SIGSTOP);
    _exit(run(path, &e) ? 0 : e.kind == ERR_IO ? 5 : 1);
}

static int go_on(pid_t pid)
{
    int status;
    ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
    waitpid(pid, &status, 0);
    return status;
}

/* Starts a run and stops it before its n-th such call; *status says so, or how it ended. */
static pid_t run_until(const char *path, bool (*such)(const struct __ptrace_syscall_info *call),
                       unsigned n, int *status)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        child(path);
    waitpid(pid, status, 0);
    if (WIFSTOPPED(*status))
        ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    while (WIFSTOPPED(*status)) {
        struct __ptrace_syscall_info info = {0};
        if (WSTOPSIG(*status) == (SIGTRAP | 0x80) &&
            ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) > 0 &&
            info.op == PTRACE_SYSCALL_INFO_ENTRY && such(&info) && --n == 0)
            break;
        *status = go_on(pid);
    }
    return pid;
}

/* How the run ended whose n-th changing call was never made. */
static int run_killed(const char *path, unsigned n)
{
    int status;
    pid_t pid = run_until(path, changes_the_disk, n, &status);
    if (WIFSTOPPED(status)) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
    }
    return status;
}

#if defined(__x86_64__)
/* How the run ended whose n-th fsync said EIO; *failed: there was an n-th one. */
static int run_failing(const char *path, unsigned n, bool *failed)
{
    int status;
    pid_t pid = run_until(path, syncs, n, &status);
    *failed = WIFSTOPPED(status);
    if (*failed) {
        ptrace(PTRACE_POKEUSER, pid, sizeof(long) * ORIG_RAX, -1L);
        status = go_on(pid);
        ptrace(PTRACE_POKEUSER, pid, sizeof(long) * RAX, (long)-EIO);
    }
    while (WIFSTOPPED(status))
        status = go_on(pid);
    return status;
}
#endif

static struct temp_home new_home(void)
{
    struct temp_home t = temp_home();
    struct catalog *c;
    struct err e = {0};
    if (!catalog_open(t.home, &c, &e) || !catalog_begin(c, &e) ||
        !catalog_add_study(c, S1, SPAN("o/S1"), &e) || !catalog_commit(c, &e))
        host_fatal(e.text);
    catalog_close(c);
    home_close(t.home); /* the child takes the lock */
    t.home = NULL;
    return t;
}

/* What the next run finds is sound, and it completes what was begun. */
static bool recovers(const char *path, unsigned n)
{
    struct err e = {0};
    bool ok = is_sound(path, &e) && run(path, &e) && is_sound(path, &e);
    if (!ok)
        printf("  after call %u: %s\n", n, e.text);
    return ok;
}

static void test_crash__leaves_the_old_state_or_the_new_one(void)
{
    int status = SIGKILL;
    unsigned n = 0;
    while (WIFSIGNALED(status)) {
        struct temp_home t = new_home();
        status = run_killed(t.path, ++n);
        CU_ASSERT_TRUE(recovers(t.path, n));
        temp_home_end(&t);
    }
    if (WEXITSTATUS(status) == 77)
        SKIP("ptrace is not permitted");
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
    CU_ASSERT_TRUE(n > 50); /* else nothing was killed */
}

static void test_crash__stops_after_a_failed_fsync(void)
{
#if defined(__x86_64__)
    bool failed = true;
    int status = 0;
    unsigned n = 0, ignored = 0;
    while (failed) {
        struct temp_home t = new_home();
        status = run_failing(t.path, ++n, &failed);
        ignored += failed && WEXITSTATUS(status) != 5;
        CU_ASSERT_TRUE(recovers(t.path, n));
        temp_home_end(&t);
    }
    if (WEXITSTATUS(status) == 77)
        SKIP("ptrace is not permitted");
    CU_ASSERT_TRUE(n > 20);
    /* SQLite ignores three: of the folder, which catalog_open has done itself, and two when it
     * moves the log into the catalog at its close; where that fails, the log is kept. */
    CU_ASSERT_EQUAL(ignored, 3);
#else
    SKIP("written for x86-64 registers");
#endif
}

SUITE(crash, TEST(test_crash__leaves_the_old_state_or_the_new_one),
      TEST(test_crash__stops_after_a_failed_fsync))
