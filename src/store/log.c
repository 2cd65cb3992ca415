#include "store/log.h"

#include <assert.h>

#include "base/buf.h"
#include "os/dir.h"
#include "os/publish.h"
#include "store/log_file.h"

enum { BUNDLE_MAX = TILE_WIDTH * (ENTRY_MAX + 2) };

/*
 * The tile of a level that was read last, and the entry bundle: a proof asks for each of
 * its tiles many times, the next proof for most of them again. What a tile of some width
 * holds never changes.
 */
struct kept_tile {
    bool there;
    struct tile asked, found;
    struct buf bytes;
};

enum { KEPT_BUNDLE = TILE_LEVELS, KEPT_TILES };

struct log {
    char study[STUDY_NAME_MAX + 1];
    int folder; /* ledger/<STUDY> */
    struct kept_tile kept[KEPT_TILES];
};

bool log_open(const struct home *h, struct span study, struct log **out, struct err *e)
{
    struct log *l = mem_new(sizeof *l);
    *out = NULL;
    text_format(l->study, sizeof l->study, "%.*s", SPAN_ARGS(study));
    if (!study_name_check(study) || !dir_open(h->ledger, l->study, &l->folder, e)) {
        mem_free(l);
        return err_set(e, ERR_USAGE, "there is no ledger of a study %.*s", SPAN_ARGS(study));
    }
    *out = l;
    return true;
}

void log_forget(struct log *l)
{
    for (size_t i = 0; i < KEPT_TILES; i++) {
        l->kept[i].there = false;
        buf_close(&l->kept[i].bytes);
    }
}

void log_close(struct log *l)
{
    if (l == NULL)
        return;
    dir_close(l->folder);
    log_forget(l);
    mem_free(l);
}

/* --- reading --- */

static const char *path_of(struct arena *a, struct tile t)
{
    struct buf b = {0};
    tile_path(&b, t);
    const char *path = arena_str(a, buf_span(&b));
    buf_close(&b);
    return path;
}

static bool damaged(const struct log *l, const char *path, const char *what, struct err *e)
{
    err_set(e, ERR_INTEGRITY, "ledger/%s/%s: %s", l->study, path, what);
    return err_hint(e, "restore ledger/%s from the backup; then `trialseal check`", l->study);
}

static bool is_absent(int folder, const char *path)
{
    struct file_info info;
    return file_stat(folder, path, &info, NULL) && info.kind == FILE_ABSENT;
}

static bool read_into(int folder, const char *path, struct buf *out, struct err *e)
{
    struct file f;
    size_t got = 0;
    buf_clear(out);
    if (!file_open(folder, path, &f, e))
        return false;
    bool ok = f.size <= BUNDLE_MAX || err_set(e, ERR_LIMIT, "%s is too long", path);
    ok = ok && file_read_at(&f, 0, buf_room(out, (size_t)f.size), (size_t)f.size, &got, e);
    out->n = ok ? got : 0;
    file_close(&f);
    return ok;
}

/* there: it could be read, but has another length than its width says. */
static bool bad_file(const struct log *l, const char *path, bool there, const struct err *why,
                     struct err *e)
{
    if (there)
        return damaged(l, path, "not as long as its width says", e);
    if (why->kind != ERR_IO)
        return damaged(l, path, "missing or misshapen", e);
    err_set(e, ERR_IO, "%s", why->text);
    return err_at(e, "ledger/%s", l->study);
}

/*
 * Where a partial tile is asked for and gone, the full one will do: partial ones are removed once
 * it exists, perhaps just now. *t says which it is.
 */
bool log_read_file(const struct log *l, struct tile *t, struct buf *out, struct err *e)
{
    struct arena a = {0};
    struct err why = {0};
    const char *path = path_of(&a, *t);
    bool there = read_into(l->folder, path, out, &why);
    if (!there && t->width < TILE_WIDTH && is_absent(l->folder, path)) {
        t->width = TILE_WIDTH;
        path = path_of(&a, *t);
        there = read_into(l->folder, path, out, &why);
    }
    bool good = there && (t->entries || out->n == (size_t)t->width * SHA256_SIZE);
    if (!good)
        bad_file(l, path, there, &why, e);
    arena_close(&a);
    return good;
}

static bool same_tile(struct tile a, struct tile b)
{
    return a.level == b.level && a.entries == b.entries && a.index == b.index && a.width == b.width;
}

/* The bytes of a tile, valid until the next of its level is read. *t becomes what was found. */
static bool read_form(struct log *l, struct tile *t, struct span *out, struct err *e)
{
    struct kept_tile *k = &l->kept[t->entries ? KEPT_BUNDLE : t->level];
    assert(t->entries || t->level < TILE_LEVELS);
    if (!k->there || !same_tile(k->asked, *t)) {
        k->asked = k->found = *t;
        k->there = log_read_file(l, &k->found, &k->bytes, e);
    }
    *t = k->found;
    *out = buf_span(&k->bytes);
    return k->there;
}

bool log_read_tile(struct log *l, struct tile t, struct span *out, struct err *e)
{
    struct tile found = t;
    if (!read_form(l, &found, out, e))
        return false;
    if (!t.entries)
        out->n = (size_t)t.width * SHA256_SIZE;
    return true;
}

static bool read_tile(void *ctx, struct tile t, struct span *out, struct err *e)
{
    return log_read_tile(ctx, t, out, e);
}

struct tile_reader log_tiles(struct log *l, uint64_t size)
{
    return (struct tile_reader){.read = read_tile, .ctx = l, .size = size};
}

