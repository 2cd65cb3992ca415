#ifndef SHA256_SODIUM

#include "crypto/sha256.h"

#include <stdatomic.h>
#include <string.h>

#include "crypto/sha256_path.h"

/* Fastest first; the last is always there. */
static const struct sha256_path *(*const paths[])(void) = {
    sha256_avx512,
    sha256_sha_ni,
    sha256_armv8,
    sha256_portable,
};

/*
 * NULL until first used. Threads that come at once find the same path and each store it; all that
 * it points to is constant, so relaxed order is enough.
 */
static const struct sha256_path *_Atomic chosen;

static const struct sha256_path *path_chosen(void)
{
    const struct sha256_path *path = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (path != NULL)
        return path;
    for (size_t i = 0; path == NULL && i < sizeof paths / sizeof paths[0]; i++)
        path = paths[i]();
    atomic_store_explicit(&chosen, path, memory_order_relaxed);
    return path;
}

const char *sha256_path(void)
{
    return path_chosen()->name;
}

bool sha256_use(const char *path)
{
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        const struct sha256_path *candidate = paths[i]();
        if (candidate != NULL && strcmp(candidate->name, path) == 0) {
            atomic_store_explicit(&chosen, candidate, memory_order_relaxed);
            return true;
        }
    }
    return false;
}

/* FIPS 180-4 section 5.3.3. */
static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static void put_be32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static void digest_write(const uint32_t state[8], struct hash *out)
{
    for (size_t i = 0; i < 8; i++)
        put_be32(out->b + 4 * i, state[i]);
}

enum { END_MAX = 2 * SHA256_BLOCK };

/*
 * Pads what is left of a message of `total` bytes (FIPS 180-4 section 5.1.1) and returns
 * how many blocks that makes: a 1 bit, zeroes, and the length in bits in the last 8 bytes.
 */
static size_t end_pad(uint8_t end[END_MAX], struct span left, uint64_t total)
{
    size_t blocks = (left.n + 1 + 8 + SHA256_BLOCK - 1) / SHA256_BLOCK;
    if (left.n > 0)
        memcpy(end, left.p, left.n);
    memset(end + left.n, 0, blocks * SHA256_BLOCK - left.n);
    end[left.n] = 0x80;
    put_be32(end + blocks * SHA256_BLOCK - 8, (uint32_t)(total >> 29));
    put_be32(end + blocks * SHA256_BLOCK - 4, (uint32_t)(total << 3));
    return blocks;
}

