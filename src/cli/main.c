/* trialseal: reads the command line, runs one command, and tells how it went. */
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "os/clock.h"
#include "seal/token.h"
#include "store/alarm.h"

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "trialseal: error: %s\n", why);
    _exit(STATUS_CANNOT);
}

/* Keys pass through this process: nobody else shall read its files, its memory or its remains. */
static void protect_secrets(void)
{
    struct rlimit none = {0, 0};
    umask(077);
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

/*
 * A file of the home must never get the number of a standard stream that was closed: what is
 * printed would go into it. Not opened for writing, so that printing fails and is told.
 */
static void fill_standard_streams(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
}

/*
 * SQLite keeps the index of its log in a mapped file, of which it sees to one byte in 4096; where
 * the file system has smaller blocks and is full, touching another one is this signal. The rest is
 * as if the run had been killed.
 */
static void end_for_want_of_space(int number)
{
    static const char text[] = "trialseal: error: a mapped file could not be written: the disk is "
                               "full, or does not answer\n"
                               "trialseal: hint: make room and run it again\n";
    (void)number;
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written;
    _exit(STATUS_CANNOT);
}

/* A full disk and a closed pipe are errors to be told, not ends. */
static void tell_failed_writes(void)
{
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGBUS, end_for_want_of_space);
}

/* --- the command line --- */

/* How many arguments the command's name takes; 0 where it is another command's. */
static int name_length(const char *name, int argc, char **argv)
{
    const char *blank = strchr(name, ' ');
    if (blank == NULL)
        return strcmp(name, argv[0]) == 0;
    size_t first = (size_t)(blank - name);
    bool same = strlen(argv[0]) == first && memcmp(argv[0], name, first) == 0;
    return same && argc > 1 && strcmp(argv[1], blank + 1) == 0 ? 2 : 0;
}

/* Is it the first word of commands that have two? */
static bool begins_command(const char *word)
{
    size_t n = strlen(word);
    for (const struct command *x = commands; x->name != NULL; x++)
        if (strncmp(x->name, word, n) == 0 && x->name[n] == ' ')
            return true;
    return false;
}

static bool find_command(struct cli *c, int argc, char **argv, int *taken, struct err *e)
{
    for (const struct command *x = commands; x->name != NULL; x++) {
        *taken = name_length(x->name, argc, argv);
        c->command = x;
        if (*taken > 0)
            return true;
    }
    c->command = NULL;
    if (begins_command(argv[0]))
        err_set(e, ERR_USAGE, argc > 1 ? "there is no command %s %s" : "%s needs another word",
                argv[0], argc > 1 ? argv[1] : "");
    else
        err_set(e, ERR_USAGE, "there is no command %s", argv[0]);
    return err_hint(e, "see trialseal help%s%s", begins_command(argv[0]) ? " " : "",
                    begins_command(argv[0]) ? argv[0] : "");
}

static bool take_globals(struct cli *c, struct err *e)
{
    const char *now = options_value(&c->options, "now");
    const char *home = options_value(&c->options, "home");
    c->home_path = home != NULL ? home : getenv("TRIALSEAL_HOME");
    c->quiet = options_given(&c->options, "quiet");
    c->verbose = options_given(&c->options, "verbose");
    c->json = options_given(&c->options, "json");
    c->now_given = HOME_NO_TIME;
    if (c->quiet && c->verbose)
        return err_set(e, ERR_USAGE, "-q and -v contradict each other");
    if (now != NULL && !time_parse(span_str(now), &c->now_given)) {
        err_set(e, ERR_USAGE, "--now: not a time: %s", now);
        return err_hint(e, "in UTC, like 2026-01-31T02:00:00Z");
    }
    return true;
}

static bool check_operands(const struct cli *c, struct err *e)
{
    const struct command *x = c->command;
    if (c->now_given != HOME_NO_TIME && !x->home)
        return err_set(e, ERR_USAGE, "%s has no use for --now", x->name);
    if (c->options.operands >= x->least && c->options.operands <= x->most)
        return true;
    err_set(e, ERR_USAGE, "%s takes %s", x->name,
            x->synopsis[0] != '\0' ? x->synopsis : "no operands");
    return err_hint(e, "see trialseal help %s", x->name);
}

/* Global options may stand before the command and behind it. */
static bool read_command(struct cli *c, int argc, char **argv, struct err *e)
{
    int taken, used;
    c->options.tables[0] = global_options;
    if (!options_parse(&c->options, true, argc, argv, &taken, e))
        return err_hint(e, "see trialseal help");
    argc -= taken;
    argv += taken;
    if (argc == 0)
        return true;
    if (!find_command(c, argc, argv, &used, e))
        return false;
    c->options.tables[1] = c->command->options;
    return options_parse(&c->options, false, argc - used, argv + used, &taken, e) ||
           err_hint(e, "see trialseal help %s", c->command->name);
}

/* --- running --- */

static bool run(struct cli *c, int argc, char **argv, struct err *e)
{
    bool read = read_command(c, argc, argv, e);
    c->json = options_given(&c->options, "json");
    if (!read)
        return false;
    if (options_given(&c->options, "version")) {
        puts("trialseal " TRIALSEAL_VERSION);
        return true;
    }
    if (options_given(&c->options, "help"))
        return help_print(c->command != NULL ? c->command->name : "", e);
    if (c->command == NULL) {
        err_set(e, ERR_USAGE, "no command is given");
        return err_hint(e, "see trialseal help");
    }
    return take_globals(c, e) && check_operands(c, e) && c->command->run(c, e);
}

/* Found by a command that holds the lock: the next one must not go on. Readers may see what moves.
 */
static void raise_alarm(struct cli *c, const struct err *why)
{
    struct err e = {0};
    if (why->kind == ERR_INTEGRITY && c->home != NULL && c->home->use != HOME_READ &&
        !alarm_raise(c->home, c->now, c->command->name, NULL, &e))
        error_print("trialseal", &e);
}

static enum exit_status status_of(const struct cli *c, bool done, const struct err *e)
{
    if (!done)
        return error_status(e);
    if (c->alarm)
        return STATUS_ALARM;
    return c->bad || issues_count(&c->issues, SEVERITY_BAD) > 0 ? STATUS_BAD : STATUS_GOOD;
}

static void close_all(struct cli *c)
{
    catalog_close(c->catalog);
    home_close(c->home);
    issues_close(&c->issues);
    arena_close(&c->arena);
}

int main(int argc, char **argv)
{
    struct cli c = {.now_given = HOME_NO_TIME, .progress_at = clock_now()};
    struct err e = {0};
    fill_standard_streams();
    tell_failed_writes();
    protect_secrets();
    seal_start();
    if (sodium_init() < 0)
        host_fatal("libsodium does not start");
    bool done = run(&c, argc - 1, argv + 1, &e);
    enum exit_status status = status_of(&c, done, &e);
    cli_progress_end(&c);
    if (!done)
        raise_alarm(&c, &e);
    if (c.json)
        summary_line(c.command != NULL ? c.command->name : "", status, done ? NULL : &e, &c.issues);
    if (!done)
        error_print("trialseal", &e);
    else if (c.alarm)
        fputs("trialseal: integrity alarm: nothing will be appended; see RUNBOOK, chapter 9\n",
              stderr);
    close_all(&c);
    if (!output_finish(&e)) {
        error_print("trialseal", &e);
        status = status == STATUS_ALARM ? STATUS_ALARM : STATUS_CANNOT;
    }
    return (int)status;
}
