#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/dir.h"
#include "os/publish.h"
#include "store/catalog.h"
#include "store/home_file.h"
#include "store/keys.h"

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

/* ".trialseal-tmp-PID-NAME" of any process. */
static bool is_leftover(const char *entry, const char *name)
{
    struct span s = span_str(entry);
    if (!span_take(&s, SPAN(PUBLISH_TEMP)) || !span_ends(s, span_str(name)))
        return false;
    s.n -= strlen(name);
    return s.n > 1 && s.p[s.n - 1] == '-' && span_alnum(span_of(s.p, s.n - 1), "");
}

/* Unless whoever builds there is still at work. */
static bool remove_leftover(int parent, const char *entry, struct err *e)
{
    struct lock lock = {.fd = -1};
    int fd;
    if (!dir_open(parent, entry, &fd, e))
        return false;
    bool free = lock_take(fd, HOME_LOCK, &lock, NULL);
    bool ok = !free || dir_remove_tree(parent, entry, e);
    lock_drop(&lock);
    dir_close(fd);
    return ok;
}

static bool sweep(int parent, const char *name, struct err *e)
{
    struct arena a = {0};
    struct dir_list l;
    bool ok = dir_list(parent, ".", &a, &l, e);
    for (size_t i = 0; ok && i < l.count; i++)
        if (l.entry[i].kind == FILE_FOLDER && is_leftover(l.entry[i].name, name))
            ok = remove_leftover(parent, l.entry[i].name, e);
    arena_close(&a);
    return ok;
}

struct making {
    const char *parent_path, *name;
    int parent;
    bool (*fill)(void *ctx, struct home *h, struct err *e);
    void *ctx;
};

/* Builds the home under a temporary name in `parent`, then gives it its own. */
static bool build(struct arena *a, const struct making *m, struct err *e)
{
    const char *temp = building_name(a, m->name);
    struct home *h = home_new(home_join(a, m->parent_path, temp));
    h->use = HOME_WORK;
    bool ok = sweep(m->parent, m->name, e) && dir_make(m->parent, temp, DIR_PRIVATE, e) &&
              dir_open(m->parent, temp, &h->root, e) &&
              lock_take(h->root, HOME_LOCK, &h->lock, e) && home_check_local(h, e) &&
              m->fill(m->ctx, h, e) && dir_sync(h->root, temp, e);
    /* rename(2) replaces an empty folder and refuses one that is not, and a file. */
    if (ok && !file_rename(m->parent, temp, m->parent, m->name, e))
        ok = err_at(e, "it must not exist, or be an empty folder");
    ok = ok && dir_sync(m->parent, m->parent_path, e);
    home_close(h);
    if (!ok)
        dir_remove_tree(m->parent, temp, NULL);
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

bool home_make(const char *path, bool (*fill)(void *ctx, struct home *h, struct err *e), void *ctx,
               struct err *e)
{
    struct arena a = {0};
    struct making m = {.parent = -1, .fill = fill, .ctx = ctx};
    bool ok = home_split_path(&a, path, &m.parent_path, &m.name, e) &&
              dir_open_path(m.parent_path, &m.parent, e) && build(&a, &m, e);
    dir_close(m.parent);
    arena_close(&a);
    return ok || err_at(e, "%s", path);
}

bool home_load(struct home *h, struct err *e)
{
    return home_read_conf(h, e) && home_make_parts(h, e);
}

/* --- a new one --- */

struct beginning {
    struct span origin;
    bool test;
};

static bool begin(void *ctx, struct home *h, struct err *e)
{
    const struct beginning *b = ctx;
    struct buf conf = {0};
    conf_home_write(&conf, b->origin, b->test);
    bool ok = publish(h->root, HOME_CONF, buf_span(&conf), FILE_PRIVATE, e) && home_load(h, e) &&
              keys_make(h, KEYS_NOTARY, e) && catalog_make(h->path, e);
    buf_close(&conf);
    return ok;
}

bool home_init(const char *path, struct span origin, bool test, struct err *e)
{
    struct beginning b = {origin, test};
    if (conf_origin_check(origin))
        return home_make(path, begin, &b, e);
    err_set(e, ERR_USAGE, "\"%.*s\" cannot be an origin", SPAN_ARGS(origin));
    return err_at(e, "%s", path);
}
