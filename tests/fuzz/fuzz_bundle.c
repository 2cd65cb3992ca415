/*
 * The verifier never crashes, never fails where there is no I/O, and of all inputs calls
 * only the one good bundle good. The first byte chooses: the rest is a bundle as it is (a
 * seed of this kind is signed by a key that nobody trusts, lest it be good as well),
 * or a list of changes to the good one: to the archive, or to a member while lists,
 * signature and archive around it follow, as a notary can do it who has not the log key.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/bundle/bundle_make.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

static struct made good, made; /* the first is made once and never closed */
static struct trust trust;

static void verify(struct span zip)
{
    struct arena a = {0};
    struct issues issues = {0};
    struct verdict verdict;
    struct err e = {0};
    const struct verify_options o = {.trust = &trust};
    bool done = bundle_verify(source_of(&zip), &o, &a, &issues, &verdict, &e);
    bool green = issues_count(&issues, SEVERITY_BAD) == 0;
    if (!done || green != span_eq(zip, good.zip))
        abort();
    issues_close(&issues);
    arena_close(&a);
}

/* Four bytes: where (u16), which kind of change, with what. */
static void change(struct buf *b, struct span edits)
{
    for (; edits.n >= 4 && b->n > 0; edits = span_skip(edits, 4)) {
        size_t at = (edits.p[0] | (size_t)edits.p[1] << 8) % b->n;
        uint8_t with = edits.p[3];
        switch (edits.p[2] % 3) {
        case 0:
            b->p[at] ^= with;
            break;
        case 1:
            buf_byte(b, 0);
            memmove(b->p + at + 1, b->p + at, b->n - 1 - at);
            b->p[at] = with;
            break;
        case 2:
            memmove(b->p + at, b->p + at + 1, b->n - 1 - at);
            b->n--;
            break;
        }
    }
}

static void change_archive(struct span edits)
{
    struct buf b = {0};
    buf_add(&b, good.zip);
    change(&b, edits);
    verify(buf_span(&b));
    buf_close(&b);
}

static void change_member(struct span edits)
{
    made_small(&made);
    made_to(&made, STEP_DEFLATED + edits.p[0] % (STEP_ZIP - STEP_DEFLATED + 1));
    struct made_member *x = &made.member[edits.p[1] % made.members];
    if (span_eq(x->path, SPAN("data/VERIFY.txt"))) { /* carried, not evidence */
        made_close(&made);
        return;
    }
    struct buf b = {0};
    buf_add(&b, x->bytes);
    change(&b, span_skip(edits, 2));
    bool same = span_eq(buf_span(&b), x->bytes);
    x->bytes = arena_copy(&made.arena, buf_span(&b));
    if (!same && x->stored.p != NULL)
        x->stored = made_deflate(&made, x->bytes, 6);
    buf_close(&b);
    verify(made_zip(&made));
    made_close(&made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = span_of(data, size);
    if (good.zip.p == NULL) {
        made_small(&good);
        trust = made_trust(&good);
        verify(made_zip(&good));
    }
    if (size < 3)
        return 0;
    rest = span_skip(rest, 1);
    if (data[0] % 4 == 0)
        verify(rest);
    else if (data[0] % 4 == 1)
        change_archive(rest);
    else
        change_member(rest);
    return 0;
}
