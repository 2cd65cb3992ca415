/* Any bytes as an archive of each kind: unpacked within limits, or refused. */
#include <stdlib.h>

#include "base/arena.h"
#include "dataset/archive.h"
#include "dataset/names.h"

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

static bool count(void *ctx, struct span s, struct err *e)
{
    (void)e;
    *(uint64_t *)ctx += s.n;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static const struct archive_in_limits limits = {100, 1 << 20, 1000, 1 << 16};
    struct span file = span_of(p, n);
    struct archive_in *a;
    struct archive_in_member m;
    struct err e = {0};
    uint64_t bytes = 0;
    if (!archive_in_open(source_of(&file), file_identify(file), &limits, &a, &e))
        return 0;
    while (archive_in_next(a, &m, &e) == ARCHIVE_IN_MORE) {
        if (!file_name_check(span_str(m.name), NULL))
            abort();
        if (!archive_in_copy(a, (struct sink){count, &bytes}, &e))
            break;
    }
    if (bytes > limits.bytes)
        abort();
    archive_in_close(a);
    return 0;
}
