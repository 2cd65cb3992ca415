/* Any bytes as a backup's list: what parses, written again, is the same text, and is found. */
#include <stdlib.h>

#include "base/buf.h"
#include "store/sums.h"

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct sums s;
    struct buf b = {0};
    if (!sums_parse(&s, span_of(p, n), NULL))
        return 0;
    for (size_t i = 0; i < s.count; i++) {
        if (sums_find(&s, s.line[i].path) != &s.line[i])
            abort();
        buf_hex(&b, hash_span(&s.line[i].hash));
        buf_str(&b, "  ");
        buf_add(&b, s.line[i].path);
        buf_byte(&b, '\n');
    }
    if (!span_eq(buf_span(&b), span_of(p, n)))
        abort();
    buf_close(&b);
    sums_close(&s);
    return 0;
}
