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

/* How many bytes of it are those of the last one's key. */
static size_t shared_key(const struct record_writer *w, struct span key)
{
    return bytes_common(w->string, key.p, key.n < w->last.key ? key.n : w->last.key);
}

/* Puts a key without its first `shared` bytes, and the hashes; returns what is behind them. */
static inline uint8_t *put_parts(uint8_t *to, struct span key, size_t shared, const uint8_t *h,
                                 const uint8_t *strict)
{
    bytes_copy(to, key.p + shared, key.n - shared);
    to += key.n - shared;
    memcpy(to, h, SHA256_SIZE);
    if (strict == NULL)
        return to + SHA256_SIZE;
    memcpy(to + SHA256_SIZE, strict, SHA256_SIZE);
    return to + 2 * SHA256_SIZE;
}

/* The first `shared` bytes of its key are those of the last. */
static bool put(struct record_writer *w, struct span key, size_t shared, const uint8_t *h,
                const uint8_t *strict, struct err *e)
{
    size_t own = key.n - shared;
    uint8_t *to = spool_room(w->spool, RECORD_MAX, e);
    if (to == NULL)
        return false;
    to[0] = (uint8_t)(shared >> 8 | (strict != NULL ? EXACT : 0));
    to[1] = (uint8_t)shared;
    to[2] = (uint8_t)(own >> 8);
    to[3] = (uint8_t)own;
    spool_took(w->spool, (size_t)(put_parts(to + HEAD, key, shared, h, strict) - to));
    put_parts(w->string + shared, key, shared, h, strict);
    w->last = (struct record){w->string, key.n, strict != NULL};
    w->run.count++;
    return true;
}

bool record_writer_add(struct record_writer *w, const struct record *r, struct err *e)
{
    const uint8_t *h = record_hash(r);
    struct span key = {r->string, r->key};
    if (w->run.count > 0 && span_eq(record_key(&w->last), record_key(r)))
        w->duplicates++;
    return put(w, key, shared_key(w, key), h, r->exact ? h + SHA256_SIZE : NULL, e);
}

/* Of the last and of one with the same key. */
static int compare_hashes(const struct record *last, const struct record_parts *r)
{
    const uint8_t *h = record_hash(last);
    int order = memcmp(h, r->h->b, SHA256_SIZE);
    if (order != 0 || !last->exact || r->strict == NULL)
        return order != 0 ? order : (int)last->exact - (r->strict != NULL);
    return memcmp(h + SHA256_SIZE, r->strict->b, SHA256_SIZE);
}

/* Beside the last. A key that begins another is none of the same dataset, and no matter. */
enum place { BEFORE, REPEATS, BEHIND };

static enum place place_of(const struct record_writer *w, const struct record_parts *r,
                           size_t shared)
{
    const struct record *last = &w->last;
    if (w->run.count == 0)
        return BEHIND;
    if (shared < r->key.n && shared < last->key)
        return last->string[shared] < r->key.p[shared] ? BEHIND : BEFORE;
    if (r->key.n != last->key || compare_hashes(last, r) > 0)
        return BEFORE;
    bool repeats = r->key.n > 0 || memcmp(record_hash(last), r->h->b, SHA256_SIZE) == 0;
    return repeats ? REPEATS : BEHIND;
}

bool record_writer_follow(struct record_writer *w, const struct record_parts *r, bool *follows,
                          struct err *e)
{
    size_t shared = shared_key(w, r->key);
    enum place place = place_of(w, r, shared);
    *follows = place != BEFORE;
    w->duplicates += place == REPEATS;
    return !*follows || put(w, r->key, shared, r->h->b, r->strict == NULL ? NULL : r->strict->b, e);
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
