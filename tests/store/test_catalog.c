#include "store/catalog.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "ledger/tree.h"
#include "os/publish.h"
#include "tests/temp.h"
#include "tests/test.h"

#define S1 SPAN("S1")

static struct hash h(const char *text)
{
    return sha256_of(span_str(text));
}

static struct catalog_signed none(void)
{
    return (struct catalog_signed){.root = tree_empty()};
}

static struct catalog *open_catalog(struct temp_home *t)
{
    struct catalog *c = NULL;
    struct err e = {0};
    if (!catalog_open(t->home, &c, &e))
        host_fatal(e.text);
    return c;
}

static struct catalog_revision revision(const char *dataset, uint64_t number, uint64_t index,
                                        const char *format)
{
    return (struct catalog_revision){
        .dataset = span_str(dataset),
        .number = number,
        .index = index,
        .transfer = 1,
        .sha256 = h(dataset),
        .size = 100,
        .format = span_str(format),
        .records = 7,
        .columns = CATALOG_NONE,
        .member = SPAN("AE"),
        .file = SPAN("ae.xpt"),
        .withdrawn = CATALOG_NONE,
        .data = {.form = 1,
                 .content = h("content"),
                 .order = h("order"),
                 .metadata = h("metadata"),
                 .key = KEY_STANDARD,
                 .duplicates = 3,
                 .root = h("root"),
                 .secret = h("secret")},
        .against =
            {.change = CHANGE_DATA, .added = 4, .changed = 5, .removed = 6, .reverted = ENTRY_NONE},
    };
}

/* A study with a transfer of three revisions of two datasets, all of it staged. */
static void fill(struct catalog *c)
{
    struct err e = {0};
    struct catalog_signed old = none(), next = {.size = 5, .root = h("root"), .note = SPAN("note")};
    struct catalog_transfer t = {
        .index = 1, .identity = h("identity"), .details = h("d"), .manifest = h("m")};
    const struct catalog_revision r[] = {revision("sdtm/AE", 1, 2, "xpt"),
                                         revision("sdtm/AE", 1, 3, "json"),
                                         revision("LB", 1, 4, "xpt")};
    CU_ASSERT_TRUE(catalog_begin(c, &e));
    CU_ASSERT_TRUE(catalog_add_study(c, S1, SPAN("example.org/S1"), &e));
    CU_ASSERT_TRUE(catalog_add_transfer(c, S1, &t, &e));
    t = (struct catalog_transfer){.index = 0,
                                  .identity = h("other"),
                                  .explicit_id = true,
                                  .id = h("night 1"),
                                  .details = h("d"),
                                  .manifest = h("m")};
    CU_ASSERT_TRUE(catalog_add_transfer(c, S1, &t, &e));
    for (uint64_t i = 0; i < 3; i++)
        CU_ASSERT_TRUE(catalog_add_revision(c, S1, &r[i], &e));
    for (uint64_t i = 0; i < 5; i++) {
        struct catalog_entry x = {.index = i,
                                  .kind = SPAN("revision"),
                                  .at = 1700000000 + (int64_t)i,
                                  .subject = h("subject"),
                                  .leaf = h("leaf")};
        CU_ASSERT_TRUE(catalog_add_entry(c, S1, &x, &e));
        CU_ASSERT_TRUE(catalog_stage(c, S1, i, SPAN("{}"), &e));
    }
    struct catalog_ref ref = {.index = 2, .sha256 = h("bytes"), .role = SPAN("data")};
    struct catalog_issued issued = {
        .index = 4, .sha256 = h("bundle"), .tree_size = 4, .scope = SPAN("all\nof it")};
    CU_ASSERT_TRUE(catalog_add_ref(c, S1, &ref, &e) && catalog_add_ref(c, S1, &ref, &e));
    CU_ASSERT_TRUE(catalog_add_issued(c, S1, &issued, &e));
    CU_ASSERT_TRUE(catalog_add_pending(c, S1, 1, &e) && catalog_add_pending(c, S1, 1, &e));
    CU_ASSERT_TRUE(catalog_sign(c, S1, &old, &next, &e));
    CU_ASSERT_TRUE(catalog_commit(c, &e));
}

