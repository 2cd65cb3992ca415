#include "crypto/crc32.h"
#include "format/zip_layout.h"

static const uint64_t ARCHIVE_MAX = UINT64_MAX / 4; /* so that no offset can overflow */

enum state { WRITING, FAILED, FINISHED };

struct zip_writer {
    struct sink out;
    enum state state;
    uint64_t at; /* bytes written */
    struct zip_directory directory;
    enum zip_method method; /* of the member in hand */
    uint64_t left;          /* bytes of it that are still to come */
    uint32_t crc, want_crc; /* of those that came; of all, where it is stored */
};

struct zip_writer *zip_create(struct sink out)
{
    struct zip_writer *w = mem_new(sizeof *w);
    w->out = out;
    return w;
}

void zip_close(struct zip_writer *w)
{
    if (w != NULL)
        zip_directory_close(&w->directory);
    mem_free(w);
}

static bool emit(struct zip_writer *w, struct span bytes, struct err *e)
{
    if (bytes.n > 0 && !w->out.write(w->out.ctx, bytes, e)) {
        w->state = FAILED;
        return false;
    }
    w->at += bytes.n;
    return true;
}

/* The member in hand, if any, has got all its bytes; what else can be seen of them is right. */
static bool check_complete(struct zip_writer *w, struct err *e)
{
    if (w->state != WRITING)
        return err_set(e, ERR_USAGE, "the archive is finished, or an error came before");
    if (w->directory.count == 0)
        return true;
    struct span name = zip_directory_name(&w->directory, w->directory.count - 1);
    if (w->left > 0)
        err_set(e, ERR_USAGE, "member %.*s: %llu bytes are missing", SPAN_ARGS(name),
                (unsigned long long)w->left);
    else if (w->method == ZIP_STORED && w->crc != w->want_crc)
        err_set(e, ERR_USAGE, "member %.*s: its bytes do not have the CRC-32 that was given",
                SPAN_ARGS(name));
    else
        return true;
    w->state = FAILED;
    return false;
}

static bool check_entry(const struct zip_writer *w, const struct zip_entry *x, struct err *e)
{
    const struct zip_directory *d = &w->directory;
    const struct zip_member *m = &x->member;
    const char *fault = zip_directory_fault(d, m);
    if (fault != NULL)
        return err_set(e, ERR_USAGE, "member %.*s: %s", SPAN_ARGS(m->name), fault);
    if (d->count == ZIP_MEMBERS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d members", ZIP_MEMBERS_MAX);
    if (zip_central_size(x) > ZIP_DIRECTORY_MAX - d->bytes.n)
        return err_set(e, ERR_LIMIT, "more than %d bytes of directory", ZIP_DIRECTORY_MAX);
    if (m->stored > ARCHIVE_MAX - w->at)
        return err_set(e, ERR_LIMIT, "member %.*s: too large", SPAN_ARGS(m->name));
    return true;
}

bool zip_add(struct zip_writer *w, const struct zip_member *m, struct err *e)
{
    struct zip_entry x = {*m, w->at};
    if (!check_complete(w, e) || !check_entry(w, &x, e))
        return false;
    zip_directory_mark(&w->directory, w->directory.bytes.n);
    zip_put_central(&w->directory.bytes, &x);
    w->method = m->method;
    w->left = m->stored;
    w->crc = 0;
    w->want_crc = m->crc32;
    struct buf header = {0};
    zip_put_local(&header, &x);
    bool done = emit(w, buf_span(&header), e);
    buf_close(&header);
    return done;
}

bool zip_feed(struct zip_writer *w, struct span bytes, struct err *e)
{
    if (w->state != WRITING || bytes.n > w->left)
        return err_set(e, ERR_USAGE, "more bytes than the member was said to have");
    if (w->method == ZIP_STORED)
        w->crc = crc32_feed(w->crc, bytes);
    w->left -= bytes.n;
    return emit(w, bytes, e);
}

bool zip_add_bytes(struct zip_writer *w, struct span name, struct span bytes, struct err *e)
{
    const struct zip_member m = {
        .name = name,
        .method = ZIP_STORED,
        .crc32 = crc32_feed(0, bytes),
        .size = bytes.n,
        .stored = bytes.n,
    };
    return zip_add(w, &m, e) && zip_feed(w, bytes, e);
}

bool zip_finish(struct zip_writer *w, struct err *e)
{
    struct zip_directory *d = &w->directory;
    size_t one, other;
    if (!check_complete(w, e))
        return false;
    if (!zip_directory_distinct(d, &one, &other))
        return err_set(e, ERR_USAGE, "members %.*s and %.*s would collide where case is ignored",
                       SPAN_ARGS(zip_directory_name(d, one)),
                       SPAN_ARGS(zip_directory_name(d, other)));
    const struct zip_tail tail = {d->count, d->bytes.n, w->at};
    struct buf end = {0};
    zip_put_tail(&end, &tail);
    bool done = emit(w, buf_span(&d->bytes), e) && emit(w, buf_span(&end), e);
    buf_close(&end);
    if (done)
        w->state = FINISHED;
    return done;
}
