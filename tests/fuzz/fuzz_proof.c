/* What is read as a proof is written back as the same bytes. */
#include <stdlib.h>

#include "ledger/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct proof p;
    struct buf b = {0};
    if (proof_parse(&a, span_of(data, size), &p, NULL)) {
        proof_write(&b, &p);
        if (!span_eq(buf_span(&b), span_of(data, size)))
            abort();
    }
    buf_close(&b);
    arena_close(&a);
    return 0;
}
