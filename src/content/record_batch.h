/*
 * The records of a member, many at a time: read, brought to canonical form, hashed, and with their
 * sort keys (FORMAT 12.2, 12.5). Where there is a second processor and more than a few records, a
 * thread does all that, while the caller works on the batch before.
 *
 *     struct record_batches *r = record_batches_open(&in);
 *     const struct record_batch *b;
 *     while ((good = record_batches_next(r, &b, e)) && b->count > 0) ...
 *     record_batches_close(r);
 */
#ifndef CONTENT_RECORD_BATCH_H
#define CONTENT_RECORD_BATCH_H

#include "base/buf.h"
#include "content/canonical.h"
#include "content/key.h"
#include "content/record.h"

enum {
    RECORD_BATCH = 256,
    RECORD_THREAD = 4096, /* records of a dataset for which a thread pays */
};

/* Until all is read, these belong to the batches: a thread may use them. */
struct record_input {
    struct rows *rows;                             /* at the beginning of a member */
    struct issues *notes;                          /* takes what is odd about values */
    const char *place;                             /* of these notes */
    const struct dataset_key *key;                 /* NULL, or by all columns: no sort keys */
    void (*see)(void *ctx, const struct row *row); /* each row, as it comes; NULL */
    void *ctx;
};

struct record_batch {
    size_t count;     /* 0: the member is at its end */
    bool any_rounded; /* else the next two say nothing */
    bool rounded[RECORD_BATCH];
    struct hash strict[RECORD_BATCH]; /* at all digits; what is not rounded: the same as h */
    struct hash h[RECORD_BATCH];      /* at 15 digits */
    struct buf keys;                  /* sort keys, one behind the other */
    size_t key_end[RECORD_BATCH];

    /* What they are made of, and what went wrong: not for others. */
    struct buf bytes;
    size_t end[RECORD_BATCH], strict_end[RECORD_BATCH];
    bool failed;
    struct err err;
};

struct record_batches; /* opaque */

/* `in` is copied; what it points to outlives the batches. */
struct record_batches *record_batches_open(const struct record_input *in);
void record_batches_close(struct record_batches *r); /* NULL is fine */

/* *out is valid until the next call. False where rows_next fails, with its error. */
bool record_batches_next(struct record_batches *r, const struct record_batch **out, struct err *e);

/* Of the columns; until record_batches_close. */
const struct canonical *record_batches_form(const struct record_batches *r);

/* A record of a batch; its key is empty where there are none. */
static inline struct record_parts record_batch_parts(const struct record_batch *b, size_t i)
{
    size_t from = i == 0 ? 0 : b->key_end[i - 1];
    struct span key = span_of(b->keys.p + from, b->key_end[i] - from);
    return (struct record_parts){key, b->h[i].b,
                                 b->any_rounded && b->rounded[i] ? b->strict[i].b : NULL};
}

#endif
