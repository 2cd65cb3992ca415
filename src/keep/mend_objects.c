/* Objects that entries name and that are missing or altered, from wherever their bytes still lie.
 */
#include <string.h>

#include "base/sort.h"
#include "bundle/layout.h"
#include "keep/mending.h"
#include "ledger/hash_map.h"
#include "os/dir.h"
#include "store/aside.h"
#include "store/objects.h"

enum { INBOX_DEPTH_MAX = 4 };

struct wanted {
    struct hash name;
    uint64_t size; /* or OBJECT_SIZE_ANY */
    uint64_t entry;
    bool found;
};

struct search {
    struct mending *m;
    struct hash_map erased;  /* not wanted any more */
    struct wanted *item;     /* ascending by name */
    size_t count, cap, open; /* open: not found yet */
};

/* --- what is wanted --- */

static bool is_good(const struct home *h, struct hash name, bool *out, struct err *e)
{
    struct object *o;
    *out = objects_open(h, name, &o, e);
    if (!*out)
        return mending_may_fail(e);
    *out = object_read(o, sink_nowhere(), e);
    object_close(o);
    return *out || mending_may_fail(e);
}

static bool want(struct search *s, struct hash name, uint64_t size, uint64_t entry, struct err *e)
{
    bool good;
    if (!is_good(s->m->home, name, &good, e))
        return false;
    if (good)
        return true;
    s->item = mem_room(s->item, s->count, &s->cap, sizeof *s->item);
    s->item[s->count++] = (struct wanted){name, size, entry, false};
    return true;
}

static bool want_of_entry(void *ctx, uint64_t index, struct span bytes, struct err *e)
{
    struct search *s = ctx;
    struct arena a = {0};
    struct entry x;
    struct hash details;
    bool good = entry_parse(&a, bytes, &x, e);
    if (good && x.kind == ENTRY_ERASURE)
        hash_map_add(&s->erased, x.subject, index);
    if (good && entry_details(&x, &details))
        good = want(s, details, OBJECT_SIZE_ANY, index, e);
    if (good && x.kind == ENTRY_REVISION)
        good = want(s, x.subject, x.revision.size, index, e);
    if (good && x.kind == ENTRY_REFUSAL && x.refusal.size != ENTRY_NONE)
        good = want(s, x.subject, x.refusal.size, index, e);
    if (good && x.kind == ENTRY_SEAL)
        good = want(s, x.subject, OBJECT_SIZE_ANY, index, e) &&
               want(s, x.seal.checkpoint, OBJECT_SIZE_ANY, index, e);
    arena_close(&a);
    return good;
}

static int by_name(const void *a, const void *b)
{
    const struct wanted *x = a, *y = b;
    return memcmp(&x->name, &y->name, sizeof x->name);
}

/* Several entries may name one object: it is wanted once. What was erased must not come back. */
static void unite(struct search *s)
{
    size_t kept = 0;
    sort_items(s->item, s->count, sizeof *s->item, by_name);
    for (size_t i = 0; i < s->count; i++)
        if ((kept == 0 || !hash_eq(s->item[kept - 1].name, s->item[i].name)) &&
            hash_map_find(&s->erased, s->item[i].name) == NULL)
            s->item[kept++] = s->item[i];
    s->count = s->open = kept;
}

static struct wanted *find_wanted(const struct search *s, struct hash name)
{
    const struct wanted like = {.name = name};
    size_t i = sort_find(s->item, s->count, sizeof *s->item, &like, by_name);
    bool there = i < s->count && hash_eq(s->item[i].name, name);
    return there && !s->item[i].found ? &s->item[i] : NULL;
}

/* --- putting --- */

/* Both forms that an object may have. */
static bool set_aside(struct mending *m, struct hash name, struct err *e)
{
    char hex[65], path[96];
    hash_hex(name, hex);
    for (int deflated = 0; deflated < 2; deflated++) {
        text_format(path, sizeof path, "objects/%.2s/%s%s", hex, hex + 2, deflated ? ".gz" : "");
        if (!aside_move(m->home, m->options->now, path, e))
            return false;
    }
    return true;
}

/* Bytes that can be had twice: once to see that they are right, once to put them. */
struct giver {
    bool (*give)(void *ctx, struct sink out, struct err *e);
    void *ctx;
};

static bool feed(void *ctx, struct span s, struct err *e)
{
    return objects_put_feed(ctx, s, e);
}

static bool put(struct mending *m, struct hash name, struct giver g, struct err *e)
{
    struct objects_put *p = objects_put_open(m->home);
    struct hash is;
    bool good = set_aside(m, name, e) && objects_put_begin(p, e) &&
                g.give(g.ctx, (struct sink){feed, p}, e) &&
                objects_put_end(p, &name, &is, NULL, e) && objects_put_commit(p, e);
    objects_put_close(p);
    return good;
}

static const char *object_place(struct mending *m, const struct wanted *w)
{
    char hex[65], place[256];
    text_format(place, sizeof place, "objects/%.2s/%s of %s#%llu", hash_hex(w->name, hex), hex + 2,
                m->study, (unsigned long long)w->entry);
    return arena_str(&m->of_study, span_str(place));
}

/* The giver may have what is wanted: looks, and takes it if so. */
static bool try(struct search *s, struct wanted *w, struct giver g, const char *from, struct err *e)
{
    struct sha256 sha;
    struct err why = {0};
    sha256_begin(&sha);
    if (!g.give(g.ctx, sha256_sink(&sha), &why)) {
        sha256_end(&sha);
        return true; /* it cannot be read there */
    }
    if (!hash_eq(sha256_end(&sha), w->name))
        return true;
    if (!s->m->options->only_say && !put(s->m, w->name, g, e))
        return false;
    w->found = true;
    s->open--;
    mending_tell(s->m, mending_done(s->m), object_place(s->m, w), from);
    return true;
}

