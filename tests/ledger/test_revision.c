#include "ledger/revision.h"

#include "tests/ledger/entry_make.h"
#include "tests/test.h"

/* A revision of 10 records, and the one before of 9: two added, three changed, one removed. */
struct pair {
    struct entry x;
    struct revision_known before;
};

static struct pair good_pair(void)
{
    struct pair p = {.x = entry_make(ENTRY_REVISION)};
    struct entry before = p.x;
    before.subject = hash_fill(0xb1);
    before.revision.records = 9;
    before.revision.data.content = hash_fill(0xf0);
    before.revision.data.strict = hash_fill(0xf1);
    revision_know(&p.before, 13, &before);
    p.x.revision.records = 10;
    p.x.revision.data.duplicates = 9;
    p.x.revision.against = (struct revision_change){
        .change = CHANGE_DATA, .added = 2, .changed = 3, .removed = 1, .reverted = ENTRY_NONE};
    return p;
}

/* The same data as the one before. */
static struct pair same_pair(enum change change)
{
    struct pair p = good_pair();
    p.before.data = p.x.revision.data;
    p.before.records = p.x.revision.records;
    p.x.revision.against = (struct revision_change){.change = change, .reverted = ENTRY_NONE};
    return p;
}

static bool taken(const struct pair *p)
{
    struct err e = {0};
    bool good = revision_check(&p->x, &p->before, &e);
    CU_ASSERT_EQUAL(e.kind, good ? ERR_NONE : ERR_FORMAT);
    return good;
}

#define TAKES(from, edit)                                                                          \
    do {                                                                                           \
        struct pair p = from;                                                                      \
        struct entry *x = &p.x;                                                                    \
        struct revision_data *d = &x->revision.data;                                               \
        struct revision_change *c = &x->revision.against;                                          \
        (void)d, (void)c;                                                                          \
        edit;                                                                                      \
        CU_ASSERT(taken(&p));                                                                      \
    } while (0)

#define REFUSES(from, edit)                                                                        \
    do {                                                                                           \
        struct pair p = from;                                                                      \
        struct entry *x = &p.x;                                                                    \
        struct revision_data *d = &x->revision.data;                                               \
        struct revision_change *c = &x->revision.against;                                          \
        (void)d, (void)c;                                                                          \
        CU_ASSERT(taken(&p));                                                                      \
        edit;                                                                                      \
        CU_ASSERT(!taken(&p));                                                                     \
    } while (0)

static const struct hash no_hash;

static void unread(struct entry *x)
{
    x->revision.data = revision_data_none;
    x->revision.against = revision_change_none;
}

static void test_revision__refuses_digests_of_what_was_not_read(void)
{
    struct pair start = good_pair();
    unread(&start.x);
    REFUSES(start, d->content = hash_fill(1));
    REFUSES(start, d->order = hash_fill(1));
    REFUSES(start, d->strict = hash_fill(1));
    REFUSES(start, d->strict_order = hash_fill(1));
    REFUSES(start, d->metadata = hash_fill(1));
    REFUSES(start, d->schema = hash_fill(1));
    REFUSES(start, d->root = hash_fill(1));
    REFUSES(start, d->secret = hash_fill(1));
    REFUSES(start, d->key = KEY_ALL);
    REFUSES(start, d->duplicates = 0);
}

static void test_revision__refuses_what_was_read_without_all_its_digests(void)
{
    REFUSES(good_pair(), d->form = 0);
    REFUSES(good_pair(), d->content = no_hash);
    REFUSES(good_pair(), d->order = no_hash);
    REFUSES(good_pair(), d->metadata = no_hash);
    REFUSES(good_pair(), d->root = no_hash);
    REFUSES(good_pair(), d->secret = no_hash);
    REFUSES(good_pair(), d->key = KEY_UNREAD);
    REFUSES(good_pair(), d->duplicates = ENTRY_NONE);
    REFUSES(good_pair(), x->revision.columns = ENTRY_NONE);
    REFUSES(good_pair(), x->revision.records = ENTRY_NONE);
    TAKES(good_pair(), d->schema = no_hash);
}

static void test_revision__refuses_strict_digests_that_say_nothing(void)
{
    REFUSES(good_pair(), d->strict = d->content);
    REFUSES(good_pair(), d->strict_order = d->order);
    REFUSES(good_pair(), d->strict = no_hash);
    REFUSES(good_pair(), d->strict_order = no_hash);
    TAKES(good_pair(), d->strict = d->strict_order = no_hash);
}

static void test_revision__refuses_as_many_duplicates_as_records(void)
{
    struct pair none = good_pair();
    none.x.revision.records = 0;
    none.x.revision.data.duplicates = 0;
    none.x.revision.against.added = none.x.revision.against.changed = 0;
    none.x.revision.against.removed = 9;
    TAKES(none, (void)0);
    REFUSES(good_pair(), d->duplicates = 10);
    REFUSES(none, d->duplicates = 1);
}

static void test_revision__refuses_counts_without_a_change(void)
{
    struct pair start = good_pair();
    start.x.revision.against = revision_change_none;
    REFUSES(start, c->added = 0);
    REFUSES(start, c->changed = 0);
    REFUSES(start, c->removed = 0);
    REFUSES(start, c->reverted = 2);
}

static void test_revision__refuses_a_change_without_counts(void)
{
    REFUSES(good_pair(), c->added = ENTRY_NONE);
    REFUSES(good_pair(), c->changed = ENTRY_NONE);
    REFUSES(good_pair(), c->removed = ENTRY_NONE);
}

