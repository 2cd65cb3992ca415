#include "store/mirror.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/dir.h"
#include "store/home_file.h"

#define MARK            "trialseal-backup"
#define UNFINISHED      "unfinished"
#define UNFINISHED_LINE "A backup into this folder has not ended. Run it again.\n"

enum { MARK_MAX = 512 };

static const char *const kind_names[] = {"data", "keys and secrets"};

/* The folders of each kind, and where the home keeps their descriptor. */
static const struct {
    enum mirror_kind kind;
    const char *name;
    size_t descriptor;
} parts[] = {
    {MIRROR_DATA, "studies", offsetof(struct home, studies)},
    {MIRROR_DATA, "ledger", offsetof(struct home, ledger)},
    {MIRROR_DATA, "objects", offsetof(struct home, objects)},
    {MIRROR_DATA, "outbox", offsetof(struct home, outbox)},
    {MIRROR_SECRETS, "keys", offsetof(struct home, keys)},
    {MIRROR_SECRETS, "secrets", offsetof(struct home, secrets)},
};

enum { PARTS = sizeof parts / sizeof parts[0] };

void mirror_close(struct mirror *m)
{
    if (m == NULL)
        return;
    sums_close(&m->old);
    sums_close(&m->now);
    sums_close(&m->since);
    home_close(m->home);
    mem_free(m);
}

static bool open_parts(struct mirror *m, bool make, struct err *e)
{
    for (size_t i = 0; i < PARTS; i++) {
        int *fd = (int *)(void *)((char *)m->home + parts[i].descriptor);
        if (parts[i].kind != m->kind)
            continue;
        if (make && !dir_make(m->home->root, parts[i].name, DIR_PRIVATE, e))
            return false;
        if (!dir_open(m->home->root, parts[i].name, fd, e))
            return false;
    }
    return true;
}

/* --- what the folder is --- */

static void write_mark(struct buf *b, enum mirror_kind kind, struct span origin)
{
    buf_str(b, "trialseal backup, version 1, of ");
    buf_add(b, origin);
    buf_str(b, ": ");
    buf_str(b, kind_names[kind]);
    buf_byte(b, '\n');
}

/* Empty where there is none. */
static bool read_mark(struct mirror *m, struct span *out, struct err *e)
{
    struct file_info info;
    *out = span_of(NULL, 0);
    if (!file_stat(m->home->root, MARK, &info, e))
        return false;
    return info.kind == FILE_ABSENT ||
           file_read_all(m->home->root, MARK, MARK_MAX, &m->home->arena, out, e);
}

static bool other_mark(struct span mark, struct err *e)
{
    while (mark.n > 0 && mark.p[mark.n - 1] == '\n')
        mark.n--;
    if (mark.n == 0)
        err_set(e, ERR_USAGE, "it is not empty, and not a backup that trialseal made");
    else
        err_set(e, ERR_USAGE, "it is another backup: %.*s", SPAN_ARGS(mark));
    return err_hint(e, "take an empty folder, or one that is not there yet");
}

/* Nothing but what a killed first backup may have left. */
static bool check_empty(const struct mirror *m, struct err *e)
{
    struct arena a = {0};
    struct dir_list l;
    bool ok = dir_list(m->home->root, ".", &a, &l, e);
    for (size_t i = 0; ok && i < l.count; i++)
        if (strcmp(l.entry[i].name, HOME_LOCK) != 0 &&
            !span_starts(span_str(l.entry[i].name), SPAN(PUBLISH_TEMP)))
            ok = other_mark(span_of(NULL, 0), e);
    arena_close(&a);
    return ok;
}

static bool check_mark(struct mirror *m, struct span wanted, bool *there, struct err *e)
{
    struct span mark;
    if (!read_mark(m, &mark, e))
        return false;
    *there = mark.n > 0;
    if (!*there)
        return check_empty(m, e);
    return span_eq(mark, wanted) || other_mark(mark, e);
}

/* --- beginning --- */

/* The folder must not lie in one of the others, which are open. */
static bool check_outside(int folder, const int *other, size_t others, struct err *e)
{
    for (size_t i = 0; i < others; i++) {
        bool below;
        if (!dir_lies_in(folder, other[i], &below, e))
            return false;
        if (below)
            return err_set(e, ERR_USAGE, "it lies in the home, or in the other backup");
    }
    return true;
}

/* Nor one of the others in it. */
static bool check_apart(const struct mirror *m, const int *other, size_t others, struct err *e)
{
    for (size_t i = 0; i < others; i++) {
        bool above;
        if (!dir_lies_in(other[i], m->home->root, &above, e))
            return false;
        if (above)
            return err_set(e, ERR_USAGE, "the home, or the other backup, lies in it");
    }
    return check_outside(m->home->root, other, others, e);
}

