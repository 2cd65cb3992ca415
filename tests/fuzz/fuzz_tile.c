/* Any bytes as an entry bundle: what is taken out and added again gives the same bytes. */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "ledger/tile.h"

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "fatal: %s\n", why);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bundle = span_of(data, size), rest = bundle, entry;
    struct buf again = {0};
    struct err e = {0};
    while (tile_entry_next(&rest, &entry, &e))
        tile_entry_add(&again, entry);
    bool whole = e.kind == ERR_NONE;
    if (whole != (rest.n == 0) || again.n + rest.n != size ||
        !span_eq(buf_span(&again), span_of(data, again.n)))
        abort();
    buf_close(&again);
    return 0;
}
