/*
 * The tree against a second implementation: RFC 9162 section 2.1 word by word, with
 * recursion and libsodium. And against constants that others computed.
 */
#include "ledger/tree.h"

#include "base/arena.h"
#include "tests/sample_log.h"
#include "tests/test.h"

#define ASSERT_HASH(got, want) ASSERT_SPAN(hash_span(&(got)), hash_span(&(want)))

/* k of RFC 9162: the largest power of two smaller than n. */
static uint64_t split(uint64_t n)
{
    uint64_t k = 1;
    while (k * 2 < n)
        k *= 2;
    return k;
}

static struct hash rfc_root(const struct hash *leaf, uint64_t n)
{
    if (n == 1)
        return leaf[0];
    uint64_t k = split(n);
    return sodium_node(rfc_root(leaf, k), rfc_root(leaf + k, n - k));
}

static void rfc_path(uint64_t m, const struct hash *leaf, uint64_t n, struct tree_proof *out)
{
    if (n == 1)
        return;
    uint64_t k = split(n);
    if (m < k) {
        rfc_path(m, leaf, k, out);
        out->hash[out->count++] = rfc_root(leaf + k, n - k);
    } else {
        rfc_path(m - k, leaf + k, n - k, out);
        out->hash[out->count++] = rfc_root(leaf, k);
    }
}

static void rfc_subproof(uint64_t m, const struct hash *leaf, uint64_t n, bool known,
                         struct tree_proof *out)
{
    if (m == n) {
        if (!known)
            out->hash[out->count++] = rfc_root(leaf, m);
        return;
    }
    uint64_t k = split(n);
    if (m <= k) {
        rfc_subproof(m, leaf, k, known, out);
        out->hash[out->count++] = rfc_root(leaf + k, n - k);
    } else {
        rfc_subproof(m - k, leaf + k, n - k, false, out);
        out->hash[out->count++] = rfc_root(leaf, k);
    }
}

static bool same_proof(const struct tree_proof *a, const struct tree_proof *b)
{
    return a->count == b->count && memcmp(a->hash, b->hash, a->count * sizeof *a->hash) == 0;
}

/* --- refusals --- */

/* An inclusion or a consistency proof that is right before it is changed. */
struct claim {
    bool consistency;
    uint64_t a, size; /* index or old size */
    struct hash from, root;
    struct tree_proof proof;
};

static bool claim_holds(const struct claim *c)
{
    return c->consistency
               ? tree_check_consistency(c->a, c->size, c->proof.hash, c->proof.count, c->from,
                                        c->root)
               : tree_check(c->a, c->size, c->from, c->proof.hash, c->proof.count, c->root);
}

static struct claim with_hash_added(const struct claim *c, size_t at, struct hash h)
{
    struct claim m = *c;
    memmove(&m.proof.hash[at + 1], &m.proof.hash[at], (m.proof.count - at) * sizeof h);
    m.proof.hash[at] = h;
    m.proof.count++;
    return m;
}

static struct claim with_hash_dropped(const struct claim *c, size_t at)
{
    struct claim m = *c;
    m.proof.count--;
    memmove(&m.proof.hash[at], &m.proof.hash[at + 1], (m.proof.count - at) * sizeof *m.proof.hash);
    return m;
}

static struct claim with_hashes_swapped(const struct claim *c, size_t i, size_t j)
{
    struct claim m = *c;
    m.proof.hash[i] = c->proof.hash[j];
    m.proof.hash[j] = c->proof.hash[i];
    return m;
}

