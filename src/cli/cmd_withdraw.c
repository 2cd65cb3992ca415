#include "cli/place.h"
#include "job/transfer.h"

static void say(struct cli *c, const struct place *p, uint64_t revision, uint64_t entry)
{
    if (c->json) {
        struct line l;
        line_begin(&l);
        line_text(&l, "dataset", p->dataset);
        line_number(&l, "entry", entry);
        line_number(&l, "revision", revision);
        line_text(&l, "study", p->study);
        line_type(&l, "withdrawal");
        line_end(&l);
    } else if (cli_talks(c)) {
        printf("%.*s/%.*s@%llu is withdrawn by entry %llu. Its bytes stay in this home and in "
               "bundles\nthat were handed out; later bundles leave them out.\n",
               SPAN_ARGS(p->study), SPAN_ARGS(p->dataset), (unsigned long long)revision,
               (unsigned long long)entry);
    }
}

bool withdraw_run(struct cli *c, struct err *e)
{
    struct place p;
    struct catalog_revision x;
    uint64_t entry;
    const char *reason = options_value(&c->options, "reason");
    if (reason == NULL || reason[0] == '\0')
        return err_set(e, ERR_USAGE, "withdraw needs --reason TEXT");
    if (!place_parse(cli_operand(c, 0), &p, e))
        return false;
    if (!p.has_revision) {
        err_set(e, ERR_USAGE, "withdraw needs STUDY/DATASET@REVISION");
        return err_hint(e, "trialseal show STUDY/DATASET lists the revisions");
    }
    if (!cli_home(c, HOME_WORK, e) || !place_study(c, p.study, e) || !cli_catalog(c, e) ||
        !place_revision(c, &p, &x, e) ||
        !transfer_withdraw(c->home, c->catalog, p.study, &x, span_str(reason), c->now, &entry, e))
        return false;
    say(c, &p, x.number, entry);
    return true;
}
