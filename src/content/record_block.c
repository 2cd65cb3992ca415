#include "content/record_block.h"

#include "base/sort.h"

enum {
    HEAD = 3,    /* before each string: length of the key, and whether a strict hash is there */
    FEW = 32,    /* items that are sorted by insertion */
    ROUNDS = 12, /* of eight bytes that are looked at before all are compared */
};

/* A record to be sorted, by eight of its bytes first. */
struct record_item {
    uint64_t head;
    const uint8_t *at;
};

void record_block_begin(struct record_block *b, size_t max)
{
    *b = (struct record_block){.max = max, .in_order = true, .keys_in_order = true};
}

void record_block_close(struct record_block *b)
{
    buf_close(&b->b);
    mem_free(b->item);
    mem_free(b->other);
    b->item = b->other = NULL;
}

void record_block_clear(struct record_block *b)
{
    mem_free(b->item);
    mem_free(b->other);
    b->item = b->other = NULL;
    buf_clear(&b->b);
    b->count = b->next = 0;
    b->in_order = b->keys_in_order = true;
}

/* --- one behind the other --- */

static struct record record_at(const uint8_t *p)
{
    return (struct record){p + HEAD, (size_t)p[0] << 8 | p[1], p[2] != 0};
}

struct record record_block_first(const struct record_block *b)
{
    return record_at(b->b.p);
}

struct record record_block_last(const struct record_block *b)
{
    return record_at(b->b.p + b->last);
}

/* The largest record fits, and the items that sort it take no more than the records. */
bool record_block_has_room(const struct record_block *b)
{
    return b->b.n + HEAD + RECORD_STRING_MAX <= b->max;
}

static void compare_with_last(struct record_block *b, const struct record *r)
{
    struct record last = record_block_last(b);
    int key = span_cmp(record_key(&last), record_key(r));
    if (key > 0)
        b->keys_in_order = false;
    if (key > 0 || (key == 0 && record_cmp(&last, r) > 0))
        b->in_order = false;
}

void record_block_add(struct record_block *b, const struct record_parts *r)
{
    size_t at = b->b.n, key = r->key.n;
    size_t n = HEAD + key + (r->strict != NULL ? 2u : 1u) * SHA256_SIZE;
    uint8_t *to = buf_room(&b->b, n);
    to[0] = (uint8_t)(key >> 8);
    to[1] = (uint8_t)key;
    to[2] = r->strict != NULL;
    record_parts_put(to + HEAD, r, 0);
    b->b.n += n;
    struct record added = record_at(to);
    if (b->count++ > 0 && (b->in_order || b->keys_in_order))
        compare_with_last(b, &added);
    b->last = at;
}

/* --- in order --- */

static int compare(const void *a, const void *b)
{
    const struct record_item *x = a, *y = b;
    struct record r = record_at(x->at), s = record_at(y->at);
    return record_cmp(&r, &s);
}

static void sort_few(struct record_item *item, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct record_item x = item[i];
        size_t j = i;
        for (; j > 0; j--) {
            struct record_item *y = &item[j - 1];
            if (y->head < x.head || (y->head == x.head && compare(y, &x) <= 0))
                break;
            item[j] = *y;
        }
        item[j] = x;
    }
}

/*
 * The lowest byte of the heads that is looked at: with those above it there are some times more
 * values than items, if bytes do not depend on each other, so few items have the same.
 */
static unsigned lowest_byte(size_t count[8][256], size_t n)
{
    uint64_t values = 1;
    unsigned d = 8;
    while (d > 0 && values < 4 * (uint64_t)n) {
        uint64_t here = 0;
        d--;
        for (size_t v = 0; v < 256; v++)
            here += count[d][v] > 0;
        values *= here;
    }
    return d;
}

/* One pass: items by byte d of their heads. */
static void spread(const struct record_item *from, struct record_item *to, size_t n, unsigned d,
                   size_t count[256])
{
    size_t sum = 0;
    for (size_t v = 0; v < 256; v++) {
        size_t c = count[v];
        count[v] = sum;
        sum += c;
    }
    for (size_t i = 0; i < n; i++)
        to[count[from[i].head >> (8 * d) & 0xff]++] = from[i];
}

/*
 * By their heads, a byte at a time, the lowest first; bytes that are the same in all are skipped,
 * as are low ones that hardly matter. Returns how many of these.
 */
static unsigned radix_sort(struct record_item *item, struct record_item *other, size_t n)
{
    size_t count[8][256] = {0};
    struct record_item *from = item, *to = other;
    for (size_t i = 0; i < n; i++)
        for (unsigned d = 0; d < 8; d++)
            count[d][item[i].head >> (8 * d) & 0xff]++;
    unsigned lowest = lowest_byte(count, n);
    for (unsigned d = lowest; d < 8; d++) {
        if (count[d][item[0].head >> (8 * d) & 0xff] == n)
            continue;
        spread(from, to, n, d, count[d]);
        struct record_item *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != item)
        memcpy(item, from, n * sizeof *item);
    return lowest;
}

/* What all strings begin with; it is in the first whole. */
static size_t common(const struct record_item *item, size_t n)
{
    struct record first = record_at(item[0].at);
    size_t same = record_size(&first);
    for (size_t i = 1; i < n; i++) {
        struct record r = record_at(item[i].at);
        size_t size = record_size(&r) < same ? record_size(&r) : same;
        same = bytes_common(first.string, r.string, size);
    }
    return same;
}

/* Strings that begin alike are told apart by the eight bytes behind that, again and again. */
static void sort_items_by_head(struct record_item *item, struct record_item *other, size_t n,
                               unsigned round)
{
    if (round == ROUNDS) {
        sort_items(item, n, sizeof *item, compare);
        return;
    }
    size_t at = common(item, n);
    for (size_t i = 0; i < n; i++) {
        struct record r = record_at(item[i].at);
        item[i].head = string_head(r.string, record_size(&r), at);
    }
    if (n <= FEW) {
        sort_few(item, n);
        return;
    }
    unsigned skipped = 8 * radix_sort(item, other, n);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && (item[end].head ^ item[i].head) >> skipped == 0;)
            end++;
        if (skipped > 0 && end - i <= FEW)
            sort_few(item + i, end - i);
        else if (end - i > 1)
            sort_items_by_head(item + i, other + i, end - i, round + 1);
    }
}

void record_block_sort(struct record_block *b)
{
    if (b->in_order || b->count < 2)
        return;
    size_t at = 0;
    b->item = mem_resize(NULL, b->count * sizeof *b->item);
    b->other = mem_resize(NULL, b->count * sizeof *b->other);
    for (size_t i = 0; i < b->count; i++) {
        struct record r = record_at(b->b.p + at);
        b->item[i] = (struct record_item){0, b->b.p + at};
        at += HEAD + record_size(&r);
    }
    sort_items_by_head(b->item, b->other, b->count, 0);
    b->next = 0;
}

bool record_block_next(struct record_block *b, struct record *out)
{
    if (b->item != NULL) {
        if (b->next == b->count)
            return false;
        *out = record_at(b->item[b->next++].at);
        return true;
    }
    if (b->next == b->b.n)
        return false;
    *out = record_at(b->b.p + b->next);
    b->next += HEAD + record_size(out);
    return true;
}
