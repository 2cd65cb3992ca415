#include "base/buf.h"

#include <string.h>

#include "base/arena.h"

void buf_close(struct buf *b)
{
    mem_free(b->p);
    *b = (struct buf){0};
}

void buf_clear(struct buf *b)
{
    b->n = 0;
}

struct span buf_span(const struct buf *b)
{
    return span_of(b->p, b->n);
}

uint8_t *buf_room(struct buf *b, size_t n)
{
    if (n > SIZE_MAX / 2 - b->n)
        host_fatal("out of memory");
    if (b->p == NULL || b->cap - b->n < n) {
        size_t cap = b->cap == 0 ? 256 : b->cap * 2;
        if (cap < b->n + n)
            cap = b->n + n;
        b->p = mem_resize(b->p, cap);
        b->cap = cap;
    }
    return b->p + b->n;
}

void buf_add(struct buf *b, struct span s)
{
    if (s.n == 0)
        return;
    memcpy(buf_room(b, s.n), s.p, s.n);
    b->n += s.n;
}

void buf_str(struct buf *b, const char *s)
{
    buf_add(b, span_str(s));
}

void buf_byte(struct buf *b, uint8_t c)
{
    *buf_room(b, 1) = c;
    b->n++;
}

void buf_u64(struct buf *b, uint64_t v)
{
    uint8_t digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (uint8_t)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    buf_add(b, span_of(digits + at, sizeof digits - at));
}

void buf_hex(struct buf *b, struct span s)
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < s.n; i++) {
        buf_byte(b, (uint8_t)digit[s.p[i] >> 4]);
        buf_byte(b, (uint8_t)digit[s.p[i] & 15]);
    }
}

static void add_big_endian(struct buf *b, uint64_t v, unsigned bytes)
{
    for (unsigned i = bytes; i-- > 0;)
        buf_byte(b, (uint8_t)(v >> (8 * i)));
}

void buf_be16(struct buf *b, uint16_t v)
{
    add_big_endian(b, v, 2);
}

void buf_be32(struct buf *b, uint32_t v)
{
    add_big_endian(b, v, 4);
}

void buf_be64(struct buf *b, uint64_t v)
{
    add_big_endian(b, v, 8);
}