/* It is made only where it may be. */
static bool make_root(struct mirror *m, const char *path, const int *other, size_t others,
                      struct err *e)
{
    struct arena a = {0};
    const char *parent, *name;
    int fd = -1;
    bool ok = home_split_path(&a, path, &parent, &name, e) && dir_open_path(parent, &fd, e) &&
              check_outside(fd, other, others, e) && dir_make(fd, name, DIR_PRIVATE, e) &&
              dir_open(fd, name, &m->home->root, e);
    dir_close(fd);
    arena_close(&a);
    return ok;
}

static bool open_root(struct mirror *m, const char *path, const int *other, size_t others,
                      struct err *e)
{
    struct err why = {0};
    if (dir_open_path(path, &m->home->root, &why))
        return check_apart(m, other, others, e);
    if (errno == ENOENT)
        return make_root(m, path, other, others, e);
    return err_set(e, why.kind, "%s", why.text);
}

static struct mirror *mirror_new(const char *path, enum mirror_kind kind)
{
    struct mirror *m = mem_new(sizeof *m);
    m->home = home_new(path);
    m->kind = kind;
    return m;
}

static bool load_conf(struct mirror *m, struct err *e)
{
    struct file_info info;
    if (m->kind != MIRROR_DATA)
        return true;
    if (!file_stat(m->home->root, HOME_CONF, &info, e))
        return false;
    return info.kind == FILE_ABSENT || home_read_conf(m->home, e);
}

static bool read_since(struct mirror *m, struct err *e)
{
    struct span text, line;
    if (!file_read_all(m->home->root, UNFINISHED, SUMS_MAX, &m->home->arena, &text, e))
        return false;
    if (span_line(&text, &line))
        sums_parse_journal(&m->since, text);
    return true;
}

static bool load_sums(struct mirror *m, struct err *e)
{
    struct file_info info;
    if (!file_stat(m->home->root, UNFINISHED, &info, e) || !sums_read(m->home->root, &m->old, e))
        return false;
    m->unfinished = info.kind != FILE_ABSENT;
    return !m->unfinished || read_since(m, e);
}

/* One that is there names what was put since the list was written. */
bool mirror_change(struct mirror *m, struct err *e)
{
    return m->unfinished ||
           publish(m->home->root, UNFINISHED, SPAN(UNFINISHED_LINE), FILE_PRIVATE, e);
}

/* That never changes, and is good in an unfinished backup, too. */
static bool is_named_by_hash(struct span path)
{
    return span_starts(path, SPAN("objects/")) || span_starts(path, SPAN("secrets/"));
}

bool mirror_proves_itself(struct span path)
{
    return span_starts(path, SPAN("ledger/")) || is_named_by_hash(path);
}

bool mirror_note(struct mirror *m, const struct sums *files, struct err *e)
{
    struct buf lines = {0};
    buf_byte(&lines, '\n'); /* the last line may have been cut off */
    for (size_t i = 0; i < files->count; i++)
        if (!mirror_proves_itself(files->line[i].path))
            sums_write_line(&lines, &files->line[i]);
    bool ok = lines.n == 1 || file_append(m->home->root, UNFINISHED, buf_span(&lines), e);
    buf_close(&lines);
    return ok || err_at(e, "%s", m->home->path);
}

bool mirror_knows(const struct mirror *m, struct span path, struct hash hash)
{
    return sums_has(&m->old, path, hash) || sums_has(&m->since, path, hash);
}

/* Whoever can read a backup of keys can sign. */
static bool check_private(const struct mirror *m, struct err *e)
{
    struct file_info info;
    if (m->kind != MIRROR_SECRETS)
        return true;
    if (!file_stat(m->home->root, ".", &info, e))
        return false;
    if (info.owner == geteuid() && (info.mode & 077) == 0)
        return true;
    err_set(e, ERR_STATE, "others have access to it");
    return err_hint(e, "it must be ours and have mode 0700");
}

static bool begin(struct mirror *m, struct span wanted, struct err *e)
{
    bool there;
    if (!check_private(m, e) || !check_mark(m, wanted, &there, e) ||
        !lock_take(m->home->root, HOME_LOCK, &m->home->lock, e) ||
        !dir_sweep(m->home->root, ".", e))
        return false;
    return (there || publish(m->home->root, MARK, wanted, FILE_PRIVATE, e)) &&
           open_parts(m, true, e) && load_conf(m, e) && load_sums(m, e) &&
           (m->kind != MIRROR_DATA || dir_sweep(m->home->objects, "objects", e));
}

