/* Records in memory, until they are as many as fit; then in order. For record_index.c. */
#ifndef CONTENT_RECORD_BLOCK_H
#define CONTENT_RECORD_BLOCK_H

#include "content/record.h"

struct record_block {
    size_t max;   /* bytes of records that it takes */
    struct buf b; /* records one behind the other */
    size_t count;
    size_t last;        /* where the newest begins, if there is one */
    bool in_order;      /* as they came, with all of their strings ... */
    bool keys_in_order; /* ... or at least with their keys */

    struct record_item *item, *other; /* to sort by; NULL until that is needed */
    size_t next;                      /* of what record_block_next gives */
};

/* `struct record_block` is empty after this. */
void record_block_begin(struct record_block *b, size_t max);
void record_block_close(struct record_block *b);

/* False where it is full. */
bool record_block_has_room(const struct record_block *b);
void record_block_add(struct record_block *b, const struct record_parts *r);

/* The oldest and the newest, before it is sorted; there are some. */
struct record record_block_first(const struct record_block *b);
struct record record_block_last(const struct record_block *b);

/* Puts them in order, then gives one after the other; false behind the last. */
void record_block_sort(struct record_block *b);
bool record_block_next(struct record_block *b, struct record *out);

/* Empty, for what comes next: room for records is kept, that for sorting them is not. */
void record_block_clear(struct record_block *b);

#endif
