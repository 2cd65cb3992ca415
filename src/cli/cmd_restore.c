#include "cli/cli.h"
#include "keep/restore.h"

static void tell(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    cli_progress(ctx, what, done, total);
}

static void say(struct cli *c, const struct backup *b)
{
    const char *folder = c->options.operand[0];
    if (c->json) {
        struct line l;
        line_begin(&l);
        line_number(&l, "bytes", b->bytes);
        line_number(&l, "entries", b->entries);
        line_number(&l, "files", b->files);
        line_text(&l, "folder", span_str(folder));
        line_text(&l, "home", span_str(c->home_path));
        line_number(&l, "objects", b->objects);
        line_number(&l, "studies", b->studies);
        line_type(&l, "restore");
        line_end(&l);
    } else if (cli_talks(c) && b->files == 0) {
        printf("%s was restored before; now each ledger says so, too.\n", c->home_path);
    } else if (cli_talks(c)) {
        printf("%s is restored from %s: %s of %s, %s.\n"
               "Each ledger says so in its next entry. Now: trialseal -C %s check\n",
               c->home_path, folder, counted(&c->arena, b->entries, "entry", "entries"),
               counted(&c->arena, b->studies, "study", "studies"),
               counted(&c->arena, b->objects, "object", "objects"), c->home_path);
    }
}

struct asked {
    struct restore_options options;
    const char *known[OPTION_USES_MAX], *receipt[OPTION_USES_MAX], *bundle[OPTION_USES_MAX];
};

static bool read_options(struct cli *c, struct asked *x, struct err *e)
{
    x->options = (struct restore_options){
        .folder = c->options.operand[0],
        .secrets = options_value(&c->options, "secrets"),
        .known = options_values(&c->options, "known", x->known),
        .receipts = options_values(&c->options, "receipt", x->receipt),
        .bundles = options_values(&c->options, "bundle", x->bundle),
        .known_path = x->known,
        .receipt_path = x->receipt,
        .bundle_path = x->bundle,
        .now = c->now_given,
    };
    if (c->options.operands > 1)
        c->home_path = c->options.operand[1];
    if (x->options.secrets == NULL) {
        err_set(e, ERR_USAGE, "restore needs --secrets DIR2, the backup of the keys");
        return err_hint(e, "without them nothing can be signed; see RUNBOOK, chapter 10");
    }
    if (c->home_path == NULL || c->home_path[0] == '\0')
        return err_set(e, ERR_USAGE, "restore needs the home to be made: restore DIR HOME");
    return true;
}

/* Opens the home once it is there, and nobody holds what it lacks. */
static bool make(struct cli *c, const struct restore_options *o, struct issues *found,
                 struct backup *b, struct err *e)
{
    bool made;
    if (!restore_made(c->home_path, &made, e))
        return false;
    if (made)
        return cli_home(c, HOME_WORK, e) && restore_compare(c->home, o, found, e);
    return restore_home(c->home_path, o, (struct backup_progress){tell, c}, found, b, e) &&
           cli_home(c, HOME_WORK, e);
}

bool restore_run(struct cli *c, struct err *e)
{
    struct asked x;
    struct issues found = {0};
    struct backup b = {0};
    bool good = read_options(c, &x, e) && make(c, &x.options, &found, &b, e);
    cli_progress_end(c);
    cli_issues(c, &found, SPAN(""), SPAN(""), NULL);
    issues_close(&found);
    if (!good || !cli_catalog(c, e) || !restore_tell(c->home, c->catalog, c->now, e))
        return false;
    say(c, &b);
    return true;
}