static void test_catalog__signs_only_after_what_was_signed_last(void)
{
    struct temp_home t = temp_home();
    struct catalog *c = open_catalog(&t);
    struct arena a = {0};
    struct err e = {0};
    bool found;
    fill(c);
    const struct catalog_signed wrong[] = {
        none(), {.size = 5, .root = h("other")}, {.size = 4, .root = h("root")}};
    struct catalog_signed next = {.size = 6, .root = h("six"), .note = SPAN("n6")}, got;
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_TRUE(catalog_begin(c, &e));
        CU_ASSERT_FALSE(catalog_sign(c, S1, &wrong[i], &next, &e));
        CU_ASSERT_EQUAL(e.kind, ERR_INTEGRITY);
        catalog_rollback(c);
    }
    struct catalog_signed right = {.size = 5, .root = h("root")};
    CU_ASSERT_TRUE(catalog_begin(c, &e));
    CU_ASSERT_FALSE(catalog_sign(c, S1, &right, &right, &e)); /* no second one of a size */
    CU_ASSERT_FALSE(catalog_sign(c, SPAN("S9"), &right, &next, &e));
    catalog_rollback(c);
    CU_ASSERT_TRUE(catalog_last_signed(c, S1, &a, &got, &found, &e) && found);
    CU_ASSERT_EQUAL(got.size, 5);
    ASSERT_SPAN(got.note, SPAN("note"));
    arena_close(&a);
    catalog_close(c);
    temp_home_end(&t);
}

