#include "content/hash_sort.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/sort.h"
#include "content/hash_parts.h"

enum {
    BUCKET_BITS_MAX = 15, /* so that what counts buckets stays in the cache */
    FEW = 24,             /* items that are sorted by insertion */
    PARKED = 4096,        /* hashes that may stay in memory */
    REPEATS = 1024,       /* of one hash that are given at a time */
};

struct hash_sort {
    int folder;
    size_t shared;      /* leading bytes that all hashes have in common; below SHA256_SIZE */
    uint64_t added;     /* hashes */
    struct hash *item;  /* all, while they are few; later the part that is given */
    struct hash *other; /* to sort by; both have room for `cap` */
    size_t count, cap;
    struct hash_parts *parts; /* all, by the byte behind what they share; NULL: they are few */

    bool taking;
    size_t part;            /* the next to give */
    uint64_t repeats;       /* of item[0] that are still to be given: these are the whole part */
    struct hash_sort *deep; /* the part before, where it is parted again */
};

struct hash_sort *hash_sort_open(int folder)
{
    struct hash_sort *s = mem_new(sizeof *s);
    s->folder = folder;
    return s;
}

static void drop_items(struct hash_sort *s)
{
    mem_free(s->item);
    mem_free(s->other);
    s->item = s->other = NULL;
    s->cap = 0;
}

void hash_sort_close(struct hash_sort *s)
{
    while (s != NULL) {
        struct hash_sort *deep = s->deep;
        hash_parts_close(s->parts);
        drop_items(s);
        mem_free(s);
        s = deep;
    }
}

/* For more items; what is there stays. */
static void make_room(struct hash_sort *s, size_t cap)
{
    if (cap <= s->cap)
        return;
    s->cap = cap;
    s->item = mem_resize(s->item, cap * sizeof *s->item);
    s->other = mem_resize(s->other, cap * sizeof *s->other);
}

/* --- in memory --- */

/* The first eight bytes nearly always tell. */
static inline bool is_before(const struct hash *a, const struct hash *b)
{
    uint64_t x = bytes_eight(a->b), y = bytes_eight(b->b);
    return x != y ? x < y : memcmp(a, b, SHA256_SIZE) < 0;
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, SHA256_SIZE);
}

static void sort_few(struct hash *item, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (!is_before(&item[i], &item[i - 1]))
            continue;
        struct hash h = item[i];
        size_t j = i;
        for (; j > 0 && is_before(&h, &item[j - 1]); j--)
            item[j] = item[j - 1];
        item[j] = h;
    }
}

/* Where hashes repeat, all of a bucket may be one. */
static bool is_sorted(const struct hash *item, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (is_before(&item[i], &item[i - 1]))
            return false;
    return true;
}

static void sort_bucket(struct hash *item, size_t n)
{
    if (n <= FEW)
        sort_few(item, n);
    else if (!is_sorted(item, n))
        sort_items(item, n, sizeof *item, compare);
}

static void swap_items(struct hash_sort *s)
{
    struct hash *item = s->item;
    s->item = s->other;
    s->other = item;
}

/* Turns counts into where each begins. */
static void add_up(uint32_t *count, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t here = count[i];
        count[i] = sum;
        sum += here;
    }
}

/* By the bits behind the first `shared` bytes, into about as many buckets as there are hashes. */
static void sort_all(struct hash_sort *s, size_t shared)
{
    uint32_t end[1 << BUCKET_BITS_MAX], from = 0;
    unsigned bits = 1;
    while (bits < BUCKET_BITS_MAX && (size_t)1 << bits < s->count)
        bits++;
    size_t at = shared < SHA256_SIZE - 8 ? shared : SHA256_SIZE - 8, buckets = (size_t)1 << bits;
    memset(end, 0, buckets * sizeof end[0]);
    for (size_t i = 0; i < s->count; i++)
        end[bytes_eight(s->item[i].b + at) >> (64 - bits)]++;
    add_up(end, buckets);
    for (size_t i = 0; i < s->count; i++)
        s->other[end[bytes_eight(s->item[i].b + at) >> (64 - bits)]++] = s->item[i];
    for (size_t b = 0; b < buckets; from = end[b++])
        if (end[b] - from > 1)
            sort_bucket(s->other + from, end[b] - from);
    swap_items(s);
}

/* --- adding --- */

/* From here on all go to parts. */
static bool part_items(struct hash_sort *s, struct err *e)
{
    s->parts = hash_parts_open(s->folder, s->shared);
    bool good = hash_parts_add(s->parts, s->item, s->count, e);
    s->count = 0;
    drop_items(s);
    return good;
}