/* --- folders with objects/ --- */

static bool give_object(void *ctx, struct sink out, struct err *e)
{
    return object_read(ctx, out, e);
}

static bool search_folder(struct search *s, const struct mend_folder *f, struct err *e)
{
    for (size_t i = 0; f->home.objects >= 0 && i < s->count; i++) {
        struct object *o;
        struct err why = {0};
        if (s->item[i].found || !objects_open(&f->home, s->item[i].name, &o, &why))
            continue;
        bool good = try(s, &s->item[i], (struct giver){give_object, o}, f->name, e);
        object_close(o);
        if (!good)
            return false;
    }
    return true;
}

/* --- bundles --- */

enum { MANIFEST_MAX = 512 * 1024 * 1024 };

struct member {
    struct zip_reader *zip;
    size_t i;
};

static bool give_member(void *ctx, struct sink out, struct err *e)
{
    const struct member *m = ctx;
    return zip_read(m->zip, m->i, out, NULL, e);
}

/* "<64 digits>  <path>": what the manifest says of each member, which try() does not believe. */
static bool search_line(struct search *s, const struct mend_zip *z, struct span folder,
                        struct span line, struct err *e)
{
    struct hash name;
    struct buf path = {0};
    if (line.n < 67 || !hash_parse(span_of(line.p, 64), &name))
        return true;
    struct wanted *w = find_wanted(s, name);
    if (w == NULL)
        return true;
    buf_add(&path, folder);
    buf_add(&path, span_skip(line, 66));
    struct member m = {z->zip, zip_find(z->zip, buf_span(&path))};
    buf_close(&path);
    return m.i == zip_count(z->zip) || try(s, w, (struct giver){give_member, &m}, z->name, e);
}

static bool search_zip(struct search *s, const struct mend_zip *z, struct err *e)
{
    struct arena a = {0};
    struct zip_member first;
    struct buf path = {0};
    struct span text, line;
    zip_stat(z->zip, 0, &first);
    struct span folder = span_of(first.name.p, span_find(first.name, 0, '/'));
    folder.n += folder.n < first.name.n;
    buf_add(&path, folder);
    buf_str(&path, "manifest-sha256.txt");
    size_t at = zip_find(z->zip, buf_span(&path));
    buf_close(&path);
    bool good = true;
    if (at < zip_count(z->zip)) {
        if (!zip_read_all(z->zip, at, MANIFEST_MAX, &a, &text, e))
            good = mending_may_fail(e);
        else
            while (good && span_line(&text, &line))
                good = search_line(s, z, folder, line, e);
    }
    arena_close(&a);
    return good;
}

/* --- transfers that are kept in the inbox --- */

static bool give_file(void *ctx, struct sink out, struct err *e)
{
    return source_copy(file_source(ctx), out, e);
}

static bool may_be(const struct search *s, uint64_t size)
{
    for (size_t i = 0; i < s->count; i++)
        if (!s->item[i].found && (s->item[i].size == size))
            return true;
    return false;
}

static bool search_file(struct search *s, int folder, const char *name, const char *from,
                        struct err *e)
{
    struct file f;
    struct err why = {0};
    struct sha256 sha;
    if (!file_open(folder, name, &f, &why))
        return true;
    bool good = true;
    if (may_be(s, f.size)) {
        sha256_begin(&sha);
        bool read = source_copy(file_source(&f), sha256_sink(&sha), &why);
        struct wanted *w = find_wanted(s, sha256_end(&sha));
        good = !read || w == NULL || try(s, w, (struct giver){give_file, &f}, from, e);
    }
    file_close(&f);
    return good;
}

static bool search_tree(struct search *s, int folder, const char *name, unsigned depth,
                        const char *from, struct err *e)
{
    struct arena a = {0};
    struct dir_list l;
    struct err why = {0};
    int fd;
    bool good = true;
    if (depth > INBOX_DEPTH_MAX || !dir_open(folder, name, &fd, &why))
        return true;
    if (!dir_list(fd, ".", &a, &l, &why))
        l.count = 0;
    for (size_t i = 0; good && i < l.count; i++) {
        if (l.entry[i].kind == FILE_FOLDER)
            good = search_tree(s, fd, l.entry[i].name, depth + 1, from, e);
        else if (l.entry[i].kind == FILE_REGULAR)
            good = search_file(s, fd, l.entry[i].name, from, e);
    }
    dir_close(fd);
    arena_close(&a);
    return good;
}

/* --- the whole --- */

static bool search_all(struct search *s, struct err *e)
{
    struct mending *m = s->m;
    bool good = true;
    for (size_t i = 0; good && i < m->folders; i++)
        good = search_folder(s, &m->folder[i], e);
    for (size_t i = 0; good && s->open > 0 && i < m->zips; i++)
        good = search_zip(s, &m->zip[i], e);
    return good && (s->open == 0 ||
                    search_tree(s, m->home->inbox, m->study, 0, "a transfer in the inbox", e));
}

bool mending_objects(struct mending *m, struct err *e)
{
    struct search s = {.m = m};
    bool good = log_each_entry(m->log, 0, m->checkpoint.size, want_of_entry, &s, e);
    if (!good && m->options->only_say)
        good = mending_may_fail(e); /* its files were not mended */
    unite(&s);
    good = good && (s.open == 0 || search_all(&s, e));
    for (size_t i = 0; good && i < s.count; i++)
        if (!s.item[i].found)
            mending_tell(m, MEND_LOST, object_place(m, &s.item[i]), "no source has its bytes");
    mem_free(s.item);
    hash_map_close(&s.erased);
    return good;
}
