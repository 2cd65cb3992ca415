/* What is read as an entry is written back as the same bytes; and the fast way agrees. */
#include <stdlib.h>

#include "ledger/entry_match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct entry x;
    struct buf b = {0};
    struct err e = {0};
    bool matched = entry_match(span_of(data, size), &x);
    if (matched) {
        entry_write(&b, &x);
        if (!span_eq(buf_span(&b), span_of(data, size)))
            abort();
        buf_clear(&b);
    }
    if (entry_parse(&a, span_of(data, size), &x, &e)) {
        entry_write(&b, &x);
        if (!span_eq(buf_span(&b), span_of(data, size)))
            abort();
    } else if (matched || (e.kind != ERR_FORMAT && e.kind != ERR_LIMIT && e.kind != ERR_STATE)) {
        abort();
    }
    buf_close(&b);
    arena_close(&a);
    return 0;
}
