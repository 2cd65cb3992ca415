#include "cli/describe.h"
#include "cli/revision.h"

struct listing_of {
    struct cli *c;
    struct span study;
    struct table table;
    struct twins *twins; /* of the entries so far */
};

static bool list_entry(void *ctx, uint64_t index, struct span bytes, struct err *e)
{
    struct listing_of *l = ctx;
    struct arena a = {0};
    struct entry x;
    struct twin twin = twin_none;
    if (l->c->json) {
        entry_line(l->study, index, bytes);
        return true;
    }
    bool good = entry_parse(&a, bytes, &x, e) || err_at(e, "entry %llu", (unsigned long long)index);
    if (good) {
        table_text(&l->table, "%.*s#%llu", SPAN_ARGS(l->study), (unsigned long long)index);
        table_text(&l->table, "%s", shown_time(&a, x.at));
        table_text(&l->table, "%s", entry_kind_name(x.kind));
        twins_add(l->twins, index, &x, &twin);
        table_text(&l->table, "%s%s", entry_words(l->c, &x, &a), revision_twin_said(&twin, &a));
    }
    arena_close(&a);
    return good;
}

static bool list_study(struct cli *c, struct span study, struct err *e)
{
    struct ledger ledger;
    struct listing_of l = {c, study, {.columns = 4}, NULL};
    if (!place_study(c, study, e) || !ledger_open(c, study, &ledger, e))
        return false;
    l.twins = twins_open();
    bool good = log_each_entry(ledger.log, 0, ledger.checkpoint.size, list_entry, &l, e);
    table_print(&l.table, stdout);
    twins_close(l.twins);
    log_close(ledger.log);
    return good;
}

bool log_run(struct cli *c, struct err *e)
{
    struct home_studies s;
    if (!cli_home(c, HOME_READ, e))
        return false;
    if (c->options.operands == 1)
        return list_study(c, cli_operand(c, 0), e);
    if (!home_studies(c->home, &c->arena, &s, e))
        return false;
    for (size_t i = 0; i < s.count; i++)
        if (!list_study(c, span_str(s.name[i]), e))
            return false;
    return true;
}
