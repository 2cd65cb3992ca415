#include <fcntl.h>

#include "cli/audit.h"
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

bool rebuild_run(struct cli *c, struct err *e)
{
    struct span note[OPTION_USES_MAX];
    size_t known;
    struct audit a = {0};
    if (!read_known(c, note, &known, e) || !cli_home(c, HOME_WORK, e) ||
        !rebuild_catalog(c->home, known, note, &a, e))
        return false;
    audit_say(c, &a, "rebuilt");
    return true;
}
