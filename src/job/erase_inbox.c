#include "job/erase_inbox.h"

#include <string.h>

#include "base/buf.h"
#include "job/incoming.h"
#include "ledger/detached.h"
#include "ledger/details.h"
#include "os/dir.h"
#include "study/receipt.h"

struct search {
    const struct home *home;
    struct span study;
    const struct erase_marks *marks;
    bool (*each)(void *ctx, const struct erase_found *x, struct err *e);
    void *ctx;
    enum erase_place place;
    struct buf path; /* of the folder that is searched, below the home */
    uint64_t files;  /* that were met */
};

/* --- what makes a copy --- */

bool erase_repeats_text(const struct erase_marks *m, uint64_t entry)
{
    for (size_t i = 0; i < m->objects; i++) {
        const struct erase_object *x = &m->object[i];
        for (size_t k = 0; x->of == ERASED_TEXT && k < x->uses; k++)
            if (x->use[k] == entry)
                return true;
    }
    return false;
}

static bool brought_file(const struct erase_marks *m, uint64_t entry)
{
    size_t i = 0;
    while (i < m->transfers && m->transfer[i] != entry)
        i++;
    return i < m->transfers;
}

static bool has_size(const struct erase_marks *m, uint64_t size)
{
    for (size_t i = 0; i < m->objects; i++)
        if (m->object[i].of == ERASED_FILE && m->object[i].size == size)
            return true;
    return false;
}

static bool has_hash(const struct erase_marks *m, struct hash h)
{
    for (size_t i = 0; i < m->objects; i++)
        if (m->object[i].of == ERASED_FILE && hash_eq(m->object[i].name, h))
            return true;
    return false;
}

/* --- a transfer that is kept, as a whole --- */

static bool take_details(void *ctx, const struct catalog_ref *r, struct err *e)
{
    struct hash *details = ctx;
    (void)e;
    if (span_eq(r->role, SPAN("details")))
        *details = r->sha256;
    return true;
}

/* By the text of the transfer, also of files that were not new; where it is erased, nobody knows.
 */
static bool lists_file(const struct search *s, uint64_t entry, bool *out, struct err *e)
{
    struct arena a = {0};
    struct hash details = {{0}}, h;
    struct span text;
    struct transfer_details d;
    *out = false;
    bool good = catalog_each_ref_at(s->marks->catalog, s->study, entry, take_details, &details, e);
    if (good && objects_read_all(s->home, details, DETACHED_MAX, &a, &text, NULL) &&
        transfer_details_parse(&a, text, &d, NULL))
        for (size_t i = 0; i < d.files && !*out; i++)
            *out = hash_parse(d.file[i].sha256, &h) && has_hash(s->marks, h);
    arena_close(&a);
    return good;
}

static bool is_marked(const struct search *s, const struct dir_entry *x, bool *out, struct err *e)
{
    uint64_t entry;
    *out = false;
    if (s->place != PLACE_KEPT || !receipt_number(x->name, &entry))
        return true;
    *out = erase_repeats_text(s->marks, entry);
    if (*out || x->kind != FILE_REGULAR || !incoming_archive_check(span_str(x->name)))
        return true;
    *out = brought_file(s->marks, entry);
    return *out || lists_file(s, entry, out, e);
}

/* --- a file --- */

/*
 * Only a file of the right size is read. A sender who takes his file away meanwhile, or denies it,
 * is no error; that the disk does not give back what is ours, is one.
 */
static bool is_copy(const struct search *s, int folder, const char *name, bool *out, struct err *e)
{
    struct file f;
    struct sha256 sha;
    struct err why = {0};
    *out = false;
    if (!file_open(folder, name, &f, &why))
        return why.kind != ERR_IO || err_set(e, why.kind, "%s", why.text);
    sha256_begin(&sha);
    bool read =
        !has_size(s->marks, f.size) || source_copy(file_source(&f), sha256_sink(&sha), &why);
    *out = read && has_size(s->marks, f.size) && has_hash(s->marks, sha256_end(&sha));
    file_close(&f);
    return read || s->place != PLACE_KEPT || err_set(e, why.kind, "%s", why.text);
}

/* --- searching --- */

static size_t enter(struct search *s, const char *name)
{
    size_t before = s->path.n;
    buf_byte(&s->path, '/');
    buf_str(&s->path, name);
    return before;
}

static bool found(struct search *s, enum erase_place place, int folder, const char *name,
                  struct err *e)
{
    struct arena a = {0};
    size_t before = enter(s, name);
    struct erase_found x = {place, folder, name, arena_str(&a, buf_span(&s->path))};
    bool good = s->each(s->ctx, &x, e);
    s->path.n = before;
    arena_close(&a);
    return good;
}

