/* Where entries and checkpoints may lie outside the ledger's own files. */
#include <fcntl.h>

#include "bundle/layout.h"
#include "keep/mending.h"
#include "os/dir.h"
#include "store/log_mend.h"
#include "study/receipt.h"

enum { LINES_MAX = 256 * 1024 * 1024 }; /* of one entries.jsonl */

/* --- folders --- */

static bool open_part(const struct mend_folder *f, const char *part, int *out, struct err *e)
{
    struct file_info info;
    *out = -1;
    if (!file_stat(f->root, part, &info, e))
        return false;
    return info.kind != FILE_FOLDER || dir_open(f->root, part, out, e);
}

static bool open_folder(struct mend_folder *f, const char *path, struct err *e)
{
    f->name = f->home.path = path;
    f->home.objects = f->home.ledger = f->home.secrets = -1;
    if (!dir_open_path(path, &f->root, e) || !open_part(f, "objects", &f->home.objects, e) ||
        !open_part(f, "ledger", &f->home.ledger, e) ||
        !open_part(f, "secrets", &f->home.secrets, e))
        return false;
    if (f->home.objects >= 0 || f->home.ledger >= 0 || f->home.secrets >= 0)
        return true;
    err_set(e, ERR_USAGE, "%s holds neither objects/ nor ledger/ nor secrets/", path);
    return err_hint(e, "name a folder that is laid out as a home: a backup, or a copy");
}

bool mending_open_folders(struct mending *m, struct err *e)
{
    const struct mend_sources *s = &m->options->sources;
    m->folder = arena_array(&m->arena, s->folders, sizeof *m->folder);
    for (size_t i = 0; i < s->folders; i++) {
        m->folder[i].root = -1;
        m->folder[i].home.objects = m->folder[i].home.ledger = m->folder[i].home.secrets = -1;
        m->folders++;
        if (!open_folder(&m->folder[i], s->folder[i], e))
            return false;
    }
    return true;
}

void mending_close_folders(struct mending *m)
{
    for (size_t i = 0; i < m->folders; i++) {
        dir_close(m->folder[i].home.objects);
        dir_close(m->folder[i].home.ledger);
        dir_close(m->folder[i].home.secrets);
        dir_close(m->folder[i].root);
    }
}

/* --- bundles --- */

static bool open_zip(int folder, const char *path, const char *name, struct mend_zip *out,
                     struct err *e)
{
    *out = (struct mend_zip){.file = {.fd = -1}, .name = name};
    if (!file_open(folder, path, &out->file, e))
        return false;
    if (zip_open(file_source(&out->file), &out->zip, e) && zip_count(out->zip) > 0)
        return true;
    zip_shut(out->zip);
    file_close(&out->file);
    return err_at(e, "%s", name);
}

/* Those of the outbox that can be read; what cannot is no help and no error. */
static bool open_own(struct mending *m, int outbox, const struct dir_list *l, struct err *e)
{
    for (size_t i = 0; i < l->count; i++) {
        const char *name = l->entry[i].name;
        if (l->entry[i].kind != FILE_REGULAR || !span_ends(span_str(name), SPAN(".zip")))
            continue;
        if (open_zip(outbox, name, name, &m->zip[m->zips], e))
            m->zips++;
        else if (!mending_may_fail(e))
            return false;
    }
    return true;
}

bool mending_open_zips(struct mending *m, struct err *e)
{
    const struct mend_sources *s = &m->options->sources;
    struct dir_list l;
    int outbox;
    if (!dir_open(m->home->outbox, m->study, &outbox, e))
        return false;
    bool good = dir_list(outbox, ".", &m->of_study, &l, e);
    m->zip = good ? arena_array(&m->of_study, s->bundles + l.count, sizeof *m->zip) : NULL;
    for (size_t i = 0; good && i < s->bundles; i++) {
        good = open_zip(AT_FDCWD, s->bundle[i], s->bundle[i], &m->zip[m->zips], e);
        m->zips += good;
    }
    /* A reader keeps where its file lies: the array does not move any more. */
    good = good && open_own(m, outbox, &l, e);
    dir_close(outbox);
    return good;
}

void mending_close_zips(struct mending *m)
{
    for (size_t i = 0; i < m->zips; i++) {
        zip_shut(m->zip[i].zip);
        file_close(&m->zip[i].file);
    }
    m->zips = 0;
}

