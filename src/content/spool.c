#include "content/spool.h"

#include <string.h>

void spool_close(struct spool *s)
{
    if (s->spilled)
        file_close(&s->file);
    buf_close(&s->tail);
    *s = (struct spool){.folder = s->folder};
}

static uint64_t in_file(const struct spool *s)
{
    return s->spilled ? s->file.size : 0;
}

uint64_t spool_size(const struct spool *s)
{
    return in_file(s) + s->tail.n;
}

static bool spill(struct spool *s, struct err *e)
{
    if (!s->spilled && !file_scratch(s->folder, &s->file, e))
        return false;
    s->spilled = true;
    struct sink to = file_sink(&s->file);
    if (!to.write(to.ctx, buf_span(&s->tail), e))
        return false;
    buf_clear(&s->tail);
    return true;
}

uint8_t *spool_room(struct spool *s, size_t n, struct err *e)
{
    if (n <= s->tail.cap - s->tail.n)
        return s->tail.p + s->tail.n;
    if (s->tail.n + n > SPOOL_MEMORY && s->tail.n > 0 && !spill(s, e))
        return NULL;
    return buf_room(&s->tail, n);
}

bool spool_park(struct spool *s, struct err *e)
{
    if (s->tail.n <= SPOOL_PARKED)
        return true;
    if (!spill(s, e))
        return false;
    buf_close(&s->tail);
    return true;
}

/* --- reading --- */

void spool_reader_open(struct spool_reader *r, const struct spool *s, uint64_t from, uint64_t to,
                       size_t cap)
{
    size_t all = to - from < cap ? (size_t)(to - from) : cap;
    *r = (struct spool_reader){.spool = s, .at = from, .end = to, .cap = all};
    r->p = all > 0 ? mem_resize(NULL, all) : NULL;
}

void spool_reader_close(struct spool_reader *r)
{
    mem_free(r->p);
    *r = (struct spool_reader){0};
}

static bool read_file(const struct spool *s, uint64_t at, uint8_t *p, size_t n, struct err *e)
{
    size_t got;
    return file_read_at(&s->file, at, p, n, &got, e) &&
           (got == n || err_set(e, ERR_IO, "a scratch file became shorter"));
}

/* Some bytes at `at`: those that are in the file, or else those that are in memory. */
static bool read_some(const struct spool *s, uint64_t at, uint8_t *p, size_t n, size_t *got,
                      struct err *e)
{
    uint64_t file = in_file(s);
    if (at < file) {
        *got = file - at < n ? (size_t)(file - at) : n;
        return read_file(s, at, p, *got, e);
    }
    memcpy(p, s->tail.p + (at - file), n);
    *got = n;
    return true;
}

bool spool_refill(struct spool_reader *r, struct err *e)
{
    size_t got;
    if (r->n > r->next)
        memmove(r->p, r->p + r->next, r->n - r->next);
    r->n -= r->next;
    r->next = 0;
    while (r->n < r->cap && r->at < r->end) {
        size_t room = r->cap - r->n;
        size_t n = r->end - r->at < room ? (size_t)(r->end - r->at) : room;
        if (!read_some(r->spool, r->at, r->p + r->n, n, &got, e))
            return false;
        r->n += got;
        r->at += got;
    }
    return true;
}
