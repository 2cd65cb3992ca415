#include "cli/seals.h"
#include "job/audit.h"

/* What was signed and what is there contradict each other: never to be taken for mere trouble. */
static const enum issue_id alarms[] = {
    ISSUE_CHECKPOINT_MALFORMED, ISSUE_CHECKPOINT_ORIGIN, ISSUE_CHECKPOINT_SIGNATURE,
    ISSUE_LEDGER_ROOT,          ISSUE_LEDGER_EMPTY,      ISSUE_LEDGER_FORK,
    ISSUE_ENTRY_MALFORMED,      ISSUE_ENTRY_UNKNOWN,     ISSUE_ENTRY_TIME,
    ISSUE_ENTRY_CHAIN,          ISSUE_OBJECT_MALFORMED,  ISSUE_TILE_ALTERED,
    ISSUE_TILE_MISSING,         ISSUE_STORE_MISSING,     ISSUE_STORE_ALTERED,
    ISSUE_ANCHOR_AHEAD,         ISSUE_SEAL_WRONG,
};

static bool is_alarm(const struct issues *found)
{
    for (size_t i = 0; i < sizeof alarms / sizeof alarms[0]; i++)
        if (found->count[alarms[i]] > 0)
            return true;
    return false;
}

static void say(struct cli *c, const struct audit *a)
{
    if (c->json) {
        struct line l;
        line_begin(&l);
        line_number(&l, "bytes", a->bytes);
        line_number(&l, "entries", a->entries);
        line_number(&l, "objects", a->objects);
        line_number(&l, "studies", a->studies);
        line_type(&l, "audit");
        line_end(&l);
    } else if (cli_talks(c)) {
        printf("Read %s of %s and %s of %s.\n", counted(&c->arena, a->entries, "entry", "entries"),
               counted(&c->arena, a->studies, "study", "studies"),
               counted(&c->arena, a->objects, "object", "objects"),
               counted(&c->arena, a->bytes, "byte", "bytes"));
    }
}

static void progress(void *ctx, struct span study, uint64_t entries)
{
    char name[STUDY_NAME_MAX + 1];
    text_format(name, sizeof name, "%.*s", SPAN_ARGS(study));
    cli_progress(ctx, name, entries, 0);
}

/* With the home's lock, so that nothing moves while it is looked at. */
bool check_run(struct cli *c, struct err *e)
{
    struct issues found = {0};
    struct audit a = {0};
    if (!cli_home(c, HOME_WORK, e))
        return false;
    bool good = audit_home(c->home, progress, c, &found, &a, e);
    c->alarm = is_alarm(&found);
    if (good && issues_count(&found, SEVERITY_BAD) == 0)
        good = seals_check_ends(c, &found, e);
    cli_progress_end(c);
    cli_issues(c, &found, SPAN(""), SPAN(""), NULL);
    issues_close(&found);
    if (good)
        say(c, &a);
    return good;
}
