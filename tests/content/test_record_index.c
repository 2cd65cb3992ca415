#include "content/record_index.h"

#include <stdio.h>

#include "content/record_changes.h"
#include "content/record_tree.h"
#include "os/dir.h"
#include "tests/test.h"

enum { COUNT = 3000, MANY = 12000, BATCH = 128, LITTLE = 1 };

/* A record of a test: a key of digits, a hash, and with `has_strict` a strict hash. */
struct sample {
    char key[40];
    size_t key_n;
    struct hash h, strict;
    bool has_strict;
};

static struct hash hash_number(uint64_t n)
{
    return sha256_of(span_of(&n, sizeof n));
}

static struct sample sample_of(uint64_t key, uint64_t h)
{
    struct sample s = {.h = hash_number(h)};
    s.key_n = (size_t)snprintf(s.key, sizeof s.key, "STUDY-0001/%06llu", (unsigned long long)key);
    return s;
}

static struct sample strict_of(uint64_t key, uint64_t h, uint64_t strict)
{
    struct sample s = sample_of(key, h);
    s.has_strict = true;
    s.strict = hash_number(strict);
    return s;
}

/* As FORMAT 12.5 says it, without the index. */
static int by_key(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;
    int order = span_cmp(span_of(x->key, x->key_n), span_of(y->key, y->key_n));
    if (order == 0)
        order = memcmp(x->h.b, y->h.b, SHA256_SIZE);
    if (order == 0)
        order = (int)x->has_strict - (int)y->has_strict;
    return order != 0 || !x->has_strict ? order : memcmp(x->strict.b, y->strict.b, SHA256_SIZE);
}

/* Outlives every index; the test's process closes it. */
static int scratch(void)
{
    static int folder = -1;
    if (folder < 0)
        CU_ASSERT_TRUE_FATAL(dir_open_path("/tmp", &folder, NULL));
    return folder;
}

/* From memory that is gone afterwards. */
static bool add_some(struct record_index *x, const struct sample *s, size_t n)
{
    struct sample *own = malloc(n * sizeof *own);
    struct record_parts r[BATCH];
    memcpy(own, s, n * sizeof *own);
    for (size_t i = 0; i < n; i++)
        r[i] = (struct record_parts){span_of(own[i].key, own[i].key_n), own[i].h.b,
                                     own[i].has_strict ? own[i].strict.b : NULL};
    bool good = record_index_add(x, r, n, NULL);
    memset(own, 0xa5, n * sizeof *own);
    free(own);
    return good;
}

static struct record_index *index_of(const struct sample *s, size_t n, size_t memory)
{
    struct record_index *x = record_index_open(scratch(), memory);
    bool good = true;
    for (size_t i = 0, some; i < n && good; i += some) {
        some = n - i < i % BATCH + 1 ? n - i : i % BATCH + 1;
        good = add_some(x, s + i, some);
    }
    good = good && record_index_end(x, NULL);
    CU_ASSERT_TRUE_FATAL(good);
    return x;
}

/* The index gives what qsort gives, twice. */
static bool walks_like(const struct record_index *x, struct sample *sorted, size_t n)
{
    bool same = true, more = false;
    qsort(sorted, n, sizeof *sorted, by_key);
    for (int again = 0; again < 2; again++) {
        struct record_walk *w = record_walk_open(x);
        struct record r;
        for (size_t i = 0; i < n && same; i++) {
            const struct sample *s = &sorted[i];
            same = record_walk_next(w, &r, &more, NULL) && more && r.key == s->key_n &&
                   memcmp(r.string, s->key, r.key) == 0 && r.has_strict == s->has_strict &&
                   memcmp(record_hash(&r), s->h.b, SHA256_SIZE) == 0 &&
                   (!r.has_strict ||
                    memcmp(record_hash(&r) + SHA256_SIZE, s->strict.b, SHA256_SIZE) == 0);
        }
        same = same && record_walk_next(w, &r, &more, NULL) && !more;
        record_walk_close(w);
    }
    return same;
}

