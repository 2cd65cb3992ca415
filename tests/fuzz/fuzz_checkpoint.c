/* What is read as a checkpoint is written back as the same bytes. */
#include <stdlib.h>

#include "base/arena.h"
#include "ledger/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct checkpoint c;
    struct buf b = {0};
    if (!checkpoint_parse(span_of(data, size), &c, NULL))
        return 0;
    checkpoint_write(&b, &c);
    if (!span_eq(buf_span(&b), span_of(data, size)))
        abort();
    buf_close(&b);
    return 0;
}