static void test_revision__refuses_a_change_of_the_first_and_of_the_unread(void)
{
    struct pair same_bytes = good_pair();
    unread(&same_bytes.x);
    same_bytes.before.subject = same_bytes.x.subject;
    TAKES(same_bytes, c->change = CHANGE_NONE);
    REFUSES(same_bytes, c->change = CHANGE_HEADER);
    REFUSES(same_bytes, c->added = 0);
    REFUSES(good_pair(), p.before.entry = ENTRY_NONE);
}

static void test_revision__refuses_other_bytes_without_a_change(void)
{
    struct pair start = same_pair(CHANGE_NONE);
    start.before.subject = start.x.subject;
    REFUSES(start, p.before.subject = hash_fill(7));
}

static void test_revision__refuses_counts_that_do_not_go_with_the_change(void)
{
    struct pair fuzz = same_pair(CHANGE_FUZZ);
    fuzz.before.data.strict = hash_fill(0xf1);
    fuzz.x.revision.against.changed = 1;
    REFUSES(fuzz, c->changed = 0);
    REFUSES(fuzz, c->added = c->removed = 1);
    REFUSES(same_pair(CHANGE_HEADER), c->changed = 1);
    REFUSES(same_pair(CHANGE_HEADER), c->added = c->removed = 1);
}

static void test_revision__refuses_counts_that_do_not_lead_to_the_records(void)
{
    REFUSES(good_pair(), c->added = 3);
    REFUSES(good_pair(), c->removed = 2);
    REFUSES(good_pair(), x->revision.records = 11);
    REFUSES(good_pair(), c->changed = 9);
    REFUSES(good_pair(), p.before.records = 8);
    TAKES(good_pair(), c->changed = 8);
    TAKES(good_pair(), p.before.records = ENTRY_NONE);
}

/* Each class against what the digests say. */
static void test_revision__refuses_a_class_that_the_digests_do_not_give(void)
{
    REFUSES(good_pair(), p.before.data.content = d->content);
    REFUSES(same_pair(CHANGE_HEADER), p.before.data.content = hash_fill(1));
    REFUSES(same_pair(CHANGE_HEADER), p.before.data.strict = hash_fill(1));
    REFUSES(same_pair(CHANGE_HEADER), p.before.data.strict_order = hash_fill(1));
    REFUSES(same_pair(CHANGE_HEADER), p.before.data.metadata = hash_fill(1));
    REFUSES(same_pair(CHANGE_HEADER), c->change = CHANGE_METADATA);
    REFUSES(same_pair(CHANGE_HEADER), c->change = CHANGE_COLUMN_ORDER);
    REFUSES(same_pair(CHANGE_HEADER), c->change = CHANGE_RECORD_ORDER);
    REFUSES(same_pair(CHANGE_HEADER), (c->change = CHANGE_FUZZ, c->changed = 1));
    REFUSES(same_pair(CHANGE_HEADER), (c->change = CHANGE_DATA, c->changed = 1));
}

static void test_revision__takes_each_class_with_its_digests(void)
{
    struct pair start = same_pair(CHANGE_METADATA);
    start.before.data.metadata = hash_fill(1);
    TAKES(start, (void)0);
    TAKES(start, c->change = CHANGE_COLUMN_ORDER);
    start.before.data.strict_order = hash_fill(1);
    TAKES(start, c->change = CHANGE_RECORD_ORDER);
    start.before.data.strict = hash_fill(1);
    TAKES(start, (c->change = CHANGE_FUZZ, c->changed = 10));
}

/* Another form or schema: the digests are not compared. */
static void test_revision__takes_any_class_where_digests_cannot_be_compared(void)
{
    REFUSES(same_pair(CHANGE_HEADER), c->change = CHANGE_METADATA);
    TAKES(same_pair(CHANGE_METADATA), p.before.data.form = 2);
    TAKES(same_pair(CHANGE_METADATA), p.before.data.schema = no_hash);
    TAKES(same_pair(CHANGE_METADATA), p.before.data = revision_data_none);
}

static void test_revision__refuses_reverted_with_the_data_of_the_one_before(void)
{
    TAKES(good_pair(), c->reverted = 2);
    REFUSES(same_pair(CHANGE_HEADER), c->reverted = 2);
}

SUITE(revision, TEST(test_revision__refuses_digests_of_what_was_not_read),
      TEST(test_revision__refuses_what_was_read_without_all_its_digests),
      TEST(test_revision__refuses_strict_digests_that_say_nothing),
      TEST(test_revision__refuses_as_many_duplicates_as_records),
      TEST(test_revision__refuses_counts_without_a_change),
      TEST(test_revision__refuses_a_change_without_counts),
      TEST(test_revision__refuses_a_change_of_the_first_and_of_the_unread),
      TEST(test_revision__refuses_other_bytes_without_a_change),
      TEST(test_revision__refuses_counts_that_do_not_go_with_the_change),
      TEST(test_revision__refuses_counts_that_do_not_lead_to_the_records),
      TEST(test_revision__refuses_a_class_that_the_digests_do_not_give),
      TEST(test_revision__takes_each_class_with_its_digests),
      TEST(test_revision__takes_any_class_where_digests_cannot_be_compared),
      TEST(test_revision__refuses_reverted_with_the_data_of_the_one_before))