bool mirror_begin(const char *path, enum mirror_kind kind, const struct home *of,
                  const struct mirror *other, struct mirror **out, struct err *e)
{
    struct mirror *m = mirror_new(path, kind);
    const int apart[] = {of->root, other != NULL ? other->home->root : of->root};
    struct buf wanted = {0};
    *out = NULL;
    write_mark(&wanted, kind, of->conf.origin);
    bool ok = open_root(m, path, apart, sizeof apart / sizeof apart[0], e) &&
              begin(m, buf_span(&wanted), e);
    buf_close(&wanted);
    if (!ok) {
        mirror_close(m);
        return err_at(e, "%s", path);
    }
    *out = m;
    return true;
}

bool mirror_end(struct mirror *m, struct err *e)
{
    sums_sort(&m->now);
    if (!sums_same(&m->old, &m->now) && !sums_write(m->home->root, &m->now, e))
        return err_at(e, "%s", m->home->path);
    return (file_remove(m->home->root, UNFINISHED, e) && dir_sync(m->home->root, ".", e)) ||
           err_at(e, "%s", m->home->path);
}

/* A backup of any home: which one, trialseal.conf says. */
static bool check_kind(struct mirror *m, struct err *e)
{
    struct span mark;
    if (!read_mark(m, &mark, e))
        return false;
    struct buf end = {0};
    buf_str(&end, ": ");
    buf_str(&end, kind_names[m->kind]);
    buf_byte(&end, '\n');
    bool ok = span_starts(mark, SPAN("trialseal backup, version 1, of ")) &&
              span_ends(mark, buf_span(&end));
    buf_close(&end);
    return ok || err_set(e, ERR_USAGE, "it is no backup of %s", kind_names[m->kind]);
}

bool mirror_open(const char *path, enum mirror_kind kind, struct mirror **out, struct err *e)
{
    struct mirror *m = mirror_new(path, kind);
    *out = NULL;
    if (!dir_open_path(path, &m->home->root, e) || !check_kind(m, e) || !open_parts(m, false, e) ||
        !load_conf(m, e) || !load_sums(m, e)) {
        mirror_close(m);
        return err_at(e, "%s", path);
    }
    *out = m;
    return true;
}

/* --- its files --- */

/*
 * The folder of a listed path, and what it is called there: part by part, since a list is not
 * believed, and a link on the way would lead out of the backup. *folder is -1 where a part is
 * absent.
 */
static bool open_parent(const struct mirror *m, const char *path, int *folder, const char **name,
                        struct err *e)
{
    struct arena a = {0};
    struct file_info info = {.kind = FILE_FOLDER};
    bool good = dir_open(m->home->root, ".", folder, e);
    for (const char *slash; good && (slash = strchr(path, '/')) != NULL; path = slash + 1) {
        const char *part = arena_str(&a, span_of(path, (size_t)(slash - path)));
        int above = *folder;
        *folder = -1;
        good = file_stat(above, part, &info, e) &&
               (info.kind == FILE_ABSENT || dir_open(above, part, folder, e));
        dir_close(above);
        if (info.kind == FILE_ABSENT)
            break;
    }
    *name = path;
    arena_close(&a);
    return good;
}

/* What lies at a listed path; absent, too, where a folder above it is. */
static bool stat_listed(const struct mirror *m, const char *path, struct file_info *out,
                        struct err *e)
{
    const char *name;
    int folder;
    *out = (struct file_info){.kind = FILE_ABSENT};
    if (!open_parent(m, path, &folder, &name, e))
        return false;
    bool good = folder < 0 || file_stat(folder, name, out, e);
    dir_close(folder);
    return good;
}

bool mirror_has(struct mirror *m, const char *path, const struct file_info *like, bool *out,
                struct err *e)
{
    struct file_info info;
    *out = false;
    if ((m->unfinished && !is_named_by_hash(span_str(path))) ||
        sums_find(&m->old, span_str(path)) == NULL)
        return true;
    if (!stat_listed(m, path, &info, e))
        return false;
    bool same_time = info.modified == like->modified && info.modified_ns == like->modified_ns;
    *out = info.kind == FILE_REGULAR && info.size == like->size &&
           (is_named_by_hash(span_str(path)) || (same_time && info.mode == copy_mode(like)));
    return true;
}

bool mirror_put(struct mirror *m, const char *path, struct hash hash, struct err *e)
{
    return sums_add(&m->now, span_str(path), hash, e);
}