static void flip(struct hash *h, uint64_t *random)
{
    uint64_t bit = test_random(random) % 256;
    h->b[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

/* How many changed claims hold all the same. */
static unsigned count_accepted_changes(const struct claim *c, uint64_t *random)
{
    unsigned held = 0;
    size_t n = c->proof.count;
    struct claim m;
    for (size_t i = 0; i < n; i++) {
        m = *c;
        flip(&m.proof.hash[i], random);
        held += claim_holds(&m);
        m = with_hash_dropped(c, i);
        held += claim_holds(&m);
        for (size_t j = i + 1; j < n; j++) {
            m = with_hashes_swapped(c, i, j);
            held += claim_holds(&m);
        }
    }
    for (size_t i = 0; i <= n; i++) {
        const struct hash extra[] = {c->root, c->from, i < n ? c->proof.hash[i] : tree_empty()};
        for (size_t k = 0; k < 3; k++) {
            m = with_hash_added(c, i, extra[k]);
            held += claim_holds(&m);
        }
    }
    m = *c;
    flip(&m.from, random);
    held += claim_holds(&m);
    m = *c;
    flip(&m.root, random);
    held += claim_holds(&m);
    return held;
}

static void test_tree__refuses_every_changed_inclusion_proof(void)
{
    struct sample_log *l = sample_log(70);
    struct tree_hashes h = sample_log_hashes(l);
    uint64_t random = 1;
    for (uint64_t size = 1; size <= l->size; size++) {
        for (uint64_t index = 0; index < size; index++) {
            struct claim c = {.a = index, .size = size, .from = l->row[0][index]};
            CU_ASSERT_FATAL(tree_prove(&h, index, size, &c.proof, NULL));
            CU_ASSERT_FATAL(tree_root_at(&h, size, &c.root, NULL));
            CU_ASSERT_TRUE(claim_holds(&c));
            CU_ASSERT_EQUAL(count_accepted_changes(&c, &random), 0);
            c.a = index ^ 1;
            CU_ASSERT_FALSE(claim_holds(&c));
        }
    }
}

static void test_tree__refuses_every_changed_consistency_proof(void)
{
    struct sample_log *l = sample_log(70);
    struct tree_hashes h = sample_log_hashes(l);
    uint64_t random = 2;
    for (uint64_t size = 1; size <= l->size; size++) {
        for (uint64_t old = 1; old <= size; old++) {
            struct claim c = {.consistency = true, .a = old, .size = size};
            CU_ASSERT_FATAL(tree_prove_consistency(&h, old, size, &c.proof, NULL));
            CU_ASSERT_FATAL(tree_root_at(&h, old, &c.from, NULL));
            CU_ASSERT_FATAL(tree_root_at(&h, size, &c.root, NULL));
            CU_ASSERT_TRUE(claim_holds(&c));
            CU_ASSERT_EQUAL(count_accepted_changes(&c, &random), 0);
            struct claim m = c;
            m.from = c.root;
            m.root = c.from;
            CU_ASSERT_EQUAL(claim_holds(&m), old == size);
        }
    }
}

static void test_tree__refuses_indexes_and_sizes_out_of_range(void)
{
    struct sample_log *l = sample_log(3);
    struct tree_hashes h = sample_log_hashes(l);
    struct tree_proof p;
    struct err e = {0};
    CU_ASSERT_FALSE(tree_prove(&h, 3, 3, &p, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_USAGE);
    CU_ASSERT_STRING_EQUAL(e.text, "leaf 3 is not in a tree of 3");
    CU_ASSERT_FALSE(tree_prove(&h, 0, 0, &p, &e));
    CU_ASSERT_FALSE(tree_prove_consistency(&h, 0, 3, &p, &e));
    CU_ASSERT_FALSE(tree_prove_consistency(&h, 4, 3, &p, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_USAGE);

    struct hash leaf = l->row[0][0];
    CU_ASSERT_FALSE(tree_check(0, 0, leaf, NULL, 0, leaf));
    CU_ASSERT_FALSE(tree_check(1, 1, leaf, NULL, 0, leaf));
    CU_ASSERT_FALSE(tree_check(UINT64_MAX, 1, leaf, NULL, 0, leaf));
    CU_ASSERT_FALSE(tree_check(UINT64_MAX, UINT64_MAX, leaf, NULL, 0, leaf));
    CU_ASSERT_FALSE(tree_check_consistency(0, 0, NULL, 0, tree_empty(), tree_empty()));
    CU_ASSERT_FALSE(tree_check_consistency(0, 1, NULL, 0, tree_empty(), leaf));
    CU_ASSERT_FALSE(tree_check_consistency(2, 1, NULL, 0, leaf, leaf));
    CU_ASSERT_FALSE(tree_check_consistency(1, 2, NULL, 0, leaf, leaf));
}

static void test_tree__refuses_sizes_that_no_checkpoint_can_say(void)
{
    struct sample_log *l = sample_log(1);
    struct tree_hashes h = sample_log_hashes(l);
    struct tree_proof p;
    struct hash root;
    struct tree t;
    const uint64_t too_large[] = {TREE_SIZE_MAX + 1, UINT64_MAX};
    for (size_t i = 0; i < 2; i++) {
        struct err e = {0};
        CU_ASSERT_FALSE(tree_load(&h, too_large[i], &t, &e));
        CU_ASSERT_EQUAL(e.kind, ERR_LIMIT);
        CU_ASSERT_FALSE(tree_root_at(&h, too_large[i], &root, &e));
        CU_ASSERT_FALSE(tree_prove(&h, 0, too_large[i], &p, &e));
        CU_ASSERT_FALSE(tree_prove_consistency(&h, 1, too_large[i], &p, &e));
        CU_ASSERT_EQUAL(e.kind, ERR_LIMIT);
    }
}

/* Gives `left` hashes, then fails. */
struct failing {
    struct tree_hashes h;
    unsigned left;
};

static bool get_or_fail(void *ctx, unsigned level, uint64_t index, struct hash *out, struct err *e)
{
    struct failing *f = ctx;
    if (f->left-- == 0)
        return err_set(e, ERR_IO, "disk on fire");
    return f->h.get(f->h.ctx, level, index, out, e);
}

static void test_tree__passes_on_why_a_hash_could_not_be_had(void)
{
    struct failing f = {.h = sample_log_hashes(sample_log(7))};
    struct tree_hashes h = {get_or_fail, &f};
    for (unsigned left = 0; left < 3; left++) {
        struct tree_proof p;
        struct tree t;
        struct err e = {0};
        f.left = left;
        CU_ASSERT_FALSE(tree_load(&h, 7, &t, &e));
        CU_ASSERT_STRING_EQUAL(e.text, "disk on fire");
        f.left = left;
        CU_ASSERT_FALSE(tree_prove(&h, 1, 7, &p, &e));
        CU_ASSERT_EQUAL(p.count, 0);
        f.left = left;
        CU_ASSERT_FALSE(tree_prove_consistency(&h, 3, 7, &p, &e));
        CU_ASSERT_EQUAL(p.count, 0);
    }
}

/* --- against the recursion of the RFC --- */

static void test_tree__agrees_with_the_recursive_definition(void)
{
    struct sample_log *l = sample_log(70);
    struct tree_hashes h = sample_log_hashes(l);
    struct tree grown = {0}, loaded;
    for (uint64_t size = 1; size <= l->size; size++) {
        struct hash want = rfc_root(l->row[0], size), got;
        tree_add(&grown, l->row[0][size - 1]);
        got = tree_root(&grown);
        ASSERT_HASH(got, want);
        CU_ASSERT_FATAL(tree_load(&h, size, &loaded, NULL));
        CU_ASSERT_EQUAL(loaded.size, size);
        CU_ASSERT_EQUAL(loaded.count, grown.count);
        CU_ASSERT_EQUAL(memcmp(loaded.peak, grown.peak, grown.count * sizeof want), 0);
        CU_ASSERT_FATAL(tree_root_at(&h, size, &got, NULL));
        ASSERT_HASH(got, want);
    }
}

static void test_tree__proves_what_the_recursive_definition_proves(void)
{
    struct sample_log *l = sample_log(70);
    struct tree_hashes h = sample_log_hashes(l);
    for (uint64_t size = 1; size <= l->size; size++) {
        for (uint64_t a = 0; a <= size; a++) {
            struct tree_proof got, want = {0};
            if (a < size) {
                rfc_path(a, l->row[0], size, &want);
                CU_ASSERT_FATAL(tree_prove(&h, a, size, &got, NULL));
                CU_ASSERT_TRUE(same_proof(&got, &want));
            }
            if (a > 0) {
                want.count = 0;
                rfc_subproof(a, l->row[0], size, true, &want);
                CU_ASSERT_FATAL(tree_prove_consistency(&h, a, size, &got, NULL));
                CU_ASSERT_TRUE(same_proof(&got, &want));
            }
        }
    }
}

static void test_tree__agrees_on_random_trees(void)
{
    uint64_t random = 3;
    for (int round = 0; round < 40; round++) {
        struct hash leaf[700];
        uint64_t size = 71 + test_random(&random) % 630, a = test_random(&random) % size;
        for (uint64_t i = 0; i < size; i++)
            for (size_t k = 0; k < sizeof leaf[i].b; k++)
                leaf[i].b[k] = (uint8_t)test_random(&random);
        struct tree_hashes h = sample_log_hashes(sample_log_of(leaf, size));
        struct hash got, want = rfc_root(leaf, size);
        struct tree_proof p, q = {0}, r = {0};
        CU_ASSERT_FATAL(tree_root_at(&h, size, &got, NULL));
        ASSERT_HASH(got, want);
        rfc_path(a, leaf, size, &q);
        CU_ASSERT_FATAL(tree_prove(&h, a, size, &p, NULL));
        CU_ASSERT_TRUE(same_proof(&p, &q));
        CU_ASSERT_TRUE(tree_check(a, size, leaf[a], q.hash, q.count, want));
        rfc_subproof(a + 1, leaf, size, true, &r);
        CU_ASSERT_FATAL(tree_prove_consistency(&h, a + 1, size, &p, NULL));
        CU_ASSERT_TRUE(same_proof(&p, &r));
        CU_ASSERT_TRUE(
            tree_check_consistency(a + 1, size, r.hash, r.count, rfc_root(leaf, a + 1), want));
    }
}

static void test_tree__adds_many_as_one_after_the_other(void)
{
    struct sample_log *l = sample_log(2000);
    uint64_t random = 4;
    for (int round = 0; round < 100; round++) {
        struct tree one = {0}, many = {0};
        while (many.size < 1200) {
            size_t n = test_random(&random) % (round % 2 == 0 ? 20 : 800);
            tree_add_many(&many, l->row[0] + many.size, n);
        }
        while (one.size < many.size)
            tree_add(&one, l->row[0][one.size]);
        CU_ASSERT_EQUAL(memcmp(&one, &many, offsetof(struct tree, peak)), 0);
        CU_ASSERT_EQUAL(memcmp(one.peak, many.peak, one.count * sizeof *one.peak), 0);
    }
}

/* --- sizes near 2^63: every leaf is the same, so every subtree of a level is --- */

static bool get_uniform(void *ctx, unsigned level, uint64_t index, struct hash *out, struct err *e)
{
    const struct hash *of_level = ctx;
    (void)index;
    (void)e;
    *out = of_level[level];
    return true;
}

static struct tree_hashes uniform_tree(void)
{
    static struct hash of_level[TREE_DEPTH_MAX + 1];
    of_level[0] = sodium_leaf(SPAN("same"));
    for (unsigned i = 1; i <= TREE_DEPTH_MAX; i++)
        of_level[i] = sodium_node(of_level[i - 1], of_level[i - 1]);
    return (struct tree_hashes){get_uniform, of_level};
}

static const uint64_t huge_sizes[] = {
    (1ull << 62) - 1, 1ull << 62, (1ull << 62) + 1, TREE_SIZE_MAX - 1, TREE_SIZE_MAX,
};
enum { HUGE_SIZES = sizeof huge_sizes / sizeof huge_sizes[0] };

static void test_tree__proves_inclusion_in_the_largest_trees(void)
{
    struct tree_hashes h = uniform_tree();
    struct hash leaf = sodium_leaf(SPAN("same"));
    for (size_t i = 0; i < HUGE_SIZES; i++) {
        uint64_t size = huge_sizes[i];
        const uint64_t index[] = {0, 1, size / 2, size / 3, size - 2, size - 1};
        struct hash root;
        CU_ASSERT_FATAL(tree_root_at(&h, size, &root, NULL));
        for (size_t k = 0; k < 6; k++) {
            struct tree_proof p;
            CU_ASSERT_FATAL(tree_prove(&h, index[k], size, &p, NULL));
            CU_ASSERT(p.count <= TREE_DEPTH_MAX);
            CU_ASSERT_TRUE(tree_check(index[k], size, leaf, p.hash, p.count, root));
            CU_ASSERT_FALSE(tree_check(index[k], size, leaf, p.hash, p.count - 1, root));
            p.hash[p.count] = leaf;
            CU_ASSERT_FALSE(tree_check(index[k], size, leaf, p.hash, p.count + 1, root));
        }
    }
}

static void test_tree__proves_consistency_of_the_largest_trees(void)
{
    struct tree_hashes h = uniform_tree();
    for (size_t i = 0; i < HUGE_SIZES; i++) {
        uint64_t size = huge_sizes[i];
        const uint64_t old[] = {1, 2, 3, size / 3, 1ull << 61, (1ull << 61) + 1, size - 1};
        struct hash root, old_root;
        CU_ASSERT_FATAL(tree_root_at(&h, size, &root, NULL));
        for (size_t k = 0; k < 7; k++) {
            struct tree_proof p;
            CU_ASSERT_FATAL(tree_root_at(&h, old[k], &old_root, NULL));
            CU_ASSERT_FATAL(tree_prove_consistency(&h, old[k], size, &p, NULL));
            CU_ASSERT(p.count <= TREE_DEPTH_MAX + 1);
            CU_ASSERT_TRUE(tree_check_consistency(old[k], size, p.hash, p.count, old_root, root));
            CU_ASSERT_FALSE(
                tree_check_consistency(old[k], size, p.hash, p.count - 1, old_root, root));
        }
    }
}

/* The full tree of 2^63 leaves and one more: beyond what we make, not beyond what we check. */
static void test_tree__checks_without_overflow_at_the_top_of_64_bits(void)
{
    struct tree_hashes h = uniform_tree();
    const struct hash *of_level = h.ctx;
    struct hash leaf = of_level[0], top = of_level[63];
    uint64_t size = (1ull << 63) + 1;
    struct hash root = sodium_node(top, leaf);
    CU_ASSERT_TRUE(tree_check(size - 1, size, leaf, &top, 1, root));
    CU_ASSERT_TRUE(tree_check_consistency(size - 1, size, &leaf, 1, top, root));
    CU_ASSERT_FALSE(tree_check(UINT64_MAX - 1, UINT64_MAX, leaf, &top, 1, root));
    CU_ASSERT_FALSE(tree_check_consistency(UINT64_MAX - 1, UINT64_MAX, &leaf, 1, top, root));
}

/* --- constants --- */

static void test_tree__hashes_leaves_and_nodes_as_published(void)
{
    struct hash got = tree_empty();
    struct hash want =
        test_hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ASSERT_HASH(got, want);
    got = tree_leaf(SPAN(""));
    want = test_hash("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    ASSERT_HASH(got, want);
    got = tree_leaf(SPAN("L123456"));
    want = test_hash("395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
    ASSERT_HASH(got, want);
}

static void test_tree__has_the_roots_of_the_reference_leaves(void)
{
    static const char *const leaf[] = {
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    };
    static const char *const root[] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    };
    struct tree t = {0};
    for (size_t i = 0; i <= 8; i++) {
        struct hash got = tree_root(&t), want = test_hash(root[i]);
        ASSERT_HASH(got, want);
        if (i < 8)
            tree_add(&t, tree_leaf(test_hex(leaf[i])));
    }
}

static void test_tree__has_the_roots_of_the_sample_log(void)
{
    static const struct {
        uint64_t size;
        const char *root;
    } want[] = {
        {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {1, "db3426e878068d28d269b6c87172322ce5372b65756d0789001d34835f601c03"},
        {2, "cb00989d94a569c0a678ae042b63dcd4625db96440517f37a6eb7976ea24ed4b"},
        {3, "725d5230db68f557470dc35f1d8865813acd7ebb07ad152774141decbae71327"},
        {4, "9f4a3fc20d4162dc37d4e23d907848731a76043ffff6d69288bf1abfbcff478e"},
        {5, "b6748f6ed7a99de7da84fd97e1a3bac6fab8999f4a43695cab9528a2de431147"},
        {7, "a3e23b32ccb6bf96d092d165d8aa546e09829de8f03b0e8957581d1e16b92bdf"},
        {8, "3b85a9626c1ccb64c6b95ec7fa64888defe2cf12e39e77e10812ce5fcb9cb58e"},
        {255, "32f85bcaa87d7bcd05728f09e9aeba350ba6a2f733830087f0597682848be5cb"},
        {256, "828515d033c19d8c901f37eccb8aed919667703486f8d2fff1cf7040321c5db1"},
        {257, "1eda049a4351d86f76252bd7ec0b7746ad75b7fa0316ad5f541dbda458a312c4"},
        {511, "5f3d69e102370be409122d11a2e605e6b653b071b8b4b4bd2833fae40652f11d"},
        {512, "d4b2162495ca609dc06390d353ca0c55107765c609e0226eb747d89105dc8d55"},
        {513, "c24f62075c76ec77f6bf5159e732cf1952814fb1bea007e33e92ad9bdd7afda0"},
        {65535, "74f13a0e1a75689372efb990cf68c664e44c763d9304844955b2eaff624e8df1"},
        {65536, "f025d06ed804859fd274a1bdacadd6e48ea87634aa91e1edb20143f9498cd02b"},
        {65537, "dc8795a25fd4bd52a0b84f639fd3139ba160824023d188e428eb5db0f3ce221a"},
        {69999, "1a30db39ab3273c719cd770384b6e6742d5747aea16f1d6586ebd9f277bd7996"},
        {70000, "1a4cdfcb66374a0c0dcbef49acbd4976d13ee864fb3cb241fc943cad04f02f7e"},
    };
    struct tree t = {0};
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        while (t.size < want[i].size)
            tree_add(&t, tree_leaf(sample_entry(t.size)));
        struct hash got = tree_root(&t), root = test_hash(want[i].root);
        ASSERT_HASH(got, root);
    }
}

/* Feeds "<front>[ <hash>]...\n" to a digest over many results. */
static void feed_line(struct sha256 *s, const struct buf *front, const struct hash *hash, size_t n)
{
    struct buf line = {0};
    buf_add(&line, buf_span(front));
    for (size_t i = 0; i < n; i++) {
        buf_byte(&line, ' ');
        buf_hex(&line, hash_span(&hash[i]));
    }
    buf_byte(&line, '\n');
    sha256_feed(s, buf_span(&line));
    buf_close(&line);
}

/* "a b" */
static void set_numbers(struct buf *b, uint64_t first, uint64_t second)
{
    buf_clear(b);
    buf_u64(b, first);
    buf_byte(b, ' ');
    buf_u64(b, second);
}

enum { ACCUMULATED = 300 };

static void test_tree__has_the_accumulated_roots(void)
{
    struct tree t = {0};
    struct sha256 s;
    struct buf front = {0};
    sha256_begin(&s);
    for (uint64_t n = 0; n <= ACCUMULATED; n++) {
        struct hash root = tree_root(&t);
        buf_clear(&front);
        buf_u64(&front, n);
        feed_line(&s, &front, &root, 1);
        tree_add(&t, tree_leaf(sample_entry(n)));
    }
    struct hash got = sha256_end(&s);
    struct hash want =
        test_hash("26fe0f8acfdc5baf517a8c7049be15694a86bd2873c7207680404c54c2eece6d");
    ASSERT_HASH(got, want);
    buf_close(&front);
}

static void test_tree__has_the_accumulated_inclusion_proofs(void)
{
    struct tree_hashes h = sample_log_hashes(sample_log(ACCUMULATED));
    struct sha256 s;
    struct buf front = {0};
    struct tree_proof p;
    sha256_begin(&s);
    for (uint64_t n = 0; n <= ACCUMULATED; n++) {
        for (uint64_t m = 0; m < n; m++) {
            CU_ASSERT_FATAL(tree_prove(&h, m, n, &p, NULL));
            set_numbers(&front, m, n);
            feed_line(&s, &front, p.hash, p.count);
        }
    }
    struct hash got = sha256_end(&s);
    struct hash want =
        test_hash("749f31bee64f3797c43d5db3b9d700e4bffb79d12cabae382eac50fc82c17bd1");
    ASSERT_HASH(got, want);
    buf_close(&front);
}

static void test_tree__has_the_accumulated_consistency_proofs(void)
{
    struct tree_hashes h = sample_log_hashes(sample_log(ACCUMULATED));
    struct sha256 s;
    struct buf front = {0};
    struct tree_proof p;
    sha256_begin(&s);
    for (uint64_t n = 0; n <= ACCUMULATED; n++) {
        for (uint64_t m = 1; m <= n; m++) {
            CU_ASSERT_FATAL(tree_prove_consistency(&h, m, n, &p, NULL));
            set_numbers(&front, m, n);
            feed_line(&s, &front, p.hash, p.count);
        }
    }
    struct hash got = sha256_end(&s);
    struct hash want =
        test_hash("ff7fcf214462e3fe0fcdf2fe757b59e93b756310d54f4615ef68fbb9768da6aa");
    ASSERT_HASH(got, want);
    buf_close(&front);
}

/* --- draft-ietf-plants-merkle-tree-certs: subtrees, which are trees of their own --- */

enum { PLANTS_MAX = 130 };

/* [start, end) is a subtree where start is a multiple of a power of two >= end - start. */
static bool is_subtree(uint64_t start, uint64_t end)
{
    uint64_t width = 1;
    while (width < end - start)
        width *= 2;
    return start % width == 0;
}

static void set_interval(struct buf *b, uint64_t start, uint64_t end)
{
    buf_byte(b, '[');
    buf_u64(b, start);
    buf_str(b, ", ");
    buf_u64(b, end);
    buf_byte(b, ')');
}

static void test_tree__has_the_accumulated_subtrees_of_the_plants_draft(void)
{
    struct hash leaf[PLANTS_MAX];
    for (size_t i = 0; i < PLANTS_MAX; i++)
        leaf[i] = tree_leaf(span_of(&(uint8_t){(uint8_t)i}, 1));
    struct sha256 roots, proofs;
    struct buf front = {0};
    sha256_begin(&roots);
    sha256_begin(&proofs);
    for (uint64_t end = 0; end <= PLANTS_MAX; end++) {
        for (uint64_t start = 0; start <= end; start++) {
            if (!is_subtree(start, end))
                continue;
            struct tree t = {0};
            tree_add_many(&t, leaf + start, end - start);
            struct hash root = tree_root(&t);
            buf_clear(&front);
            set_interval(&front, start, end);
            feed_line(&roots, &front, &root, 1);
            struct sample_log *l = sample_log_of(leaf + start, end - start);
            struct tree_hashes h = sample_log_hashes(l);
            for (uint64_t i = start; i < end; i++) {
                struct tree_proof p;
                CU_ASSERT_FATAL(tree_prove(&h, i - start, end - start, &p, NULL));
                buf_clear(&front);
                buf_u64(&front, i);
                buf_byte(&front, ' ');
                set_interval(&front, start, end);
                feed_line(&proofs, &front, p.hash, p.count);
            }
        }
    }
    struct hash got = sha256_end(&roots);
    struct hash want =
        test_hash("b82806ad4265bb151c1119c0f4db437bb4d1a1f887b3a7fba1cd4ebf552e3e81");
    ASSERT_HASH(got, want);
    got = sha256_end(&proofs);
    want = test_hash("ac2a8f989e44d99e399db448050ff5f19757df53cfb716aa81015d3955d8163f");
    ASSERT_HASH(got, want);
    buf_close(&front);
}

SUITE(tree, TEST(test_tree__refuses_every_changed_inclusion_proof),
      TEST(test_tree__refuses_every_changed_consistency_proof),
      TEST(test_tree__refuses_indexes_and_sizes_out_of_range),
      TEST(test_tree__refuses_sizes_that_no_checkpoint_can_say),
      TEST(test_tree__passes_on_why_a_hash_could_not_be_had),
      TEST(test_tree__agrees_with_the_recursive_definition),
      TEST(test_tree__proves_what_the_recursive_definition_proves),
      TEST(test_tree__agrees_on_random_trees), TEST(test_tree__adds_many_as_one_after_the_other),
      TEST(test_tree__proves_inclusion_in_the_largest_trees),
      TEST(test_tree__proves_consistency_of_the_largest_trees),
      TEST(test_tree__checks_without_overflow_at_the_top_of_64_bits),
      TEST(test_tree__hashes_leaves_and_nodes_as_published),
      TEST(test_tree__has_the_roots_of_the_reference_leaves),
      TEST(test_tree__has_the_roots_of_the_sample_log), TEST(test_tree__has_the_accumulated_roots),
      TEST(test_tree__has_the_accumulated_inclusion_proofs),
      TEST(test_tree__has_the_accumulated_consistency_proofs),
      TEST(test_tree__has_the_accumulated_subtrees_of_the_plants_draft))
