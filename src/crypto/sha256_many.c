#ifndef SHA256_SODIUM

#include <string.h>

#include "crypto/sha256_path.h"

/* --- two at a time --- */

/* A message on its way, or the long stream: then `out` is NULL and there is no end. */
struct lane {
    uint32_t *state;
    const uint8_t *p; /* blocks still to do */
    size_t blocks;
    size_t end_blocks; /* to do after those */
    struct hash *out;
    uint32_t own[8];
    uint8_t end[SHA256_END_MAX];
};

/* The messages that no lane has taken yet. */
struct queue {
    size_t n;
    const struct span *in;
    struct hash *out;
};

static void lane_begin(struct lane *l, uint32_t *state, const uint8_t *p, size_t blocks)
{
    l->state = state;
    l->p = p;
    l->blocks = blocks;
    l->end_blocks = 0;
    l->out = NULL;
}

static bool lane_take(struct lane *l, struct queue *q)
{
    if (q->n == 0)
        return false;
    struct span m = *q->in++;
    size_t whole = m.n / SHA256_BLOCK;
    memcpy(l->own, sha256_initial, sizeof l->own);
    lane_begin(l, l->own, m.p, whole);
    l->end_blocks = sha256_pad(l->end, span_skip(m, whole * SHA256_BLOCK), m.n);
    l->out = q->out++;
    q->n--;
    return true;
}

/* Brings blocks into an empty lane: its end, else the next message. False where nothing is left. */
static bool lane_ready(struct lane *l, struct queue *q)
{
    while (l->blocks == 0) {
        if (l->end_blocks > 0) {
            l->p = l->end;
            l->blocks = l->end_blocks;
            l->end_blocks = 0;
            continue;
        }
        if (l->out != NULL)
            sha256_write(l->state, l->out);
        l->out = NULL;
        if (!lane_take(l, q))
            return false;
    }
    return true;
}

static void lane_skip(struct lane *l, size_t blocks)
{
    l->p += blocks * SHA256_BLOCK;
    l->blocks -= blocks;
}

static void run_one(const struct sha256_path *path, struct lane *l)
{
    path->one(l->state, l->p, l->blocks);
    lane_skip(l, l->blocks);
}

static void run_two(const struct sha256_path *path, struct lane *a, struct lane *b)
{
    size_t n = a->blocks < b->blocks ? a->blocks : b->blocks;
    path->two(a->state, a->p, b->state, b->p, n);
    lane_skip(a, n);
    lane_skip(b, n);
}

/* Until both lanes and the queue are empty. */
static void run(const struct sha256_path *path, struct lane *a, struct lane *b, struct queue *q)
{
    for (;;) {
        bool a_ready = lane_ready(a, q);
        bool b_ready = path->two != NULL && lane_ready(b, q);
        if (a_ready && b_ready)
            run_two(path, a, b);
        else if (a_ready)
            run_one(path, a);
        else if (b_ready)
            run_one(path, b);
        else
            return;
    }
}

static void take_pairs(const struct sha256_path *path, struct queue q)
{
    struct lane a, b;
    lane_begin(&a, NULL, NULL, 0);
    lane_begin(&b, NULL, NULL, 0);
    run(path, &a, &b, &q);
}

/* --- sixteen at a time --- */

/* Messages that are sorted at once; lengths in blocks that are told apart, the last is "or more".
 */
enum { CHUNK = 256, LENGTHS = 32 };

static uint64_t blocks_of(struct span m)
{
    return (m.n + 8) / SHA256_BLOCK + 1;
}

/* Blocks of n messages, and of the longest. */
struct blocks {
    uint64_t all, most;
};

static struct blocks count_blocks(struct queue q)
{
    struct blocks b = {0, 0};
    for (size_t i = 0; i < q.n; i++) {
        uint64_t n = blocks_of(q.in[i]);
        b.all += n;
        b.most = n > b.most ? n : b.most;
    }
    return b;
}

/* Sixteen take as long as the longest: with less than this of them at work pairs are faster. */
enum { WIDE_LEAST = 9 };

/* Up to sixteen messages. */
static void take_group(const struct sha256_path *path, struct queue q, struct blocks b)
{
    struct span in[SHA256_WIDE] = {{0}};
    struct hash out[SHA256_WIDE];
    if (b.all / WIDE_LEAST < b.most) {
        take_pairs(path, q);
    } else if (q.n == SHA256_WIDE) {
        path->sixteen(q.in, q.out);
    } else {
        memcpy(in, q.in, q.n * sizeof *in);
        path->sixteen(in, out);
        memcpy(q.out, out, q.n * sizeof *out);
    }
}

/* Takes up to n off the queue. */
static struct queue queue_take(struct queue *q, size_t n)
{
    struct queue first = {n < q->n ? n : q->n, q->in, q->out};
    *q = (struct queue){q->n - first.n, q->in + first.n, q->out + first.n};
    return first;
}

static void take_alike(const struct sha256_path *path, struct queue q, uint64_t blocks)
{
    while (q.n > 0) {
        struct queue group = queue_take(&q, SHA256_WIDE);
        take_group(path, group, (struct blocks){group.n * blocks, blocks});
    }
}

static size_t length_of(struct span m)
{
    uint64_t blocks = blocks_of(m);
    return blocks < LENGTHS ? (size_t)blocks : LENGTHS;
}

/* in[place[i]] = q.in[i], by the number of blocks. */
static void sort(struct queue q, struct span in[CHUNK], uint8_t place[CHUNK])
{
    size_t next[LENGTHS + 2] = {0};
    for (size_t i = 0; i < q.n; i++)
        next[length_of(q.in[i]) + 1]++;
    for (size_t i = 0; i < LENGTHS; i++)
        next[i + 1] += next[i];
    for (size_t i = 0; i < q.n; i++) {
        size_t at = next[length_of(q.in[i])]++;
        place[i] = (uint8_t)at;
        in[at] = q.in[i];
    }
}

static void take_groups(const struct sha256_path *path, struct queue q)
{
    while (q.n > 0) {
        struct queue group = queue_take(&q, SHA256_WIDE);
        take_group(path, group, count_blocks(group));
    }
}

/* Sorted, so that the messages of a group end together. */
static void take_sorted(const struct sha256_path *path, struct queue q)
{
    struct span in[CHUNK];
    struct hash out[CHUNK];
    uint8_t place[CHUNK];
    sort(q, in, place);
    take_groups(path, (struct queue){q.n, in, out});
    for (size_t i = 0; i < q.n; i++)
        q.out[i] = out[place[i]];
}

static void take_wide(const struct sha256_path *path, struct queue q)
{
    while (q.n > 0) {
        struct queue chunk = queue_take(&q, CHUNK);
        struct blocks b = count_blocks(chunk);
        if (b.all == chunk.n * b.most)
            take_alike(path, chunk, b.most);
        else
            take_sorted(path, chunk);
    }
}

void sha256_take(uint32_t *state, const uint8_t *p, size_t blocks, size_t n, const struct span *in,
                 struct hash *out)
{
    const struct sha256_path *path = sha256_chosen();
    struct lane stream, other;
    struct queue q = {n, in, out};
    if (path->sixteen != NULL && n >= WIDE_LEAST) {
        take_wide(path, q);
        q.n = 0;
    }
    lane_begin(&stream, state, p, blocks);
    lane_begin(&other, NULL, NULL, 0);
    run(path, &stream, &other, &q);
}

#endif
