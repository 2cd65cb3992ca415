/*
 * What costs most in reading texts whose cells end in marks, such as commas: to look at each byte,
 * and to write each cell. The ways to do it differ in speed only.
 */
#ifndef DATASET_MARK_WAY_H
#define DATASET_MARK_WAY_H

#include "dataset/rows.h"

enum {
    MARK_CHUNK = 64,            /* bytes that are looked at at once */
    MARK_PLACE = (1 << 28) - 1, /* of a mark, see below */
    MARK_LIST_ROOM = 12,        /* marks behind those of a chunk may be overwritten, */
    MARK_CUT_ROOM = 8,          /* and so may marks and cells behind those of a row */
};

/* Of the bytes of a chunk, a bit each, that of the first byte the lowest. */
struct csv_chunk {
    uint64_t comma, quote, lf, cr, nul;
    uint64_t high; /* not ASCII */
};

struct json_chunk {
    uint64_t comma, quote, backslash, blank;
    uint64_t bracket; /* [ ] */
    uint64_t bad;     /* control bytes and not ASCII */
};

/* The same: what ends cells, and which of these end a row or are behind a quote. */
struct marks {
    uint64_t any, end, quoted;
};

struct mark_way {
    const char *name;

    /* At n chunks. */
    void (*look_at_csv)(const uint8_t *p, size_t n, struct csv_chunk *out);
    void (*look_at_json)(const uint8_t *p, size_t n, struct json_chunk *out);

    /*
     * Lists the marks of n chunks, of which the first byte is at `from`; returns how many.
     * Each is where it is (MARK_PLACE) and bits above that, which are the way's own. There is room
     * for as many as there are bytes, and MARK_LIST_ROOM.
     */
    size_t (*list)(const struct marks *marks, size_t n, uint32_t from, uint32_t *out);

    /*
     * Cuts the n cells of a row of the text p which end at mark[0] and so on and begin behind the
     * mark before, the first one behind mark[-1]. True where the last of these marks, and no other,
     * ends a row. There is room behind `mark` and `cell` for MARK_CUT_ROOM more.
     *
     * CSV: what begins with a quote is `quoted`. JSON: what ends with a quote is a text, without
     * its quotes; all else a number, if it is one; cells begin `skip` bytes later.
     */
    bool (*cut_csv)(const uint8_t *p, const uint32_t *mark, size_t n, struct cell *cell);
    bool (*cut_json)(const uint8_t *p, const uint32_t *mark, size_t n, size_t skip,
                     struct cell *cell);
};

/* The i-th way that this program and this CPU have, from 0, the best; NULL behind the last. */
const struct mark_way *mark_way(size_t i);

/* NULL where this program or this CPU does not have it. */
const struct mark_way *mark_way_avx512(void);

/* The cell of a plain CSV row between two places: one that begins with a quote ends with one. */
static inline struct cell mark_csv_cell(const uint8_t *p, size_t from, size_t to)
{
    if (p[from] == '"')
        return (struct cell){CELL_TEXT, true, {p + from + 1, to - from - 2}};
    return (struct cell){CELL_TEXT, false, {p + from, to - from}};
}

/* The same of JSON. */
static inline struct cell mark_json_cell(const uint8_t *p, size_t from, size_t to)
{
    if (p[to - 1] == '"')
        return (struct cell){CELL_TEXT, false, {p + from + 1, to - from - 2}};
    return (struct cell){CELL_NUMBER, false, {p + from, to - from}};
}

#endif
