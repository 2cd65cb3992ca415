#include "job/seal_files.h"

#include <string.h>

#include "job/seal.h"
#include "os/dir.h"
#include "os/publish.h"

static bool write_one(int folder, const char *name, const char *ending, struct span bytes,
                      struct err *e)
{
    struct buf file = {0};
    struct arena a = {0};
    buf_str(&file, name);
    buf_str(&file, ending);
    bool good = publish(folder, arena_str(&a, buf_span(&file)), bytes, FILE_SHARED, e);
    buf_close(&file);
    arena_close(&a);
    return good;
}

bool seal_files_write(const char *folder, const char *name, struct span request, struct span over,
                      struct err *e)
{
    int fd = -1;
    bool good = dir_open_path(folder, &fd, e) && write_one(fd, name, ".txt", over, e) &&
                write_one(fd, name, ".tsq", request, e);
    dir_close(fd);
    return good || err_at(e, "%s", folder);
}

/* --- answers --- */

/* "DEMO-101-000000000042": of a ledger; anything else is of a bundle. */
static void read_name(struct span name, struct seal_answer *out)
{
    size_t digits = name.n;
    while (digits > 0 && name.p[digits - 1] >= '0' && name.p[digits - 1] <= '9')
        digits--;
    struct span number = span_skip(name, digits);
    if (number.n != BUNDLE_INDEX_DIGITS || digits < 2 || name.p[digits - 1] != '-' ||
        !study_name_check(span_of(name.p, digits - 1)))
        return;
    while (number.n > 1 && number.p[0] == '0')
        number = span_skip(number, 1);
    if (span_u64(number, &out->size))
        out->study = span_of(name.p, digits - 1);
}

bool seal_answer_read(const char *path, struct arena *a, struct seal_answer *out, struct err *e)
{
    const char *slash = strrchr(path, '/');
    struct span name = span_str(slash == NULL ? path : slash + 1), folder = span_str(path);
    int fd = -1;
    *out = (struct seal_answer){0};
    if (!span_ends(name, SPAN(".tsr")) || name.n <= 4)
        return err_set(e, ERR_USAGE, "%s: an answer is called like its request, and ends in .tsr",
                       path);
    name.n -= 4;
    folder.n -= name.n + 4;
    struct buf request = {0};
    buf_add(&request, name);
    buf_str(&request, ".tsq");
    read_name(name, out);
    const char *request_name = arena_str(a, buf_span(&request));
    const char *answer_name = slash == NULL ? path : slash + 1;
    bool good = dir_open_path(folder.n == 0 ? "." : arena_str(a, folder), &fd, e) &&
                file_read_all(fd, answer_name, SEAL_TOKEN_MAX, a, &out->token, e) &&
                (file_read_all(fd, request_name, SEAL_REQUEST_MAX, a, &out->request, e) ||
                 err_hint(e, "keep the request that `seal request` wrote beside the answer"));
    buf_close(&request);
    dir_close(fd);
    return good;
}