/* A message on its way, or the long stream: then `out` is NULL and there is no end. */
struct lane {
    uint32_t *state;
    const uint8_t *p; /* blocks still to do */
    size_t blocks;
    size_t end_blocks; /* to do after those */
    struct hash *out;
    uint32_t own[8];
    uint8_t end[END_MAX];
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
    memcpy(l->own, initial, sizeof l->own);
    lane_begin(l, l->own, m.p, whole);
    l->end_blocks = end_pad(l->end, span_skip(m, whole * SHA256_BLOCK), m.n);
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
            digest_write(l->state, l->out);
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
static void run(struct lane *a, struct lane *b, struct queue *q)
{
    const struct sha256_path *path = path_chosen();
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

/* Sixteen lanes; their states are columns while they advance together. */
struct wide {
    struct lane lane[SHA256_WIDE];
    uint32_t state[8][SHA256_WIDE];
};

/* With fewer lanes than this two at a time are faster. */
enum { WIDE_LEAST = 11 };

static void column_take(struct wide *w, size_t i)
{
    for (size_t word = 0; word < 8; word++)
        w->lane[i].own[word] = w->state[word][i];
}

static void column_put(struct wide *w, size_t i)
{
    for (size_t word = 0; word < 8; word++)
        w->state[word][i] = w->lane[i].own[word];
}

/* As lane_ready, with the state where it belongs. */
static inline bool wide_ready(struct wide *w, size_t i, struct queue *q)
{
    struct lane *l = &w->lane[i];
    const struct hash *message = l->out;
    if (l->blocks > 0)
        return true;
    if (message != NULL && l->end_blocks == 0)
        column_take(w, i);
    if (!lane_ready(l, q))
        return false;
    if (l->out != message)
        column_put(w, i);
    return true;
}

/* How many lanes have a block; *p is where it is, or for others any bytes. */
static size_t wide_blocks(struct wide *w, struct queue *q, const uint8_t *p[SHA256_WIDE])
{
    size_t n = 0;
    for (size_t i = 0; i < SHA256_WIDE; i++) {
        bool ready = wide_ready(w, i, q);
        p[i] = ready ? w->lane[i].p : w->lane[i].end;
        n += ready;
    }
    return n;
}

/* While there are enough messages; what the lanes then still have goes on in pairs. */
static void run_wide(const struct sha256_path *path, struct queue *q)
{
    struct wide w;
    const uint8_t *p[SHA256_WIDE];
    for (size_t i = 0; i < SHA256_WIDE; i++)
        lane_begin(&w.lane[i], w.lane[i].own, NULL, 0);
    while (wide_blocks(&w, q, p) >= WIDE_LEAST) {
        path->sixteen(w.state, p);
        for (size_t i = 0; i < SHA256_WIDE; i++)
            if (w.lane[i].blocks > 0)
                lane_skip(&w.lane[i], 1);
    }
    for (size_t i = 0; i < SHA256_WIDE; i++)
        column_take(&w, i);
    for (size_t i = 0; i < SHA256_WIDE; i += 2)
        run(&w.lane[i], &w.lane[i + 1], q);
}

void sha256_begin(struct sha256 *s)
{
    memcpy(s->state, initial, sizeof s->state);
    s->fed = 0;
}

/* Fills up the block that was begun; returns what did not go into it. */
static struct span block_fill(struct sha256 *s, struct span data)
{
    size_t at = s->fed % SHA256_BLOCK;
    if (at == 0)
        return data;
    size_t n = data.n < SHA256_BLOCK - at ? data.n : SHA256_BLOCK - at;
    if (n > 0)
        memcpy(s->block + at, data.p, n);
    if (at + n == SHA256_BLOCK)
        path_chosen()->one(s->state, s->block, 1);
    s->fed += n;
    return span_skip(data, n);
}

void sha256_feed_many(struct sha256 *s, struct span data, size_t n, const struct span *in,
                      struct hash *out)
{
    struct span rest = block_fill(s, data);
    size_t blocks = rest.n / SHA256_BLOCK;
    struct lane stream, other;
    struct queue q = {n, in, out};
    if (n >= WIDE_LEAST && path_chosen()->sixteen != NULL)
        run_wide(path_chosen(), &q);
    lane_begin(&stream, s->state, rest.p, blocks);
    lane_begin(&other, NULL, NULL, 0);
    run(&stream, &other, &q);

    struct span left = span_skip(rest, blocks * SHA256_BLOCK);
    if (left.n > 0)
        memcpy(s->block, left.p, left.n);
    s->fed += rest.n;
}

void sha256_feed(struct sha256 *s, struct span data)
{
    sha256_feed_many(s, data, 0, NULL, NULL);
}

struct hash sha256_end(struct sha256 *s)
{
    uint8_t end[END_MAX];
    struct hash h;
    size_t blocks = end_pad(end, span_of(s->block, s->fed % SHA256_BLOCK), s->fed);
    path_chosen()->one(s->state, end, blocks);
    digest_write(s->state, &h);
    return h;
}

void sha256_many(size_t n, const struct span *in, struct hash *out)
{
    struct lane a, b;
    struct queue q = {n, in, out};
    if (n >= WIDE_LEAST && path_chosen()->sixteen != NULL)
        run_wide(path_chosen(), &q);
    lane_begin(&a, NULL, NULL, 0);
    lane_begin(&b, NULL, NULL, 0);
    run(&a, &b, &q);
}

struct hash sha256_of(struct span data)
{
    struct hash h = {{0}};
    sha256_many(1, &data, &h);
    return h;
}

#endif
