#include "cli/place.h"

#include "tests/test.h"

static void test_place__refuses_what_is_no_name(void)
{
    static const char *const bad[] = {
        "",        "/LB",   "S1/",        "S1//LB", "S1/LB@", "S1/LB@x",  "S1/LB@1@2", "S1#",
        "S1#x",    "S1#-1", "S1#01",      "S 1",    "../S1",  "S1/../LB", "S1/LB#3",   "S1/LB@01",
        "S1#3/LB", "S.1",   "S1/a/b/c/d", "S1@3",   "#3",     "S1/LB@ 1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct place p;
        struct err e = {0};
        CU_ASSERT_FALSE(place_parse(span_str(bad[i]), &p, &e));
        CU_ASSERT_EQUAL(e.kind, ERR_USAGE);
    }
}

static void test_place__reads_studies_datasets_revisions_and_entries(void)
{
    struct place p;
    struct err e;
    CU_ASSERT(place_parse(SPAN("CDISC-01_a"), &p, &e));
    CU_ASSERT(span_eq(p.study, SPAN("CDISC-01_a")) && p.dataset.n == 0);
    CU_ASSERT_FALSE(p.has_entry || p.has_revision);
    CU_ASSERT(place_parse(SPAN("S1/sdtm/LB"), &p, &e));
    CU_ASSERT(span_eq(p.dataset, SPAN("sdtm/LB")) && !p.has_revision);
    CU_ASSERT(place_parse(SPAN("S1/sdtm/LB@12"), &p, &e));
    CU_ASSERT(span_eq(p.dataset, SPAN("sdtm/LB")) && p.has_revision && p.revision == 12);
    CU_ASSERT(place_parse(SPAN("S1#0"), &p, &e));
    CU_ASSERT(span_eq(p.study, SPAN("S1")) && p.has_entry && p.entry == 0);
}

SUITE(place, TEST(test_place__refuses_what_is_no_name),
      TEST(test_place__reads_studies_datasets_revisions_and_entries))
