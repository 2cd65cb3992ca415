#include <fcntl.h>

#include "audit/audit.h"
#include "cli/cli.h"
#include "job/erase.h"
#include "os/file.h"

static bool read_known(struct cli *c, struct span *note, size_t *count, struct err *e)
{
    const char *path[OPTION_USES_MAX];
    *count = options_values(&c->options, "known", path);
    for (size_t i = 0; i < *count; i++)
        if (!file_read_all(AT_FDCWD, path[i], CHECKPOINT_MAX, &c->arena, &note[i], e))
            return false;
    return true;
}

static void say(struct cli *c, const struct audit *a)
{
    if (c->json) {
        struct line l;
        line_begin(&l);
        line_number(&l, "entries", a->entries);
        line_number(&l, "studies", a->studies);
        line_type(&l, "rebuild");
        line_end(&l);
    } else if (cli_talks(c)) {
        printf("The catalog is made anew from %s of %s.\n",
               counted(&c->arena, a->entries, "entry", "entries"),
               counted(&c->arena, a->studies, "study", "studies"));
    }
}

/* What is erased is destroyed as soon as the catalog says so again. */
static bool destroy_erased(struct cli *c, struct err *e)
{
    struct home_studies s;
    if (!cli_catalog(c, e) || !home_studies(c->home, &c->arena, &s, e))
        return false;
    for (size_t i = 0; i < s.count; i++)
        if (!erase_complete(c->home, c->catalog, span_str(s.name[i]), e))
            return false;
    return true;
}

bool rebuild_run(struct cli *c, struct err *e)
{
    struct span note[OPTION_USES_MAX];
    size_t known;
    struct audit a = {0};
    if (!read_known(c, note, &known, e) || !cli_home(c, HOME_MEND, e) ||
        !rebuild_catalog(c->home, known, note, cli_progress_of(c), &a, e))
        return false;
    say(c, &a);
    return destroy_erased(c, e);
}
