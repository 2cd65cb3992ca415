#include "ledger/checkpoint.h"

#include <assert.h>

#include "format/base64.h"
#include "format/note.h"
#include "ledger/tree.h"

bool origin_check(struct span origin)
{
    if (origin.n > ORIGIN_MAX || !note_name_check(origin))
        return false;
    for (size_t i = 0; i < origin.n; i++)
        if (origin.p[i] < '!' || origin.p[i] > '~')
            return false;
    return true;
}

/* Lines of any content, but none of them empty. */
static bool check_extensions(struct span lines, struct err *e)
{
    enum { FIRST = 4 };
    struct span line;
    for (size_t number = FIRST; span_line(&lines, &line); number++)
        if (line.n == 0)
            return err_set(e, ERR_FORMAT, "line %zu: an extension line is empty", number);
    if (lines.n != 0)
        return err_set(e, ERR_FORMAT, "the last line does not end with LF");
    return true;
}

bool checkpoint_parse(struct span text, struct checkpoint *out, struct err *e)
{
    struct checkpoint c = {0};
    struct span rest = text, line;
    if (text.n > CHECKPOINT_MAX)
        return err_set(e, ERR_LIMIT, "the checkpoint is larger than %d bytes", CHECKPOINT_MAX);
    if (!note_text_check(text))
        return err_set(e, ERR_FORMAT, "the checkpoint is not UTF-8 without control bytes");
    if (!span_line(&rest, &c.origin) || c.origin.n == 0)
        return err_set(e, ERR_FORMAT, "line 1: the origin is missing");
    if (!span_line(&rest, &line) || !span_u64(line, &c.size) || c.size > CHECKPOINT_SIZE_MAX)
        return err_set(e, ERR_FORMAT, "line 2: the size is not a canonical number below 2^63");
    if (!span_line(&rest, &line) || !base64_bytes(line, c.root.b, sizeof c.root.b))
        return err_set(e, ERR_FORMAT, "line 3: the root is not canonical base64 of 32 bytes");
    if (c.size == 0 && !hash_eq(c.root, tree_empty()))
        return err_set(e, ERR_FORMAT, "line 3: the root of size 0 is not that of the empty tree");
    if (!check_extensions(rest, e))
        return false;
    c.extensions = rest;
    *out = c;
    return true;
}

void checkpoint_write(struct buf *b, const struct checkpoint *c)
{
    assert(c->origin.n > 0 && c->size <= CHECKPOINT_SIZE_MAX);
    buf_add(b, c->origin);
    buf_byte(b, '\n');
    buf_u64(b, c->size);
    buf_byte(b, '\n');
    base64_write(b, hash_span(&c->root));
    buf_byte(b, '\n');
    buf_add(b, c->extensions);
}
