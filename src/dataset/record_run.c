#include "dataset/record_run.h"

/*
 * A record on the spool: two big-endian numbers of 16 bits, the bytes of the key that are those
 * of the one before, with the top bit set where a strict hash stands at the end, and the bytes of
 * the key that follow; then these; the hash; the strict hash.
 */
enum { HEAD = 4, EXACT = 0x80, RECORD_MAX = HEAD + RECORD_STRING_MAX };

void record_writer_begin(struct record_writer *w)
{
    w->run = (struct record_run){.from = spool_size(w->spool)};
    w->last = (struct record){.string = w->string};
    w->duplicates = 0;
}

bool record_writer_add(struct record_writer *w, const struct record *r, struct err *e)
{
    uint8_t bytes[RECORD_MAX];
    size_t size = record_size(r);
    size_t both = r->key < w->last.key ? r->key : w->last.key;
    size_t shared = common_prefix(w->string, r->string, both);
    if (w->run.count++ > 0 && span_eq(record_key(&w->last), record_key(r)))
        w->duplicates++;
    bytes[0] = (uint8_t)(shared >> 8 | (r->exact ? EXACT : 0));
    bytes[1] = (uint8_t)shared;
    bytes[2] = (uint8_t)((r->key - shared) >> 8);
    bytes[3] = (uint8_t)(r->key - shared);
    memcpy(bytes + HEAD, r->string + shared, size - shared);
    memcpy(w->string + shared, r->string + shared, size - shared);
    w->last = (struct record){w->string, r->key, r->exact};
    return spool_add(w->spool, span_of(bytes, HEAD + size - shared), e);
}

/* --- reading --- */

void record_reader_open(struct record_reader *r, const struct spool *s, struct record_run run,
                        uint64_t end, size_t memory)
{
    spool_reader_open(&r->in, s, run.from, end, memory > RECORD_MAX ? memory : RECORD_MAX);
    r->left = run.count;
    r->now = (struct record){.string = r->string};
}

void record_reader_close(struct record_reader *r)
{
    spool_reader_close(&r->in);
}

static bool damaged(struct err *e)
{
    return err_set(e, ERR_IO, "a scratch file is not as it was written");
}

bool record_reader_next(struct record_reader *r, bool *more, struct err *e)
{
    struct span s;
    *more = r->left > 0;
    if (!*more)
        return true;
    if (!spool_peek(&r->in, RECORD_MAX, &s, e))
        return false;
    if (s.n < HEAD)
        return damaged(e);
    struct record next = {.string = r->string, .exact = (s.p[0] & EXACT) != 0};
    size_t shared = (size_t)(s.p[0] & ~EXACT) << 8 | s.p[1];
    next.key = shared + ((size_t)s.p[2] << 8 | s.p[3]);
    size_t behind = record_size(&next) - shared;
    if (shared > r->now.key || next.key > SORT_KEY_MAX || s.n - HEAD < behind)
        return damaged(e);
    memcpy(r->string + shared, s.p + HEAD, behind);
    spool_take(&r->in, HEAD + behind);
    r->now = next;
    r->left--;
    return true;
}
