/* What is read as a note or a verifier key is written back as the same bytes. */
#include <stdlib.h>

#include "format/base64.h"
#include "format/note.h"

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

static void rewrite(struct buf *b, const struct note *n)
{
    buf_add(b, n->text);
    buf_byte(b, '\n');
    for (size_t i = 0; i < n->count; i++) {
        struct buf blob = {0};
        buf_add(&blob, span_of(n->signature[i].id, 4));
        buf_add(&blob, n->signature[i].blob);
        buf_str(b, "\xe2\x80\x94 ");
        buf_add(b, n->signature[i].name);
        buf_byte(b, ' ');
        base64_write(b, buf_span(&blob));
        buf_byte(b, '\n');
        buf_close(&blob);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct buf b = {0};
    struct span text = span_of(data, size);
    struct note n;
    struct note_key k;
    struct err e = {0};
    if (note_parse(&a, text, &n, &e)) {
        rewrite(&b, &n);
        must(span_eq(buf_span(&b), text));
        /* a key of the first line's name, so that the verifier is reached */
        struct note_key first = {.name = n.signature[0].name, .algorithm = NOTE_COSIGNATURE};
        for (size_t i = 0; i < sizeof first.id; i++)
            first.id[i] = n.signature[0].id[i];
        must(note_verify(&n, &first, NULL) == NOTE_BAD);
    } else {
        must(e.kind == ERR_FORMAT || e.kind == ERR_LIMIT);
    }
    buf_clear(&b);
    if (note_key_parse(&a, text, &k, NULL) &&
        (k.algorithm == NOTE_ED25519 || k.algorithm == NOTE_COSIGNATURE)) {
        note_key_write(&b, k.name, k.algorithm, &k.key);
        must(span_eq(buf_span(&b), text));
    }
    buf_close(&b);
    arena_close(&a);
    return 0;
}
