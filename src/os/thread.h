/*
 * Threads with one fixed role: they do the same work on one block after the other. A block belongs
 * to one thread at a time: to the caller, who gives it in; to the thread that works on it; and
 * to the caller again, who takes them out in the order in which they were given. Nothing else is
 * shared: what the work writes lies in its block. No arena, err or issues may be in two blocks.
 *
 *     struct crew *c = crew_open(thread_processors() - 1, depth, work, ctx);
 *     crew_give(c, block);          at most `depth` are inside
 *     block = crew_take(c);         the oldest; NULL where none is inside
 *     crew_close(c);
 *
 * The caller does not wait idly: as long as the oldest block is not done, crew_take works on
 * blocks that no thread has begun. So a crew of no threads does all of it, in the caller.
 */
#ifndef OS_THREAD_H
#define OS_THREAD_H

#include <stdbool.h>
#include <stddef.h>

enum { CREW_THREADS_MAX = 64, CREW_DEPTH_MAX = 256 };

/* Processors that we may use, at least 1, at most CREW_THREADS_MAX. */
unsigned thread_processors(void);

struct crew; /* opaque */

/*
 * `work` is called with ctx, which it only reads, and a block. Where the system gives fewer
 * threads, there are fewer.
 */
struct crew *crew_open(unsigned threads, size_t depth, void (*work)(void *ctx, void *block),
                       void *ctx);

/*
 * The same of one thread, or none, which works on the blocks in the order in which they were given,
 * one after the other: so `work` may write to ctx, too, which nobody else looks at while blocks are
 * inside. Without a thread the caller does all.
 */
struct crew *crew_open_in_order(bool thread, size_t depth, void (*work)(void *ctx, void *block),
                                void *ctx);
size_t crew_inside(const struct crew *c); /* blocks given and not taken */
void crew_give(struct crew *c, void *block);
void *crew_take(struct crew *c);

/* Waits for what is being worked on; blocks that were not taken stay the caller's. NULL is fine. */
void crew_close(struct crew *c);

#endif
