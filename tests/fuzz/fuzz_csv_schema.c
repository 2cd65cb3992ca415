/* Any bytes as a CSV schema: read, or refused with where; what is read can type a file. */
#include <stdlib.h>

#include "dataset/csv_schema.h"

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

static void check(const struct define *d)
{
    const struct define_dataset *x = define_dataset(d, SPAN("any"));
    if (x == NULL || x->refs == 0 || x->refs != d->items)
        abort();
    for (size_t i = 0; i < x->refs; i++) {
        const struct define_item *item = define_item(d, x->ref[i].item);
        if (item != &d->item[i] || item->name.n == 0 || define_ref_key(d, x, i) > x->refs)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct arena a = {0};
    struct define d;
    struct err e = {0};
    bool good = csv_schema_parse(span_of(p, n), &a, &d, &e);
    if (good)
        check(&d);
    else if (e.kind != ERR_FORMAT && e.kind != ERR_LIMIT)
        abort();
    define_close(&d);
    arena_close(&a);
    return 0;
}
