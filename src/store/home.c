#include "store/home.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"
#include "bundle/layout.h"
#include "os/clock.h"
#include "os/dir.h"
#include "os/random.h"
#include "store/alarm.h"
#include "store/home_file.h"

/* The folders, where their descriptor is kept, and the permission bits that they may have. */
static const struct {
    const char *name;
    size_t descriptor;
    unsigned allowed;
} parts[] = {
    {"keys", offsetof(struct home, keys), 0700},
    {"secrets", offsetof(struct home, secrets), 0700},
    {"studies", offsetof(struct home, studies), 0750},
    {"inbox", offsetof(struct home, inbox), 07775}, /* others put transfers there */
    {"outbox", offsetof(struct home, outbox), 02755},
    {"ledger", offsetof(struct home, ledger), 0755},
    {"objects", offsetof(struct home, objects), 0700},
};

enum {
    PARTS = sizeof parts / sizeof parts[0],
    ROOT_ALLOWED = 0711,
    FILES_ALLOWED = 0600,
    TSA_ALLOWED = 0644
};

static int *descriptor(struct home *h, size_t i)
{
    return (int *)(void *)((char *)h + parts[i].descriptor);
}

struct home *home_new(const char *path)
{
    struct home *h = mem_new(sizeof *h);
    h->path = arena_str(&h->arena, span_str(path));
    h->root = h->lock.fd = -1;
    for (size_t i = 0; i < PARTS; i++)
        *descriptor(h, i) = -1;
    return h;
}

void home_close(struct home *h)
{
    if (h == NULL)
        return;
    for (size_t i = 0; i < PARTS; i++)
        dir_close(*descriptor(h, i));
    dir_close(h->root);
    lock_drop(&h->lock);
    arena_close(&h->arena);
    mem_free(h);
}

char *home_join(struct arena *a, const char *folder, const char *name)
{
    struct buf b = {0};
    buf_str(&b, folder);
    buf_byte(&b, '/');
    buf_str(&b, name);
    char *s = arena_str(a, buf_span(&b));
    buf_close(&b);
    return s;
}

/* --- opening --- */

bool home_check_local(const struct home *h, struct err *e)
{
    const char *kind = dir_unreliable(h->root);
    if (kind == NULL)
        return true;
    err_set(e, ERR_STATE, "it lies on %s, where locks and fsync cannot be relied on", kind);
    return err_hint(e, "keep the home on a local disk; only transfers may come from elsewhere");
}

static bool check_access(int folder, const char *name, unsigned allowed, bool ours, struct err *e)
{
    struct file_info info;
    if (!file_stat(folder, name, &info, e))
        return false;
    if (info.kind == FILE_ABSENT) {
        err_set(e, ERR_STATE, "%s is missing", name);
        return err_hint(e, "restore it from the backup; docs/RUNBOOK.md says what each part is");
    }
    if (ours && info.owner != geteuid()) {
        err_set(e, ERR_STATE, "%s belongs to user %u, not to us", name, info.owner);
        return err_hint(e, "run trialseal as the user who owns the home");
    }
    if ((info.mode & ~allowed) != 0) {
        err_set(e, ERR_STATE, "%s has mode %04o: others have more access than %04o", name,
                info.mode, allowed);
        return err_hint(e, "find out who had access, then: chmod %04o %s", allowed & info.mode,
                        name);
    }
    return true;
}

static bool check_all_access(const struct home *h, struct err *e)
{
    struct file_info catalog;
    if (!check_access(h->root, ".", ROOT_ALLOWED, true, e) ||
        !file_stat(h->root, HOME_CATALOG, &catalog, e))
        return false;
    /* A home without a catalog opens, so that it can be rebuilt. */
    if (catalog.kind != FILE_ABSENT && !check_access(h->root, HOME_CATALOG, FILES_ALLOWED, true, e))
        return false;
    for (size_t i = 0; i < PARTS; i++)
        if (!check_access(h->root, parts[i].name, parts[i].allowed,
                          strcmp(parts[i].name, "inbox") != 0, e))
            return false;
    return true;
}

bool home_read_conf(struct home *h, struct err *e)
{
    struct file_info info;
    struct span text;
    if (!file_stat(h->root, HOME_CONF, &info, e))
        return false;
    if (info.kind == FILE_ABSENT) {
        err_set(e, ERR_USAGE, "it is not a home: there is no " HOME_CONF);
        return err_hint(e, "`trialseal init %s --origin NAME` makes a home", h->path);
    }
    if (!file_read_all(h->root, HOME_CONF, CONF_MAX, &h->arena, &text, e))
        return false;
    return conf_home_parse(&h->arena, text, &h->conf, e) || err_at(e, HOME_CONF);
}

