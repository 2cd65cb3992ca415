#include "content/hash_digest.h"

#include <string.h>

#include "base/arena.h"
#include "os/thread.h"

/* Hashes that are taken at a time, since each call of SHA-256 costs; and how many such wait. */
enum { BLOCK = 2048, BLOCKS = 4 };

struct block {
    size_t count;
    struct hash h[BLOCK];
};

struct hash_digest {
    struct sha256 sha256; /* the thread's, while it has blocks */
    struct crew *crew;
    struct block block[BLOCKS + 1];
    size_t filling;
};

static void take(void *digest, void *block)
{
    struct hash_digest *d = digest;
    struct block *b = block;
    sha256_feed(&d->sha256, span_of(b->h, b->count * sizeof b->h[0]));
    b->count = 0;
}

struct hash_digest *hash_digest_open(struct hash columns, bool many)
{
    struct hash_digest *d = mem_new(sizeof *d);
    sha256_begin(&d->sha256);
    sha256_feed(&d->sha256, hash_span(&columns));
    d->crew = crew_open_in_order(many && thread_processors() > 1, BLOCKS, take, d);
    return d;
}

static void give(struct hash_digest *d)
{
    crew_give(d->crew, &d->block[d->filling]);
    d->filling = (d->filling + 1) % (BLOCKS + 1);
    if (crew_inside(d->crew) == BLOCKS)
        crew_take(d->crew);
}

void hash_digest_add(struct hash_digest *d, const struct hash *h, size_t n)
{
    for (size_t some; n > 0; h += some, n -= some) {
        struct block *b = &d->block[d->filling];
        some = n < BLOCK - b->count ? n : BLOCK - b->count;
        memcpy(b->h + b->count, h, some * sizeof *h);
        b->count += some;
        if (b->count == BLOCK)
            give(d);
    }
}

struct hash hash_digest_close(struct hash_digest *d)
{
    give(d);
    while (crew_take(d->crew) != NULL)
        continue;
    crew_close(d->crew);
    struct hash h = sha256_end(&d->sha256);
    mem_free(d);
    return h;
}
