/* What the parts of keep/seen share. */
#ifndef KEEP_SEEN_PART_H
#define KEEP_SEEN_PART_H

#include "keep/seen.h"

struct seen_state {
    const char *where;        /* for messages: what it is and where it lies */
    struct span note, origin; /* the signed note; what its text says */
    uint64_t first;           /* index of the first of .. */
    struct span entries;      /* .. these, one a line; may be empty */
    const char *bundle;       /* path of the bundle that has all entries, or NULL */
    bool by_hand, used;
};

struct seen {
    struct arena arena;
    struct seen_state *state;
    size_t count, cap;
};

/* The origin is taken from the note; ERR_FORMAT where it is no checkpoint. */
bool seen_add(struct seen *s, struct seen_state *x, struct err *e);

/*
 * Entries from .. size-1 that this state shows, ascending, as far as it shows some; the span is
 * valid during the call.
 */
bool seen_each_entry(const struct seen_state *x, uint64_t from, uint64_t size,
                     bool (*each)(void *ctx, uint64_t index, struct span entry, struct err *e),
                     void *ctx, struct err *e);

#endif
