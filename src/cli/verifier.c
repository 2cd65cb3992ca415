/* trialseal-verify: the verifier alone. libcore, libsodium, zlib; no network, nothing written. */
#include <sodium.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/verdict.h"

#define PROGRAM "trialseal-verify"

static const struct option options[] = {
    {"trust", "DIR", "the trust folder, which you got separately from the bundle", 0, false},
    {"previous", "OLD.zip", "an earlier bundle of the same ledger, to compare with", 0, false},
    {"json", NULL, "print JSON lines", 0, false},
    {"help", NULL, "print this", 'h', false},
    {"version", NULL, "print the version", 0, false},
    {0},
};

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, PROGRAM ": error: %s\n", why);
    _exit(STATUS_CANNOT);
}

static void print_help(void)
{
    struct table t = {.columns = 2};
    puts("usage: " PROGRAM " --trust DIR [--previous OLD.zip] [--json] BUNDLE\n\n"
         "Verifies an evidence bundle, offline. Exit status: 0 verified, 1 not verified,\n"
         "2 could not be done.\n");
    for (const struct option *x = options; x->name != NULL; x++) {
        table_text(&t, "  --%s %s", x->name, x->value != NULL ? x->value : "");
        table_text(&t, "%s", x->text);
    }
    table_print(&t, stdout);
}

static bool verify(const struct options *o, struct issues *issues, bool *verified, struct err *e)
{
    if (o->operands != 1) {
        err_set(e, ERR_USAGE, "one bundle is verified at a time; %zu are given", o->operands);
        return err_hint(e, PROGRAM " --trust DIR BUNDLE");
    }
    struct offline job = {
        .bundle = o->operand[0],
        .trust = options_value(o, "trust"),
        .previous = options_value(o, "previous"),
    };
    return verdict_run(&job, options_given(o, "json"), false, issues, verified, e);
}

static bool run(int argc, char **argv, struct options *o, struct issues *issues, bool *good,
                struct err *e)
{
    int taken;
    *good = true;
    if (sodium_init() < 0)
        return err_set(e, ERR_STATE, "libsodium does not start");
    if (!options_parse(o, false, argc - 1, argv + 1, &taken, e))
        return err_hint(e, "see " PROGRAM " --help");
    if (options_given(o, "help"))
        print_help();
    else if (options_given(o, "version"))
        puts(PROGRAM " " TRIALSEAL_VERSION);
    else
        return verify(o, issues, good, e);
    return true;
}

int main(int argc, char **argv)
{
    struct options o = {.tables = {options}};
    struct issues issues = {0};
    struct err e = {0};
    bool good, done = run(argc, argv, &o, &issues, &good, &e);
    enum exit_status status = !done ? error_status(&e) : good ? STATUS_GOOD : STATUS_BAD;
    if (options_given(&o, "json"))
        summary_line("verify", status, done ? NULL : &e, &issues);
    if (!done)
        error_print(PROGRAM, &e);
    issues_close(&issues);
    if (!output_finish(&e)) {
        error_print(PROGRAM, &e);
        status = STATUS_CANNOT;
    }
    return (int)status;
}