/* --- entries --- */

struct visit {
    struct mending *m;
    bool (*each)(void *ctx, uint64_t index, struct span bytes, const char *from, struct err *e);
    void *ctx;
};

static bool visit_staged(const struct visit *v, struct err *e)
{
    struct mending *m = v->m;
    struct catalog_signed last = {0};
    uint64_t staged = 0;
    bool found;
    if (m->catalog == NULL)
        return true;
    if (!catalog_last_signed(m->catalog, span_str(m->study), &m->of_study, &last, &found, e) ||
        !catalog_staged_count(m->catalog, span_str(m->study), &staged, e))
        return mending_may_fail(e);
    for (uint64_t i = staged < last.size ? last.size - staged : 0; i < last.size; i++) {
        struct span bytes;
        if (!catalog_staged(m->catalog, span_str(m->study), i, &bytes, e))
            return mending_may_fail(e);
        if (!v->each(v->ctx, i, bytes, "what the catalog has staged", e))
            return false;
    }
    return true;
}

/* index: of the first line, or MEND_NO_INDEX. */
static bool visit_lines(const struct visit *v, uint64_t index, struct span text, struct err *e)
{
    struct span line;
    while (span_line(&text, &line)) {
        if (!v->each(v->ctx, index, line, "a receipt in the outbox", e))
            return false;
        index += index != MEND_NO_INDEX;
    }
    return true;
}

static bool visit_receipt(const struct visit *v, int outbox, const char *name, struct err *e)
{
    struct arena a = {0};
    struct span text;
    struct buf path = {0};
    uint64_t index;
    if (!receipt_number(name, &index))
        index = MEND_NO_INDEX;
    buf_str(&path, name);
    buf_str(&path, "/entries.jsonl");
    const char *lines = arena_str(&a, buf_span(&path));
    bool good = file_read_all(outbox, lines, LINES_MAX, &a, &text, e)
                    ? visit_lines(v, index, text, e)
                    : mending_may_fail(e);
    buf_close(&path);
    arena_close(&a);
    return good;
}

static bool visit_receipts(const struct visit *v, struct err *e)
{
    struct arena a = {0};
    struct dir_list l;
    int outbox;
    if (!dir_open(v->m->home->outbox, v->m->study, &outbox, e))
        return false;
    bool good = dir_list(outbox, ".", &a, &l, e);
    for (size_t i = 0; good && i < l.count; i++)
        if (l.entry[i].kind == FILE_FOLDER)
            good = visit_receipt(v, outbox, l.entry[i].name, e);
    dir_close(outbox);
    arena_close(&a);
    return good;
}

/* The path below the bundle's folder. */
static struct span member_path(struct span name)
{
    size_t slash = span_find(name, 0, '/');
    return slash < name.n ? span_skip(name, slash + 1) : name;
}

/* "data/entries/000000000123.json" */
static bool entry_index(struct span path, uint64_t *out)
{
    if (!span_take(&path, SPAN(BUNDLE_ENTRIES)) || !span_ends(path, SPAN(".json")))
        return false;
    path.n -= SPAN(".json").n;
    while (path.n > 1 && path.p[0] == '0')
        path = span_skip(path, 1);
    return span_u64(path, out);
}

static bool visit_zip(const struct visit *v, const struct mend_zip *z, struct err *e)
{
    bool good = true;
    for (size_t i = 0; good && i < zip_count(z->zip); i++) {
        struct zip_member member;
        struct arena a = {0};
        struct span bytes;
        uint64_t index;
        zip_stat(z->zip, i, &member);
        if (!entry_index(member_path(member.name), &index))
            continue;
        good = zip_read_all(z->zip, i, ENTRY_MAX, &a, &bytes, e)
                   ? v->each(v->ctx, index, bytes, z->name, e)
                   : mending_may_fail(e);
        arena_close(&a);
    }
    return good;
}

/* One entry bundle of a copy of the ledger, as far as it can be read. */
static bool visit_tile(const struct visit *v, const struct mend_folder *f, const struct log *l,
                       uint64_t n, struct err *e)
{
    struct arena a = {0};
    struct span rest, entry;
    uint64_t size = v->m->checkpoint.size;
    struct tile t = {.entries = true, .index = n, .width = tile_width(size, 0, n)};
    bool good = log_mend_read(l, t, &a, &rest, e);
    for (unsigned i = 0; good && i < t.width && tile_entry_next(&rest, &entry, NULL); i++)
        good = v->each(v->ctx, n * TILE_WIDTH + i, entry, f->name, e);
    arena_close(&a);
    return good;
}

