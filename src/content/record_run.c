#include "content/record_run.h"

#include <assert.h>

/*
 * A record on the spool: two big-endian numbers of 16 bits, the bytes of the key that are those
 * of the one before, with the top bit set where a strict hash stands at the end, and the bytes of
 * the key that follow; then these; the hash; the strict hash.
 */
enum { HEAD = 4, STRICT = 0x80, RECORD_MAX = HEAD + RECORD_STRING_MAX };

void record_writer_begin(struct record_writer *w)
{
    w->run = (struct record_run){.from = spool_size(w->spool)};
    w->last = (struct record_parts){0};
    w->duplicates = 0;
}

/* How many bytes of it are those of the last one's key. */
static size_t shared_key(const struct record_writer *w, struct span key)
{
    struct span last = w->last.key;
    return bytes_common(last.p, key.p, key.n < last.n ? key.n : last.n);
}

/* The first `shared` bytes of its key are those of the last. */
static inline bool put(struct record_writer *w, const struct record_parts *r, size_t shared,
                       struct err *e)
{
    size_t own = r->key.n - shared;
    assert(r->key.n <= SORT_KEY_MAX);
    uint8_t *to = spool_room(w->spool, RECORD_MAX, e);
    if (to == NULL)
        return false;
    to[0] = (uint8_t)(shared >> 8 | (r->strict != NULL ? STRICT : 0));
    to[1] = (uint8_t)shared;
    to[2] = (uint8_t)(own >> 8);
    to[3] = (uint8_t)own;
    spool_took(w->spool, (size_t)(record_parts_put(to + HEAD, r, shared) - to));
    w->last = *r;
    w->run.count++;
    return true;
}

struct record record_writer_keep(struct record_writer *w)
{
    struct record kept = {w->string, w->last.key.n, w->last.strict != NULL};
    if (w->run.count > 0 && w->last.h != record_hash(&kept)) {
        record_parts_put(w->string, &w->last, 0);
        w->last = record_parts(&kept);
    }
    return kept;
}

/* Without a key the hash is it. */
static inline bool same_key(const struct record_writer *w, const struct record_parts *r,
                            size_t shared)
{
    return w->run.count > 0 && shared == r->key.n && shared == w->last.key.n &&
           (shared > 0 || memcmp(w->last.h, r->h, SHA256_SIZE) == 0);
}

bool record_writer_add(struct record_writer *w, const struct record_parts *r, struct err *e)
{
    size_t shared = shared_key(w, r->key);
    w->duplicates += same_key(w, r, shared);
    return put(w, r, shared, e);
}

/* A key that begins another is none of the same dataset: so it may be said to be out of order. */
static bool is_behind(const struct record_writer *w, const struct record_parts *r, size_t shared)
{
    const struct record_parts *last = &w->last;
    if (w->run.count == 0)
        return true;
    if (shared < r->key.n && shared < last->key.n)
        return last->key.p[shared] < r->key.p[shared];
    return r->key.n == last->key.n && record_hashes_cmp(last, r) <= 0;
}

bool record_writer_follow(struct record_writer *w, const struct record_parts *r, bool *follows,
                          struct err *e)
{
    size_t shared = shared_key(w, r->key);
    *follows = is_behind(w, r, shared);
    if (!*follows)
        return true;
    w->duplicates += same_key(w, r, shared);
    return put(w, r, shared, e);
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
    struct record next = {.string = r->string, .has_strict = (s.p[0] & STRICT) != 0};
    size_t shared = (size_t)(s.p[0] & ~STRICT) << 8 | s.p[1];
    next.key = shared + ((size_t)s.p[2] << 8 | s.p[3]);
    size_t behind = record_size(&next) - shared;
    if (shared > r->now.key || next.key > SORT_KEY_MAX || s.n - HEAD < behind)
        return damaged(e);
    bytes_copy(r->string + shared, s.p + HEAD, behind);
    spool_take(&r->in, HEAD + behind);
    r->now = next;
    r->left--;
    return true;
}
