/*
 * Bytes that are written one behind the other and then read from the beginning, as often as
 * one likes: a few stay in memory, more go to a scratch file.
 */
#ifndef CONTENT_SPOOL_H
#define CONTENT_SPOOL_H

#include "base/buf.h"
#include "os/file.h"

enum { SPOOL_MEMORY = 256 * 1024, SPOOL_PARKED = 4096 };

/* `struct spool s = {.folder = folder};` is empty. The folder outlives it. */
struct spool {
    int folder; /* descriptor of where the scratch file may be */
    bool spilled;
    struct file file;
    struct buf tail; /* what is not in the file */
};

void spool_close(struct spool *s);
uint64_t spool_size(const struct spool *s);

/* Where the next n bytes go, or NULL, with an error. They are there after spool_took. */
uint8_t *spool_room(struct spool *s, size_t n, struct err *e);

static inline void spool_took(struct spool *s, size_t n)
{
    s->tail.n += n;
}

/* Moves what is in memory to the file, unless it is little. */
bool spool_park(struct spool *s, struct err *e);

/* Reads a part of it. Nothing is added meanwhile. */
struct spool_reader {
    const struct spool *spool;
    uint64_t at, end; /* what was not read so far */
    uint8_t *p;
    size_t next, n, cap;
};

void spool_reader_open(struct spool_reader *r, const struct spool *s, uint64_t from, uint64_t to,
                       size_t cap);
void spool_reader_close(struct spool_reader *r);

/* Reads ahead as much as there is room for. */
bool spool_refill(struct spool_reader *r, struct err *e);

/* The next bytes: `need` at least, which is at most `cap`, or all up to the end. */
static inline bool spool_peek(struct spool_reader *r, size_t need, struct span *out, struct err *e)
{
    if (r->n - r->next < need && r->at < r->end && !spool_refill(r, e))
        return false;
    *out = (struct span){r->p + r->next, r->n - r->next};
    return true;
}

/* Of what spool_peek gave. */
static inline void spool_take(struct spool_reader *r, size_t n)
{
    r->next += n;
}

#endif
