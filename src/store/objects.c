#include "store/objects.h"

#include "os/dir.h"
#include "os/publish.h"
#include "os/thread.h"
#include "store/object_file.h"

/* --- putting --- */

enum { LARGE = 1024 * 1024 }; /* bytes of an object for which a thread pays */

struct objects_put {
    struct home *home;
    struct batch *batch;
    struct temp temp; /* the object begun */
    struct sha256 hash;
    uint64_t size;
    struct crew *crew; /* hashes while bytes are written; NULL before the first large object */
};

struct objects_put *objects_put_open(struct home *h)
{
    struct objects_put *p = mem_new(sizeof *p);
    *p = (struct objects_put){.home = h, .batch = batch_open(), .temp = {.file = {.fd = -1}}};
    return p;
}

void objects_put_close(struct objects_put *p)
{
    if (p == NULL)
        return;
    crew_close(p->crew);
    temp_drop(&p->temp);
    batch_close(p->batch);
    mem_free(p);
}

bool objects_put_one(struct home *h, struct span bytes, struct hash *out, struct err *e)
{
    struct objects_put *p = objects_put_open(h);
    bool good = objects_put_bytes(p, bytes, out, e) && objects_put_commit(p, e);
    objects_put_close(p);
    return good;
}

bool objects_put_scratch(struct objects_put *p, struct file *out, struct err *e)
{
    return file_scratch(p->home->objects, out, e);
}

bool objects_put_begin(struct objects_put *p, struct err *e)
{
    temp_drop(&p->temp);
    sha256_begin(&p->hash);
    p->size = 0;
    return temp_open(p->home->objects, FILE_PRIVATE, &p->temp, e) || err_at(e, "objects");
}

static void hash_bytes(void *put, void *bytes)
{
    struct objects_put *p = put;
    struct span *s = bytes;
    sha256_feed(&p->hash, *s);
}

bool objects_put_feed(struct objects_put *p, struct span bytes, struct err *e)
{
    struct sink out = file_sink(&p->temp.file);
    p->size += bytes.n;
    bool large = p->size >= LARGE;
    if (large && p->crew == NULL)
        p->crew = crew_open_in_order(thread_processors() > 1, 1, hash_bytes, p);
    if (large)
        crew_give(p->crew, &bytes);
    else
        hash_bytes(p, &bytes);
    bool good = out.write(out.ctx, bytes, e);
    if (large)
        crew_take(p->crew);
    return good || err_at(e, "objects");
}

struct hash objects_put_hash(const struct objects_put *p)
{
    struct sha256 so_far = p->hash;
    return sha256_end(&so_far);
}

void objects_put_drop(struct objects_put *p)
{
    temp_drop(&p->temp);
}

/* Is it there with the size that it must have? Otherwise what is there is damaged: put it anew. */
static bool is_there(const struct home *h, struct hash name, uint64_t size, bool *deflated)
{
    struct object_file f;
    if (!object_file_open(h, name, &f, NULL))
        return false;
    file_close(&f.file);
    *deflated = f.deflated;
    return f.size == size;
}

bool objects_put_end(struct objects_put *p, const struct hash *expected, struct hash *out,
                     uint64_t *size, struct err *e)
{
    char hex[65], path[OBJECT_PATH_MAX];
    *out = sha256_end(&p->hash);
    if (size != NULL)
        *size = p->size;
    if (expected != NULL && !hash_eq(*expected, *out)) {
        temp_drop(&p->temp);
        return err_set(e, ERR_FORMAT, "its SHA-256 is %s", hash_hex(*out, hex));
    }
    bool deflated = false, there = is_there(p->home, *out, p->size, &deflated);
    object_path(*out, there && deflated, path);
    if (there)
        temp_drop(&p->temp);
    bool ok = there ? batch_keep(p->batch, p->home->objects, path, e)
                    : batch_add_temp(p->batch, &p->temp, p->home->objects, path, e);
    return ok || err_at(e, "objects");
}

