#include "dataset/hash_sort.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/sort.h"
#include "os/file.h"

enum {
    PARTS = 256,
    BUCKET_BITS_MAX = 15, /* so that what counts buckets stays in the cache */
    FEW = 24,             /* items that are sorted by insertion */
    PARKED = 4096,        /* hashes that may stay in memory */
    REPEATS = 1024,       /* of one hash that are given at a time */
};

/* Hashes on the scratch file, parted by the byte behind what all share. */
struct run {
    uint64_t at;         /* offset */
    uint32_t end[PARTS]; /* of each part, in hashes behind `at` */
};

struct hash_sort {
    int folder;
    size_t shared; /* leading bytes that all hashes have in common; below SHA256_SIZE */
    bool scratch_open;
    struct file scratch;
    struct hash *item;  /* the run that is being filled; later the part that is given */
    struct hash *other; /* to sort by; both have room for `cap` */
    size_t count, cap;
    struct run *run;
    size_t runs, run_cap;

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
        if (s->scratch_open)
            file_close(&s->scratch);
        drop_items(s);
        mem_free(s->run);
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

/* Written out, so that a compiler sees one load. */
static inline uint64_t eight_bytes(const uint8_t *p)
{
    return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 |
           (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
           (uint64_t)p[6] << 8 | p[7];
}

/* The first eight bytes nearly always tell. */
static inline bool is_before(const struct hash *a, const struct hash *b)
{
    uint64_t x = eight_bytes(a->b), y = eight_bytes(b->b);
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
        end[eight_bytes(s->item[i].b + at) >> (64 - bits)]++;
    add_up(end, buckets);
    for (size_t i = 0; i < s->count; i++)
        s->other[end[eight_bytes(s->item[i].b + at) >> (64 - bits)]++] = s->item[i];
    for (size_t b = 0; b < buckets; from = end[b++])
        if (end[b] - from > 1)
            sort_bucket(s->other + from, end[b] - from);
    swap_items(s);
}

/* --- on the scratch file --- */

static void part_items(struct hash_sort *s, uint32_t end[PARTS])
{
    memset(end, 0, PARTS * sizeof end[0]);
    for (size_t i = 0; i < s->count; i++)
        end[s->item[i].b[s->shared]]++;
    add_up(end, PARTS);
    for (size_t i = 0; i < s->count; i++)
        s->other[end[s->item[i].b[s->shared]]++] = s->item[i];
    swap_items(s);
}

static bool spill(struct hash_sort *s, struct err *e)
{
    if (s->runs == HASH_SORT_RUNS_MAX)
        return err_set(e, ERR_LIMIT, "more than %llu records",
                       (unsigned long long)HASH_SORT_RUNS_MAX * HASH_SORT_RUN);
    if (!s->scratch_open && !file_scratch(s->folder, &s->scratch, e))
        return false;
    s->scratch_open = true;
    s->run = mem_room(s->run, s->runs, &s->run_cap, sizeof *s->run);
    struct run *r = &s->run[s->runs++];
    r->at = s->scratch.size;
    part_items(s, r->end);
    struct sink to = file_sink(&s->scratch);
    struct span items = span_of(s->item, s->count * sizeof *s->item);
    s->count = 0;
    return to.write(to.ctx, items, e);
}

bool hash_sort_add(struct hash_sort *s, const struct hash *h, size_t n, struct err *e)
{
    assert(!s->taking);
    while (n > 0) {
        if (s->count == HASH_SORT_RUN && !spill(s, e))
            return false;
        if (s->count == s->cap)
            make_room(s, s->cap == 0 ? 1024 : s->cap * 2);
        size_t some = n < s->cap - s->count ? n : s->cap - s->count;
        memcpy(s->item + s->count, h, some * sizeof *h);
        s->count += some;
        h += some;
        n -= some;
    }
    return true;
}

bool hash_sort_park(struct hash_sort *s, struct err *e)
{
    if (s->count <= PARKED)
        return true;
    if (!spill(s, e))
        return false;
    drop_items(s);
    return true;
}

/* --- taking --- */

static size_t part_begin(const struct run *r, size_t part)
{
    return part == 0 ? 0 : r->end[part - 1];
}

static uint64_t part_size(const struct hash_sort *s, size_t part)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s->runs; i++)
        n += s->run[i].end[part] - part_begin(&s->run[i], part);
    return n;
}

/* What a run has of a part, behind the s->count items that are there. */
static bool read_part(struct hash_sort *s, const struct run *r, size_t part, struct err *e)
{
    size_t from = part_begin(r, part), n = r->end[part] - from, got;
    if (n == 0)
        return true;
    if (!file_read_at(&s->scratch, r->at + from * sizeof *s->item, s->item + s->count,
                      n * sizeof *s->item, &got, e))
        return false;
    if (got != n * sizeof *s->item)
        return err_set(e, ERR_IO, "a scratch file became shorter");
    s->count += n;
    return true;
}

static bool load_part(struct hash_sort *s, size_t part, uint64_t size, struct err *e)
{
    make_room(s, (size_t)size);
    s->count = 0;
    for (size_t i = 0; i < s->runs; i++)
        if (!read_part(s, &s->run[i], part, e))
            return false;
    sort_all(s, s->shared + 1);
    return true;
}

/* How many of the first `n` bytes all items have in common with h. */
static size_t shared_bytes(const struct hash_sort *s, const struct hash *h, size_t n)
{
    for (size_t i = 0; i < s->count; i++)
        while (memcmp(&s->item[i], h, n) != 0)
            n--;
    return n;
}

/* Of the whole part; *first is one of it, so where all bytes are shared all are this. */
static bool look_through(struct hash_sort *s, size_t part, struct hash *first, size_t *shared,
                         struct err *e)
{
    bool any = false;
    *shared = SHA256_SIZE;
    for (size_t i = 0; i < s->runs; i++) {
        s->count = 0;
        if (!read_part(s, &s->run[i], part, e))
            return false;
        if (!any && s->count > 0)
            *first = s->item[0];
        any = any || s->count > 0;
        *shared = shared_bytes(s, first, *shared);
    }
    return true;
}

static bool part_again(struct hash_sort *s, size_t part, size_t shared, struct err *e)
{
    s->deep = hash_sort_open(s->folder);
    s->deep->shared = shared;
    for (size_t i = 0; i < s->runs; i++) {
        s->count = 0;
        if (!read_part(s, &s->run[i], part, e) || !hash_sort_add(s->deep, s->item, s->count, e))
            return false;
    }
    drop_items(s);
    return true;
}

/* More than memory is for. */
static bool begin_large_part(struct hash_sort *s, size_t part, uint64_t size, struct err *e)
{
    struct hash first = {{0}};
    size_t shared;
    make_room(s, HASH_SORT_RUN);
    if (!look_through(s, part, &first, &shared, e))
        return false;
    if (shared < SHA256_SIZE)
        return part_again(s, part, shared, e);
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
    while (s->part < PARTS && (size = part_size(s, s->part)) == 0)
        s->part++;
    if (s->part == PARTS)
        return true;
    size_t part = s->part++;
    return size > HASH_SORT_RUN ? begin_large_part(s, part, size, e) : load_part(s, part, size, e);
}

static bool begin(struct hash_sort *s, struct err *e)
{
    s->taking = true;
    if (s->runs > 0)
        return s->count == 0 || spill(s, e);
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
