/*
 * A block of text, and the marks in it, found at once: what ends cells, outside quotes. What
 * quotes are, and what is odd, a format says.
 */
#ifndef DATASET_MARK_INDEX_H
#define DATASET_MARK_INDEX_H

#include "dataset/mark_way.h"

enum { MARK_GROUP = 16 }; /* chunks that are looked at one after the other */

struct mark_index {
    const struct mark_way *way;
    size_t chunks;  /* room */
    uint32_t *mark; /* up to the last one that ends a row; one lies before them */
    size_t marks;
    uint64_t *odd;  /* a bit a byte: where a row is not plain */
    uint64_t *high; /* the same: bytes that are not ASCII, where the format tells them */
    bool any_odd, any_high;
};

/* What a chunk leaves to the next one: of its last byte, as the lowest bit. */
struct mark_carry {
    uint64_t inside; /* quotes */
    uint64_t closing, mark;
    uint64_t cr;                        /* CSV */
    uint64_t bracket, blank, backslash; /* JSON */
    bool blanks;                        /* JSON, of the whole block: one behind each comma */
};

struct mark_format {
    uint8_t end; /* of a row */

    /* The marks of n chunks, of which the first one's number is `first`; and x->odd and so on. */
    void (*find)(struct mark_index *x, const uint8_t *p, size_t first, size_t n,
                 struct mark_carry *carry, struct marks *out);
};

/* `way`: one of mark_way. */
void mark_index_open(struct mark_index *x, const struct mark_way *way);
void mark_index_close(struct mark_index *x);

/* How many bytes it likes to have ahead. */
size_t mark_index_wish(const struct mark_index *x);

/*
 * Looks at the front of `ahead`, where a row begins: at a block, or, if no row ends there, at more.
 * Returns at how many bytes.
 */
size_t mark_index_look(struct mark_index *x, const struct mark_format *format,
                       struct mark_carry begin, struct span ahead);

static inline size_t mark_index_place(const struct mark_index *x, size_t mark)
{
    return x->mark[mark] & MARK_PLACE;
}

/* Of bits like x->odd: whether any is set from `from` to `to`, both included. */
bool mark_index_any(const uint64_t *bits, size_t from, size_t to);

/* --- for formats --- */

/* Each bit is the parity of those up to it: set from an opening quote up to before its closing. */
static inline uint64_t mark_parities(uint64_t bits)
{
#pragma GCC unroll 6
    for (unsigned by = 1; by < 64; by *= 2)
        bits ^= bits << by;
    return bits;
}

/* Each bit moves to the next byte. */
static inline uint64_t mark_behind(uint64_t bits, uint64_t *carry)
{
    uint64_t moved = bits << 1 | *carry;
    *carry = bits >> 63;
    return moved;
}

#endif
