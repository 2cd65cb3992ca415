/* Any bytes as Define-XML: read, or refused with where; what is read resolves. */
#include <stdlib.h>

#include "dataset/define.h"

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct span file = span_of(p, n);
    struct arena a = {0};
    struct define d;
    struct err e = {0};
    bool good = define_read(source_of(&file), &a, &d, &e);
    if (!good && e.kind != ERR_FORMAT && e.kind != ERR_LIMIT)
        abort();
    for (size_t i = 0; good && i < d.datasets; i++) {
        const struct define_dataset *x = &d.dataset[i];
        for (size_t j = 0; j < x->refs; j++)
            if (define_item(&d, x->ref[j].item) == NULL ||
                define_ref_key(&d, x, j) > DEFINE_KEYS_MAX)
                abort();
    }
    define_close(&d);
    arena_close(&a);
    return 0;
}
