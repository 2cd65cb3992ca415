/* `seal` and `seal renew`: by an authority that answers. */
#include "cli/place.h"
#include "cli/seals.h"
#include "os/clock.h"

/* Bundles alone, with --trust, need no home: whoever holds one can renew its seals. */
static bool needs_home(const struct cli *c)
{
    for (size_t i = 0; i < c->options.operands; i++)
        if (!seals_is_bundle(c->options.operand[i]))
            return true;
    return c->options.operands == 0 || !options_given(&c->options, "trust");
}

static bool seal_one(struct cli *c, struct authorities *t, const char *what, bool renew,
                     struct err *e)
{
    struct seal_result r = {0};
    bool bundle = seals_is_bundle(what);
    bool good = bundle ? seal_bundle(what, t, renew, seals_sha512(c), c->now, &c->arena, &r, e)
                       : place_study(c, span_str(what), e) &&
                             seal_study(c->home, c->catalog, span_str(what), t, renew, c->now,
                                        &c->arena, &r, e);
    if (good) {
        seals_say(c, what, bundle, &r);
        c->bad = c->bad || r.outcome == SEAL_WAITS;
    }
    seal_result_close(&r);
    return good;
}

static bool open_home(struct cli *c, struct err *e)
{
    c->now = clock_now();
    return !needs_home(c) || (cli_home(c, HOME_WORK, e) && cli_catalog(c, e));
}

static bool seal_operands(struct cli *c, struct authorities *t, bool renew, struct err *e)
{
    for (size_t i = 0; i < c->options.operands; i++)
        if (!seal_one(c, t, c->options.operand[i], renew, e))
            return false;
    return true;
}

static bool seal_all(struct cli *c, struct authorities *t, struct err *e)
{
    struct home_studies s;
    if (!home_studies(c->home, &c->arena, &s, e))
        return false;
    for (size_t i = 0; i < s.count; i++)
        if (!seal_one(c, t, s.name[i], false, e))
            return false;
    return true;
}

static bool seal(struct cli *c, bool renew, struct err *e)
{
    struct authorities t = {0};
    bool good = open_home(c, e) && seals_authorities(c, true, &t, e) &&
                (c->options.operands == 0 ? seal_all(c, &t, e) : seal_operands(c, &t, renew, e));
    authorities_close(&t);
    return good;
}

bool seal_run(struct cli *c, struct err *e)
{
    return seal(c, false, e);
}

bool seal_renew_run(struct cli *c, struct err *e)
{
    return seal(c, true, e);
}
