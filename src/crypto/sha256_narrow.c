#ifndef SHA256_SODIUM

#include <string.h>

#include "crypto/sha256_way.h"

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

static void lane_begin(struct lane *l, uint32_t *state, const uint8_t *p, size_t blocks)
{
    l->state = state;
    l->p = p;
    l->blocks = blocks;
    l->end_blocks = 0;
    l->out = NULL;
}

static bool lane_take(struct lane *l, struct sha256_queue *q)
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
static bool lane_ready(struct lane *l, struct sha256_queue *q)
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

static void run_one(const struct sha256_way *way, struct lane *l)
{
    way->one(l->state, l->p, l->blocks);
    lane_skip(l, l->blocks);
}

static void run_two(const struct sha256_way *way, struct lane *a, struct lane *b)
{
    size_t n = a->blocks < b->blocks ? a->blocks : b->blocks;
    way->two(a->state, a->p, b->state, b->p, n);
    lane_skip(a, n);
    lane_skip(b, n);
}

/* Until both lanes and the queue are empty. */
static void run(const struct sha256_way *way, struct lane *a, struct lane *b,
                struct sha256_queue *q)
{
    for (;;) {
        bool a_ready = lane_ready(a, q);
        bool b_ready = way->two != NULL && lane_ready(b, q);
        if (a_ready && b_ready)
            run_two(way, a, b);
        else if (a_ready)
            run_one(way, a);
        else if (b_ready)
            run_one(way, b);
        else
            return;
    }
}

void sha256_take_narrow(const struct sha256_way *way, struct sha256_blocks *stream,
                        struct sha256_queue *q)
{
    struct lane a, b;
    lane_begin(&a, stream->state, stream->p, stream->n);
    lane_begin(&b, NULL, NULL, 0);
    run(way, &a, &b, q);
}

#endif
