#include "store/log.h"

#include <stdio.h>

#include "os/dir.h"
#include "os/publish.h"
#include "tests/temp.h"
#include "tests/test.h"

/* Entry i is its number, so that trees can be made without keeping anything. */
static bool number_entry(void *ctx, uint64_t index, struct span *out, struct err *e)
{
    char *text = ctx;
    (void)e;
    *out = span_of(text, text_format(text, 32, "entry %llu", (unsigned long long)index));
    return true;
}

static struct hash root_of(uint64_t size)
{
    struct tree t = {0};
    char text[32];
    struct span s;
    for (uint64_t i = 0; i < size; i++) {
        number_entry(text, i, &s, NULL);
        tree_add(&t, tree_leaf(s));
    }
    return size == 0 ? tree_empty() : tree_root(&t);
}

static bool grow(struct log *l, uint64_t from, uint64_t to, struct err *e)
{
    char text[32];
    return log_grow(l, from, to, root_of(to), (struct log_entries){number_entry, text}, e);
}

static bool check_entry(void *ctx, uint64_t index, struct span entry, struct err *e)
{
    uint64_t *next = ctx;
    char text[32];
    struct span want;
    (void)e;
    number_entry(text, index, &want, NULL);
    bool right = index == *next && span_eq(entry, want);
    ++*next;
    return right;
}

static struct log *open_log(struct temp_home *t)
{
    struct log *l = NULL;
    CU_ASSERT_TRUE_FATAL(log_open(t->home, SPAN("S1"), &l, NULL));
    return l;
}

