#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/dir.h"
#include "os/publish.h"
#include "store/catalog.h"
#include "store/home_file.h"
#include "store/keys.h"

static bool fill(struct home *h, struct span origin, bool test, struct err *e)
{
    struct buf conf = {0};
    h->conf.test = test;
    conf_home_write(&conf, origin, test);
    bool ok = home_make_parts(h, e) &&
              publish(h->root, HOME_CONF, buf_span(&conf), FILE_PRIVATE, e) &&
              keys_make(h, KEYS_NOTARY, e) && catalog_make(h->path, e);
    buf_close(&conf);
    return ok;
}

/* --- making --- */

/* The sibling in which the home is built: PARENT/.trialseal-tmp-PID-NAME. */
static char *building_name(struct arena *a, const char *name)
{
    char number[32];
    struct buf b = {0};
    text_format(number, sizeof number, "%ld-", (long)getpid());
    buf_str(&b, PUBLISH_TEMP);
    buf_str(&b, number);
    buf_str(&b, name);
    char *s = arena_str(a, buf_span(&b));
    buf_close(&b);
    return s;
}

/* Builds the home under a temporary name in `parent`, then gives it its own. */
static bool build(struct arena *a, int parent, const char *parent_path, const char *name,
                  struct span origin, bool test, struct err *e)
{
    const char *temp = building_name(a, name);
    struct home *h = home_new(home_join(a, parent_path, temp));
    bool ok = dir_remove_tree(parent, temp, e) && dir_make(parent, temp, DIR_PRIVATE, e) &&
              dir_open(parent, temp, &h->root, e) && home_check_local(h, e) &&
              fill(h, origin, test, e) && dir_sync(h->root, temp, e);
    /* rename(2) replaces an empty folder and refuses one that is not, and a file. */
    if (ok && !file_rename(parent, temp, parent, name, e))
        ok = err_at(e, "it must not exist, or be an empty folder");
    ok = ok && dir_sync(parent, parent_path, e);
    home_close(h);
    if (!ok)
        dir_remove_tree(parent, temp, NULL);
    return ok;
}

/* PATH without trailing slashes, split into "PARENT" and "NAME". */
bool home_split_path(struct arena *a, const char *path, const char **parent, const char **name,
                     struct err *e)
{
    struct span s = span_str(path);
    while (s.n > 1 && s.p[s.n - 1] == '/')
        s.n--;
    char *whole = arena_str(a, s);
    char *slash = strrchr(whole, '/');
    *parent = slash == NULL ? "." : slash == whole ? "/" : whole;
    *name = slash == NULL ? whole : slash + 1;
    if (slash != NULL)
        *slash = '\0';
    if ((*name)[0] == '\0' || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0)
        return err_set(e, ERR_USAGE, "it needs a name of its own");
    return true;
}

bool home_init(const char *path, struct span origin, bool test, struct err *e)
{
    struct arena a = {0};
    const char *parent_path, *name;
    int parent = -1;
    bool ok = conf_origin_check(origin) ||
              err_set(e, ERR_USAGE, "\"%.*s\" cannot be an origin", SPAN_ARGS(origin));
    ok = ok && home_split_path(&a, path, &parent_path, &name, e) &&
         dir_open_path(parent_path, &parent, e) &&
         build(&a, parent, parent_path, name, origin, test, e);
    dir_close(parent);
    arena_close(&a);
    return ok || err_at(e, "%s", path);
}