bool mirror_keep(struct mirror *m, const char *path, struct err *e)
{
    const struct sums_line *line = sums_find(&m->old, span_str(path));
    return line == NULL || mirror_put(m, path, line->hash, e);
}

static bool hash_file(const struct file *f, struct hash *out, struct err *e)
{
    struct sha256 sha;
    uint8_t *block = mem_new(FILE_BLOCK);
    size_t got;
    uint64_t at = 0;
    bool ok;
    sha256_begin(&sha);
    do {
        ok = file_read_at(f, at, block, FILE_BLOCK, &got, e);
        sha256_feed(&sha, span_of(block, got));
        at += got;
    } while (ok && got == FILE_BLOCK);
    *out = sha256_end(&sha);
    mem_free(block);
    return ok;
}

bool mirror_hash(const struct mirror *m, const char *path, struct hash *out, struct err *e)
{
    const char *name;
    struct file f;
    int folder;
    if (!open_parent(m, path, &folder, &name, e))
        return err_at(e, "%s", m->home->path);
    bool there = folder < 0 ? err_set(e, ERR_USAGE, "%s is not there", path)
                            : file_open(folder, name, &f, e);
    dir_close(folder);
    if (!there)
        return err_at(e, "%s", m->home->path);
    file_forget(&f);
    bool ok = hash_file(&f, out, e);
    file_close(&f);
    return ok || err_at(e, "%s", m->home->path);
}

bool mirror_read_back(const struct mirror *m, const char *path, struct hash hash, struct err *e)
{
    struct hash got;
    if (!mirror_hash(m, path, &got, e))
        return false;
    if (hash_eq(got, hash))
        return true;
    err_set(e, ERR_IO, "%s/%s: what the disk gives is not what was written", m->home->path, path);
    return err_hint(e, "test that disk; then back up to another one");
}

/* "067.p" below a ledger is of no use without the partial tiles that it held. */
static bool remove_listed(const struct mirror *m, const char *path, struct err *e)
{
    const char *name;
    int folder;
    if (!open_parent(m, path, &folder, &name, e))
        return false;
    bool good = folder < 0 || file_remove(folder, name, e);
    dir_close(folder);
    return good;
}

static void remove_empty_parent(struct mirror *m, const char *path)
{
    const char *slash = strrchr(path, '/'), *name;
    struct arena a = {0};
    struct err ignored = {0};
    int folder = -1;
    if (slash != NULL &&
        open_parent(m, arena_str(&a, span_of(path, (size_t)(slash - path))), &folder, &name,
                    &ignored) &&
        folder >= 0)
        unlinkat(folder, name, AT_REMOVEDIR);
    dir_close(folder);
    arena_close(&a);
}

/* What the list of an unfinished backup says of it may be of an earlier day. */
static bool keep_listed(struct mirror *m, const struct sums_line *line, const char *path,
                        struct err *e)
{
    struct hash hash = line->hash;
    if (m->unfinished && !is_named_by_hash(span_str(path)) && !mirror_hash(m, path, &hash, e))
        return false;
    return mirror_put(m, path, hash, e);
}

/* Those that were listed when `now` was sorted. */
static bool is_deflated_too(struct arena *a, const struct sums *now, const char *path)
{
    struct buf b = {0};
    buf_str(&b, path);
    buf_str(&b, ".gz");
    bool found = sums_find(now, arena_copy(a, buf_span(&b))) != NULL;
    buf_close(&b);
    return found;
}

static bool settle_one(struct mirror *m, const struct sums *now, const struct sums_line *line,
                       struct err *e)
{
    struct arena a = {0};
    struct file_info info;
    const char *path = arena_str(&a, line->path);
    bool stays = is_named_by_hash(span_str(path)) ? !is_deflated_too(&a, now, path)
                                                  : span_starts(line->path, SPAN("outbox/"));
    bool ok = stat_listed(m, path, &info, e);
    if (ok && stays && info.kind == FILE_REGULAR) {
        ok = keep_listed(m, line, path, e);
    } else if (ok && !stays) {
        ok = remove_listed(m, path, e);
        remove_empty_parent(m, path);
    }
    arena_close(&a);
    return ok;
}

bool mirror_settle(struct mirror *m, struct err *e)
{
    sums_sort(&m->now);
    size_t listed = m->now.count; /* what is kept comes behind these */
    for (size_t i = 0; i < m->old.count; i++) {
        struct sums now = m->now;
        now.count = listed;
        if (sums_find(&now, m->old.line[i].path) == NULL &&
            !settle_one(m, &now, &m->old.line[i], e))
            return false;
    }
    return true;
}
