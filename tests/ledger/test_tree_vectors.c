/*
 * Other people's proofs and logs: the probes of transparency-dev/merkle, Tessera's
 * sample log, and a log of 70,000 entries made by an independent implementation.
 * The JSON there is plain: one member a line, no escapes.
 */
#include <glob.h>

#include "ledger/tile.h"
#include "tests/sample_log.h"
#include "tests/test.h"

#define VECTORS "../shared/vectors/"

static int base64_digit(uint8_t c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c == 0 ? NULL : strchr(digits, c);
    return at == NULL ? -1 : (int)(at - digits);
}

/* False where the text is not the base64 of 32 bytes: such a probe has no root or leaf at all. */
static bool base64_hash(struct span text, struct hash *out)
{
    if (text.n != 44 || text.p[43] != '=')
        return false;
    uint32_t bits = 0;
    size_t n = 0;
    for (size_t i = 0; i < 43; i++) {
        int digit = base64_digit(text.p[i]);
        if (digit < 0)
            return false;
        bits = bits << 6 | (uint32_t)digit;
        if (i % 4 != 0)
            out->b[n++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    }
    return n == sizeof out->b;
}

/* The value of a member: the rest of its line and, where that opens a list, all up to its end. */
static struct span member(struct span object, const char *name)
{
    struct buf key = {0};
    buf_byte(&key, '"');
    buf_str(&key, name);
    buf_str(&key, "\": ");
    const uint8_t *at = memmem(object.p, object.n, key.p, key.n);
    size_t skip = at == NULL ? object.n : (size_t)(at - object.p) + key.n;
    buf_close(&key);
    struct span value = span_skip(object, skip);
    bool list = span_starts(value, SPAN("["));
    return span_of(value.p, span_find(value, 0, list ? ']' : '\n'));
}

static bool number_member(struct span object, const char *name, uint64_t *out)
{
    struct span value = member(object, name);
    return span_u64(span_of(value.p, span_find(value, 0, ',')), out);
}

static bool next_string(struct span *rest, struct span *out)
{
    size_t open = span_find(*rest, 0, '"');
    size_t close = span_find(*rest, open + 1, '"');
    if (close >= rest->n)
        return false;
    *out = span_of(rest->p + open + 1, close - open - 1);
    *rest = span_skip(*rest, close + 1);
    return true;
}

static bool hash_member(struct span object, const char *name, struct hash *out)
{
    struct span value = member(object, name), text;
    return next_string(&value, &text) && base64_hash(text, out);
}

static bool proof_member(struct span object, struct tree_proof *out)
{
    struct span list = member(object, "proof"), text;
    while (next_string(&list, &text))
        if (out->count > TREE_DEPTH_MAX || !base64_hash(text, &out->hash[out->count++]))
            return false;
    return true;
}

/* What the members are called differs between the two sources. */
struct names {
    const char *a, *size, *from, *root;
    bool consistency;
};

/* Hashes of other than 32 bytes cannot even be said to tree_check: such a claim is refused. */
static bool claim_holds(struct span object, const struct names *n)
{
    uint64_t a, size;
    struct hash from, root;
    struct tree_proof p = {0};
    if (!number_member(object, n->a, &a) || !number_member(object, n->size, &size) ||
        !hash_member(object, n->from, &from) || !hash_member(object, n->root, &root) ||
        !proof_member(object, &p))
        return false;
    return n->consistency ? tree_check_consistency(a, size, p.hash, p.count, from, root)
                          : tree_check(a, size, from, p.hash, p.count, root);
}

/* --- transparency-dev/merkle --- */

#define PROBES VECTORS "transparency-dev-merkle/testdata/"

static const struct names inclusion_probe = {"leafIdx", "treeSize", "leafHash", "root", false};
static const struct names consistency_probe = {"size1", "size2", "root1", "root2", true};

/* Its roots are 12 bytes long, which no SHA-256 tree has, and yet it is to be accepted. */
static const char exempted[] = "sizes-are-equal-one-and-proof-is-empty.json";

static void check_probe(const char *path, const struct names *names)
{
    struct span probe = test_file(path);
    bool wants_refusal = span_starts(member(probe, "wantErr"), SPAN("true"));
    CU_ASSERT_FATAL(wants_refusal || span_starts(member(probe, "wantErr"), SPAN("false")));
    bool held = claim_holds(probe, names);
    if (held == wants_refusal && !span_ends(span_str(path), span_str(exempted)))
        printf("  %s: %s\n", path, held ? "accepted" : "refused");
    CU_ASSERT(held != wants_refusal || span_ends(span_str(path), span_str(exempted)));
}

/* How many probes there were. */
static size_t check_probes(const char *pattern, const char *deeper, const struct names *names)
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0)
        return 0;
    glob(deeper, GLOB_APPEND, NULL, &found);
    size_t n = found.gl_pathc;
    for (size_t i = 0; i < n; i++)
        check_probe(found.gl_pathv[i], names);
    globfree(&found);
    return n;
}

