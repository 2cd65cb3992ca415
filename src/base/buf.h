/* Growing bytes. `struct buf b = {0};` is empty; buf_close gives the memory back. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdint.h>

#include "base/span.h"

struct buf {
    uint8_t *p;
    size_t n, cap;
};

void buf_close(struct buf *b);
void buf_clear(struct buf *b); /* empty again, memory kept */
struct span buf_span(const struct buf *b);

/* Room for n more bytes; returns where they go. The caller adds to b->n what it wrote. */
uint8_t *buf_room(struct buf *b, size_t n);

void buf_add(struct buf *b, struct span s);
void buf_str(struct buf *b, const char *s);
void buf_byte(struct buf *b, uint8_t c);
void buf_u64(struct buf *b, uint64_t v); /* decimal */
void buf_hex(struct buf *b, struct span s);

/* Big-endian. */
void buf_be16(struct buf *b, uint16_t v);
void buf_be32(struct buf *b, uint32_t v);
void buf_be64(struct buf *b, uint64_t v);

#endif
