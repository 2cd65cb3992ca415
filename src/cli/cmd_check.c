#include "audit/audit.h"
#include "cli/seals.h"
#include "keep/mend.h"
#include "store/alarm.h"

/* What becomes of the alarm that lasts. */
enum standing { ALARM_NONE, ALARM_RAISED, ALARM_STANDS, ALARM_LIFTED };

static const char *const standing_words[] = {"none", "raised", "stands", "lifted"};

/*
 * Raised where what was signed and what is there contradict each other; lifted only where
 * all was looked at and it is whole: an anchor that cannot be read may hold what raised it.
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
    if (!stood || !audit_is_whole(found) || options_given(&c->options, "ledgers"))
        return true;
    *out = ALARM_LIFTED;
    return alarm_lift(c->home, e);
}

static void say(struct cli *c, const struct issues *found, const struct audit *a,
                enum standing alarm)
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
            printf("Nothing %s was found: the integrity alarm is lifted.\n",
                   found->count[ISSUE_SECRET_MISSING] > 0 ? "else" : "bad");
    }
}

/* --- mending --- */

static void tell_mended(void *ctx, const struct mended *m)
{
    static const char *const outcomes[] = {"mended", "would-mend", "lost", "aside", "would-aside"};
    static const char *const words[] = {"mended", "would be mended", "lost", "set aside",
                                        "would be set aside"};
    bool mended = m->outcome == MEND_DONE || m->outcome == MEND_WOULD;
    struct cli *c = ctx;
    cli_progress_end(c);
    if (c->json) {
        struct line l;
        line_begin(&l);
        line_text(&l, mended ? "from" : "because", span_str(m->from));
        line_text(&l, "outcome", span_str(outcomes[m->outcome]));
        line_text(&l, "place", span_str(m->place));
        line_type(&l, "repair");
        line_end(&l);
    } else {
        printf("%s: %s%s%s\n", words[m->outcome], m->place, mended ? ", from " : ": ", m->from);
    }
}

static struct mend_options mend_options(struct cli *c)
{
    return (struct mend_options){.only_say = options_given(&c->options, "dry-run"),
                                 .now = c->now,
                                 .tell = tell_mended,
                                 .ctx = c};
}

static bool mend(struct cli *c, const struct issues *found, struct err *e)
{
    struct mend_options o = mend_options(c);
    o.sources.bundles = options_values(&c->options, "bundle", o.sources.bundle);
    o.sources.folders = options_values(&c->options, "from", o.sources.folder);
    return found->count[ISSUE_CATALOG_DIFFERS] > 0 ? mend_catalog(c->home, &o, e)
                                                   : mend_home(c->home, &o, e);
}

/* --- the whole --- */

static bool audit(struct cli *c, struct issues *found, struct audit *a, enum standing *alarm,
                  struct err *e)
{
    struct audit_options o = {cli_progress_of(c), options_given(&c->options, "ledgers")};
    issues_close(found);
    bool good = audit_home(c->home, &o, found, a, e) && settle_alarm(c, found, alarm, e);
    c->alarm = *alarm == ALARM_RAISED || *alarm == ALARM_STANDS;
    cli_progress_end(c);
    return good;
}

/*
 * The catalog is compared only where all else is good: so what is mended first may show that the
 * catalog needs it as well.
 */
enum { MENDINGS = 2 };

/* A secret that was not found the first time will not be found the second time. */
static bool needs_mending(const struct issues *found, int mendings)
{
    return alarm_in(found) || (mendings == 0 && found->count[ISSUE_SECRET_MISSING] > 0);
}

static bool audit_and_mend(struct cli *c, struct issues *found, struct audit *a,
                           enum standing *alarm, struct err *e)
{
    bool repair = options_given(&c->options, "repair");
    bool only_say = options_given(&c->options, "dry-run");
    bool good = audit(c, found, a, alarm, e);
    for (int i = 0; good && repair && i < MENDINGS && needs_mending(found, i); i++) {
        if (c->json)
            issues_lines(found, SPAN(""), SPAN(""));
        else
            issues_print(stderr, "", found, SEVERITY_BAD);
        good = mend(c, found, e) && (only_say || audit(c, found, a, alarm, e));
        if (only_say)
            break;
    }
    return good;
}

/* Where something bad is left, entries may be missing that name them. */
static bool mend_rest(struct cli *c, struct issues *found, struct err *e)
{
    const struct mend_options o = mend_options(c);
    if (!options_given(&c->options, "repair") || found->count[ISSUE_STORE_UNNAMED] == 0 ||
        !audit_is_whole(found))
        return true;
    return mend_unnamed(c->home, &o, e);
}

static bool check_options(const struct cli *c, struct err *e)
{
    static const char *const needing[] = {"bundle", "from", "dry-run"};
    for (size_t i = 0; i < sizeof needing / sizeof needing[0]; i++)
        if (options_given(&c->options, needing[i]) && !options_given(&c->options, "repair"))
            return err_set(e, ERR_USAGE, "--%s means something with --repair only", needing[i]);
    if (options_given(&c->options, "repair") && options_given(&c->options, "ledgers"))
        return err_set(e, ERR_USAGE, "--repair looks at all: --ledgers contradicts it");
    return true;
}

/* With the home's lock, so that nothing moves while it is looked at. */
bool check_run(struct cli *c, struct err *e)
{
    struct issues found = {0};
    struct audit a = {0};
    enum standing alarm = ALARM_NONE;
    if (!check_options(c, e) || !cli_home(c, HOME_MEND, e))
        return false;
    bool good = audit_and_mend(c, &found, &a, &alarm, e) && mend_rest(c, &found, e);
    if (good && audit_is_whole(&found))
        good = seals_check_ends(c, &found, e);
    cli_issues(c, &found, SPAN(""), SPAN(""), NULL);
    if (good)
        say(c, &found, &a, alarm);
    issues_close(&found);
    return good;
}
