#include "ledger/tile.h"

#include "base/arena.h"
#include "tests/sample_log.h"
#include "tests/test.h"

#define ASSERT_HASH(got, want) ASSERT_SPAN(hash_span(&(got)), hash_span(&(want)))

static struct buf path_of(struct tile t)
{
    struct buf b = {0};
    tile_path(&b, t);
    return b;
}

/* --- entry bundles: refusals --- */

static void test_tile__refuses_an_entry_that_is_cut_short(void)
{
    static const struct {
        struct span bundle;
        const char *why;
    } cut[] = {
        {{(const uint8_t *)"\0", 1}, "the last entry's length is cut short"},
        {{(const uint8_t *)"\0\1", 2}, "the last entry is cut short: 0 of 1 bytes"},
        {{(const uint8_t *)"\1\2ab", 4}, "the last entry is cut short: 2 of 258 bytes"},
        {{(const uint8_t *)"\xff\xff", 2}, "the last entry is cut short: 0 of 65535 bytes"},
    };
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
        struct span rest = cut[i].bundle, entry = SPAN("untouched");
        struct err e = {0};
        CU_ASSERT_FALSE(tile_entry_next(&rest, &entry, &e));
        CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
        CU_ASSERT_STRING_EQUAL(e.text, cut[i].why);
        ASSERT_SPAN(rest, cut[i].bundle);
        ASSERT_SPAN(entry, SPAN("untouched"));
    }
}

static void test_tile__takes_back_the_entries_that_were_added(void)
{
    static uint8_t largest[ENTRY_MAX];
    const struct span entry[] = {SPAN("one"), SPAN(""), span_of(largest, ENTRY_MAX), SPAN("x")};
    struct buf b = {0};
    for (size_t i = 0; i < 4; i++)
        tile_entry_add(&b, entry[i]);
    ASSERT_SPAN(span_of(b.p, 5), SPAN("\0\3one"));
    struct span rest = buf_span(&b), got;
    struct err e = {.kind = ERR_IO};
    for (size_t i = 0; i < 4; i++) {
        CU_ASSERT_TRUE_FATAL(tile_entry_next(&rest, &got, &e));
        ASSERT_SPAN(got, entry[i]);
    }
    CU_ASSERT_FALSE(tile_entry_next(&rest, &got, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_NONE);
    buf_close(&b);
}

/* --- names and widths --- */

static void test_tile__names_tiles_as_tlog_tiles_does(void)
{
    static const struct {
        struct tile t;
        const char *path;
    } want[] = {
        {{.index = 0, .width = 256}, "tile/0/000"},
        {{.index = 1234067, .width = 8}, "tile/0/x001/x234/067.p/8"},
        {{.index = 1234067, .width = 256}, "tile/0/x001/x234/067"},
        {{.level = 1, .index = 999, .width = 255}, "tile/1/999.p/255"},
        {{.level = 63, .index = 1000, .width = 1}, "tile/63/x001/000.p/1"},
        {{.entries = true, .index = 273, .width = 112}, "tile/entries/273.p/112"},
        {{.entries = true, .index = 999999, .width = 256}, "tile/entries/x999/999"},
        {{.entries = true, .index = 1000000, .width = 256}, "tile/entries/x001/x000/000"},
        {{.index = UINT64_MAX, .width = 256}, "tile/0/x018/x446/x744/x073/x709/x551/615"},
    };
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        struct buf path = path_of(want[i].t);
        ASSERT_SPAN(buf_span(&path), span_str(want[i].path));
        buf_close(&path);
    }
}

