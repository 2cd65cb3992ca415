#include "cli/cli.h"
#include "cli/verdict.h"
#include "job/authority.h"
#include "os/clock.h"

static void progress(void *ctx, uint64_t done, uint64_t total)
{
    cli_progress(ctx, "verifying", done, total);
}

/* Not verified is always said by a bad issue or by a missing good signature: both are exit 1. */
bool verify_run(struct cli *c, struct err *e)
{
    bool verified;
    struct offline o = {
        .bundle = c->options.operand[0],
        .trust = options_value(&c->options, "trust"),
        .previous = options_value(&c->options, "previous"),
        .checker = &authority_checker,
        .now = clock_now(),
        .progress = progress,
        .ctx = c,
    };
    if (!verdict_run(&o, c->json, c->quiet, &c->issues, &verified, e))
        return false;
    c->bad = !verified;
    return true;
}