static bool visit_folder(const struct visit *v, const struct mend_folder *f, struct err *e)
{
    struct log *l;
    bool good = true;
    if (f->home.ledger < 0)
        return true;
    if (!log_open(&f->home, span_str(v->m->study), &l, e))
        return mending_may_fail(e);
    for (uint64_t n = 0; good && n * TILE_WIDTH < v->m->checkpoint.size; n++)
        good = visit_tile(v, f, l, n, e);
    log_close(l);
    return good;
}

bool mending_each_entry(struct mending *m,
                        bool (*each)(void *ctx, uint64_t index, struct span bytes, const char *from,
                                     struct err *e),
                        void *ctx, struct err *e)
{
    struct visit v = {m, each, ctx};
    bool good = visit_staged(&v, e) && visit_receipts(&v, e);
    for (size_t i = 0; good && i < m->folders; i++)
        good = visit_folder(&v, &m->folder[i], e);
    for (size_t i = 0; good && i < m->zips; i++)
        good = visit_zip(&v, &m->zip[i], e);
    return good;
}

/* --- signed notes --- */

struct notes {
    struct mending *m;
    bool (*each)(void *ctx, struct span note, const char *from, struct err *e);
    void *ctx;
};

static bool note_of_catalog(const struct notes *n, struct err *e)
{
    struct catalog_signed last = {0};
    bool found;
    if (n->m->catalog == NULL)
        return true;
    if (!catalog_last_signed(n->m->catalog, span_str(n->m->study), &n->m->of_study, &last, &found,
                             e))
        return mending_may_fail(e);
    return !found || last.note.n == 0 || n->each(n->ctx, last.note, "the catalog", e);
}

static bool notes_of_anchors(const struct notes *n, struct err *e)
{
    const struct home *h = n->m->home;
    for (size_t i = 0; i < h->conf.anchors; i++) {
        struct span note;
        if (!log_anchor_read(h, i, n->m->key.name, &n->m->of_study, &note, e)) {
            if (!mending_may_fail(e))
                return false;
        } else if (note.n > 0 && !n->each(n->ctx, note, h->conf.anchor[i], e)) {
            return false;
        }
    }
    return true;
}

static bool notes_of_folders(const struct notes *n, struct err *e)
{
    for (size_t i = 0; i < n->m->folders; i++) {
        const struct mend_folder *f = &n->m->folder[i];
        struct span note = span_of(NULL, 0);
        struct log *l;
        if (f->home.ledger < 0 || !log_open(&f->home, span_str(n->m->study), &l, e)) {
            if (!mending_may_fail(e))
                return false;
            continue;
        }
        bool good = log_checkpoint(l, &n->m->of_study, &note, e) || mending_may_fail(e);
        log_close(l);
        if (!good || (note.n > 0 && !n->each(n->ctx, note, f->name, e)))
            return false;
    }
    return true;
}

static bool notes_of_zips(const struct notes *n, struct err *e)
{
    for (size_t i = 0; i < n->m->zips; i++) {
        const struct mend_zip *z = &n->m->zip[i];
        for (size_t k = 0; k < zip_count(z->zip); k++) {
            struct zip_member member;
            struct span note;
            zip_stat(z->zip, k, &member);
            if (!span_eq(member_path(member.name), SPAN("data/checkpoint")))
                continue;
            if (!zip_read_all(z->zip, k, CHECKPOINT_MAX, &n->m->of_study, &note, e)) {
                if (!mending_may_fail(e))
                    return false;
            } else if (!n->each(n->ctx, note, z->name, e)) {
                return false;
            }
        }
    }
    return true;
}

bool mending_each_note(struct mending *m,
                       bool (*each)(void *ctx, struct span note, const char *from, struct err *e),
                       void *ctx, struct err *e)
{
    struct notes n = {m, each, ctx};
    return note_of_catalog(&n, e) && notes_of_anchors(&n, e) && notes_of_folders(&n, e) &&
           notes_of_zips(&n, e);
}
