#include "dataset/mark_index.h"

#include <string.h>

#include "base/arena.h"

enum {
    CHUNKS = 256,       /* of a block: it and what is found in it stay in the nearest cache */
    MOST_CHUNKS = 4096, /* where rows are longer */
};

static void make_room(struct mark_index *x, size_t chunks)
{
    mark_index_close(x);
    x->chunks = chunks;
    x->mark = mem_new((1 + chunks * MARK_CHUNK + MARK_LIST_ROOM) * sizeof *x->mark);
    x->odd = mem_new(chunks * sizeof *x->odd);
    x->high = mem_new(chunks * sizeof *x->high);
    *x->mark++ = UINT32_MAX; /* so that the first cell begins at 0 */
}

void mark_index_open(struct mark_index *x, const struct mark_way *way)
{
    *x = (struct mark_index){.way = way};
    make_room(x, CHUNKS);
}

void mark_index_close(struct mark_index *x)
{
    mem_free(x->mark == NULL ? NULL : x->mark - 1);
    mem_free(x->odd);
    mem_free(x->high);
}

size_t mark_index_wish(const struct mark_index *x)
{
    return x->chunks * MARK_CHUNK;
}

static void look_at_group(struct mark_index *x, const struct mark_format *format,
                          struct mark_carry *carry, const uint8_t *p, size_t first, size_t n)
{
    struct marks marks[MARK_GROUP];
    format->find(x, p, first, n, carry, marks);
    x->marks += x->way->list(marks, n, (uint32_t)(first * MARK_CHUNK), x->mark + x->marks);
}

/* Blanks behind the last bytes, to fill a chunk, are no marks. */
static void look_at_block(struct mark_index *x, const struct mark_format *format,
                          struct mark_carry carry, struct span block)
{
    size_t chunks = block.n / MARK_CHUNK, whole = chunks * MARK_CHUNK;
    uint8_t padded[MARK_CHUNK];
    x->any_odd = x->any_high = false;
    x->marks = 0;
    for (size_t i = 0, n; i < chunks; i += n) {
        n = chunks - i < MARK_GROUP ? chunks - i : MARK_GROUP;
        look_at_group(x, format, &carry, block.p + i * MARK_CHUNK, i, n);
    }
    if (whole < block.n) {
        memset(padded, ' ', sizeof padded);
        memcpy(padded, block.p + whole, block.n - whole);
        look_at_group(x, format, &carry, padded, chunks, 1);
    }
    while (x->marks > 0 && block.p[mark_index_place(x, x->marks - 1)] != format->end)
        x->marks--;
}

size_t mark_index_look(struct mark_index *x, const struct mark_format *format,
                       struct mark_carry begin, struct span ahead)
{
    for (;;) {
        size_t room = mark_index_wish(x), n = ahead.n < room ? ahead.n : room;
        look_at_block(x, format, begin, span_of(ahead.p, n));
        if (x->marks > 0 || n == ahead.n || x->chunks == MOST_CHUNKS)
            return n;
        make_room(x, x->chunks * 2);
    }
}

bool mark_index_any(const uint64_t *bits, size_t from, size_t to)
{
    size_t first = from / 64, last = to / 64;
    uint64_t head = UINT64_MAX << from % 64, tail = UINT64_MAX >> (63 - to % 64);
    if (first == last)
        return (bits[first] & head & tail) != 0;
    uint64_t any = (bits[first] & head) | (bits[last] & tail);
    while (++first < last)
        any |= bits[first];
    return any != 0;
}
