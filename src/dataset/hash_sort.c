#include "dataset/hash_sort.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/sort.h"
#include "os/file.h"

enum {
    BUCKET_BITS = 14,
    BUCKETS = 1 << BUCKET_BITS,
    FEW = 24,       /* items that are sorted by insertion */
    PARKED = 4096,  /* hashes that may stay in memory */
    CHUNK_MIN = 32, /* hashes of a run that are read at a time while merging */
};

/* A run while it is merged. */
struct run {
    uint64_t left;     /* hashes that are still in the file */
    uint64_t at;       /* offset of these */
    struct hash *item; /* those that were read */
    size_t next, count;
};

struct hash_sort {
    int folder;
    bool scratch_open;
    struct file scratch;
    struct hash *item; /* the run that is being filled */
    size_t count, cap;
    struct hash *other; /* as large, to sort by */
    uint64_t *run_size;
    size_t runs, run_cap;

    bool merging;
    struct run *run;
    size_t *heap; /* runs by their next hash, the least first */
    size_t heaped;
};

struct hash_sort *hash_sort_open(int folder)
{
    struct hash_sort *s = mem_new(sizeof *s);
    s->folder = folder;
    return s;
}

void hash_sort_close(struct hash_sort *s)
{
    if (s == NULL)
        return;
    if (s->scratch_open)
        file_close(&s->scratch);
    mem_free(s->item);
    mem_free(s->other);
    mem_free(s->run_size);
    mem_free(s->run);
    mem_free(s->heap);
    mem_free(s);
}

/* --- one run --- */

static inline uint64_t first_bytes(const struct hash *h)
{
    uint64_t v = 0;
    for (size_t i = 0; i < sizeof v; i++)
        v = v << 8 | h->b[i];
    return v;
}

/* The first eight bytes nearly always tell. */
static inline bool is_before(const struct hash *a, const struct hash *b)
{
    uint64_t x = first_bytes(a), y = first_bytes(b);
    return x != y ? x < y : memcmp(a, b, SHA256_SIZE) < 0;
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, SHA256_SIZE);
}

static void sort_few(struct hash *item, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct hash h = item[i];
        size_t j = i;
        for (; j > 0 && is_before(&h, &item[j - 1]); j--)
            item[j] = item[j - 1];
        item[j] = h;
    }
}

static size_t bucket_of(const struct hash *h)
{
    return ((size_t)h->b[0] << 8 | h->b[1]) >> (16 - BUCKET_BITS);
}

/* Hashes are spread evenly: into buckets first, and each of these is small, unless hashes repeat.
 */
static void sort_run(struct hash_sort *s)
{
    size_t end[BUCKETS] = {0}, from = 0;
    for (size_t i = 0; i < s->count; i++)
        end[bucket_of(&s->item[i])]++;
    for (size_t b = 0, sum = 0; b < BUCKETS; b++) {
        size_t n = end[b];
        end[b] = sum;
        sum += n;
    }
    s->other = s->other != NULL ? s->other : mem_resize(NULL, s->cap * sizeof *s->other);
    for (size_t i = 0; i < s->count; i++)
        s->other[end[bucket_of(&s->item[i])]++] = s->item[i];
    for (size_t b = 0; b < BUCKETS; from = end[b++]) {
        if (end[b] - from <= FEW)
            sort_few(s->other + from, end[b] - from);
        else
            sort_items(s->other + from, end[b] - from, sizeof *s->other, compare);
    }
    struct hash *sorted = s->other;
    s->other = s->item;
    s->item = sorted;
}

static bool spill(struct hash_sort *s, struct err *e)
{
    if (s->runs == HASH_SORT_RUNS_MAX)
        return err_set(e, ERR_LIMIT, "more than %llu records",
                       (unsigned long long)HASH_SORT_RUNS_MAX * HASH_SORT_RUN);
    if (!s->scratch_open && !file_scratch(s->folder, &s->scratch, e))
        return false;
    s->scratch_open = true;
    sort_run(s);
    struct sink to = file_sink(&s->scratch);
    if (!to.write(to.ctx, span_of(s->item, s->count * sizeof *s->item), e))
        return false;
    s->run_size = mem_room(s->run_size, s->runs, &s->run_cap, sizeof *s->run_size);
    s->run_size[s->runs++] = s->count;
    s->count = 0;
    return true;
}