static void test_catalog__refuses_what_contradicts_it(void)
{
    struct temp_home t = temp_home();
    struct catalog *c = open_catalog(&t);
    struct err e = {0};
    fill(c);
    struct catalog_revision again = revision("SDTM/ae", 1, 9, "xpt");
    struct catalog_transfer same_id = {
        .index = 9, .identity = h("new"), .explicit_id = true, .id = h("night 1")};
    CU_ASSERT_TRUE(catalog_begin(c, &e));
    CU_ASSERT_FALSE(catalog_add_revision(c, S1, &again, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_STATE);
    CU_ASSERT_FALSE(catalog_add_transfer(c, S1, &same_id, &e));
    CU_ASSERT_FALSE(catalog_stage(c, S1, 0, SPAN("{}"), &e));
    CU_ASSERT_FALSE(catalog_stage(c, SPAN("S9"), 0, SPAN("{}"), &e));
    CU_ASSERT_FALSE(catalog_add_study(c, SPAN("s1"), SPAN("x"), &e));
    CU_ASSERT_FALSE(catalog_withdraw(c, S1, 77, 9, &e));
    again.number = UINT64_MAX;
    CU_ASSERT_FALSE(catalog_add_revision(c, S1, &again, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_LIMIT);
    catalog_rollback(c);
    catalog_close(c);
    temp_home_end(&t);
}

static void test_catalog__tells_damage_from_other_trouble(void)
{
    struct temp_home t = temp_home();
    struct catalog *c;
    struct err e = {0};
    CU_ASSERT_TRUE(publish(t.home->root, HOME_CATALOG, SPAN("this is not a database at all....."),
                           FILE_PRIVATE, &e));
    CU_ASSERT_FALSE(catalog_open(t.home, &c, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_INTEGRITY);
    CU_ASSERT_PTR_NOT_NULL(strstr(e.hint, "trialseal rebuild"));
    CU_ASSERT_TRUE(publish(t.home->root, HOME_CATALOG, SPAN(""), FILE_PRIVATE, &e));
    CU_ASSERT_FALSE(catalog_open(t.home, &c, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_INTEGRITY);
    CU_ASSERT_TRUE(file_remove(t.home->root, HOME_CATALOG, &e));
    CU_ASSERT_FALSE(catalog_open(t.home, &c, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_INTEGRITY);
    temp_home_end(&t);
}

static void test_catalog__forgets_what_was_not_committed(void)
{
    struct temp_home t = temp_home();
    struct catalog *c = open_catalog(&t);
    uint64_t staged;
    struct err e = {0};
    fill(c);
    CU_ASSERT_TRUE(catalog_begin(c, &e));
    CU_ASSERT_TRUE(catalog_unstage(c, S1, 5, &e));
    catalog_close(c);
    c = open_catalog(&t);
    CU_ASSERT_TRUE(catalog_staged_count(c, S1, &staged, &e));
    CU_ASSERT_EQUAL(staged, 5);
    struct span entry;
    CU_ASSERT_TRUE(catalog_staged(c, S1, 4, &entry, &e));
    ASSERT_SPAN(entry, SPAN("{}"));
    CU_ASSERT_FALSE(catalog_staged(c, S1, 5, &entry, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_INTEGRITY);
    CU_ASSERT_TRUE(catalog_begin(c, &e) && catalog_unstage(c, S1, 3, &e) && catalog_commit(c, &e));
    CU_ASSERT_TRUE(catalog_staged_count(c, S1, &staged, &e) && staged == 2);
    catalog_close(c);
    temp_home_end(&t);
}

static void test_catalog__opened_for_reading_cannot_be_written(void)
{
    struct temp_home t = temp_home();
    struct catalog *c = open_catalog(&t), *reading;
    struct home *other;
    struct err e = {0};
    CU_ASSERT_TRUE_FATAL(home_open(t.path, HOME_READ, &other, &e));
    CU_ASSERT_TRUE_FATAL(catalog_open(other, &reading, &e));
    CU_ASSERT_FALSE(catalog_begin(reading, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_STATE);
    fill(c);
    uint64_t n;
    CU_ASSERT_TRUE(catalog_last_number(reading, S1, SPAN("LB"), &n, &e) && n == 1);
    catalog_close(reading);
    home_close(other);
    catalog_close(c);
    temp_home_end(&t);
}

static bool count_revision(void *ctx, const struct catalog_revision *x, struct err *e)
{
    size_t *n = ctx;
    (void)x, (void)e;
    ++*n;
    return true;
}

struct nested {
    struct catalog *c;
    size_t n;
};

static bool ask_again(void *ctx, const struct catalog_revision *x, struct err *e)
{
    struct nested *n = ctx;
    (void)x;
    return catalog_each_revision(n->c, S1, SPAN(""), count_revision, &n->n, e);
}

static void test_catalog__answers_questions_about_revisions(void)
{
    struct temp_home t = temp_home();
    struct catalog *c = open_catalog(&t);
    struct arena a = {0};
    struct catalog_revision r;
    struct err e = {0};
    bool found;
    fill(c);
    CU_ASSERT_TRUE(catalog_latest(c, S1, SPAN("SDTM/AE"), SPAN(""), &a, &r, &found, &e) && found);
    CU_ASSERT_EQUAL(r.index, 2);
    ASSERT_SPAN(r.dataset, SPAN("sdtm/AE"));
    CU_ASSERT(r.records == 7 && r.columns == CATALOG_NONE && r.withdrawn == CATALOG_NONE);
    CU_ASSERT_TRUE(catalog_latest(c, S1, SPAN("sdtm/AE"), SPAN("json"), &a, &r, &found, &e));
    CU_ASSERT_TRUE(found && r.index == 3);
    CU_ASSERT_TRUE(catalog_latest(c, S1, SPAN("LB"), SPAN("json"), &a, &r, &found, &e) && !found);
    CU_ASSERT_TRUE(catalog_revision(c, S1, SPAN("LB"), 1, SPAN(""), &a, &r, &found, &e) && found);
    CU_ASSERT_TRUE(catalog_revision(c, S1, SPAN("LB"), 2, SPAN(""), &a, &r, &found, &e) && !found);
    CU_ASSERT_TRUE(catalog_begin(c, &e) && catalog_withdraw(c, S1, 4, 9, &e));
    CU_ASSERT_FALSE(catalog_withdraw(c, S1, 4, 10, &e));
    CU_ASSERT_TRUE(catalog_commit(c, &e));
    CU_ASSERT_TRUE(catalog_revision_at(c, S1, 4, &a, &r, &found, &e) && r.withdrawn == 9);
    struct nested n = {.c = c};
    size_t count = 0;
    CU_ASSERT_TRUE(catalog_each_revision(c, S1, SPAN(""), ask_again, &n, &e));
    CU_ASSERT_EQUAL(n.n, 9);
    CU_ASSERT_TRUE(catalog_each_revision(c, S1, SPAN("sdtm/ae"), count_revision, &count, &e));
    CU_ASSERT_TRUE(catalog_each_revision_of(c, S1, h("LB"), count_revision, &count, &e));
    CU_ASSERT_EQUAL(count, 3);
    arena_close(&a);
    catalog_close(c);
    temp_home_end(&t);
}

static void test_catalog__finds_transfers_by_identity_and_id(void)
{
    struct temp_home t = temp_home();
    struct catalog *c = open_catalog(&t);
    struct catalog_transfer x;
    struct err e = {0};
    bool found;
    fill(c);
    CU_ASSERT_TRUE(catalog_transfer_by_identity(c, S1, h("identity"), &x, &found, &e) && found);
    CU_ASSERT(x.index == 1 && !x.explicit_id && hash_eq(x.manifest, h("m")));
    CU_ASSERT_TRUE(catalog_transfer_by_id(c, S1, h("night 1"), &x, &found, &e) && found);
    CU_ASSERT(x.index == 0 && x.explicit_id && hash_eq(x.id, h("night 1")));
    CU_ASSERT_TRUE(catalog_transfer_by_id(c, S1, h("night 2"), &x, &found, &e) && !found);
    catalog_close(c);
    temp_home_end(&t);
}

static void test_catalog__is_rebuilt_with_the_same_dump(void)
{
    struct temp_home t = temp_home();
    struct catalog *c = open_catalog(&t);
    struct buf before = {0}, after = {0};
    struct file_info info;
    struct err e = {0};
    fill(c);
    CU_ASSERT_TRUE(catalog_dump(c, sink_to(&before), &e) && before.n > 0);
    CU_ASSERT_TRUE(catalog_check(c, &e));
    catalog_close(c);
    CU_ASSERT_TRUE_FATAL(catalog_rebuild_begin(t.home, &c, &e));
    catalog_close(c); /* killed */
    CU_ASSERT_TRUE_FATAL(catalog_rebuild_begin(t.home, &c, &e));
    fill(c);
    CU_ASSERT_TRUE(catalog_rebuild_end(t.home, c, &e));
    c = open_catalog(&t);
    CU_ASSERT_TRUE(catalog_dump(c, sink_to(&after), &e));
    ASSERT_SPAN(buf_span(&after), buf_span(&before));
    CU_ASSERT_TRUE(file_stat(t.home->root, HOME_CATALOG, &info, &e) && info.mode == 0600);
    buf_close(&before);
    buf_close(&after);
    catalog_close(c);
    temp_home_end(&t);
}

/* --- what was erased --- */

static bool list_erased(void *ctx, const struct catalog_erased *x, struct err *e)
{
    struct buf *b = ctx;
    (void)e;
    buf_u64(b, x->index);
    buf_str(b, x->text ? " text\n" : " file\n");
    return true;
}

static void erase(struct catalog *c, uint64_t index, const char *object, bool text)
{
    struct err e = {0};
    const struct catalog_erased x = {index, h(object), text};
    CU_ASSERT(catalog_begin(c, &e) && catalog_erase(c, S1, &x, SPAN("gone"), &e) &&
              catalog_erase(c, S1, &x, SPAN("gone"), &e) && catalog_commit(c, &e));
}

static void test_catalog__forgets_the_words_of_an_erased_text(void)
{
    struct temp_home t = temp_home();
    struct catalog *c = open_catalog(&t);
    struct arena a = {0};
    struct catalog_revision r;
    struct catalog_transfer x;
    struct catalog_ref ref = {.index = 3, .sha256 = h("words"), .role = SPAN("details")};
    struct err e = {0};
    bool found;
    fill(c);
    CU_ASSERT(catalog_begin(c, &e) && catalog_add_ref(c, S1, &ref, &e) && catalog_commit(c, &e));
    erase(c, 5, "words", true);
    CU_ASSERT(catalog_revision_at(c, S1, 3, &a, &r, &found, &e) && found);
    ASSERT_SPAN(r.file, SPAN("gone"));
    ASSERT_SPAN(r.member, SPAN(""));
    CU_ASSERT(catalog_revision_at(c, S1, 2, &a, &r, &found, &e) && span_eq(r.member, SPAN("AE")));
    struct catalog_transfer other = {
        .index = 7, .identity = h("i"), .explicit_id = true, .id = h("x"), .details = h("t")};
    CU_ASSERT(catalog_begin(c, &e) && catalog_add_transfer(c, S1, &other, &e) &&
              catalog_commit(c, &e));
    erase(c, 8, "t", true);
    CU_ASSERT(catalog_transfer_by_id(c, S1, h("x"), &x, &found, &e) && !found);
    CU_ASSERT(catalog_transfer_by_identity(c, S1, h("i"), &x, &found, &e) && !found);
    CU_ASSERT(catalog_transfer_at(c, S1, 7, &x, &found, &e) && found && !x.explicit_id);
    CU_ASSERT(catalog_settle(c, &e));
    arena_close(&a);
    catalog_close(c);
    temp_home_end(&t);
}

static void test_catalog__says_what_was_erased_and_who_still_has_it(void)
{
    struct temp_home t = temp_home();
    struct catalog *c = open_catalog(&t);
    struct arena a = {0};
    struct buf list = {0};
    struct span other;
    struct catalog_erased x;
    struct catalog_ref ref = {.index = 9, .sha256 = h("bytes"), .role = SPAN("data")};
    struct err e = {0};
    bool found;
    fill(c);
    CU_ASSERT(catalog_begin(c, &e) && catalog_add_study(c, SPAN("S2"), SPAN("o/S2"), &e) &&
              catalog_add_ref(c, SPAN("S2"), &ref, &e) && catalog_commit(c, &e));
    CU_ASSERT(catalog_erased(c, S1, h("bytes"), &x, &found, &e) && !found);
    CU_ASSERT(catalog_other_user(c, SPAN("S2"), h("bytes"), &a, &other, &found, &e) && found);
    ASSERT_SPAN(other, S1);
    erase(c, 6, "more", true);
    erase(c, 5, "bytes", false);
    CU_ASSERT(catalog_erased(c, S1, h("bytes"), &x, &found, &e) && found && x.index == 5);
    CU_ASSERT(catalog_other_user(c, SPAN("S2"), h("bytes"), &a, &other, &found, &e) && !found);
    CU_ASSERT(catalog_other_user(c, S1, h("bytes"), &a, &other, &found, &e) && found);
    ASSERT_SPAN(other, SPAN("S2"));
    CU_ASSERT(catalog_each_erased(c, S1, list_erased, &list, &e));
    ASSERT_SPAN(buf_span(&list), SPAN("5 file\n6 text\n"));
    buf_close(&list);
    arena_close(&a);
    catalog_close(c);
    temp_home_end(&t);
}

SUITE(catalog, TEST(test_catalog__signs_only_after_what_was_signed_last),
      TEST(test_catalog__refuses_what_contradicts_it),
      TEST(test_catalog__tells_damage_from_other_trouble),
      TEST(test_catalog__forgets_what_was_not_committed),
      TEST(test_catalog__opened_for_reading_cannot_be_written),
      TEST(test_catalog__answers_questions_about_revisions),
      TEST(test_catalog__finds_transfers_by_identity_and_id),
      TEST(test_catalog__is_rebuilt_with_the_same_dump),
      TEST(test_catalog__forgets_the_words_of_an_erased_text),
      TEST(test_catalog__says_what_was_erased_and_who_still_has_it))