bool hash_sort_add(struct hash_sort *s, const struct hash *h, size_t n, struct err *e)
{
    assert(!s->taking);
    if (n > HASH_SORT_MAX - s->added)
        return err_set(e, ERR_LIMIT, "more than %d records", HASH_SORT_MAX);
    s->added += n;
    if (s->parts == NULL && n > HASH_SORT_MEMORY - s->count && !part_items(s, e))
        return false;
    if (s->parts != NULL)
        return hash_parts_add(s->parts, h, n, e);
    if (n == 0)
        return true;
    while (s->cap - s->count < n)
        make_room(s, s->cap == 0 ? 1024 : s->cap * 2);
    memcpy(s->item + s->count, h, n * sizeof *h);
    s->count += n;
    return true;
}

bool hash_sort_park(struct hash_sort *s, struct err *e)
{
    if (s->parts == NULL && s->count <= PARKED)
        return true;
    return (s->parts != NULL || part_items(s, e)) && hash_parts_park(s->parts, e);
}

/* --- taking --- */

static bool load_part(struct hash_sort *s, size_t part, size_t size, struct err *e)
{
    struct hash_piece piece = hash_parts_first(s->parts, part);
    size_t n;
    make_room(s, size);
    do {
        if (!hash_parts_read(s->parts, &piece, s->item + s->count, &n, e))
            return false;
        s->count += n;
    } while (n > 0);
    sort_all(s, s->shared + 1);
    return true;
}

/* Of a part, how many of the first bytes all have in common; *first is one of it. */
static bool shared_bytes(const struct hash_sort *s, size_t part, struct hash *first, size_t *shared,
                         struct err *e)
{
    struct hash_piece piece = hash_parts_first(s->parts, part);
    struct hash h[HASH_PARTS_PIECE];
    size_t n;
    *shared = SHA256_SIZE;
    if (!hash_parts_read(s->parts, &piece, h, &n, e))
        return false;
    for (*first = h[0]; n > 0;) {
        for (size_t i = 0; i < n; i++)
            *shared = bytes_common(first->b, h[i].b, *shared);
        if (!hash_parts_read(s->parts, &piece, h, &n, e))
            return false;
    }
    return true;
}

static bool part_again(struct hash_sort *s, size_t part, size_t shared, struct err *e)
{
    struct hash_piece piece = hash_parts_first(s->parts, part);
    struct hash h[HASH_PARTS_PIECE];
    size_t n;
    s->deep = hash_sort_open(s->folder);
    s->deep->shared = shared;
    do {
        if (!hash_parts_read(s->parts, &piece, h, &n, e) || !hash_sort_add(s->deep, h, n, e))
            return false;
    } while (n > 0);
    return true;
}

/* More than memory is for. Where all bytes are shared, all are one. */
static bool begin_large_part(struct hash_sort *s, size_t part, uint64_t size, struct err *e)
{
    struct hash first;
    size_t shared;
    if (!shared_bytes(s, part, &first, &shared, e))
        return false;
    drop_items(s);
    if (shared < SHA256_SIZE)
        return part_again(s, part, shared, e);
    make_room(s, REPEATS);
    s->repeats = size;
    for (size_t i = 0; i < REPEATS; i++)
        s->item[i] = first;
    return true;
}

/* Into s->count items, s->repeats or s->deep; none of them where nothing is left. */
static bool begin_part(struct hash_sort *s, struct err *e)
{
    uint64_t size = 0;
    s->count = 0;
    if (s->parts == NULL)
        return true;
    while (s->part < HASH_PARTS && (size = hash_parts_size(s->parts, s->part)) == 0)
        s->part++;
    if (s->part == HASH_PARTS)
        return true;
    size_t part = s->part++;
    return size > HASH_SORT_MEMORY ? begin_large_part(s, part, size, e)
                                   : load_part(s, part, (size_t)size, e);
}

static bool begin(struct hash_sort *s, struct err *e)
{
    s->taking = true;
    if (s->parts != NULL)
        return hash_parts_park(s->parts, e);
    sort_all(s, s->shared);
    return true;
}

/* What s itself has. */
static void give(struct hash_sort *s, const struct hash **out, size_t *n)
{
    *out = s->item;
    *n = s->count;
    s->count = 0;
    if (s->repeats == 0)
        return;
    *n = s->repeats < REPEATS ? (size_t)s->repeats : REPEATS;
    s->repeats -= *n;
}

bool hash_sort_next(struct hash_sort *s, const struct hash **out, size_t *n, struct err *e)
{
    if (!s->taking && !begin(s, e))
        return false;
    if (s->deep == NULL && s->count == 0 && s->repeats == 0 && !begin_part(s, e))
        return false;
    while (s->deep != NULL) {
        if (!hash_sort_next(s->deep, out, n, e))
            return false;
        if (*n > 0)
            return true;
        hash_sort_close(s->deep);
        s->deep = NULL;
        if (!begin_part(s, e))
            return false;
    }
    give(s, out, n);
    if (*n == 0)
        drop_items(s);
    return true;
}