static void grow(struct hash_sort *s)
{
    s->cap = s->cap == 0 ? 1024 : s->cap * 2;
    s->item = mem_resize(s->item, s->cap * sizeof *s->item);
}

bool hash_sort_add(struct hash_sort *s, struct hash h, struct err *e)
{
    assert(!s->merging);
    if (s->count == HASH_SORT_RUN && !spill(s, e))
        return false;
    if (s->count == s->cap)
        grow(s);
    s->item[s->count++] = h;
    return true;
}

static void drop_items(struct hash_sort *s)
{
    mem_free(s->item);
    mem_free(s->other);
    s->item = s->other = NULL;
    s->cap = 0;
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

/* --- merging --- */

static bool refill(struct hash_sort *s, struct run *r, size_t chunk, struct err *e)
{
    size_t got, n = r->left < chunk ? (size_t)r->left : chunk;
    r->next = 0;
    r->count = n;
    if (n == 0)
        return true;
    if (!file_read_at(&s->scratch, r->at, r->item, n * sizeof *r->item, &got, e))
        return false;
    if (got != n * sizeof *r->item)
        return err_set(e, ERR_IO, "a scratch file became shorter");
    r->at += got;
    r->left -= n;
    return true;
}

static size_t chunk_of(const struct hash_sort *s)
{
    size_t chunk = HASH_SORT_RUN / s->runs;
    return chunk < CHUNK_MIN ? CHUNK_MIN : chunk;
}

static bool before(const struct hash_sort *s, size_t a, size_t b)
{
    const struct run *x = &s->run[s->heap[a]], *y = &s->run[s->heap[b]];
    return is_before(&x->item[x->next], &y->item[y->next]);
}

static void sink_down(struct hash_sort *s, size_t at)
{
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < s->heaped; child++)
            if (before(s, child, least))
                least = child;
        if (least == at)
            return;
        size_t run = s->heap[at];
        s->heap[at] = s->heap[least];
        s->heap[least] = run;
        at = least;
    }
}

/* The file's runs share the memory of the one that was filled. */
static bool begin_merge(struct hash_sort *s, struct err *e)
{
    uint64_t at = 0;
    if (s->count > 0 && !spill(s, e))
        return false;
    size_t chunk = chunk_of(s);
    s->item = mem_resize(s->item, s->runs * chunk * sizeof *s->item);
    s->run = mem_new(s->runs * sizeof *s->run);
    s->heap = mem_new(s->runs * sizeof *s->heap);
    for (size_t i = 0; i < s->runs; i++) {
        s->run[i] = (struct run){.left = s->run_size[i], .at = at, .item = s->item + i * chunk};
        at += s->run_size[i] * sizeof *s->item;
        if (!refill(s, &s->run[i], chunk, e))
            return false;
        s->heap[s->heaped++] = i;
    }
    for (size_t i = s->heaped; i-- > 0;)
        sink_down(s, i);
    return true;
}

/* All is in memory: one run. */
static void begin_simple(struct hash_sort *s)
{
    sort_run(s);
    s->run = mem_new(sizeof *s->run);
    s->heap = mem_new(sizeof *s->heap);
    s->run[0] = (struct run){.item = s->item, .count = s->count};
    s->runs = s->heaped = 1;
}

static bool begin(struct hash_sort *s, struct err *e)
{
    s->merging = true;
    if (s->runs > 0)
        return begin_merge(s, e);
    if (s->count > 0)
        begin_simple(s);
    return true;
}

bool hash_sort_next(struct hash_sort *s, struct hash *out, bool *more, struct err *e)
{
    if (!s->merging && !begin(s, e))
        return false;
    *more = s->heaped > 0;
    if (!*more) {
        drop_items(s);
        return true;
    }
    struct run *r = &s->run[s->heap[0]];
    *out = r->item[r->next++];
    if (r->next == r->count && !refill(s, r, chunk_of(s), e))
        return false;
    if (r->next == r->count)
        s->heap[0] = s->heap[--s->heaped];
    sink_down(s, 0);
    return true;
}
