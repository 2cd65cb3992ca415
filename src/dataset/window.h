/*
 * Reads a source forwards in blocks and shows what lies ahead. Memory is one
 * block, or twice the largest look-ahead that was asked for.
 */
#ifndef DATASET_WINDOW_H
#define DATASET_WINDOW_H

#include "base/io.h"

struct window {
    struct source source;
    uint8_t *p;
    size_t n, cap;
    uint64_t at; /* offset in the source of p[0] */
};

void window_open(struct window *w, struct source source);
void window_close(struct window *w);

/*
 * The bytes from offset `at`: at least `least` of them unless the source ends
 * before, perhaps more; valid until the next call. `at` never decreases from call
 * to call and is not behind the end. ERR_IO only.
 */
bool window_read(struct window *w, uint64_t at, size_t least, struct span *out, struct err *e);

#endif