static void test_tree__agrees_with_every_published_inclusion_probe(void)
{
    size_t n =
        check_probes(PROBES "inclusion/*/*.json", PROBES "inclusion/*/*/*.json", &inclusion_probe);
    if (n == 0)
        SKIP("no " PROBES "inclusion");
    CU_ASSERT(n >= 92);
}

static void test_tree__agrees_with_every_published_consistency_probe(void)
{
    size_t n = check_probes(PROBES "consistency/*/*.json", PROBES "consistency/*/*/*.json",
                            &consistency_probe);
    if (n == 0)
        SKIP("no " PROBES "consistency");
    CU_ASSERT(n >= 92);
}

/* --- the generated log --- */

#define GENERATED VECTORS "generated/tlog_tree_70000.json"

static const struct names generated_inclusion = {"index", "size", "leaf_hash", "root", false};

/* Objects without an object inside, in order. */
static bool next_object(struct span *rest, struct span *out)
{
    size_t close = span_find(*rest, 0, '}');
    if (close == rest->n)
        return false;
    size_t open = close;
    while (open > 0 && rest->p[open] != '{')
        open--;
    *out = span_of(rest->p + open, close - open);
    *rest = span_skip(*rest, close + 1);
    return true;
}

/* Is it the proof that we would make? */
static bool same_proof(struct span object, const struct names *names, struct tree_hashes h)
{
    uint64_t a, size;
    struct tree_proof want = {0}, got;
    bool made = number_member(object, names->a, &a) && number_member(object, names->size, &size) &&
                proof_member(object, &want) &&
                (names->consistency ? tree_prove_consistency(&h, a, size, &got, NULL)
                                    : tree_prove(&h, a, size, &got, NULL));
    return made && got.count == want.count &&
           memcmp(got.hash, want.hash, got.count * sizeof got.hash[0]) == 0;
}

static void test_tree__makes_the_proofs_of_an_independent_implementation(void)
{
    struct span rest = test_file(GENERATED), object;
    if (rest.p == NULL)
        SKIP("no " GENERATED);
    struct tree_hashes h = sample_log_hashes(sample_log(70000));
    unsigned inclusions = 0, consistencies = 0;
    while (next_object(&rest, &object)) {
        bool consistency = member(object, "root2").n > 0;
        if (!consistency && member(object, "leaf_hash").n == 0)
            continue;
        const struct names *names = consistency ? &consistency_probe : &generated_inclusion;
        CU_ASSERT_TRUE(claim_holds(object, names));
        CU_ASSERT_TRUE(same_proof(object, names, h));
        *(consistency ? &consistencies : &inclusions) += 1;
    }
    CU_ASSERT_EQUAL(inclusions, 14);
    CU_ASSERT_EQUAL(consistencies, 15);
}

/* --- Tessera --- */

#define TESSERA VECTORS "tessera/testdata/log/"
enum { TESSERA_SIZE = 15 };

