/*
 * What the commands share: the table that they stand in, the options that were given, the open
 * home, and what the exit status will be.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "audit/audit.h"
#include "cli/options.h"
#include "cli/output.h"
#include "store/catalog.h"
#include "store/home.h"

struct cli;

struct command {
    const char *name;     /* one word or two: "study add" */
    const char *synopsis; /* what follows the name */
    const char *summary;  /* one line */
    const char *manual;   /* more lines for `help COMMAND`, or NULL */
    const struct option *options;
    size_t least, most; /* operands */
    bool home;          /* works in a home: -C and --now mean something */
    bool (*run)(struct cli *c, struct err *e);
};

extern const struct command commands[]; /* ends with a NULL name */
extern const struct option global_options[];

struct cli {
    const struct command *command;
    struct options options;
    const char *home_path; /* or NULL */
    bool quiet, verbose, json;
    int64_t now_given; /* HOME_NO_TIME if none */
    struct arena arena;

    struct home *home; /* once cli_home opened it */
    struct catalog *catalog;
    int64_t now;

    struct issues issues; /* all that were found: exit status 1 where one is bad */
    bool bad;             /* exit status 1 in any case */
    bool alarm;           /* integrity: exit status 4 */
    bool progress_shown;
    int64_t progress_at; /* seconds since 1970 */
};

/* Opens home and catalog and tells the time. main closes them. */
bool cli_home(struct cli *c, enum home_use use, struct err *e);
bool cli_catalog(struct cli *c, struct err *e);

/* Is something said when all went well? On a terminal, and with -v; never with -q or --json. */
bool cli_talks(const struct cli *c);

/*
 * Counts what was found, and says it: JSON lines, or for people on standard error behind the
 * line `heading` (NULL: none). False where there was nothing to say to people.
 */
bool cli_issues(struct cli *c, const struct issues *found, struct span study, struct span transfer,
                const char *heading);

/* How far a long operation has come; on a terminal only. total 0: unknown. */
void cli_progress(struct cli *c, const char *what, uint64_t done, uint64_t total);
void cli_progress_end(struct cli *c);
struct audit_progress cli_progress_of(struct cli *c); /* the same for an audit */

/* The operand of that number. */
struct span cli_operand(const struct cli *c, size_t i);

/* help.c */
bool help_run(struct cli *c, struct err *e);
bool help_print(const char *name, struct err *e); /* of one command; "" for all */

/* cmd_*.c */
bool init_run(struct cli *c, struct err *e);
bool study_add_run(struct cli *c, struct err *e);
bool study_list_run(struct cli *c, struct err *e);
bool study_show_run(struct cli *c, struct err *e);
bool submit_run(struct cli *c, struct err *e);
bool run_run(struct cli *c, struct err *e);
bool report_run(struct cli *c, struct err *e);
bool log_run(struct cli *c, struct err *e);
bool show_run(struct cli *c, struct err *e);
bool get_run(struct cli *c, struct err *e);
bool bundle_run(struct cli *c, struct err *e);
bool seal_run(struct cli *c, struct err *e);
bool seal_renew_run(struct cli *c, struct err *e);
bool seal_request_run(struct cli *c, struct err *e);
bool seal_import_run(struct cli *c, struct err *e);
bool compare_run(struct cli *c, struct err *e);
bool describe_run(struct cli *c, struct err *e);
bool identify_run(struct cli *c, struct err *e);
bool verify_run(struct cli *c, struct err *e);
bool check_run(struct cli *c, struct err *e);
bool backup_run(struct cli *c, struct err *e);
bool restore_run(struct cli *c, struct err *e);
bool rebuild_run(struct cli *c, struct err *e);
bool trust_export_run(struct cli *c, struct err *e);
bool key_list_run(struct cli *c, struct err *e);
bool status_run(struct cli *c, struct err *e);
bool erase_command(struct cli *c, struct err *e);
bool withdraw_run(struct cli *c, struct err *e);

#endif
