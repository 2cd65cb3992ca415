#include "os/thread.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct slot {
    void *block;
    bool done;
};

struct crew {
    void (*work)(void *ctx, void *block);
    void *ctx;
    pthread_t thread[CREW_THREADS_MAX];
    unsigned threads;
    bool in_order; /* the thread alone works, if there is one */

    pthread_mutex_t mutex;   /* guards all below */
    pthread_cond_t given;    /* there is a block to begin, or the end */
    pthread_cond_t finished; /* a block is done */
    size_t depth;
    struct slot slot[CREW_DEPTH_MAX];
    uint64_t in, begun, out; /* blocks given, begun, taken: out <= begun <= in <= out + depth */
    bool ends;
};

unsigned thread_processors(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n < 1 ? 1 : n > CREW_THREADS_MAX ? CREW_THREADS_MAX : (unsigned)n;
}

/* The next block, with the mutex held; it is let go while the work is done. */
static void work_on_next(struct crew *c)
{
    struct slot *s = &c->slot[c->begun++ % c->depth];
    pthread_mutex_unlock(&c->mutex);
    c->work(c->ctx, s->block);
    pthread_mutex_lock(&c->mutex);
    s->done = true;
    pthread_cond_signal(&c->finished);
}

static void *run(void *arg)
{
    struct crew *c = arg;
    pthread_mutex_lock(&c->mutex);
    while (!c->ends) {
        if (c->begun < c->in)
            work_on_next(c);
        else
            pthread_cond_wait(&c->given, &c->mutex);
    }
    pthread_mutex_unlock(&c->mutex);
    return NULL;
}

/* Signals are for the thread that began all: the others never see one. */
static void start(struct crew *c, unsigned threads)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (c->threads < threads && pthread_create(&c->thread[c->threads], NULL, run, c) == 0)
        c->threads++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static struct crew *open_crew(unsigned threads, size_t depth, void (*work)(void *ctx, void *block),
                              void *ctx)
{
    struct crew *c = mem_new(sizeof *c);
    assert(threads <= CREW_THREADS_MAX && depth > 0 && depth <= CREW_DEPTH_MAX);
    c->work = work;
    c->ctx = ctx;
    c->depth = depth;
    pthread_mutex_init(&c->mutex, NULL);
    pthread_cond_init(&c->given, NULL);
    pthread_cond_init(&c->finished, NULL);
    start(c, threads);
    return c;
}

struct crew *crew_open(unsigned threads, size_t depth, void (*work)(void *ctx, void *block),
                       void *ctx)
{
    return open_crew(threads, depth, work, ctx);
}

struct crew *crew_open_in_order(bool thread, size_t depth, void (*work)(void *ctx, void *block),
                                void *ctx)
{
    struct crew *c = open_crew(thread, depth, work, ctx);
    c->in_order = c->threads > 0;
    return c;
}

size_t crew_inside(const struct crew *c)
{
    return (size_t)(c->in - c->out); /* both are the caller's alone */
}

void crew_give(struct crew *c, void *block)
{
    pthread_mutex_lock(&c->mutex);
    assert(c->in - c->out < c->depth);
    c->slot[c->in++ % c->depth] = (struct slot){block, false};
    pthread_cond_signal(&c->given);
    pthread_mutex_unlock(&c->mutex);
}

void *crew_take(struct crew *c)
{
    void *block = NULL;
    pthread_mutex_lock(&c->mutex);
    if (c->out < c->in) {
        struct slot *oldest = &c->slot[c->out % c->depth];
        while (!oldest->done) {
            if (c->begun < c->in && !c->in_order)
                work_on_next(c);
            else
                pthread_cond_wait(&c->finished, &c->mutex);
        }
        block = oldest->block;
        c->out++;
    }
    pthread_mutex_unlock(&c->mutex);
    return block;
}

void crew_close(struct crew *c)
{
    if (c == NULL)
        return;
    pthread_mutex_lock(&c->mutex);
    c->ends = true;
    pthread_cond_broadcast(&c->given);
    pthread_mutex_unlock(&c->mutex);
    for (unsigned i = 0; i < c->threads; i++)
        pthread_join(c->thread[i], NULL);
    pthread_cond_destroy(&c->finished);
    pthread_cond_destroy(&c->given);
    pthread_mutex_destroy(&c->mutex);
    mem_free(c);
}
