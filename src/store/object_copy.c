#include <string.h>

#include "store/object_file.h"
#include "store/objects.h"

/* The sink of the caller, and the digest of what goes there. */
struct pouring {
    struct sink to;
    struct sha256 sha;
    bool hashing;
    uint64_t bytes;
};

static bool pour(void *ctx, struct span s, struct err *e)
{
    struct pouring *p = ctx;
    if (p->hashing)
        sha256_feed(&p->sha, s);
    p->bytes += s.n;
    return p->to.write(p->to.ctx, s, e);
}

static void describe(struct hash name, bool deflated, struct object_copy *out)
{
    char path[OBJECT_PATH_MAX];
    object_path(name, deflated, path);
    text_format(out->path, sizeof out->path, "objects/%s", path);
}

bool objects_stat(const struct home *h, struct hash name, struct object_copy *out, bool *found,
                  struct err *e)
{
    *out = (struct object_copy){0};
    *found = false;
    /* Deflated, plain, and again: a run that deflates it takes the plain one away in between. */
    for (int tries = 0; tries < 3 && !*found; tries++) {
        struct file_info info;
        describe(name, tries != 1, out);
        if (!file_stat(h->root, out->path, &info, e))
            return false;
        *found = info.kind == FILE_REGULAR;
        out->bytes = info.size;
    }
    return true;
}

/* To the end, where the hash is compared. */
static bool drain(struct object *o, struct err *e)
{
    struct span block;
    do {
        if (!object_next(o, &block, e))
            return false;
    } while (block.n > 0);
    return true;
}

static bool copy_frame(struct object *o, struct pouring *p, struct err *e)
{
    const struct object_file *f = object_opened(o);
    uint8_t header[OBJECT_HEADER], trailer[OBJECT_TRAILER];
    object_header(f->size, header);
    object_trailer(f->crc32, f->size, trailer);
    return pour(p, span_of(header, sizeof header), e) && drain(o, e) &&
           pour(p, span_of(trailer, sizeof trailer), e);
}

bool objects_copy(const struct home *h, struct hash name, struct sink to, struct object_copy *out,
                  struct err *e)
{
    struct object *o;
    struct pouring p = {.to = to};
    if (!objects_open(h, name, &o, e))
        return false;
    p.hashing = object_method(o) == ZIP_DEFLATED;
    sha256_begin(&p.sha);
    object_tee(o, (struct sink){pour, &p});
    bool ok = p.hashing ? copy_frame(o, &p, e) : drain(o, e);
    describe(name, p.hashing, out);
    out->bytes = p.bytes;
    out->sum = p.hashing ? sha256_end(&p.sha) : name;
    object_close(o);
    return ok;
}
