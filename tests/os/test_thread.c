#include "os/thread.h"

#include "tests/test.h"

enum { BLOCKS = 2000 };

struct block {
    uint64_t number, result;
    unsigned worked; /* how often */
};

static void triple(void *ctx, void *block)
{
    struct block *b = block;
    const uint64_t *plus = ctx;
    b->result = 3 * b->number + *plus;
    b->worked++;
}

/* Gives all blocks, at most `depth` at once, and takes them: in order, each worked on once. */
static void check_crew(unsigned threads, size_t depth)
{
    static struct block block[BLOCKS];
    uint64_t plus = 5, given = 0;
    struct crew *c = crew_open(threads, depth, triple, &plus);
    CU_ASSERT_PTR_NULL(crew_take(c));
    for (uint64_t taken = 0; taken < BLOCKS; taken++) {
        while (given < BLOCKS && crew_inside(c) < depth) {
            block[given] = (struct block){.number = given};
            crew_give(c, &block[given++]);
        }
        const struct block *b = crew_take(c);
        CU_ASSERT_PTR_EQUAL_FATAL(b, &block[taken]);
        CU_ASSERT_EQUAL(b->result, 3 * taken + plus);
        CU_ASSERT_EQUAL(b->worked, 1);
    }
    CU_ASSERT_PTR_NULL(crew_take(c));
    CU_ASSERT_EQUAL(crew_inside(c), 0);
    crew_close(c);
}

static void test_thread__a_crew_without_threads_works_in_the_caller(void)
{
    check_crew(0, 1);
    check_crew(0, 7);
}

static void test_thread__blocks_come_out_in_the_order_in_which_they_were_given(void)
{
    check_crew(1, 1);
    check_crew(1, 4);
    check_crew(3, 5);
    check_crew(16, 64);
    check_crew(CREW_THREADS_MAX, CREW_DEPTH_MAX);
}

static void test_thread__a_crew_may_be_closed_with_blocks_inside(void)
{
    struct block block[8] = {{0}};
    uint64_t plus = 1;
    for (int round = 0; round < 100; round++) {
        struct crew *c = crew_open(3, 8, triple, &plus);
        for (size_t i = 0; i < 8; i++) {
            block[i] = (struct block){.number = i};
            crew_give(c, &block[i]);
        }
        CU_ASSERT_PTR_EQUAL(crew_take(c), &block[0]);
        crew_close(c);
        for (size_t i = 0; i < 8; i++)
            CU_ASSERT(block[i].worked <= 1);
    }
    crew_close(NULL);
}

/* What the work may write to in an orderly crew: the number that comes next, and where it did not.
 */
struct line {
    uint64_t next, out_of_line;
};

static void stand_in_line(void *ctx, void *block)
{
    struct line *line = ctx;
    const struct block *b = block;
    line->out_of_line += b->number != line->next++;
}

static void check_line(unsigned threads, size_t depth)
{
    static struct block block[BLOCKS];
    struct line line = {0, 0};
    struct crew *c = crew_open_in_order(threads, depth, stand_in_line, &line);
    for (uint64_t i = 0; i < BLOCKS; i++) {
        block[i] = (struct block){.number = i};
        if (crew_inside(c) == depth)
            CU_ASSERT_PTR_EQUAL(crew_take(c), &block[i - depth]);
        crew_give(c, &block[i]);
    }
    while (crew_take(c) != NULL)
        ;
    CU_ASSERT_EQUAL(line.next, BLOCKS);
    CU_ASSERT_EQUAL(line.out_of_line, 0);
    crew_close(c);
}

static void test_thread__an_orderly_crew_works_on_one_block_after_the_other(void)
{
    check_line(0, 1);
    check_line(0, 4);
    check_line(1, 1);
    check_line(1, 4);
    check_line(8, 4);
}

static void test_thread__there_is_a_processor(void)
{
    CU_ASSERT(thread_processors() >= 1 && thread_processors() <= CREW_THREADS_MAX);
}

SUITE(thread, TEST(test_thread__a_crew_without_threads_works_in_the_caller),
      TEST(test_thread__blocks_come_out_in_the_order_in_which_they_were_given),
      TEST(test_thread__a_crew_may_be_closed_with_blocks_inside),
      TEST(test_thread__an_orderly_crew_works_on_one_block_after_the_other),
      TEST(test_thread__there_is_a_processor))
