#include "cli/place.h"
#include "cli/transfers.h"

bool submit_run(struct cli *c, struct err *e)
{
    struct span study = cli_operand(c, 0);
    if (!cli_home(c, HOME_WORK, e) || !place_study(c, study, e) || !cli_catalog(c, e))
        return false;
    struct transfer_options o = transfers_options(c);
    o.id = options_value(&c->options, "id");
    o.reason = options_value(&c->options, "reason");
    return transfer_recover(c->home, c->catalog, study, &o, e) &&
           transfer_submit(c->home, c->catalog, study, c->options.operands - 1,
                           c->options.operand + 1, &o, e);
}
