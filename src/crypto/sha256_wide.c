#ifndef SHA256_SODIUM

#include <string.h>

#include "crypto/sha256_way.h"

/* Messages that are sorted at once; lengths in blocks that are told apart, the last is "or more".
 */
enum { CHUNK = 256, LENGTHS = 32 };

static uint64_t blocks_of(struct span m)
{
    return (m.n + 8) / SHA256_BLOCK + 1;
}

/* Of messages: the blocks of all, and of the longest. */
struct length {
    uint64_t all, most;
};

static struct length length_of(struct sha256_queue q)
{
    struct length l = {0, 0};
    for (size_t i = 0; i < q.n; i++) {
        uint64_t n = blocks_of(q.in[i]);
        l.all += n;
        l.most = n > l.most ? n : l.most;
    }
    return l;
}

/* What all groups of sixteen share. */
struct wide {
    const struct sha256_way *way;
    struct sha256_beside beside;
};

static void take_group(struct wide *w, struct sha256_queue q, struct length l)
{
    struct span in[SHA256_WIDE] = {{0}};
    struct hash out[SHA256_WIDE];
    if (l.all / SHA256_WIDE_LEAST < l.most) {
        sha256_take_narrow(w->way, &(struct sha256_blocks){0}, &q);
    } else if (q.n == SHA256_WIDE) {
        w->way->sixteen(q.in, q.out, &w->beside);
    } else {
        memcpy(in, q.in, q.n * sizeof *in);
        w->way->sixteen(in, out, &w->beside);
        memcpy(q.out, out, q.n * sizeof *out);
    }
}

/* Takes up to n off the queue. */
static struct sha256_queue queue_take(struct sha256_queue *q, size_t n)
{
    struct sha256_queue first = {n < q->n ? n : q->n, q->in, q->out};
    *q = (struct sha256_queue){q->n - first.n, q->in + first.n, q->out + first.n};
    return first;
}

/* All have as many blocks. */
static void take_alike(struct wide *w, struct sha256_queue q, uint64_t blocks)
{
    while (q.n > 0) {
        struct sha256_queue group = queue_take(&q, SHA256_WIDE);
        take_group(w, group, (struct length){group.n * blocks, blocks});
    }
}

static void take_unlike(struct wide *w, struct sha256_queue q)
{
    while (q.n > 0) {
        struct sha256_queue group = queue_take(&q, SHA256_WIDE);
        take_group(w, group, length_of(group));
    }
}

static size_t rank_of(struct span m)
{
    uint64_t blocks = blocks_of(m);
    return blocks < LENGTHS ? (size_t)blocks : LENGTHS;
}

/* in[place[i]] = q.in[i], by the number of blocks. */
static void sort(struct sha256_queue q, struct span in[CHUNK], uint8_t place[CHUNK])
{
    size_t next[LENGTHS + 2] = {0};
    for (size_t i = 0; i < q.n; i++)
        next[rank_of(q.in[i]) + 1]++;
    for (size_t i = 0; i < LENGTHS; i++)
        next[i + 1] += next[i];
    for (size_t i = 0; i < q.n; i++) {
        size_t at = next[rank_of(q.in[i])]++;
        place[i] = (uint8_t)at;
        in[at] = q.in[i];
    }
}

/* Sorted, so that the messages of a group end together. */
static void take_sorted(struct wide *w, struct sha256_queue q)
{
    struct span in[CHUNK];
    struct hash out[CHUNK];
    uint8_t place[CHUNK];
    sort(q, in, place);
    take_unlike(w, (struct sha256_queue){q.n, in, out});
    for (size_t i = 0; i < q.n; i++)
        q.out[i] = out[place[i]];
}

/* Its schedule is room. */
static void beside_begin(struct sha256_beside *b, struct sha256_blocks stream)
{
    b->left = stream;
    b->ready = b->t = 0;
}

/*
 * Beside a block of each of sixteen messages a way takes four blocks of the stream, or eight where
 * there are more; each of these costs more then, but less than alone.
 */
static size_t pace(const struct sha256_beside *b, uint64_t message_blocks)
{
    return b->left.n * SHA256_WIDE > 5 * message_blocks ? 32 : 16;
}

void sha256_take_wide(const struct sha256_way *way, struct sha256_blocks *stream,
                      struct sha256_queue *q)
{
    struct wide w;
    w.way = way;
    beside_begin(&w.beside, *stream);
    while (q->n > 0) {
        struct sha256_queue chunk = queue_take(q, CHUNK);
        struct length l = length_of(chunk);
        w.beside.pace = pace(&w.beside, l.all);
        if (l.all == chunk.n * l.most)
            take_alike(&w, chunk, l.most);
        else
            take_sorted(&w, chunk);
    }
    *stream = w.beside.left;
}

#endif
