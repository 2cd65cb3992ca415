#include "study/restored.h"

#include "os/dir.h"
#include "os/publish.h"

enum { RESTORED_MAX = 1024 * 1024 };

bool restored_write(struct home *h, struct span lines, struct err *e)
{
    return publish(h->root, RESTORED, lines, FILE_PRIVATE, e);
}

bool restored_there(const struct home *h, bool *out, struct err *e)
{
    struct file_info info;
    if (!file_stat(h->root, RESTORED, &info, e))
        return false;
    *out = info.kind != FILE_ABSENT;
    return true;
}

/* "STUDY SIZE" */
static bool parse_line(struct span line, struct span *study, uint64_t *size)
{
    size_t blank = span_find(line, 0, ' ');
    *study = span_of(line.p, blank);
    return blank < line.n && span_u64(span_skip(line, blank + 1), size);
}

static bool find(struct span text, struct span study, uint64_t size, bool *out, struct err *e)
{
    struct span line, name;
    uint64_t then;
    while (span_line(&text, &line)) {
        if (!parse_line(line, &name, &then))
            return err_set(e, ERR_FORMAT, RESTORED ": a line is no study and size");
        *out = *out || (span_eq(name, study) && then == size);
    }
    return text.n == 0 || err_set(e, ERR_FORMAT, RESTORED ": the last line has no end");
}

bool restored_due(const struct home *h, struct span study, uint64_t size, bool *out, struct err *e)
{
    struct arena a = {0};
    struct span text;
    bool there;
    *out = false;
    if (!restored_there(h, &there, e))
        return false;
    bool ok = !there || (file_read_all(h->root, RESTORED, RESTORED_MAX, &a, &text, e) &&
                         find(text, study, size, out, e));
    arena_close(&a);
    return ok;
}

bool restored_clear(struct home *h, struct err *e)
{
    return file_remove(h->root, RESTORED, e) && dir_sync(h->root, ".", e);
}