static void test_tile__knows_the_width_of_every_tile(void)
{
    CU_ASSERT_EQUAL(tile_width(0, 0, 0), 0);
    CU_ASSERT_EQUAL(tile_width(255, 0, 0), 255);
    CU_ASSERT_EQUAL(tile_width(256, 0, 0), 256);
    CU_ASSERT_EQUAL(tile_width(256, 0, 1), 0);
    CU_ASSERT_EQUAL(tile_width(255, 1, 0), 0);
    CU_ASSERT_EQUAL(tile_width(256, 1, 0), 1);
    CU_ASSERT_EQUAL(tile_width(70000, 0, 272), 256);
    CU_ASSERT_EQUAL(tile_width(70000, 0, 273), 112);
    CU_ASSERT_EQUAL(tile_width(70000, 1, 0), 256);
    CU_ASSERT_EQUAL(tile_width(70000, 1, 1), 17);
    CU_ASSERT_EQUAL(tile_width(70000, 2, 0), 1);
    CU_ASSERT_EQUAL(tile_width(70000, 3, 0), 0);
    CU_ASSERT_EQUAL(tile_width(TREE_SIZE_MAX, 7, 0), 127);
    CU_ASSERT_EQUAL(tile_width(TREE_SIZE_MAX, 8, 0), 0);
    CU_ASSERT_EQUAL(tile_width(TREE_SIZE_MAX, 63, 0), 0);
    CU_ASSERT_EQUAL(tile_width(TREE_SIZE_MAX, 0, UINT64_MAX), 0);
}

/* --- a store of tiles, by name --- */

struct stored {
    struct buf path, content;
};

struct store {
    const struct sample_log *log;
    struct stored *tile;
    size_t count;
    unsigned reads;
};

static const struct stored *find(const struct store *s, struct span path)
{
    for (size_t i = s->count; i-- > 0;)
        if (span_eq(buf_span(&s->tile[i].path), path))
            return &s->tile[i];
    return NULL;
}

/* A name is written once: what it holds never changes. */
static bool write_tile(void *ctx, struct tile t, struct err *e)
{
    struct store *s = ctx;
    struct stored new = {.path = path_of(t)};
    if (find(s, buf_span(&new.path)) != NULL) {
        err_set(e, ERR_STATE, "tile %u/%u is there already", t.level, (unsigned)t.index);
        buf_close(&new.path);
        return false;
    }
    sample_log_tile(s->log, t, &new.content);
    s->tile = mem_resize(s->tile, (s->count + 1) * sizeof *s->tile);
    s->tile[s->count++] = new;
    return true;
}

static bool read_tile(void *ctx, struct tile t, struct span *out, struct err *e)
{
    struct store *s = ctx;
    struct buf path = path_of(t);
    const struct stored *found = find(s, buf_span(&path));
    if (found != NULL)
        *out = buf_span(&found->content);
    else
        err_set(e, ERR_IO, "no %.*s", SPAN_ARGS(buf_span(&path)));
    s->reads++;
    buf_close(&path);
    return found != NULL;
}

static void store_close(struct store *s)
{
    for (size_t i = 0; i < s->count; i++) {
        buf_close(&s->tile[i].path);
        buf_close(&s->tile[i].content);
    }
    mem_free(s->tile);
}

static struct store store_of(const struct sample_log *l, uint64_t size)
{
    struct store s = {.log = l};
    struct err e = {0};
    if (!tile_each_new(0, size, write_tile, &s, &e))
        host_fatal(e.text);
    return s;
}

/* --- what a growing log writes --- */

static bool refuse(void *ctx, struct tile t, struct err *e)
{
    unsigned *calls = ctx;
    ++*calls;
    return t.level == 0 || err_set(e, ERR_IO, "disk full");
}

