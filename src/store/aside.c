#include "store/aside.h"

#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "os/dir.h"

/* "damaged/2026-03-03T020000Z/ledger/S1/checkpoint", and ".2" and so on where that is taken. */
static const char *place_for(struct arena *a, int64_t now, const char *path, unsigned number)
{
    char time[TIME_TEXT + 1], suffix[16];
    struct buf b = {0};
    time_write(now, time);
    buf_str(&b, HOME_DAMAGED "/");
    for (const char *c = time; *c != '\0'; c++)
        if (*c != ':')
            buf_byte(&b, (uint8_t)*c);
    buf_byte(&b, '/');
    buf_str(&b, path);
    if (number > 1) {
        text_format(suffix, sizeof suffix, ".%u", number);
        buf_str(&b, suffix);
    }
    const char *place = arena_str(a, buf_span(&b));
    buf_close(&b);
    return place;
}

static bool is_same(const struct file_info *a, const struct file_info *b)
{
    return a->kind == FILE_REGULAR && a->device == b->device && a->inode == b->inode;
}

/* *kept: that very file is there already, by a run that was killed. */
static bool find_room(struct home *h, struct arena *a, int64_t now, const char *path,
                      const struct file_info *is, const char **out, bool *kept, struct err *e)
{
    for (unsigned number = 1; number <= ASIDE_TRIES; number++) {
        struct file_info there;
        *out = place_for(a, now, path, number);
        if (!file_stat(h->root, *out, &there, e))
            return false;
        *kept = is_same(&there, is);
        if (there.kind == FILE_ABSENT || *kept)
            return true;
    }
    return err_set(e, ERR_LIMIT, "%s holds %u damaged files of that name", HOME_DAMAGED,
                   ASIDE_TRIES);
}

static bool sync_folder(const struct home *h, const char *folder, struct err *e)
{
    int fd;
    if (!dir_open(h->root, folder, &fd, e))
        return false;
    bool good = dir_sync(fd, folder, e);
    dir_close(fd);
    return good;
}

/* Only a file can have two names. */
static bool put_aside(struct home *h, int64_t now, const char *path, bool keep, struct err *e)
{
    struct arena a = {0};
    struct file_info is;
    const char *place;
    bool kept;
    if (!file_stat(h->root, path, &is, e))
        return false;
    if (is.kind == FILE_ABSENT)
        return true;
    keep = keep && is.kind == FILE_REGULAR;
    bool good = find_room(h, &a, now, path, &is, &place, &kept, e);
    if (good) {
        const char *folder = arena_str(&a, span_of(place, (size_t)(strrchr(place, '/') - place)));
        good = dir_make_path(h->root, folder, DIR_PRIVATE, e) &&
               (!keep   ? dir_move(h->root, path, h->root, place, e)
                : !kept ? file_link(h->root, path, h->root, place, e)
                        : true) &&
               sync_folder(h, folder, e);
    }
    arena_close(&a);
    return good || err_at(e, "setting %s aside", path);
}

bool aside_move(struct home *h, int64_t now, const char *path, struct err *e)
{
    return put_aside(h, now, path, false, e);
}

bool aside_keep(struct home *h, int64_t now, const char *path, struct err *e)
{
    return put_aside(h, now, path, true, e);
}
