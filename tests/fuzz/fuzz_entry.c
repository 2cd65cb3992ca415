/*
 * What is read as an entry is written back as the same bytes; and the fast way agrees. Behind a
 * line break another entry may follow, which is read in the light of the first.
 */
#include <stdlib.h>

#include "ledger/entry_match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

/* As entry_match reads it by itself: both match or neither, and write the same. */
static bool match(struct entry_before *before, struct span text, struct entry *x)
{
    struct entry alone;
    struct buf one = {0}, two = {0};
    bool matched = entry_match_next(before, text, x);
    if (matched != entry_match(text, &alone))
        abort();
    if (matched) {
        entry_write(&one, x);
        entry_write(&two, &alone);
        if (!span_eq(buf_span(&one), text) || !span_eq(buf_span(&two), text))
            abort();
    }
    buf_close(&one);
    buf_close(&two);
    return matched;
}

static void read_one(struct entry_before *before, struct span text, struct entry *fast)
{
    struct arena a = {0};
    struct entry x;
    struct buf b = {0};
    struct err e = {0};
    bool matched = match(before, text, fast);
    if (entry_parse(&a, text, &x, &e)) {
        entry_write(&b, &x);
        if (!span_eq(buf_span(&b), text))
            abort();
    } else if (matched || (e.kind != ERR_FORMAT && e.kind != ERR_LIMIT && e.kind != ERR_STATE)) {
        abort();
    }
    buf_close(&b);
    arena_close(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span first, rest = span_of(data, size);
    struct entry x, y;
    struct entry_before before = {0};
    if (span_line(&rest, &first))
        read_one(&before, first, &x);
    read_one(&before, rest, &y);
    return 0;
}
