#include "study/twin_find.h"

#include "base/buf.h"
#include "ledger/revision_words.h"
#include "tests/ledger/entry_make.h"
#include "tests/temp.h"
#include "tests/test.h"

#define S1 SPAN("S1")

enum { ENTRIES = 900 };

/* A ledger of a few datasets, formats and data that come and go; the same each time. */
static uint32_t next_random(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 16) % below;
}

static struct entry random_revision(uint32_t *seed, uint64_t number)
{
    static const char *const names[] = {"DM", "LB", "sdtm/DM", "VS"};
    struct entry x = entry_make(ENTRY_REVISION);
    x.subject = hash_fill((uint8_t)next_random(seed, 200));
    x.revision.dataset = span_str(names[next_random(seed, 4)]);
    x.revision.revision = number;
    x.revision.format = 1 + next_random(seed, 3);
    x.revision.transfer = number / 3;
    x.revision.records = next_random(seed, 5);
    x.revision.data.form = 1 + (next_random(seed, 10) == 0);
    x.revision.data.content = hash_fill((uint8_t)(1 + next_random(seed, 3)));
    x.revision.data.strict = hash_fill((uint8_t)(10 + next_random(seed, 3)));
    x.revision.data.strict_order = hash_fill((uint8_t)(20 + next_random(seed, 2)));
    x.revision.data.metadata = hash_fill((uint8_t)(30 + next_random(seed, 2)));
    x.revision.against = revision_change_none;
    x.revision.against.change = next_random(seed, CHANGE_DATA + 1);
    if (next_random(seed, 20) == 0)
        x.revision.data = revision_data_none;
    return x;
}

static void add(struct catalog *c, uint64_t index, const struct entry *x)
{
    struct err e = {0};
    const struct twin_side s = twin_side_of(index, x);
    const struct catalog_revision r = {
        .dataset = s.dataset,
        .number = s.number,
        .index = index,
        .transfer = s.transfer,
        .sha256 = s.sha256,
        .format = s.format,
        .records = (int64_t)s.records,
        .columns = CATALOG_NONE,
        .member = SPAN(""),
        .file = SPAN(""),
        .withdrawn = CATALOG_NONE,
        .data = *s.data,
        .against = *s.against,
    };
    CU_ASSERT_FATAL(catalog_add_revision(c, S1, &r, &e));
}

static bool same_words(const struct twin *a, const struct twin *b)
{
    struct buf x = {0}, y = {0};
    twin_words(&x, a);
    twin_words(&y, b);
    bool same = span_eq(buf_span(&x), buf_span(&y)) && a->entry == b->entry;
    buf_close(&x);
    buf_close(&y);
    return same;
}

/* Asked at the end, the catalog says of each what was true when it came. */
static void test_twin_find__finds_what_a_reader_of_the_ledger_finds(void)
{
    struct temp_home t = temp_home();
    struct catalog *c = NULL;
    struct err e = {0};
    struct arena a = {0};
    struct twins *twins = twins_open();
    static struct entry entry[ENTRIES];
    static struct twin walked[ENTRIES];
    uint32_t seed = 7;
    size_t found = 0, withdrawn = 0;
    CU_ASSERT_FATAL(catalog_open(t.home, &c, &e) && catalog_begin(c, &e) &&
                    catalog_add_study(c, S1, SPAN("example.org/S1"), &e));
    for (uint64_t i = 0; i < ENTRIES; i++) {
        uint64_t before = i > 0 ? i - 1 : 0;
        bool withdraws = i % 7 == 6;
        entry[i] = withdraws ? entry_make(ENTRY_WITHDRAWAL) : random_revision(&seed, i + 1);
        if (withdraws) {
            entry[i].withdrawal.revision = before;
            CU_ASSERT_FATAL(catalog_withdraw(c, S1, before, i, &e));
        } else {
            add(c, i, &entry[i]);
        }
        twins_add(twins, i, &entry[i], &walked[i]);
    }
    CU_ASSERT(catalog_commit(c, &e));
    for (uint64_t i = 0; i < ENTRIES; i++) {
        struct twin asked;
        if (entry[i].kind != ENTRY_REVISION)
            continue;
        const struct twin_side now = twin_side_of(i, &entry[i]);
        CU_ASSERT_FATAL(twin_find(c, S1, &now, &a, &asked, &e));
        CU_ASSERT(same_words(&asked, &walked[i]));
        found += asked.entry != ENTRY_NONE;
        withdrawn += asked.withdrawn;
    }
    CU_ASSERT(found > 100 && found < ENTRIES / 2 && withdrawn > 10);
    twins_close(twins);
    arena_close(&a);
    catalog_close(c);
    temp_home_end(&t);
}

SUITE(twin_find, TEST(test_twin_find__finds_what_a_reader_of_the_ledger_finds))
