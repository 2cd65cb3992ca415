#include "ledger/proof.h"

#include <assert.h>

#include "format/base64.h"
#include "format/note.h"
#include "ledger/checkpoint.h"

static const char header[] = "c2sp.org/tlog-proof@v1";

/* What is left to read, and the number of the line that was taken last. */
struct lines {
    struct span rest;
    size_t number;
};

static bool next_line(struct lines *l, struct span *line, struct err *e)
{
    l->number++;
    if (!span_line(&l->rest, line))
        return err_set(e, ERR_FORMAT, "line %zu: cut off", l->number);
    return true;
}

static bool parse_extra(struct arena *a, struct span text, struct span *out, struct err *e)
{
    if (base64_size(text) > PROOF_EXTRA_MAX)
        return err_set(e, ERR_LIMIT, "line 2: more than %d bytes of extra data", PROOF_EXTRA_MAX);
    if (text.n == 0 || !base64_parse(a, text, out))
        return err_set(e, ERR_FORMAT, "line 2: the extra data is empty or not canonical base64");
    return true;
}

/* The optional extra line and the index. */
static bool parse_head(struct arena *a, struct lines *l, struct proof *out, struct err *e)
{
    struct span line;
    if (!next_line(l, &line, e))
        return false;
    if (!span_eq(line, span_str(header)))
        return err_set(e, ERR_FORMAT, "line 1: not %s", header);
    if (!next_line(l, &line, e))
        return false;
    if (span_take(&line, SPAN("extra ")) &&
        (!parse_extra(a, line, &out->extra, e) || !next_line(l, &line, e)))
        return false;
    if (!span_take(&line, SPAN("index ")) || !span_u64(line, &out->index) ||
        out->index >= CHECKPOINT_SIZE_MAX)
        return err_set(e, ERR_FORMAT, "line %zu: not \"index\" and a canonical number", l->number);
    return true;
}

/* Hashes up to and with the empty line. */
static bool parse_path(struct lines *l, struct tree_proof *out, struct err *e)
{
    struct span line;
    for (;;) {
        if (!next_line(l, &line, e))
            return false;
        if (line.n == 0)
            return true;
        if (out->count == TREE_DEPTH_MAX)
            return err_set(e, ERR_FORMAT, "line %zu: no tree is so deep", l->number);
        if (!base64_bytes(line, out->hash[out->count].b, SHA256_SIZE))
            return err_set(e, ERR_FORMAT, "line %zu: a hash is not canonical base64 of 32 bytes",
                           l->number);
        out->count++;
    }
}

/* A proof ends with a signed checkpoint or it is none; whoever verifies it parses it again. */
static bool check_checkpoint(struct arena *a, struct span bytes, size_t line_number, struct err *e)
{
    struct note note;
    struct checkpoint checkpoint;
    if (!note_parse(a, bytes, &note, e) || !checkpoint_parse(note.text, &checkpoint, e))
        return err_at(e, "checkpoint from line %zu on", line_number);
    return true;
}

bool proof_parse(struct arena *a, struct span text, struct proof *out, struct err *e)
{
    struct proof p = {0};
    struct lines l = {.rest = text};
    if (text.n > PROOF_MAX)
        return err_set(e, ERR_LIMIT, "the proof is larger than %d bytes", PROOF_MAX);
    if (!parse_head(a, &l, &p, e) || !parse_path(&l, &p.path, e) ||
        !check_checkpoint(a, l.rest, l.number + 1, e))
        return false;
    p.checkpoint = l.rest;
    *out = p;
    return true;
}

void proof_write(struct buf *b, const struct proof *p)
{
    assert(p->path.count <= TREE_DEPTH_MAX && p->extra.n <= PROOF_EXTRA_MAX);
    buf_str(b, header);
    buf_byte(b, '\n');
    if (p->extra.n > 0) {
        buf_str(b, "extra ");
        base64_write(b, p->extra);
        buf_byte(b, '\n');
    }
    buf_str(b, "index ");
    buf_u64(b, p->index);
    buf_byte(b, '\n');
    for (size_t i = 0; i < p->path.count; i++) {
        base64_write(b, hash_span(&p->path.hash[i]));
        buf_byte(b, '\n');
    }
    buf_byte(b, '\n');
    buf_add(b, p->checkpoint);
}