static void test_tile__refuses_to_shrink_and_stops_where_a_tile_cannot_be_written(void)
{
    unsigned calls = 0;
    struct err e = {0};
    CU_ASSERT_FALSE(tile_each_new(2, 1, refuse, &calls, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_USAGE);
    CU_ASSERT_STRING_EQUAL(e.text, "a log does not shrink from 2 to 1");
    CU_ASSERT_EQUAL(calls, 0);
    CU_ASSERT_FALSE(tile_each_new(0, 1 << 16, refuse, &calls, &e));
    CU_ASSERT_STRING_EQUAL(e.text, "disk full");
    CU_ASSERT_EQUAL(calls, 256 + 256 + 1);
}

static bool add_name(void *ctx, struct tile t, struct err *e)
{
    (void)e;
    tile_path(ctx, t);
    buf_byte(ctx, '\n');
    return true;
}

static void assert_new(uint64_t old_size, uint64_t size, const char *want)
{
    struct buf names = {0};
    CU_ASSERT_TRUE(tile_each_new(old_size, size, add_name, &names, NULL));
    ASSERT_SPAN(buf_span(&names), span_str(want));
    buf_close(&names);
}

static void test_tile__writes_what_became_full_and_the_right_edge_in_order(void)
{
    assert_new(0, 0, "");
    assert_new(5, 5, "");
    assert_new(0, 1, "tile/entries/000.p/1\ntile/0/000.p/1\n");
    assert_new(250, 256, "tile/entries/000\ntile/0/000\ntile/1/000.p/1\n");
    assert_new(256, 257, "tile/entries/001.p/1\ntile/0/001.p/1\n");
    assert_new(250, 600,
               "tile/entries/000\ntile/entries/001\ntile/entries/002.p/88\n"
               "tile/0/000\ntile/0/001\ntile/0/002.p/88\ntile/1/000.p/2\n");
    assert_new(65535, 65536, "tile/entries/255\ntile/0/255\ntile/1/000\ntile/2/000.p/1\n");
    assert_new(65536, 65537, "tile/entries/256.p/1\ntile/0/256.p/1\n");
}

static void test_tile__writes_the_edge_of_the_largest_log(void)
{
    assert_new(TREE_SIZE_MAX - 1, TREE_SIZE_MAX,
               "tile/entries/x036/x028/x797/x018/x963/967.p/255\n"
               "tile/0/x036/x028/x797/x018/x963/967.p/255\n");
    struct buf names = {0};
    CU_ASSERT_TRUE(tile_each_new((1ull << 56) - 1, 1ull << 56, add_name, &names, NULL));
    CU_ASSERT_TRUE(span_ends(buf_span(&names), SPAN("tile/6/000\ntile/7/000.p/1\n")));
    buf_close(&names);
}

/* All that a tree of `size` consists of, by asking for the width of each. */
static unsigned count_changed(uint64_t old_size, uint64_t size)
{
    unsigned changed = 0;
    for (unsigned level = 0; level < TILE_LEVELS; level++) {
        for (uint64_t i = 0; tile_width(size, level, i) != 0; i++)
            if (tile_width(size, level, i) != tile_width(old_size, level, i))
                changed += level == 0 ? 2 : 1; /* level 0: its entry bundle, too */
    }
    return changed;
}

static void test_tile__gives_a_growing_log_all_it_needs_and_nothing_twice(void)
{
    struct sample_log *l = sample_log(3000);
    struct tree_hashes naive = sample_log_hashes(l);
    uint64_t random = 5;
    for (int round = 0; round < 4; round++) {
        struct store s = {.log = l};
        uint64_t old_size = 0;
        while (old_size < l->size) {
            uint64_t size = old_size + 1 + test_random(&random) % 400;
            size = size > l->size ? l->size : size;
            size_t before = s.count;
            struct err e = {0};
            CU_ASSERT_TRUE_FATAL(tile_each_new(old_size, size, write_tile, &s, &e));
            CU_ASSERT_EQUAL(s.count - before, count_changed(old_size, size));
            struct tile_reader r = {read_tile, &s, size};
            struct tree_hashes h = tile_hashes(&r);
            struct hash got, want;
            CU_ASSERT_TRUE_FATAL(tree_root_at(&h, size, &got, &e));
            CU_ASSERT_TRUE_FATAL(tree_root_at(&naive, size, &want, &e));
            ASSERT_HASH(got, want);
            old_size = size;
        }
        store_close(&s);
    }
}

/* --- hashes out of tiles --- */

static bool read_cut(void *ctx, struct tile t, struct span *out, struct err *e)
{
    struct store *s = ctx;
    if (!read_tile(s, t, out, e))
        return false;
    out->n += t.width == 256 ? 1 : (size_t)-1;
    return true;
}

static void test_tile__refuses_tiles_of_the_wrong_length(void)
{
    struct store s = store_of(sample_log(260), 260);
    struct tile_reader r = {read_cut, &s, 260};
    struct tree_hashes h = tile_hashes(&r);
    struct hash got;
    struct err e = {0};
    CU_ASSERT_FALSE(h.get(h.ctx, 0, 0, &got, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(e.text, "tile/0/000: 8193 bytes, not 8192");
    CU_ASSERT_FALSE(h.get(h.ctx, 0, 259, &got, &e));
    CU_ASSERT_STRING_EQUAL(e.text, "tile/0/001.p/4: 127 bytes, not 128");
    store_close(&s);
}

static void test_tile__refuses_subtrees_that_are_not_full(void)
{
    struct store s = store_of(sample_log(260), 260);
    struct tile_reader r = {read_tile, &s, 260};
    struct tree_hashes h = tile_hashes(&r);
    struct hash got;
    struct err e = {0};
    CU_ASSERT_FALSE(h.get(h.ctx, 0, 260, &got, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_USAGE);
    CU_ASSERT_STRING_EQUAL(e.text, "no subtree 260 of level 0 in a log of 260");
    CU_ASSERT_FALSE(h.get(h.ctx, 3, 32, &got, &e));
    CU_ASSERT_FALSE(h.get(h.ctx, 8, 1, &got, &e));
    CU_ASSERT_FALSE(h.get(h.ctx, 9, 0, &got, &e));
    CU_ASSERT_FALSE(h.get(h.ctx, 64, 0, &got, &e));
    CU_ASSERT_FALSE(h.get(h.ctx, 0, UINT64_MAX, &got, &e));
    CU_ASSERT_EQUAL(s.reads, 0);
    r.size = 261;
    CU_ASSERT_FALSE(h.get(h.ctx, 0, 260, &got, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_IO);
    CU_ASSERT_STRING_EQUAL(e.text, "no tile/0/001.p/5");
    store_close(&s);
}

static void test_tile__gives_every_hash_of_every_level(void)
{
    struct sample_log *l = sample_log(70000);
    struct store s = store_of(l, 70000);
    struct tile_reader r = {read_tile, &s, 70000};
    struct tree_hashes h = tile_hashes(&r);
    uint64_t random = 6;
    for (unsigned level = 0; l->size >> level > 0; level++) {
        uint64_t n = l->size >> level;
        for (int i = 0; i < 60; i++) {
            uint64_t index = i == 0 ? 0 : i == 1 ? n - 1 : test_random(&random) % n;
            struct hash got;
            CU_ASSERT_TRUE_FATAL(h.get(h.ctx, level, index, &got, NULL));
            ASSERT_HASH(got, l->row[level][index]);
        }
    }
    store_close(&s);
}

/* Remembers its last tile, as the header advises. */
struct last_tile {
    struct store *store;
    struct tile tile;
    struct span content;
    bool any;
};

static bool read_remembering(void *ctx, struct tile t, struct span *out, struct err *e)
{
    struct last_tile *last = ctx;
    bool same = last->any && last->tile.level == t.level && last->tile.index == t.index;
    if (!same && !read_tile(last->store, t, &last->content, e))
        return false;
    last->any = true;
    last->tile = t;
    *out = last->content;
    return true;
}

static void test_tile__proves_through_tiles_reading_each_once(void)
{
    struct sample_log *l = sample_log(70000);
    struct store s = store_of(l, 70000);
    struct tree_hashes naive = sample_log_hashes(l);
    uint64_t random = 7;
    for (int i = 0; i < 100; i++) {
        struct last_tile last = {.store = &s};
        struct tile_reader r = {read_remembering, &last, 70000};
        struct tree_hashes h = tile_hashes(&r);
        uint64_t index = test_random(&random) % 65536;
        struct tree_proof got, want;
        s.reads = 0;
        CU_ASSERT_TRUE_FATAL(tree_prove(&h, index, 65536, &got, NULL));
        CU_ASSERT_EQUAL(s.reads, 2);
        CU_ASSERT_TRUE_FATAL(tree_prove(&naive, index, 65536, &want, NULL));
        CU_ASSERT_EQUAL(got.count, 16);
        CU_ASSERT_EQUAL(memcmp(got.hash, want.hash, 16 * sizeof want.hash[0]), 0);
        CU_ASSERT_TRUE_FATAL(tree_prove_consistency(&h, index + 1, 70000, &got, NULL));
        CU_ASSERT_TRUE_FATAL(tree_prove_consistency(&naive, index + 1, 70000, &want, NULL));
        CU_ASSERT_EQUAL(got.count, want.count);
        CU_ASSERT_EQUAL(memcmp(got.hash, want.hash, want.count * sizeof want.hash[0]), 0);
    }
    store_close(&s);
}

/* Every leaf is the same, so a tile of a level repeats one hash. */
static bool read_uniform(void *ctx, struct tile t, struct span *out, struct err *e)
{
    static struct hash row[TILE_WIDTH];
    const struct hash *of_level = ctx;
    (void)e;
    for (unsigned i = 0; i < t.width; i++)
        row[i] = of_level[8 * t.level];
    *out = span_of(row, t.width * sizeof row[0]);
    return true;
}

static void test_tile__proves_in_the_largest_log(void)
{
    struct hash of_level[TREE_DEPTH_MAX + 1] = {sodium_leaf(SPAN("same"))};
    for (unsigned i = 1; i <= TREE_DEPTH_MAX; i++)
        of_level[i] = sodium_node(of_level[i - 1], of_level[i - 1]);
    struct tile_reader r = {read_uniform, of_level, TREE_SIZE_MAX};
    struct tree_hashes h = tile_hashes(&r);
    struct hash root, old_root;
    struct tree_proof p;
    CU_ASSERT_TRUE_FATAL(tree_root_at(&h, TREE_SIZE_MAX, &root, NULL));
    CU_ASSERT_TRUE_FATAL(tree_root_at(&h, TREE_SIZE_MAX / 5, &old_root, NULL));
    CU_ASSERT_TRUE_FATAL(tree_prove(&h, TREE_SIZE_MAX - 1, TREE_SIZE_MAX, &p, NULL));
    CU_ASSERT_TRUE(
        tree_check(TREE_SIZE_MAX - 1, TREE_SIZE_MAX, of_level[0], p.hash, p.count, root));
    CU_ASSERT_TRUE_FATAL(tree_prove_consistency(&h, TREE_SIZE_MAX / 5, TREE_SIZE_MAX, &p, NULL));
    CU_ASSERT_TRUE(
        tree_check_consistency(TREE_SIZE_MAX / 5, TREE_SIZE_MAX, p.hash, p.count, old_root, root));
}

/* --- constants: the sample log at 70,000 entries --- */

static void test_tile__has_the_tiles_of_the_sample_log(void)
{
    static const struct {
        const char *path, *digest;
    } want[] = {
        {"tile/0/000", "b9704a8bfbee2c61185ceb38904a49f3f703c81e194b5b2ccdc254c2bdaaa62b"},
        {"tile/0/255", "d02c71420426e9661d889e3b1f8ad9a2f546958ec0f649f5471b94c3cb12f2b1"},
        {"tile/0/256", "eae53c41cffedea97bcd55a8e741889d9e5d4b3492d2e3e9e4eb81c331428187"},
        {"tile/0/273.p/112", "4d21244557c976993a9a89bf928a46b5a876585228df279878239fd84489e5a5"},
        {"tile/1/000", "ea7b038bc73489c89c31a27ac355aaca65a4ed73f0dd7484e68deb29d30f10a2"},
        {"tile/1/001.p/17", "adfaca2731630fe7944a4b98a0f98ef3e98685eafda09e6f81070218fb759ce4"},
        {"tile/2/000.p/1", "f0113c8bad855b49f9a5dd661d50012cd94f19aae87a45eb8334666835e3caea"},
        {"tile/entries/000", "94693d5c6d6a0355ec07bac8214516c1ce6a5100b0588f226fd95f26571157d7"},
        {"tile/entries/256", "7442a656ef4c2a39eb49c05698e2f31cf28b0dfce00c447869980ef53c066b69"},
        {"tile/entries/273.p/112",
         "36c3ec44895d1b8098dbe8523078d6750bf09e0f12cd64671ebfe165b7647405"},
    };
    struct store s = store_of(sample_log(70000), 70000);
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        const struct stored *found = find(&s, span_str(want[i].path));
        CU_ASSERT_PTR_NOT_NULL_FATAL(found);
        struct hash got = sha256_of(buf_span(&found->content)), digest = test_hash(want[i].digest);
        ASSERT_HASH(got, digest);
    }
    store_close(&s);
}

static int by_path(const void *a, const void *b)
{
    const struct stored *x = a, *y = b;
    return span_cmp(buf_span(&x->path), buf_span(&y->path));
}

static void test_tile__has_all_551_resources_of_the_sample_log(void)
{
    struct store s = store_of(sample_log(70000), 70000);
    CU_ASSERT_EQUAL(s.count, 551);
    qsort(s.tile, s.count, sizeof *s.tile, by_path);
    struct sha256 all;
    sha256_begin(&all);
    for (size_t i = 0; i < s.count; i++) {
        struct hash content = sha256_of(buf_span(&s.tile[i].content));
        sha256_feed(&all, buf_span(&s.tile[i].path));
        sha256_feed(&all, SPAN("\n"));
        sha256_feed(&all, hash_span(&content));
    }
    struct hash got = sha256_end(&all);
    struct hash want =
        test_hash("75332b09793de0d9b3a5429acd41095525f514f1cb5f1a9678023b7b661b8078");
    ASSERT_HASH(got, want);
    store_close(&s);
}

static void test_tile__hashes_the_entries_of_a_bundle_as_leaves(void)
{
    struct buf bundle = {0};
    struct span rest, entry[TILE_WIDTH];
    struct hash want[TILE_WIDTH], got[TILE_WIDTH];
    uint64_t random = 7;
    for (size_t i = 0; i < TILE_WIDTH; i++) {
        uint8_t bytes[300];
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (uint8_t)test_random(&random);
        struct span s = span_of(bytes, i == 0 ? 0 : test_random(&random) % sizeof bytes);
        tile_entry_add(&bundle, s);
        want[i] = tree_leaf(s);
    }
    rest = buf_span(&bundle);
    for (size_t i = 0; i < TILE_WIDTH; i++)
        CU_ASSERT_FATAL(tile_entry_next(&rest, &entry[i], NULL));
    tile_leaves(bundle.p, entry, TILE_WIDTH, got);
    CU_ASSERT_EQUAL(memcmp(got, want, sizeof got), 0);
    buf_close(&bundle);
}

SUITE(tile, TEST(test_tile__hashes_the_entries_of_a_bundle_as_leaves),
      TEST(test_tile__refuses_an_entry_that_is_cut_short),
      TEST(test_tile__takes_back_the_entries_that_were_added),
      TEST(test_tile__names_tiles_as_tlog_tiles_does),
      TEST(test_tile__knows_the_width_of_every_tile),
      TEST(test_tile__refuses_to_shrink_and_stops_where_a_tile_cannot_be_written),
      TEST(test_tile__writes_what_became_full_and_the_right_edge_in_order),
      TEST(test_tile__writes_the_edge_of_the_largest_log),
      TEST(test_tile__gives_a_growing_log_all_it_needs_and_nothing_twice),
      TEST(test_tile__refuses_tiles_of_the_wrong_length),
      TEST(test_tile__refuses_subtrees_that_are_not_full),
      TEST(test_tile__gives_every_hash_of_every_level),
      TEST(test_tile__proves_through_tiles_reading_each_once),
      TEST(test_tile__proves_in_the_largest_log), TEST(test_tile__has_the_tiles_of_the_sample_log),
      TEST(test_tile__has_all_551_resources_of_the_sample_log))
