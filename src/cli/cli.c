#include "cli/cli.h"

#include <unistd.h>

#include "os/clock.h"

bool cli_home(struct cli *c, enum home_use use, struct err *e)
{
    if (c->home_path == NULL || c->home_path[0] == '\0') {
        err_set(e, ERR_USAGE, "no home is given");
        return err_hint(e, "trialseal -C HOME %s, or set TRIALSEAL_HOME", c->command->name);
    }
    return home_open(c->home_path, use, &c->home, e) && home_now(c->home, c->now_given, &c->now, e);
}

bool cli_catalog(struct cli *c, struct err *e)
{
    return catalog_open(c->home, &c->catalog, e);
}

bool cli_talks(const struct cli *c)
{
    return !c->json && !c->quiet && (c->verbose || isatty(STDOUT_FILENO));
}

/* Notes are for those who ask for more, warnings for all but those who ask for less. */
static enum severity least_said(const struct cli *c)
{
    return c->verbose ? SEVERITY_NOTE : c->quiet ? SEVERITY_BAD : SEVERITY_WARNING;
}

bool cli_issues(struct cli *c, const struct issues *found, struct span study, struct span transfer,
                const char *heading)
{
    issues_join(&c->issues, found);
    if (c->json)
        issues_lines(found, study, transfer);
    if (c->json || issues_count(found, least_said(c)) == 0)
        return false;
    cli_progress_end(c);
    if (heading != NULL)
        fprintf(stderr, "%s\n", heading);
    issues_print(stderr, heading != NULL ? "  " : "", found, least_said(c));
    return true;
}

/* Once a second, from the second one on. */
void cli_progress(struct cli *c, const char *what, uint64_t done, uint64_t total)
{
    int64_t now = clock_now();
    if (c->quiet || now == c->progress_at || !isatty(STDERR_FILENO))
        return;
    if (total > 0)
        fprintf(stderr, "\r%s: %3u %%\033[K", what, (unsigned)((double)done * 100 / (double)total));
    else
        fprintf(stderr, "\r%s: %llu\033[K", what, (unsigned long long)done);
    c->progress_at = now;
    c->progress_shown = true;
}

static void tell_progress(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    cli_progress(ctx, what, done, total);
}

struct audit_progress cli_progress_of(struct cli *c)
{
    return (struct audit_progress){tell_progress, c};
}

void cli_progress_end(struct cli *c)
{
    if (c->progress_shown)
        fputs("\r\033[K", stderr);
    c->progress_shown = false;
}

struct span cli_operand(const struct cli *c, size_t i)
{
    return span_str(c->options.operand[i]);
}
