/*
 * The first byte chooses a block size, the rest is the text. Its tokens, as one
 * text and as lines, must not depend on the blocks; what has a tree must have
 * tokens; and the canonical form must be its own canonical form.
 */
#include <stdio.h>
#include <stdlib.h>

#include "format/json_write.h"

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "fatal: %s\n", why);
    abort();
}

static void check(bool holds)
{
    if (!holds)
        abort();
}

struct blocks {
    struct span rest;
    size_t size;
};

static bool next_block(void *ctx, struct span *block, struct err *e)
{
    struct blocks *b = ctx;
    (void)e;
    *block = span_of(b->rest.p, b->rest.n < b->size ? b->rest.n : b->size);
    b->rest = span_skip(b->rest, block->n);
    return true;
}

static bool log_text(struct buf *log, struct json_reader *r, struct err *e)
{
    enum json_token token;
    struct span text;
    do {
        if (!json_next(r, &token, &text, e))
            return false;
        buf_byte(log, (uint8_t)token);
        buf_be64(log, json_offset(r));
        buf_be64(log, json_line(r));
        buf_be64(log, text.n);
        buf_add(log, text);
    } while (token != JSON_END);
    return true;
}

static bool log_lines(struct buf *log, struct json_reader *r, struct err *e)
{
    bool more, good = json_next_line(r, &more, e);
    while (good && more)
        good = log_text(log, r, e) && json_next_line(r, &more, e);
    return good;
}

static bool log_tokens(struct buf *log, struct span text, size_t size, bool lines)
{
    struct blocks b = {text, size};
    struct err e = {0};
    struct json_reader *r = json_open((struct json_input){next_block, &b});
    bool good = lines ? log_lines(log, r, &e) : log_text(log, r, &e);
    buf_str(log, e.text);
    json_close(r);
    return good;
}

static bool check_blocks(struct span text, size_t size, bool lines)
{
    struct buf whole = {0}, cut = {0};
    bool good = log_tokens(&whole, text, SIZE_MAX, lines);
    check(good == log_tokens(&cut, text, size, lines));
    check(span_eq(buf_span(&whole), buf_span(&cut)));
    buf_close(&whole);
    buf_close(&cut);
    return good;
}

static void check_canonical(const struct json *tree)
{
    struct arena a = {0};
    struct buf once = {0}, twice = {0};
    struct json *again;
    if (json_write(&once, tree, NULL)) {
        check(json_parse_canonical(&a, buf_span(&once), &again, NULL));
        check(json_write(&twice, again, NULL));
        check(span_eq(buf_span(&once), buf_span(&twice)));
    }
    buf_close(&once);
    buf_close(&twice);
    arena_close(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct span text = span_of(data + 1, size - 1);
    size_t block = 1 + (data[0] & 0x3f);
    check_blocks(text, block, true);
    bool good = check_blocks(text, block, false);
    struct arena a = {0};
    struct json *tree;
    if (json_parse(&a, text, &tree, NULL)) {
        check(good);
        check_canonical(tree);
    }
    arena_close(&a);
    return 0;
}