bool objects_put_bytes(struct objects_put *p, struct span bytes, struct hash *out, struct err *e)
{
    return objects_put_begin(p, e) && objects_put_feed(p, bytes, e) &&
           objects_put_end(p, NULL, out, NULL, e);
}

bool objects_put_commit(struct objects_put *p, struct err *e)
{
    return batch_commit(p->batch, e) || err_at(e, "objects");
}

/* --- finding --- */

bool objects_has(const struct home *h, struct hash name, bool *out, struct err *e)
{
    char path[OBJECT_PATH_MAX];
    *out = false;
    for (int deflated = 0; deflated < 2 && !*out; deflated++) {
        struct file_info info;
        object_path(name, deflated != 0, path);
        if (!file_stat(h->objects, path, &info, e))
            return err_at(e, "objects");
        *out = info.kind == FILE_REGULAR;
    }
    return true;
}

/* A deflated file has at least its frame; what it inflates to is not known without reading. */
static bool fits(const struct file_info *info, bool deflated, uint64_t size)
{
    return info->kind == FILE_REGULAR && (deflated ? info->size > OBJECT_HEADER + OBJECT_TRAILER
                                                   : size == OBJECT_SIZE_ANY || info->size == size);
}

bool objects_look(const struct home *h, struct hash name, uint64_t size, struct err *e)
{
    char path[OBJECT_PATH_MAX], hex[65];
    for (int deflated = 1; deflated >= 0; deflated--) {
        struct file_info info;
        object_path(name, deflated != 0, path);
        if (!file_stat(h->objects, path, &info, e))
            return err_at(e, "objects");
        if (info.kind != FILE_ABSENT)
            return fits(&info, deflated != 0, size) ||
                   err_set(e, ERR_INTEGRITY, "objects/%s has not the size that was signed", path);
    }
    return err_set(e, ERR_INTEGRITY, "the object %s is missing", hash_hex(name, hex));
}

/* objects/xx/REST[.gz] */
static bool parse_name(const char *folder, const char *file, struct hash *out)
{
    struct span digits = span_str(file);
    uint8_t first;
    if (span_ends(digits, SPAN(".gz")))
        digits.n -= 3;
    if (!span_hex(span_str(folder), &first, 1) || !span_hex(digits, out->b + 1, SHA256_SIZE - 1))
        return false;
    out->b[0] = first;
    return true;
}

struct walk {
    bool (*each)(void *ctx, struct hash name, struct err *e);
    void *ctx;
};

static bool walk_folder(const struct home *h, const char *folder, const struct walk *w,
                        struct err *e)
{
    struct arena a = {0};
    struct dir_list l;
    struct hash name, last;
    bool any = false, ok = dir_list(h->objects, folder, &a, &l, e);
    for (size_t i = 0; ok && i < l.count; i++) {
        if (l.entry[i].kind != FILE_REGULAR || !parse_name(folder, l.entry[i].name, &name)) {
            ok = err_set(e, ERR_INTEGRITY, "%s/%s is no object", folder, l.entry[i].name);
            break;
        }
        /* Both forms of one object stand side by side where a deflating run was killed. */
        if (!any || !hash_eq(name, last))
            ok = w->each(w->ctx, name, e);
        last = name;
        any = true;
    }
    arena_close(&a);
    return ok;
}

bool objects_each(const struct home *h, bool (*each)(void *ctx, struct hash name, struct err *e),
                  void *ctx, struct err *e)
{
    struct walk w = {.each = each, .ctx = ctx};
    struct arena a = {0};
    struct dir_list l;
    uint8_t first;
    bool ok = dir_list(h->objects, ".", &a, &l, e);
    for (size_t i = 0; ok && i < l.count; i++) {
        struct span name = span_str(l.entry[i].name);
        if (span_starts(name, SPAN(PUBLISH_TEMP)))
            continue; /* another run is writing it */
        if (l.entry[i].kind != FILE_FOLDER || !span_hex(name, &first, 1))
            ok = err_set(e, ERR_INTEGRITY, "objects/%s is no object", l.entry[i].name);
        else
            ok = walk_folder(h, l.entry[i].name, &w, e);
    }
    arena_close(&a);
    return ok;
}