bool log_root(struct log *l, uint64_t size, uint64_t count, struct hash *out, struct err *e)
{
    struct tile_reader tiles = log_tiles(l, size);
    struct tree_hashes hashes = tile_hashes(&tiles);
    return tree_root_at(&hashes, count, out, e);
}

int log_folder(const struct log *l)
{
    return l->folder;
}

const char *log_study(const struct log *l)
{
    return l->study;
}

static bool bad_bundle(const struct log *l, struct tile t, const char *what, struct err *e)
{
    struct arena a = {0};
    damaged(l, path_of(&a, t), what, e);
    arena_close(&a);
    return false;
}

struct visit {
    bool (*each)(void *ctx, uint64_t index, struct span entry, struct err *e);
    void *ctx;
    uint64_t from, size;
};

/* The entries of bundle n that lie in from .. size-1. All of it must be well-formed. */
static bool visit_bundle(struct log *l, uint64_t n, const struct visit *v, struct err *e)
{
    struct span rest, entry;
    struct tile t = {.entries = true, .index = n, .width = tile_width(v->size, 0, n)};
    if (!read_form(l, &t, &rest, e))
        return false;
    for (uint64_t i = n * TILE_WIDTH; i < n * TILE_WIDTH + t.width; i++) {
        struct err why = {0};
        if (!tile_entry_next(&rest, &entry, &why))
            return bad_bundle(l, t, why.kind == ERR_NONE ? "too few entries" : why.text, e);
        if (i >= v->from && i < v->size && !v->each(v->ctx, i, entry, e))
            return false;
    }
    return rest.n == 0 || bad_bundle(l, t, "too many entries", e);
}

bool log_each_entry(struct log *l, uint64_t from, uint64_t size,
                    bool (*each)(void *ctx, uint64_t index, struct span entry, struct err *e),
                    void *ctx, struct err *e)
{
    struct visit v = {.each = each, .ctx = ctx, .from = from, .size = size};
    for (uint64_t n = from / TILE_WIDTH; n * TILE_WIDTH < size; n++)
        if (!visit_bundle(l, n, &v, e))
            return false;
    return true;
}

struct one_entry {
    uint64_t index;
    struct arena *a;
    struct span *out;
};

static bool keep_entry(void *ctx, uint64_t index, struct span entry, struct err *e)
{
    const struct one_entry *one = ctx;
    (void)e;
    if (index == one->index)
        *one->out = arena_copy(one->a, entry);
    return true;
}

bool log_entry(struct log *l, uint64_t index, uint64_t size, struct arena *a, struct span *out,
               struct err *e)
{
    struct one_entry one = {.index = index, .a = a, .out = out};
    struct visit v = {.each = keep_entry, .ctx = &one, .from = index, .size = size};
    assert(index < size);
    return visit_bundle(l, index / TILE_WIDTH, &v, e);
}

/* --- checkpoint and anchors --- */

static bool read_note(int folder, struct arena *a, struct span *note, struct err *e)
{
    struct file_info info;
    *note = span_of(NULL, 0);
    if (!file_stat(folder, "checkpoint", &info, e))
        return false;
    return info.kind == FILE_ABSENT ||
           file_read_all(folder, "checkpoint", CHECKPOINT_MAX, a, note, e);
}

bool log_checkpoint(struct log *l, struct arena *a, struct span *note, struct err *e)
{
    return read_note(l->folder, a, note, e) || err_at(e, "ledger/%s", l->study);
}

bool log_publish(struct log *l, struct span note, struct err *e)
{
    return publish(l->folder, "checkpoint", note, FILE_SHARED, e) ||
           err_at(e, "ledger/%s", l->study);
}

/* "example.org/trials/S1" as "example.org+trials+S1": no origin has a '+' (ledger/checkpoint.h). */
static char *anchor_name(struct arena *a, struct span origin)
{
    char *name = arena_str(a, origin);
    for (char *c = name; *c != '\0'; c++)
        if (*c == '/')
            *c = '+';
    return name;
}

static bool open_anchor(const struct home *h, size_t anchor, int *out, struct err *e)
{
    assert(anchor < h->conf.anchors);
    if (dir_open_path(h->conf.anchor[anchor], out, e))
        return true;
    if (e != NULL && e->kind != ERR_IO)
        e->kind = ERR_STATE;
    return err_hint(e, "mount the anchor, or make its folder if it is new");
}

bool log_anchor_read(const struct home *h, size_t anchor, struct span origin, struct arena *a,
                     struct span *note, struct err *e)
{
    struct file_info info;
    int top, folder;
    *note = span_of(NULL, 0);
    if (!open_anchor(h, anchor, &top, e))
        return err_at(e, "anchor");
    const char *name = anchor_name(a, origin);
    bool ok = file_stat(top, name, &info, e);
    if (ok && info.kind != FILE_ABSENT) {
        ok = dir_open(top, name, &folder, e) && read_note(folder, a, note, e);
        dir_close(folder);
    }
    dir_close(top);
    return ok || err_at(e, "anchor %s", h->conf.anchor[anchor]);
}

bool log_anchor_write(const struct home *h, size_t anchor, struct span origin, struct span note,
                      struct err *e)
{
    struct arena a = {0};
    int top, folder = -1;
    if (!open_anchor(h, anchor, &top, e))
        return err_at(e, "anchor");
    const char *name = anchor_name(&a, origin);
    bool ok = dir_make(top, name, DIR_SHARED, e) && dir_open(top, name, &folder, e) &&
              dir_sweep(folder, name, e) && publish(folder, "checkpoint", note, FILE_SHARED, e);
    dir_close(folder);
    dir_close(top);
    arena_close(&a);
    return ok || err_at(e, "anchor %s", h->conf.anchor[anchor]);
}
