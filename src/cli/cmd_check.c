#include "cli/seals.h"
#include "job/audit.h"
#include "store/alarm.h"

/* What becomes of the alarm that lasts. */
enum standing { ALARM_NONE, ALARM_RAISED, ALARM_STANDS, ALARM_LIFTED };

static const char *const standing_words[] = {"none", "raised", "stands", "lifted"};

/*
 * Raised where what was signed and what is there contradict each other; lifted only where
 * nothing bad was found at all: an anchor that cannot be read may hold what raised it.
 */
static bool settle_alarm(struct cli *c, const struct issues *found, enum standing *out,
                         struct err *e)
{
    struct alarm before;
    bool stood;
    if (!alarm_read(c->home, &c->arena, &before, &stood, e))
        return false;
    *out = stood ? ALARM_STANDS : ALARM_NONE;
    if (alarm_in(found)) {
        *out = stood ? ALARM_STANDS : ALARM_RAISED;
        return alarm_raise(c->home, c->now, c->command->name, found, e);
    }
    if (!stood || issues_count(found, SEVERITY_BAD) > 0)
        return true;
    *out = ALARM_LIFTED;
    return alarm_lift(c->home, e);
}

static void say(struct cli *c, const struct audit *a, enum standing alarm)
{
    if (c->json) {
        struct line l;
        line_begin(&l);
        line_text(&l, "alarm", span_str(standing_words[alarm]));
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
        if (alarm == ALARM_LIFTED)
            puts("Nothing bad was found: the integrity alarm is lifted.");
    }
}

static bool audit(struct cli *c, struct issues *found, struct audit *out, struct err *e)
{
    return audit_home(c->home, cli_progress_of(c), found, out, e) &&
           (issues_count(found, SEVERITY_BAD) > 0 || seals_check_ends(c, found, e));
}

/* With the home's lock, so that nothing moves while it is looked at. */
bool check_run(struct cli *c, struct err *e)
{
    struct issues found = {0};
    struct audit a = {0};
    enum standing alarm = ALARM_NONE;
    if (!cli_home(c, HOME_MEND, e))
        return false;
    bool good = audit(c, &found, &a, e) && settle_alarm(c, &found, &alarm, e);
    c->alarm = alarm == ALARM_RAISED || alarm == ALARM_STANDS;
    cli_progress_end(c);
    cli_issues(c, &found, SPAN(""), SPAN(""), NULL);
    issues_close(&found);
    if (good)
        say(c, &a, alarm);
    return good;
}
