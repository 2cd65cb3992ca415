/*
 * How tests are written. A file tests/<folder>/test_<name>.c holds sentences,
 * refusals first, and ends with its suite:
 *
 *     static void test_note__refuses_a_signature_line_without_a_key_id(void) { CU_ASSERT(...); }
 *     SUITE(note, TEST(test_note__refuses_a_signature_line_without_a_key_id))
 *
 * The suite's name is the file's, without "test_". The Makefile finds the file;
 * tests/run.c runs every suite in a process of its own.
 */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"

struct test {
    const char *name;
    void (*run)(void);
};

struct suite {
    const char *name;
    const struct test *tests;
    size_t count;
};

#define TEST(function)                                                                             \
    {                                                                                              \
#function, function                                                                        \
    }
#define SUITE(suite_name, ...)                                                                     \
    static const struct test tests_of_##suite_name[] = {__VA_ARGS__};                              \
    extern const struct suite suite_##suite_name;                                                  \
    const struct suite suite_##suite_name = {#suite_name, tests_of_##suite_name,                   \
                                             sizeof tests_of_##suite_name /                        \
                                                 sizeof tests_of_##suite_name[0]};

/* Counts this test as skipped and leaves it: SKIP("no ../shared/vectors"); */
void test_skip(const char *why);
#define SKIP(why)                                                                                  \
    do {                                                                                           \
        test_skip(why);                                                                            \
        return;                                                                                    \
    } while (0)

/* Fails and shows both where two spans differ. */
void test_spans_equal(struct span got, struct span want, const char *file, unsigned line);
#define ASSERT_SPAN(got, want) test_spans_equal(got, want, __FILE__, __LINE__)

/*
 * A whole file below the project's root, in memory until the test's process
 * ends; p == NULL where it does not exist. "../shared/vectors/..." is there or not.
 */
struct span test_file(const char *path);

/* Bytes of lower-case hex digits; lives until the test's process ends. */
struct span test_hex(const char *digits);

/* A small repeatable random generator (splitmix64); seed it with any number. */
uint64_t test_random(uint64_t *state);

#endif