static bool search_folder(struct search *s, int folder, const char *name, unsigned depth,
                          struct err *e);

static bool search_one(struct search *s, int folder, const struct dir_entry *x, unsigned depth,
                       struct err *e)
{
    bool copy = false;
    if (x->kind == FILE_FOLDER)
        return search_folder(s, folder, x->name, depth, e);
    if (x->kind != FILE_REGULAR)
        return true;
    return is_copy(s, folder, x->name, &copy, e) &&
           (!copy || found(s, s->place, folder, x->name, e));
}

/* What one sender put there must not hide what others did: a folder too many is told, not read. */
static bool list(struct search *s, int fd, unsigned depth, struct arena *a, struct dir_list *out,
                 bool *searched, struct err *e)
{
    struct err why = {0};
    *searched =
        depth <= ERASE_DEPTH_MAX && s->files < ERASE_FILES_MAX && dir_list(fd, ".", a, out, &why);
    s->files += *searched ? out->count : 0;
    return why.kind != ERR_IO || s->place != PLACE_KEPT || err_set(e, why.kind, "%s", why.text);
}

static bool search_listed(struct search *s, int fd, unsigned depth, bool *searched, struct err *e)
{
    struct arena a = {0};
    struct dir_list l;
    bool good = list(s, fd, depth, &a, &l, searched, e);
    for (size_t i = 0; good && *searched && i < l.count; i++)
        good = search_one(s, fd, &l.entry[i], depth + 1, e);
    arena_close(&a);
    return good;
}

static bool search_folder(struct search *s, int folder, const char *name, unsigned depth,
                          struct err *e)
{
    struct err why = {0};
    int fd;
    bool searched = false, good = true;
    if (!dir_open(folder, name, &fd, &why))
        return why.kind == ERR_USAGE || found(s, PLACE_UNSEARCHED, folder, name, e);
    size_t before = enter(s, name);
    good = search_listed(s, fd, depth, &searched, e);
    s->path.n = before;
    dir_close(fd);
    return good && (searched || found(s, PLACE_UNSEARCHED, folder, name, e));
}

/* --- the parts of an inbox --- */

static const struct {
    enum erase_place place;
    const char *name;
} parts[] = {{PLACE_CLAIMED, INBOX_CLAIMED}, {PLACE_KEPT, INBOX_HELD}, {PLACE_KEPT, INBOX_REFUSED}};

enum { PARTS = sizeof parts / sizeof parts[0] };

static bool is_ours(const char *name)
{
    size_t i = 0;
    while (i < PARTS && strcmp(parts[i].name, name) != 0)
        i++;
    return i < PARTS;
}

static bool search_transfers(struct search *s, int folder, struct err *e)
{
    struct arena a = {0};
    struct dir_list l;
    bool good = dir_list(folder, ".", &a, &l, e);
    for (size_t i = 0; good && i < l.count; i++) {
        const struct dir_entry *x = &l.entry[i];
        if (s->place == PLACE_WAITING && is_ours(x->name))
            continue;
        bool marked;
        good = is_marked(s, x, &marked, e) &&
               (marked ? found(s, s->place, folder, x->name, e) : search_one(s, folder, x, 0, e));
    }
    arena_close(&a);
    return good;
}

static bool search_part(struct search *s, int inbox, const char *part, struct err *e)
{
    struct file_info info;
    int folder;
    if (!file_stat(inbox, part, &info, e))
        return false;
    if (info.kind != FILE_FOLDER)
        return true; /* made by the first run */
    if (!dir_open(inbox, part, &folder, e))
        return false;
    size_t before = enter(s, part);
    bool good = search_transfers(s, folder, e);
    s->path.n = before;
    dir_close(folder);
    return good;
}

bool erase_search_inbox(const struct home *h, struct span study, const struct erase_marks *m,
                        bool (*each)(void *ctx, const struct erase_found *x, struct err *e),
                        void *ctx, struct err *e)
{
    struct search s = {
        .home = h, .study = study, .marks = m, .each = each, .ctx = ctx, .place = PLACE_WAITING};
    struct arena a = {0};
    int inbox;
    buf_str(&s.path, "inbox/");
    buf_add(&s.path, study);
    bool good = dir_open(h->inbox, arena_str(&a, study), &inbox, e);
    good = good && search_transfers(&s, inbox, e);
    for (size_t i = 0; good && i < PARTS; i++) {
        s.place = parts[i].place;
        good = search_part(&s, inbox, parts[i].name, e);
    }
    dir_close(inbox);
    buf_close(&s.path);
    arena_close(&a);
    return good || err_at(e, "inbox");
}
