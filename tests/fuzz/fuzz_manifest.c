/* Any bytes as a transfer manifest: what parses, written again in its order, is the same text. */
#include <stdlib.h>

#include "base/buf.h"
#include "dataset/transfer_manifest.h"

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct arena a = {0};
    struct err e = {0};
    struct transfer_manifest m;
    struct span text = span_of(p, n);
    if (transfer_manifest_parse(&a, text, SPAN("MANIFEST.sha256"), 100, &m, &e)) {
        size_t bytes = 0;
        for (size_t i = 0; i < m.lines; i++) {
            const struct manifest_line *l = &m.line[i];
            struct buf b = {0};
            if (i > 0 && span_cmp(l[-1].name, l->name) >= 0)
                abort();
            buf_hex(&b, hash_span(&l->hash));
            buf_str(&b, "  ");
            buf_add(&b, l->name);
            buf_byte(&b, '\n');
            size_t at = (size_t)(l->name.p - p) - 66;
            if (!span_starts(span_skip(text, at), buf_span(&b)))
                abort();
            bytes += b.n;
            buf_close(&b);
        }
        if (bytes != n)
            abort();
    }
    arena_close(&a);
    return 0;
}
