/*
 * The records of a dataset in order of sort key, then of hash (FORMAT 12.5), within a bounded
 * memory: sorted runs go to a scratch file and are merged. What comes in order is one
 * run, which is written as it comes. Of a record it keeps the key and 32 bytes, 64 where its
 * strict hash is another.
 *
 *     struct record_index *x = record_index_open(folder, RECORD_INDEX_MEMORY);
 *     while (...)
 *         if (!record_index_add(x, records, n, e)) ...
 *     if (!record_index_end(x, e)) ...
 *
 *     struct record_walk *w = record_walk_open(x);      as often as one likes
 *     while ((good = record_walk_next(w, &r, &more, e)) && more) ...
 *     record_walk_close(w);
 *     record_index_close(x);
 */
#ifndef CONTENT_RECORD_INDEX_H
#define CONTENT_RECORD_INDEX_H

#include "content/record.h"

enum {
    RECORD_INDEX_MEMORY = 16 * 1024 * 1024, /* bytes of records that are sorted at a time */
    RECORD_INDEX_RUNS_MAX = 8192,
};

struct record_index; /* opaque */

/* `folder`: descriptor of where scratch files may be; it outlives the index. */
struct record_index *record_index_open(int folder, size_t memory);
void record_index_close(struct record_index *x);

/*
 * The next n, best many at a time. Their keys are sort keys, or empty for all records: then the
 * hash is the key. ERR_IO from the scratch file, ERR_LIMIT above RECORD_INDEX_RUNS_MAX runs.
 */
bool record_index_add(struct record_index *x, const struct record_parts *r, size_t n,
                      struct err *e);

/* Whether records have another order in the index than they came in, by now. */
bool record_index_moved(const struct record_index *x);

/* All were added. Frees the memory that sorting took. */
bool record_index_end(struct record_index *x, struct err *e);

/* Keeps little in memory: for one of many that wait. After record_index_end. */
bool record_index_park(struct record_index *x, struct err *e);

/* After record_index_end. */
struct record_index_facts {
    uint64_t records;
    uint64_t duplicates; /* records whose key is that of the one before */
    bool in_order;       /* they came so: no key was below the one before */
    size_t runs;         /* that were merged */
};

struct record_index_facts record_index_facts(const struct record_index *x);

struct record_walk; /* opaque: from the first to the last */

struct record_walk *record_walk_open(const struct record_index *x);
void record_walk_close(struct record_walk *w);

/* *out is valid until the next call; *more is false behind the last. */
bool record_walk_next(struct record_walk *w, struct record *out, bool *more, struct err *e);

#endif
