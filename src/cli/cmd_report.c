#include "report/report.h"

#include "cli/place.h"

static void say(struct cli *c, struct span study, const struct report_result *r)
{
    if (c->json) {
        struct line l;
        line_begin(&l);
        line_text(&l, "path", span_str(r->path));
        line_number(&l, "size", r->size);
        line_text(&l, "study", study);
        line_type(&l, "report");
        line_number(&l, "written", r->written);
        line_end(&l);
    } else if (cli_talks(c)) {
        printf("%s\n  %s, %s new or changed\n", r->path,
               counted(&c->arena, r->size, "entry", "entries"),
               counted(&c->arena, r->written, "page", "pages"));
    }
}

static bool report_one(struct cli *c, struct span study, struct err *e)
{
    struct report_options o = {.folder = options_value(&c->options, "output"),
                               .all = true,
                               .pdf = options_given(&c->options, "pdf")};
    struct report_result r;
    struct issues found = {0};
    bool good = report_write(c->home, study, &o, &c->arena, &found, &r, e);
    cli_issues(c, &found, study, SPAN(""), NULL);
    issues_close(&found);
    if (good)
        say(c, study, &r);
    return good;
}

/* Into the home's outbox it is written as `run` writes it: one at a time. */
bool report_run(struct cli *c, struct err *e)
{
    struct home_studies s;
    bool outbox = options_value(&c->options, "output") == NULL;
    if (!cli_home(c, outbox ? HOME_WORK : HOME_READ, e))
        return false;
    if (c->options.operands > 0)
        return place_study(c, cli_operand(c, 0), e) && report_one(c, cli_operand(c, 0), e);
    if (!home_studies(c->home, &c->arena, &s, e))
        return false;
    bool good = true;
    for (size_t i = 0; good && i < s.count; i++)
        good = report_one(c, span_str(s.name[i]), e);
    return good;
}
