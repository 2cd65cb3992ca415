#include "store/log_mend.h"

#include "base/buf.h"
#include "os/publish.h"
#include "store/aside.h"
#include "store/log_file.h"

enum { TILE_FILE_MAX = TILE_WIDTH * (ENTRY_MAX + 2) };

static const char *tile_name(struct arena *a, struct tile t)
{
    struct buf b = {0};
    tile_path(&b, t);
    const char *path = arena_str(a, buf_span(&b));
    buf_close(&b);
    return path;
}

static bool read_as(const struct log *l, struct tile t, struct arena *a, struct span *out,
                    struct err *e)
{
    struct err why = {0};
    struct span bytes;
    *out = span_of(NULL, 0);
    if (file_read_all(log_folder(l), tile_name(a, t), TILE_FILE_MAX, a, &bytes, &why)) {
        *out = bytes;
        return true;
    }
    return why.kind != ERR_IO || err_set(e, ERR_IO, "%s", why.text);
}

bool log_mend_read(const struct log *l, struct tile t, struct arena *a, struct span *out,
                   struct err *e)
{
    if (!read_as(l, t, a, out, e))
        return false;
    const unsigned width = t.width;
    if (out->p != NULL || width == TILE_WIDTH)
        return true;
    t.width = TILE_WIDTH;
    bool good = read_as(l, t, a, out, e);
    for (t.width = width - 1; good && out->p == NULL && t.width > 0; t.width--)
        good = read_as(l, t, a, out, e);
    return good;
}

const char *log_mend_path(const struct log *l, struct arena *a, struct tile t)
{
    char path[256];
    text_format(path, sizeof path, "ledger/%s/%s", log_study(l), tile_name(a, t));
    return arena_str(a, span_str(path));
}

/* As a batch of one: so a temporary file that a kill leaves is swept, and folders are made. */
static bool put(struct log *l, const char *path, struct tile t, struct span bytes, struct err *e)
{
    struct batch *b = batch_open();
    bool good =
        batch_add(b, log_folder(l), path, bytes, t.entries ? FILE_PRIVATE : FILE_SHARED, e) &&
        batch_commit(b, e);
    batch_close(b);
    return good;
}

bool log_mend_put(struct home *h, struct log *l, int64_t now, struct tile t, struct span bytes,
                  struct err *e)
{
    struct arena a = {0};
    bool good =
        aside_keep(h, now, log_mend_path(l, &a, t), e) && put(l, tile_name(&a, t), t, bytes, e);
    log_forget(l);
    arena_close(&a);
    return good || err_at(e, "ledger/%s", log_study(l));
}

bool log_mend_publish(struct home *h, struct log *l, int64_t now, struct span note, struct err *e)
{
    char path[STUDY_NAME_MAX + 32];
    text_format(path, sizeof path, "ledger/%s/checkpoint", log_study(l));
    return aside_keep(h, now, path, e) && log_publish(l, note, e);
}