static struct span tessera_file(const char *name, uint64_t size)
{
    struct buf path = {0};
    buf_str(&path, TESSERA);
    buf_str(&path, name);
    buf_u64(&path, size);
    buf_byte(&path, 0);
    struct span file = test_file((const char *)path.p);
    buf_close(&path);
    return file;
}

static bool read_tessera(void *ctx, struct tile t, struct span *out, struct err *e)
{
    struct buf path = {0};
    (void)ctx;
    buf_str(&path, TESSERA);
    tile_path(&path, t);
    buf_byte(&path, 0);
    *out = test_file((const char *)path.p);
    if (out->p == NULL)
        err_set(e, ERR_IO, "no %s", (const char *)path.p);
    buf_close(&path);
    return out->p != NULL;
}

/* The third line of a checkpoint; that the second is `size` is checked on the way. */
static struct hash tessera_root(uint64_t size)
{
    struct span rest = tessera_file("checkpoint.", size), line;
    struct hash root = {0};
    CU_ASSERT_TRUE_FATAL(span_line(&rest, &line) && span_line(&rest, &line));
    ASSERT_SPAN(line, sample_entry(size));
    CU_ASSERT_TRUE_FATAL(span_line(&rest, &line) && base64_hash(line, &root));
    return root;
}

static void test_tile__gives_the_root_of_every_checkpoint_of_tessera(void)
{
    if (tessera_file("checkpoint.", 0).p == NULL)
        SKIP("no " TESSERA);
    for (uint64_t size = 0; size <= TESSERA_SIZE; size++) {
        struct tile_reader r = {read_tessera, NULL, size};
        struct tree_hashes h = tile_hashes(&r);
        struct hash got, want = tessera_root(size);
        CU_ASSERT_TRUE_FATAL(tree_root_at(&h, size, &got, NULL));
        ASSERT_SPAN(hash_span(&got), hash_span(&want));
    }
}

static void test_tile__proves_consistency_between_all_checkpoints_of_tessera(void)
{
    if (tessera_file("checkpoint.", 0).p == NULL)
        SKIP("no " TESSERA);
    for (uint64_t size = 1; size <= TESSERA_SIZE; size++) {
        struct tile_reader r = {read_tessera, NULL, size};
        struct tree_hashes h = tile_hashes(&r);
        for (uint64_t old = 1; old <= size; old++) {
            struct tree_proof p;
            CU_ASSERT_TRUE_FATAL(tree_prove_consistency(&h, old, size, &p, NULL));
            CU_ASSERT_TRUE(tree_check_consistency(old, size, p.hash, p.count, tessera_root(old),
                                                  tessera_root(size)));
        }
    }
}

static void test_tile__takes_the_entries_out_of_every_bundle_of_tessera(void)
{
    if (tessera_file("checkpoint.", 0).p == NULL)
        SKIP("no " TESSERA);
    for (uint64_t size = 1; size <= TESSERA_SIZE; size++) {
        struct span rest = tessera_file("tile/entries/000.p/", size), entry;
        struct buf again = {0};
        struct tree t = {0};
        struct err e = {0};
        struct span bundle = rest;
        while (tile_entry_next(&rest, &entry, &e)) {
            tree_add(&t, tree_leaf(entry));
            tile_entry_add(&again, entry);
        }
        CU_ASSERT_EQUAL(e.kind, ERR_NONE);
        CU_ASSERT_EQUAL(t.size, size);
        ASSERT_SPAN(buf_span(&again), bundle);
        struct hash got = tree_root(&t), want = tessera_root(size);
        ASSERT_SPAN(hash_span(&got), hash_span(&want));
        buf_close(&again);
    }
}

SUITE(tree_vectors, TEST(test_tree__agrees_with_every_published_inclusion_probe),
      TEST(test_tree__agrees_with_every_published_consistency_probe),
      TEST(test_tree__makes_the_proofs_of_an_independent_implementation),
      TEST(test_tile__gives_the_root_of_every_checkpoint_of_tessera),
      TEST(test_tile__proves_consistency_between_all_checkpoints_of_tessera),
      TEST(test_tile__takes_the_entries_out_of_every_bundle_of_tessera))