static bool open_parts(struct home *h, struct err *e)
{
    for (size_t i = 0; i < PARTS; i++)
        if (!dir_open(h->root, parts[i].name, descriptor(h, i), e))
            return false;
    return true;
}

bool home_make_parts(struct home *h, struct err *e)
{
    for (size_t i = 0; i < PARTS; i++)
        if (!dir_make(h->root, parts[i].name, DIR_PRIVATE, e))
            return false;
    return open_parts(h, e);
}

/* A study's folder below `parent` may not exist yet where `study add` was killed. */
static bool sweep_study(int parent, const char *study, struct err *e)
{
    struct file_info info;
    int fd;
    if (!file_stat(parent, study, &info, e))
        return false;
    if (info.kind != FILE_FOLDER)
        return true;
    if (!dir_open(parent, study, &fd, e))
        return false;
    bool ok = dir_sweep(fd, study, e);
    dir_close(fd);
    return ok;
}

/* What killed runs left, where publish and batches put their temporary files. */
static bool sweep(struct home *h, struct err *e)
{
    struct arena a = {0};
    struct home_studies l;
    bool ok = dir_sweep(h->root, ".", e) && dir_sweep(h->keys, "keys", e) &&
              dir_sweep(h->objects, "objects", e) && home_studies(h, &a, &l, e);
    for (size_t i = 0; ok && i < l.count; i++)
        ok = sweep_study(h->studies, l.name[i], e) && sweep_study(h->ledger, l.name[i], e) &&
             sweep_study(h->outbox, l.name[i], e);
    arena_close(&a);
    return ok;
}

static bool open_root(struct home *h, struct err *e)
{
    if (dir_open_path(h->path, &h->root, e))
        return true;
    if (errno == ENOENT) {
        err_set(e, ERR_USAGE, "there is no home");
        err_hint(e, "`trialseal init %s --origin NAME` makes one", h->path);
    }
    return false;
}

/* Under the lock: an audit may lift it just now. */
static bool check_no_alarm(const struct home *h, struct err *e)
{
    struct arena a = {0};
    struct alarm alarm;
    char since[TIME_TEXT + 1];
    bool stands;
    if (!alarm_read(h, &a, &alarm, &stands, e))
        return false;
    if (stands) {
        err_set(e, ERR_INTEGRITY, "an integrity alarm stands since %s (%s)",
                alarm.since != HOME_NO_TIME ? time_write(alarm.since, since) : "some day",
                issue_name(ISSUE_HOME_ALARM));
        err_hint(e, "nothing was done; RUNBOOK, chapter 9: mend it, then `trialseal check`");
    }
    arena_close(&a);
    return !stands;
}

static bool take(struct home *h, struct err *e)
{
    return h->use == HOME_READ || (lock_take(h->root, HOME_LOCK, &h->lock, e) &&
                                   (h->use == HOME_MEND || check_no_alarm(h, e)) && sweep(h, e));
}

bool home_open(const char *path, enum home_use use, struct home **out, struct err *e)
{
    struct home *h = home_new(path);
    h->use = use;
    *out = NULL;
    bool ok = open_root(h, e) && home_check_local(h, e) && home_read_conf(h, e) &&
              check_all_access(h, e) && open_parts(h, e) && take(h, e);
    if (!ok) {
        home_close(h);
        return err_at(e, "%s", path);
    }
    *out = h;
    return true;
}

bool home_tsa(const struct home *h, struct arena *a, struct span *out, struct err *e)
{
    struct file_info info;
    *out = span_of(NULL, 0);
    if (!file_stat(h->root, HOME_TSA, &info, e))
        return false;
    return info.kind == FILE_ABSENT ||
           (check_access(h->root, HOME_TSA, TSA_ALLOWED, true, e) &&
            file_read_all(h->root, HOME_TSA, BUNDLE_TSA_MAX, a, out, e));
}

/* --- time and randomness --- */

bool home_now(const struct home *h, int64_t given, int64_t *out, struct err *e)
{
    if (given != HOME_NO_TIME && !h->conf.test) {
        err_set(e, ERR_USAGE, "--now is refused: this is not a test home");
        return err_hint(e, "only a home made with `init --test` lets you choose the time");
    }
    *out = given != HOME_NO_TIME ? given : clock_now();
    return true;
}

bool home_random(const struct home *h, struct span study, uint64_t number, const char *purpose,
                 uint8_t out[32], struct err *e)
{
    if (!h->conf.test)
        return random_bytes(out, 32, e);
    struct buf b = {0};
    buf_str(&b, "trialseal test home, not random\n");
    buf_add(&b, study);
    buf_byte(&b, '\n');
    buf_u64(&b, number);
    buf_byte(&b, '\n');
    buf_str(&b, purpose);
    memcpy(out, sha256_of(buf_span(&b)).b, SHA256_SIZE);
    buf_close(&b);
    return true;
}