static uint64_t repeats(const struct sample *sorted, size_t n)
{
    uint64_t count = 0;
    for (size_t i = 1; i < n; i++)
        count += sorted[i].key_n > 0 ? span_eq(span_of(sorted[i].key, sorted[i].key_n),
                                               span_of(sorted[i - 1].key, sorted[i - 1].key_n))
                                     : hash_eq(sorted[i].h, sorted[i - 1].h);
    return count;
}

static bool is_sorted(const struct sample *s, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (by_key(&s[i - 1], &s[i]) > 0)
            return false;
    return true;
}

static struct record_index_facts sorts(struct sample *s, size_t n, size_t memory)
{
    struct record_index *x = index_of(s, n, memory);
    CU_ASSERT_EQUAL(record_index_moved(x), !is_sorted(s, n));
    struct record_index_facts facts = record_index_facts(x);
    CU_ASSERT_TRUE(walks_like(x, s, n));
    CU_ASSERT_EQUAL(facts.records, n);
    CU_ASSERT_EQUAL(facts.duplicates, repeats(s, n));
    CU_ASSERT_TRUE(record_index_park(x, NULL));
    CU_ASSERT_TRUE(walks_like(x, s, n));
    record_index_close(x);
    return facts;
}

static uint64_t mixed(uint64_t i)
{
    return i * 7919 % COUNT;
}

static void test_record_index__holds_none_and_one(void)
{
    struct sample s[1] = {sample_of(1, 1)};
    CU_ASSERT_TRUE(sorts(s, 0, LITTLE).in_order);
    CU_ASSERT_TRUE(sorts(s, 1, LITTLE).in_order);
}

