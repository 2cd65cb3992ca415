#include "report/report.h"

#include "cli/seals.h"
#include "cli/transfers.h"
#include "job/erase.h"

/* What a killed erasure left goes first; what was erased and came again tonight, last. */
static bool run_study(struct cli *c, struct span study, struct err *e)
{
    struct transfer_options o = transfers_options(c);
    return transfer_recover(c->home, c->catalog, study, &o, e) &&
           erase_complete(c->home, c->catalog, study, e) &&
           transfer_inbox(c->home, c->catalog, study, &o, e) &&
           erase_complete(c->home, c->catalog, study, e);
}

/* After a failed write nothing more is tried: the disk may be full or dying. */
static bool may_go_on(const struct err *e)
{
    return e->kind != ERR_IO;
}

struct night {
    struct cli *c;
    bool good;
    struct err *worst;
    struct home_studies well; /* studies without trouble so far */
};

/*
 * One study's trouble does not keep the others from their night. Each error is told; the worst
 * one decides how the run ends. False where nothing more is to be tried.
 */
static bool tell(struct night *n, const char *study, struct err *e)
{
    if (study != NULL)
        err_at(e, "%s", study);
    bool worse = n->good || error_status(n->worst) < error_status(e);
    if (!n->good)
        error_print("trialseal", worse ? n->worst : e);
    if (worse)
        *n->worst = *e;
    n->good = false;
    return may_go_on(e);
}

/* What was taken in is told by now, whatever becomes of the seals. */
static void seal_all(struct night *n)
{
    struct authorities t = {0};
    struct err e = {0};
    bool known = authorities_of_home(n->c->home, &n->c->arena, &t, &e);
    if (!known)
        tell(n, NULL, &e);
    for (size_t i = 0; known && t.roots.p != NULL && i < n->well.count; i++) {
        struct err of_study = {0};
        if (!seals_of_night(n->c, &t, n->well.name[i], &of_study) &&
            !tell(n, n->well.name[i], &of_study))
            break;
    }
    authorities_close(&t);
}

static bool report_one(struct cli *c, struct span study, struct err *e)
{
    const struct report_options o = {.nightly = true};
    struct report_result r;
    struct issues found = {0};
    bool good = report_write(c->home, study, &o, &c->arena, &found, &r, e);
    cli_issues(c, &found, study, SPAN(""), words(&c->arena, "%.*s, report:", SPAN_ARGS(study)));
    issues_close(&found);
    return good;
}

/* Last of all, since it says what is sealed and anchored. Nothing but itself depends on it. */
static void report_all(struct night *n)
{
    for (size_t i = 0; i < n->well.count; i++) {
        struct err of_study = {0};
        if (!report_one(n->c, span_str(n->well.name[i]), &of_study) &&
            !tell(n, n->well.name[i], &of_study))
            break;
    }
}

bool run_run(struct cli *c, struct err *e)
{
    struct home_studies s;
    struct night n = {.c = c, .good = true, .worst = e};
    if (!cli_home(c, HOME_WORK, e) || !cli_catalog(c, e) ||
        !home_studies(c->home, &c->arena, &s, e))
        return false;
    n.well.name = arena_array(&c->arena, s.count, sizeof *n.well.name);
    for (size_t i = 0; i < s.count; i++) {
        struct err of_study = {0};
        if (run_study(c, span_str(s.name[i]), &of_study))
            n.well.name[n.well.count++] = s.name[i];
        else if (!tell(&n, s.name[i], &of_study))
            return false;
    }
    seal_all(&n);
    report_all(&n);
    return n.good;
}