static void test_log__refuses_tiles_that_do_not_give_the_root(void)
{
    struct temp_home t = temp_home();
    struct log *l = open_log(&t);
    char text[32];
    struct err e = {0};
    CU_ASSERT_FALSE(log_grow(l, 0, 3, root_of(4), (struct log_entries){number_entry, text}, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_INTEGRITY);
    log_close(l);
    CU_ASSERT_FALSE(log_open(t.home, SPAN("S2"), &l, &e));
    CU_ASSERT_FALSE(log_open(t.home, SPAN("../S1"), &l, &e));
    temp_home_end(&t);
}

static void test_log__refuses_missing_and_misshapen_tiles(void)
{
    struct temp_home t = temp_home();
    struct log *l = open_log(&t);
    struct arena a = {0};
    struct span s;
    struct err e = {0};
    uint64_t next = 0;
    CU_ASSERT_TRUE(grow(l, 0, 5, &e));
    CU_ASSERT_TRUE(publish(t.home->ledger, "S1/tile/0/000.p/5", SPAN("short"), FILE_SHARED, &e));
    CU_ASSERT_FALSE(grow(l, 5, 6, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_INTEGRITY);
    CU_ASSERT_TRUE(
        publish(t.home->ledger, "S1/tile/entries/000.p/5", SPAN("\0\1x"), FILE_SHARED, &e));
    CU_ASSERT_FALSE(log_entry(l, 4, 5, &a, &s, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_INTEGRITY);
    CU_ASSERT_TRUE(file_remove(t.home->ledger, "S1/tile/entries/000.p/5", &e));
    CU_ASSERT_FALSE(log_each_entry(l, 0, 5, check_entry, &next, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_INTEGRITY);
    arena_close(&a);
    log_close(l);
    temp_home_end(&t);
}

static void test_log__grows_over_every_kind_of_border(void)
{
    static const uint64_t sizes[] = {1, 2, 255, 256, 257, 511, 512, 700, 1024, 65535, 65536, 65793};
    struct temp_home t = temp_home();
    struct log *l = open_log(&t);
    struct err e = {0};
    uint64_t old = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        CU_ASSERT_TRUE_FATAL(grow(l, old, sizes[i], &e));
        CU_ASSERT_TRUE(log_trim(l, old, sizes[i], &e));
        CU_ASSERT_TRUE(grow(l, old, sizes[i], &e)); /* again, as after a crash */
        old = sizes[i];
    }
    uint64_t next = 0;
    CU_ASSERT_TRUE(log_each_entry(l, 0, old, check_entry, &next, &e));
    CU_ASSERT_EQUAL(next, old);
    next = 300;
    CU_ASSERT_TRUE(log_each_entry(l, 300, 301, check_entry, &next, &e)); /* of an earlier size */
    CU_ASSERT_EQUAL(next, 301);
    struct tile_reader tiles = log_tiles(l, 700); /* partial ones are trimmed: full ones serve */
    struct tree_hashes hashes = tile_hashes(&tiles);
    struct hash root;
    CU_ASSERT_TRUE(tree_root_at(&hashes, 700, &root, &e));
    CU_ASSERT_TRUE(hash_eq(root, root_of(700)));
    struct file_info info;
    CU_ASSERT_TRUE(file_stat(t.home->ledger, "S1/tile/0/000.p", &info, &e) &&
                   info.kind == FILE_ABSENT);
    CU_ASSERT_TRUE(file_stat(t.home->ledger, "S1/tile/2/000.p/1", &info, &e) &&
                   info.kind == FILE_REGULAR && info.size == 32);
    log_close(l);
    temp_home_end(&t);
}

struct tile_visit {
    struct log *log;
    uint64_t size, next;
};

/* As an audit does: a tile of the same log, before the entry is looked at. */
static bool read_tile_then_entry(void *ctx, uint64_t index, struct span entry, struct err *e)
{
    struct tile_visit *v = ctx;
    struct span bytes;
    struct tile t = {.width = tile_width(v->size, 0, index / TILE_WIDTH),
                     .index = index / TILE_WIDTH};
    struct tile_reader tiles = log_tiles(v->log, v->size);
    return tiles.read(tiles.ctx, t, &bytes, e) && check_entry(&v->next, index, entry, e);
}

static void test_log__gives_entries_while_tiles_are_read(void)
{
    struct temp_home t = temp_home();
    struct log *l = open_log(&t);
    struct tile_visit v = {.log = l, .size = 600};
    CU_ASSERT_TRUE_FATAL(grow(l, 0, v.size, NULL));
    CU_ASSERT(log_each_entry(l, 0, v.size, read_tile_then_entry, &v, NULL));
    CU_ASSERT_EQUAL(v.next, v.size);
    log_close(l);
    temp_home_end(&t);
}

static void test_log__publishes_a_checkpoint_and_anchors_it(void)
{
    struct temp_home t = temp_home();
    struct log *l = open_log(&t);
    struct arena a = {0};
    struct span note;
    struct err e = {0};
    char anchor[600];
    CU_ASSERT_TRUE(log_checkpoint(l, &a, &note, &e) && note.n == 0);
    CU_ASSERT_TRUE(log_publish(l, SPAN("signed\n"), &e));
    CU_ASSERT_TRUE(log_checkpoint(l, &a, &note, &e));
    ASSERT_SPAN(note, SPAN("signed\n"));
    snprintf(anchor, sizeof anchor, "%s/anchor", t.folder);
    t.home->conf.anchors = 1;
    t.home->conf.anchor[0] = anchor;
    CU_ASSERT_FALSE(log_anchor_read(t.home, 0, SPAN("o/S1"), &a, &note, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_STATE);
    CU_ASSERT_TRUE(dir_make(t.fd, "anchor", DIR_PRIVATE, &e));
    CU_ASSERT_TRUE(log_anchor_read(t.home, 0, SPAN("o/S1"), &a, &note, &e) && note.n == 0);
    CU_ASSERT_TRUE(log_anchor_write(t.home, 0, SPAN("o/S1"), SPAN("first\n"), &e));
    CU_ASSERT_TRUE(log_anchor_write(t.home, 0, SPAN("o/S1"), SPAN("second\n"), &e));
    CU_ASSERT_TRUE(log_anchor_read(t.home, 0, SPAN("o/S1"), &a, &note, &e));
    ASSERT_SPAN(note, SPAN("second\n"));
    struct file_info info;
    CU_ASSERT_TRUE(file_stat(t.fd, "anchor/o+S1/checkpoint", &info, &e) &&
                   info.kind == FILE_REGULAR);
    arena_close(&a);
    log_close(l);
    temp_home_end(&t);
}

SUITE(log, TEST(test_log__refuses_tiles_that_do_not_give_the_root),
      TEST(test_log__refuses_missing_and_misshapen_tiles),
      TEST(test_log__grows_over_every_kind_of_border),
      TEST(test_log__gives_entries_while_tiles_are_read),
      TEST(test_log__publishes_a_checkpoint_and_anchors_it))
