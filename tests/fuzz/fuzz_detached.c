/* A text is of one kind at most, is UTF-8, and says its strings again. */
#include <stdlib.h>

#include "ledger/detached.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum entry_kind kinds[] = {ENTRY_SYSTEM,  ENTRY_TRANSFER,   ENTRY_REVISION,
                                            ENTRY_REFUSAL, ENTRY_WITHDRAWAL, ENTRY_ERASURE};
    struct arena a = {0};
    struct span text = span_of(data, size), file, again;
    unsigned is = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct err e = {0};
        if (!detached_check(&a, kinds[i], text, &file, &e)) {
            must(e.kind == ERR_FORMAT || e.kind == ERR_LIMIT);
            continue;
        }
        is++;
        must(span_utf8(text) && detached_string(&a, text, "file", &again, &e));
        must(span_eq(file, again));
    }
    must(is <= 1);
    arena_close(&a);
    return 0;
}
