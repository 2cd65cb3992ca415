#include "keep/seen_part.h"

#include <fcntl.h>

#include "base/buf.h"
#include "bundle/layout.h"
#include "format/json.h"
#include "format/zip.h"
#include "ledger/checkpoint.h"
#include "os/dir.h"

struct seen *seen_open(void)
{
    return mem_new(sizeof(struct seen));
}

void seen_close(struct seen *s)
{
    if (s == NULL)
        return;
    mem_free(s->state);
    arena_close(&s->arena);
    mem_free(s);
}

bool seen_add(struct seen *s, struct seen_state *x, struct err *e)
{
    struct note n;
    struct checkpoint c;
    if (!note_parse(&s->arena, x->note, &n, e) || !checkpoint_parse(n.text, &c, e))
        return err_at(e, "%s", x->where);
    x->origin = c.origin;
    s->state = mem_room(s->state, s->count, &s->cap, sizeof *s->state);
    s->state[s->count++] = *x;
    return true;
}

static const char *where(struct seen *s, const char *what, const char *path)
{
    struct buf b = {0};
    buf_str(&b, what);
    buf_byte(&b, ' ');
    buf_str(&b, path);
    const char *text = arena_str(&s->arena, buf_span(&b));
    buf_close(&b);
    return text;
}

bool seen_add_known(struct seen *s, const char *path, struct err *e)
{
    struct seen_state x = {.where = where(s, "the checkpoint", path), .by_hand = true};
    return file_read_all(AT_FDCWD, path, CHECKPOINT_MAX, &s->arena, &x.note, e) &&
           seen_add(s, &x, e);
}

/* --- receipts --- */

/* The members "checkpoint" and "index" of receipt.json (FORMAT, chapter 5). */
static bool read_members(struct json_reader *in, struct arena *a, struct seen_state *x,
                         struct err *e)
{
    enum json_token t = JSON_NULL;
    struct span value;
    bool note = false, index = false, good;
    int depth = 0;
    while ((good = json_next(in, &t, &value, e)) && t != JSON_END) {
        if (note && t == JSON_STRING)
            x->note = arena_copy(a, value);
        if (index && t == JSON_NUMBER && !span_u64(value, &x->first))
            return err_set(e, ERR_FORMAT, "its index is none");
        note = depth == 1 && t == JSON_NAME && span_eq(value, SPAN("checkpoint"));
        index = depth == 1 && t == JSON_NAME && span_eq(value, SPAN("index"));
        depth +=
            (t == JSON_OBJECT || t == JSON_ARRAY) - (t == JSON_OBJECT_END || t == JSON_ARRAY_END);
    }
    return good && (x->note.n > 0 || err_set(e, ERR_FORMAT, "it has no checkpoint"));
}

static bool read_receipt(struct seen *s, int folder, struct seen_state *x, struct err *e)
{
    struct arena a = {0};
    struct span text;
    bool ok = file_read_all(folder, "receipt.json", SEEN_RECEIPT_MAX, &a, &text, e);
    if (ok) {
        struct json_reader *in = json_open_text(text);
        ok = read_members(in, &s->arena, x, e) || err_at(e, "receipt.json");
        json_close(in);
    }
    arena_close(&a);
    return ok;
}

bool seen_add_receipt(struct seen *s, const char *path, struct err *e)
{
    struct seen_state x = {.where = where(s, "the receipt", path), .by_hand = true};
    int folder;
    if (!dir_open_path(path, &folder, e))
        return false;
    bool ok =
        (read_receipt(s, folder, &x, e) &&
         file_read_all(folder, "entries.jsonl", SEEN_ENTRIES_MAX, &s->arena, &x.entries, e)) ||
        err_at(e, "%s", path);
    dir_close(folder);
    return ok && seen_add(s, &x, e);
}

/* One that is not whole was never handed out, or is told as a file that was altered. */
static bool add_from_outbox(struct seen *s, int outbox, const char *name, struct err *e)
{
    struct seen_state x = {.where = where(s, "the receipt", name)};
    struct err why = {0};
    int folder;
    if (!dir_open(outbox, name, &folder, e))
        return false;
    bool read = read_receipt(s, folder, &x, &why) && seen_add(s, &x, &why);
    dir_close(folder);
    return read || why.kind != ERR_IO || err_set(e, why.kind, "%s", why.text);
}

