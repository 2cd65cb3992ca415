#include "cli/seals.h"
#include "cli/transfers.h"

static bool run_study(struct cli *c, struct span study, struct err *e)
{
    struct transfer_options o = transfers_options(c);
    return transfer_recover(c->home, c->catalog, study, &o, e) &&
           transfer_inbox(c->home, c->catalog, study, &o, e);
}

/* After a failed write nothing more is tried: the disk may be full or dying. */
static bool may_go_on(const struct err *e)
{
    return e->kind != ERR_IO;
}

/* What was taken in is told by now, whatever becomes of the seals. */
static bool night_seals(struct cli *c, const struct home_studies *s, bool good, struct err *e)
{
    struct err of_seals = {0};
    if (seals_night(c, s, &of_seals))
        return good;
    if (good)
        *e = of_seals;
    else
        error_print("trialseal", &of_seals);
    return false;
}

/*
 * One study's trouble does not keep the others from their night. Each error is told; the worst
 * one decides how the run ends.
 */
bool run_run(struct cli *c, struct err *e)
{
    struct home_studies s;
    bool good = true;
    if (!cli_home(c, HOME_WORK, e) || !cli_catalog(c, e) ||
        !home_studies(c->home, &c->arena, &s, e))
        return false;
    for (size_t i = 0; i < s.count; i++) {
        struct err of_study = {0};
        if (run_study(c, span_str(s.name[i]), &of_study))
            continue;
        err_at(&of_study, "%s", s.name[i]);
        if (!good)
            error_print("trialseal", error_status(e) < error_status(&of_study) ? e : &of_study);
        if (good || error_status(e) < error_status(&of_study))
            *e = of_study;
        good = false;
        if (!may_go_on(&of_study))
            return false;
    }
    return night_seals(c, &s, good, e);
}
