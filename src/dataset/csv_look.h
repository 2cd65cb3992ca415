/*
 * The work of csv_scan on each byte and each cell. The ways to do it differ in speed only.
 */
#ifndef DATASET_CSV_LOOK_H
#define DATASET_CSV_LOOK_H

#include "dataset/rows.h"

enum {
    CSV_CHUNK = 64,            /* bytes that are looked at at once */
    CSV_LIST_ROOM = 12,        /* marks behind those of a chunk, */
    CSV_CUT_ROOM = 8,          /* marks and cells behind those of a row: may be overwritten */
    CSV_PLACE = (1 << 28) - 1, /* of a mark, see below */
};

/* Of the bytes of a chunk, a bit each, that of the first byte the lowest. */
struct csv_chunk {
    uint64_t comma, quote, lf, cr, nul;
    uint64_t high; /* not ASCII */
};

/* The same: what ends cells, and which of these are the end of a row or behind a quote. */
struct csv_marks {
    uint64_t any, lf, quoted;
};

struct csv_look {
    const char *name;

    /* At n chunks. */
    void (*look)(const uint8_t *p, size_t n, struct csv_chunk *out);

    /*
     * Lists the marks of n chunks, of which the first byte is at `from`; returns how many.
     * Each is where it is (CSV_PLACE) and bits above that, which are the way's own. There is room
     * for as many as there are bytes, and CSV_LIST_ROOM.
     */
    size_t (*list)(const struct csv_marks *marks, size_t n, uint32_t from, uint32_t *out);

    /*
     * Cuts the n cells of a row of the text p which end at mark[0] and so on and begin behind the
     * mark before; mark[-1] is that of the row before. True where the last one of them, and no
     * other, ends a row. There is room behind `mark` and `cell` for CSV_CUT_ROOM more.
     */
    bool (*cut)(const uint8_t *p, const uint32_t *mark, size_t n, struct cell *cell);
};

/* The i-th way that this program and this CPU have, from 0, the best; NULL behind the last. */
const struct csv_look *csv_look(size_t i);

/* NULL where this program or this CPU does not have it. */
const struct csv_look *csv_look_avx512(void);

/* The cell of a plain row between two places: one that begins with a quote ends with one. */
static inline struct cell csv_cell(const uint8_t *p, size_t from, size_t to)
{
    if (p[from] == '"')
        return (struct cell){CELL_TEXT, true, {p + from + 1, to - from - 2}};
    return (struct cell){CELL_TEXT, false, {p + from, to - from}};
}

#endif
