/*
 * Any records, in any order, in little memory: the index beside qsort, and changes between the two
 * halves beside a count of each.
 */
#include <stdlib.h>

#include "content/record_changes.h"
#include "content/record_tree.h"
#include "os/dir.h"

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

enum { RECORDS_MAX = 2048, KEY_MAX = 64, KINDS = 4 };

/*
 * A record of the input: its key, of which the first byte says how many follow, so that none begins
 * another; and a byte for its hashes.
 */
struct sample {
    struct span key;
    struct hash h, strict;
    bool has_strict;
};

static bool take(struct span *in, bool keyed, struct sample *out)
{
    if (in->n < 1)
        return false;
    size_t n = keyed ? 1 + (size_t)in->p[0] % KEY_MAX : 0;
    if (in->n < n + 1)
        return false;
    uint8_t hashes = in->p[n];
    *out = (struct sample){.key = span_of(in->p, n), .has_strict = (hashes & 0x80) != 0};
    memset(out->h.b, hashes % KINDS, sizeof out->h.b);
    memset(out->strict.b, hashes / KINDS % KINDS, sizeof out->strict.b);
    *in = span_skip(*in, n + 1);
    return true;
}

static int by_key(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;
    int order = span_cmp(x->key, y->key);
    if (order == 0)
        order = memcmp(x->h.b, y->h.b, sizeof x->h.b);
    if (order == 0)
        order = (int)x->has_strict - (int)y->has_strict;
    return order != 0 || !x->has_strict ? order : memcmp(x->strict.b, y->strict.b, sizeof x->h.b);
}

static struct record_index *index_of(const struct sample *s, size_t n, size_t memory, int folder)
{
    struct record_index *x = record_index_open(folder, memory);
    struct err e;
    struct record_parts r[KINDS];
    for (size_t i = 0, some; i < n; i += some) {
        some = n - i < KINDS ? n - i : KINDS;
        for (size_t j = 0; j < some; j++)
            r[j] = (struct record_parts){s[i + j].key, s[i + j].h.b,
                                         s[i + j].has_strict ? s[i + j].strict.b : NULL};
        if (!record_index_add(x, r, some, &e))
            abort();
    }
    if (!record_index_end(x, &e))
        abort();
    return x;
}

static bool same_key(const struct sample *a, const struct sample *b)
{
    return a->key.n > 0 || b->key.n > 0 ? span_eq(a->key, b->key) : hash_eq(a->h, b->h);
}

static void check_walk(const struct record_index *x, struct sample *s, size_t n, bool in_order)
{
    struct record_walk *w = record_walk_open(x);
    struct record r;
    struct err e;
    bool more;
    uint64_t duplicates = 0;
    for (size_t i = 0; i < n; i++) {
        if (!record_walk_next(w, &r, &more, &e) || !more || r.has_strict != s[i].has_strict ||
            !span_eq(span_of(r.string, r.key), s[i].key) ||
            memcmp(record_hash(&r), s[i].h.b, SHA256_SIZE) != 0 ||
            (r.has_strict &&
             memcmp(record_hash(&r) + SHA256_SIZE, s[i].strict.b, SHA256_SIZE) != 0))
            abort();
        duplicates += i > 0 && same_key(&s[i - 1], &s[i]);
    }
    if (!record_walk_next(w, &r, &more, &e) || more)
        abort();
    record_walk_close(w);
    struct record_index_facts facts = record_index_facts(x);
    if (facts.records != n || facts.duplicates != duplicates || facts.in_order != in_order)
        abort();
}

static bool keys_in_order(const struct sample *s, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (s[i].key.n > 0 ? span_cmp(s[i - 1].key, s[i].key) > 0
                           : memcmp(s[i - 1].h.b, s[i].h.b, SHA256_SIZE) > 0)
            return false;
    return true;
}

/* Of one key: how many are on a side and have no partner of their own on the other. */
static uint64_t alone(const struct sample *s, size_t n, const struct sample *other, size_t m,
                      const struct sample *like)
{
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++) {
        size_t mine = 0, theirs = 0;
        if (!same_key(&s[i], like))
            continue;
        for (size_t j = 0; j <= i; j++)
            mine += by_key(&s[j], &s[i]) == 0;
        for (size_t j = 0; j < m; j++)
            theirs += by_key(&other[j], &s[i]) == 0;
        count += mine > theirs;
    }
    return count;
}

static struct content_changes count_changes(const struct sample *a, size_t n,
                                            const struct sample *b, size_t m)
{
    struct content_changes c = {0};
    for (size_t i = 0; i < n + m; i++) {
        const struct sample *like = i < n ? &a[i] : &b[i - n];
        bool seen = false;
        for (size_t j = 0; j < i; j++)
            seen = seen || same_key(j < n ? &a[j] : &b[j - n], like);
        if (seen)
            continue;
        uint64_t x = alone(a, n, b, m, like), y = alone(b, m, a, n, like);
        c.changed += x < y ? x : y;
        c.removed += x > y ? x - y : 0;
        c.added += y > x ? y - x : 0;
    }
    return c;
}

static void check_changes(const struct sample *s, size_t n, size_t memory, int folder)
{
    size_t half = n / 2;
    struct record_index *a = index_of(s, half, memory, folder);
    struct record_index *b = index_of(s + half, n - half, memory, folder);
    struct content_changes got, want = count_changes(s, half, s + half, n - half);
    struct err e;
    if (!record_changes(a, b, true, &got, &e) || memcmp(&got, &want, sizeof got) != 0)
        abort();
    record_index_close(a);
    record_index_close(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t size)
{
    static struct sample s[RECORDS_MAX];
    static const size_t memories[] = {RECORD_INDEX_MEMORY, 1, 8192, 65536};
    static int folder = -1;
    struct span in = span_of(p, size);
    size_t n = 0;
    if (size == 0 || (folder < 0 && !dir_open_path("/tmp", &folder, NULL)))
        return 0;
    bool keyed = (p[0] & 1) != 0;
    size_t memory = memories[p[0] >> 1 & 3];
    in = span_skip(in, 1);
    while (n < RECORDS_MAX && take(&in, keyed, &s[n]))
        n++;
    if (n < 64)
        check_changes(s, n, memory, folder);
    bool in_order = keys_in_order(s, n);
    struct record_index *x = index_of(s, n, memory, folder);
    qsort(s, n, sizeof s[0], by_key);
    check_walk(x, s, n, in_order);
    record_index_close(x);
    return 0;
}