bool seen_add_outbox(struct seen *s, const struct home *h, const char *study, struct err *e)
{
    struct arena a = {0};
    struct dir_list l;
    int outbox;
    if (!dir_open(h->outbox, study, &outbox, e))
        return err_at(e, "outbox");
    bool ok = dir_list(outbox, ".", &a, &l, e);
    for (size_t i = 0; ok && i < l.count; i++)
        if (l.entry[i].kind == FILE_FOLDER)
            ok = add_from_outbox(s, outbox, l.entry[i].name, e);
    dir_close(outbox);
    arena_close(&a);
    return ok || err_at(e, "outbox/%s", study);
}

bool seen_add_anchors(struct seen *s, const struct home *h, struct span origin, struct err *e)
{
    for (size_t i = 0; i < h->conf.anchors; i++) {
        struct seen_state x = {.where = where(s, "the anchor", h->conf.anchor[i])};
        if (!log_anchor_read(h, i, origin, &s->arena, &x.note, e) ||
            (x.note.n > 0 && !seen_add(s, &x, e)))
            return false;
    }
    return true;
}

/* --- bundles --- */

/* The member of that name below the bundle's one folder. */
static size_t find_member(const struct zip_reader *z, struct span name)
{
    struct buf full = {0};
    struct zip_member m;
    size_t found = zip_count(z);
    if (found > 0) {
        zip_stat(z, 0, &m);
        buf_add(&full, span_of(m.name.p, span_find(m.name, 0, '/')));
        buf_byte(&full, '/');
        buf_add(&full, name);
        found = zip_find(z, buf_span(&full));
    }
    buf_close(&full);
    return found;
}

static bool read_member(struct zip_reader *z, struct span name, size_t max, struct arena *a,
                        struct span *out, struct err *e)
{
    size_t i = find_member(z, name);
    if (i == zip_count(z))
        return err_set(e, ERR_FORMAT, "it has no %.*s", SPAN_ARGS(name));
    return zip_read_all(z, i, max, a, out, e);
}

static bool open_bundle(const char *path, struct file *f, struct source *in,
                        struct zip_reader **out, struct err *e)
{
    *out = NULL;
    if (!file_open(AT_FDCWD, path, f, e))
        return false;
    *in = file_source(f);
    if (zip_open(*in, out, e))
        return true;
    file_close(f);
    return err_at(e, "%s", path);
}

bool seen_add_bundle(struct seen *s, const char *path, struct err *e)
{
    struct seen_state x = {.where = where(s, "the bundle", path), .by_hand = true};
    struct zip_reader *z;
    struct source in;
    struct file f;
    if (!open_bundle(path, &f, &in, &z, e))
        return false;
    x.bundle = arena_str(&s->arena, span_str(path));
    bool ok = read_member(z, SPAN("data/checkpoint"), CHECKPOINT_MAX, &s->arena, &x.note, e) ||
              err_at(e, "%s", path);
    zip_shut(z);
    file_close(&f);
    return ok && seen_add(s, &x, e);
}

static bool read_entry(struct zip_reader *z, uint64_t index, struct arena *a, struct span *out,
                       struct err *e)
{
    struct buf name = {0};
    buf_str(&name, "data/entries/");
    layout_index(&name, index, BUNDLE_INDEX_DIGITS);
    buf_str(&name, ".json");
    bool ok = read_member(z, buf_span(&name), ENTRY_MAX, a, out, e);
    buf_close(&name);
    return ok;
}

static bool each_of_bundle(const struct seen_state *x, uint64_t from, uint64_t size,
                           bool (*each)(void *ctx, uint64_t index, struct span entry,
                                        struct err *e),
                           void *ctx, struct err *e)
{
    struct zip_reader *z;
    struct source in;
    struct file f;
    if (!open_bundle(x->bundle, &f, &in, &z, e))
        return false;
    bool ok = true;
    for (uint64_t i = from; ok && i < size; i++) {
        struct arena a = {0};
        struct span entry;
        ok = read_entry(z, i, &a, &entry, e) && each(ctx, i, entry, e);
        arena_close(&a);
    }
    zip_shut(z);
    file_close(&f);
    return ok;
}

static bool each_of_receipt(const struct seen_state *x, uint64_t from, uint64_t size,
                            bool (*each)(void *ctx, uint64_t index, struct span entry,
                                         struct err *e),
                            void *ctx, struct err *e)
{
    struct span rest = x->entries, line;
    for (uint64_t i = x->first; i < size && span_line(&rest, &line); i++)
        if (i >= from && !each(ctx, i, line, e))
            return false;
    return true;
}

bool seen_each_entry(const struct seen_state *x, uint64_t from, uint64_t size,
                     bool (*each)(void *ctx, uint64_t index, struct span entry, struct err *e),
                     void *ctx, struct err *e)
{
    return x->bundle != NULL ? each_of_bundle(x, from, size, each, ctx, e)
                             : each_of_receipt(x, from, size, each, ctx, e);
}