static void test_record_index__takes_what_is_in_order_as_one_run(void)
{
    static struct sample s[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        s[i] = sample_of(i, i);
    struct record_index_facts facts = sorts(s, COUNT, LITTLE);
    CU_ASSERT_TRUE(facts.in_order);
    CU_ASSERT_EQUAL(facts.runs, 1);
}

static void test_record_index__merges_what_comes_in_any_order(void)
{
    static struct sample s[COUNT];
    for (size_t memory = LITTLE; memory < 10000000; memory *= 30) {
        for (size_t i = 0; i < COUNT; i++)
            s[i] = sample_of(mixed(i), i);
        struct record_index_facts facts = sorts(s, COUNT, memory);
        CU_ASSERT_FALSE(facts.in_order);
        CU_ASSERT_EQUAL(facts.runs > 1, memory < COUNT * 50);
    }
}

static void test_record_index__knows_order_from_block_to_block(void)
{
    static struct sample s[COUNT];
    for (size_t at = 1; at < 40; at++) {
        for (size_t i = 0; i < COUNT; i++)
            s[i] = sample_of(i, i);
        s[at].key[12]++;
        CU_ASSERT_FALSE(sorts(s, COUNT, LITTLE).in_order);
    }
}

/* Few are sorted with what follows, more stay what they are: a run. */
static void test_record_index__order_may_end_at_any_record(void)
{
    static const size_t ends[] = {2, 100, 2000, 8000, MANY - 1};
    static struct sample s[MANY];
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        for (unsigned strict = 0; strict < 3; strict++) {
            size_t at = ends[i];
            for (size_t j = 0; j < MANY; j++)
                s[j] = j % 3 < strict ? strict_of(2 * j, j, j + 1) : sample_of(2 * j, j);
            s[at] = sample_of(0, MANY);
            struct record_index_facts facts = sorts(s, MANY, RECORD_INDEX_MEMORY);
            CU_ASSERT_FALSE(facts.in_order);
            CU_ASSERT_EQUAL(facts.runs, at <= 2000 ? 1 : 2);
        }
}

static void test_record_index__knows_order_where_hashes_have_none(void)
{
    static struct sample s[MANY];
    for (size_t i = 0; i < MANY; i++)
        s[i] = sample_of(i < 8000 ? i : i / 2 * 2, i);
    CU_ASSERT_TRUE(sorts(s, MANY, RECORD_INDEX_MEMORY).in_order);
    for (size_t i = 0; i < MANY; i++)
        s[i] = sample_of(i < 8000 ? i : i / 2 * 2, i);
    s[8004].key[16] = '1'; /* behind two of 8002 */
    CU_ASSERT_FALSE(sorts(s, MANY, RECORD_INDEX_MEMORY).in_order);
}

static void test_record_index__orders_repeated_keys_by_hash(void)
{
    static struct sample s[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        s[i] = sample_of(i / 100, i);
    struct record_index_facts facts = sorts(s, COUNT, LITTLE);
    CU_ASSERT_TRUE(facts.in_order);
    CU_ASSERT_EQUAL(facts.duplicates, COUNT - COUNT / 100);
    for (size_t i = 0; i < COUNT; i++)
        s[i] = sample_of(0, i % 3);
    CU_ASSERT_EQUAL(sorts(s, COUNT, RECORD_INDEX_MEMORY).duplicates, COUNT - 1);
}

static void test_record_index__keeps_strict_hashes(void)
{
    static struct sample s[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        s[i] = i % 3 == 0 ? strict_of(mixed(i) / 5, i % 7, i) : sample_of(mixed(i) / 5, i % 7);
    sorts(s, COUNT, LITTLE);
    sorts(s, COUNT, RECORD_INDEX_MEMORY);
}

static void test_record_index__sorts_hashes_where_there_is_no_key(void)
{
    static struct sample s[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        s[i] = sample_of(0, i % 1000);
        s[i].key_n = 0;
    }
    CU_ASSERT_EQUAL(sorts(s, COUNT, LITTLE).duplicates, COUNT - 1000);
    CU_ASSERT_EQUAL(sorts(s, COUNT, RECORD_INDEX_MEMORY).duplicates, COUNT - 1000);
}

/* So it looks as if few bytes told most of them apart. */
static void test_record_index__sorts_keys_whose_bytes_depend_on_each_other(void)
{
    static struct sample s[MANY];
    for (size_t kinds = 1; kinds < 200; kinds = kinds * 3 + 1) {
        for (uint64_t i = 0; i < MANY; i++) {
            uint64_t number = i * 7919 % MANY;
            s[i] = sample_of(number, i);
            memset(s[i].key, (int)('0' + number % kinds), 9);
        }
        sorts(s, MANY, RECORD_INDEX_MEMORY);
    }
}

static void test_record_index__says_when_there_is_no_scratch_file(void)
{
    struct record_index *x = record_index_open(-1, LITTLE);
    struct err e = {0};
    bool good = true;
    for (uint64_t i = 0; i < 100000 && good; i++) {
        struct hash h = hash_number(i);
        struct record_parts r = {SPAN("key"), h.b, NULL};
        good = record_index_add(x, &r, 1, &e);
    }
    CU_ASSERT_FALSE(good);
    CU_ASSERT_EQUAL(e.kind, ERR_IO);
    record_index_close(x);
}

/* --- the tree --- */

static struct hash root_of(struct sample *s, size_t n, size_t memory, uint8_t secret)
{
    uint8_t key[CHACHA20_KEY] = {secret};
    struct record_index *x = index_of(s, n, memory);
    struct hash root;
    CU_ASSERT_TRUE(record_tree_root(x, key, &root, NULL));
    record_index_close(x);
    return root;
}

static void test_record_index__the_tree_depends_on_records_and_secret_only(void)
{
    static struct sample s[COUNT], other[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        s[i] = sample_of(i, i);
        other[i] = sample_of(mixed(i), mixed(i));
    }
    struct hash root = root_of(s, COUNT, LITTLE, 1);
    CU_ASSERT_TRUE(hash_eq(root, root_of(other, COUNT, LITTLE, 1)));
    CU_ASSERT_TRUE(hash_eq(root, root_of(other, COUNT, RECORD_INDEX_MEMORY, 1)));
    CU_ASSERT_FALSE(hash_eq(root, root_of(s, COUNT, LITTLE, 2)));
    CU_ASSERT_FALSE(hash_eq(root, root_of(s, COUNT - 1, LITTLE, 1)));
    s[5] = sample_of(5, COUNT + 5);
    CU_ASSERT_FALSE(hash_eq(root, root_of(s, COUNT, LITTLE, 1)));
}

/* --- changes --- */

static void changes_are(const struct sample *a, size_t a_n, const struct sample *b, size_t b_n,
                        uint64_t added, uint64_t removed, uint64_t changed)
{
    struct record_index *x = index_of(a, a_n, LITTLE), *y = index_of(b, b_n, LITTLE);
    struct content_changes c;
    CU_ASSERT_TRUE(record_changes(x, y, true, &c, NULL));
    CU_ASSERT_EQUAL(c.added, added);
    CU_ASSERT_EQUAL(c.removed, removed);
    CU_ASSERT_EQUAL(c.changed, changed);
    CU_ASSERT_TRUE(record_changes(y, x, true, &c, NULL));
    CU_ASSERT_EQUAL(c.added, removed);
    CU_ASSERT_EQUAL(c.removed, added);
    CU_ASSERT_EQUAL(c.changed, changed);
    record_index_close(x);
    record_index_close(y);
}

static void test_record_index__counts_changes_by_key(void)
{
    const struct sample a[] = {sample_of(1, 1), sample_of(2, 2), sample_of(3, 3)};
    const struct sample b[] = {sample_of(2, 9), sample_of(3, 3), sample_of(4, 4), sample_of(5, 5)};
    changes_are(a, 3, b, 4, 2, 1, 1);
    changes_are(a, 3, a, 3, 0, 0, 0);
    changes_are(a, 0, b, 4, 4, 0, 0);
}

static void test_record_index__pairs_repeats_of_a_key(void)
{
    const struct sample a[] = {sample_of(1, 1), sample_of(1, 2), sample_of(1, 3), sample_of(1, 3)};
    const struct sample b[] = {sample_of(1, 3), sample_of(1, 4), sample_of(1, 5)};
    changes_are(a, 4, b, 3, 0, 1, 2);
}

static void test_record_index__a_change_behind_the_15th_digit_is_one(void)
{
    const struct sample a[] = {strict_of(1, 1, 10), sample_of(2, 2), strict_of(3, 3, 30)};
    const struct sample b[] = {strict_of(1, 1, 11), strict_of(2, 2, 20), strict_of(3, 3, 30)};
    changes_are(a, 3, b, 3, 0, 0, 2);
}

static void test_record_index__no_record_is_the_same_among_other_columns(void)
{
    const struct sample a[] = {sample_of(1, 1), sample_of(2, 2), sample_of(2, 3)};
    const struct sample b[] = {sample_of(1, 1), sample_of(2, 2), sample_of(3, 3)};
    struct record_index *x = index_of(a, 3, LITTLE), *y = index_of(b, 3, LITTLE);
    struct content_changes c;
    CU_ASSERT_TRUE(record_changes(x, y, false, &c, NULL));
    CU_ASSERT_EQUAL(c.added, 1);
    CU_ASSERT_EQUAL(c.removed, 1);
    CU_ASSERT_EQUAL(c.changed, 2);
    record_index_close(x);
    record_index_close(y);
}

SUITE(record_index, TEST(test_record_index__holds_none_and_one),
      TEST(test_record_index__takes_what_is_in_order_as_one_run),
      TEST(test_record_index__merges_what_comes_in_any_order),
      TEST(test_record_index__knows_order_from_block_to_block),
      TEST(test_record_index__order_may_end_at_any_record),
      TEST(test_record_index__knows_order_where_hashes_have_none),
      TEST(test_record_index__orders_repeated_keys_by_hash),
      TEST(test_record_index__keeps_strict_hashes),
      TEST(test_record_index__sorts_hashes_where_there_is_no_key),
      TEST(test_record_index__sorts_keys_whose_bytes_depend_on_each_other),
      TEST(test_record_index__says_when_there_is_no_scratch_file),
      TEST(test_record_index__the_tree_depends_on_records_and_secret_only),
      TEST(test_record_index__counts_changes_by_key),
      TEST(test_record_index__pairs_repeats_of_a_key),
      TEST(test_record_index__a_change_behind_the_15th_digit_is_one),
      TEST(test_record_index__no_record_is_the_same_among_other_columns))
