#include "content/key.h"

#include "content/sort_key.h"
#include "tests/test.h"

enum { COLUMNS_MAX = 12 };

/* A dataset whose columns are words; a digit behind a word is its place in the file's own key. */
struct dataset {
    struct column column[COLUMNS_MAX];
    struct dataset_info info;
    struct issues notes;
    struct arena arena;
};

static void dataset_of(struct dataset *d, const char *words)
{
    struct span rest = span_str(words);
    *d = (struct dataset){0};
    while (rest.n > 0) {
        size_t end = span_find(rest, 0, ' ');
        struct column *c = &d->column[d->info.columns++];
        c->name = span_of(rest.p, end);
        if (c->name.p[end - 1] >= '1' && c->name.p[end - 1] <= '9') {
            c->key = c->name.p[--c->name.n] - '0';
            d->info.keyed = true;
        }
        rest = span_skip(rest, end < rest.n ? end + 1 : end);
    }
    d->info.column = d->column;
}

/* "define A B": who chose it, and the columns. */
static void add_key(const struct dataset *d, const struct dataset_key *key, struct buf *out)
{
    buf_str(out, key_source_name(key->from));
    for (size_t i = 0; i < key->count; i++) {
        buf_byte(out, ' ');
        buf_add(out, d->column[key->column[i]].name);
    }
}

static void chooses(struct dataset *d, const char *name, const char *study, uint64_t notes,
                    const char *want)
{
    struct span names[COLUMNS_MAX], rest = span_str(study);
    struct dataset_key key;
    struct buf got = {0};
    size_t n = 0;
    for (size_t end; rest.n > 0; rest = span_skip(rest, end < rest.n ? end + 1 : end)) {
        end = span_find(rest, 0, ' ');
        names[n++] = span_of(rest.p, end);
    }
    key_choose(&d->info, span_str(name), names, n, &d->notes, "f", &d->arena, &key);
    add_key(d, &key, &got);
    ASSERT_SPAN(buf_span(&got), span_str(want));
    CU_ASSERT_EQUAL(d->notes.samples, notes);
    buf_close(&got);
    issues_close(&d->notes);
    arena_close(&d->arena);
}

static void of_columns(const char *columns, const char *name, const char *want)
{
    struct dataset d;
    dataset_of(&d, columns);
    chooses(&d, name, "", 0, want);
}

static void test_key__is_all_columns_where_nobody_says_one(void)
{
    of_columns("B A C", "LB", "all B A C");
    of_columns("USUBJID LBSEQ", "LB", "all USUBJID LBSEQ");
    of_columns("STUDYID USUBJID VSSEQ", "LB", "all STUDYID USUBJID VSSEQ");
    of_columns("STUDYID USUBJID SEQ", "", "all STUDYID USUBJID SEQ");
    of_columns("", "LB", "all");
}

static void test_key__is_asked_of_the_define_first(void)
{
    struct dataset d;
    dataset_of(&d, "STUDYID USUBJID1 LBSEQ2 LBTEST");
    d.column[3].defined_key = 1;
    d.column[0].defined_key = 2;
    d.info.defined_keys = 2;
    chooses(&d, "LB", "LBTEST", 0, "define LBTEST STUDYID");
}

static void test_key__passes_over_a_define_with_absent_columns(void)
{
    struct dataset d;
    dataset_of(&d, "STUDYID USUBJID2 LBSEQ1 LBTEST");
    d.column[3].defined_key = 1;
    d.info.defined_keys = 2;
    chooses(&d, "LB", "LBTEST", 1, "dataset LBSEQ USUBJID");
}

static void test_key__takes_the_study_s_where_the_file_says_none(void)
{
    struct dataset d;
    dataset_of(&d, "StudyId USUBJID LBSEQ LBTEST");
    chooses(&d, "LB", "lbtest LBTEST STUDYID", 0, "study LBTEST StudyId");
    dataset_of(&d, "STUDYID USUBJID LBSEQ LBTEST");
    chooses(&d, "LB", "LBTEST LBCAT", 1, "standard STUDYID USUBJID LBSEQ");
}

static void test_key__counts_the_first_of_columns_with_one_name(void)
{
    struct dataset d;
    dataset_of(&d, "A a B");
    chooses(&d, "X", "a b A", 0, "study A B");
    CU_ASSERT_TRUE(d.info.columns == 3);
}

static void test_key__knows_the_standards(void)
{
    static const struct {
        const char *columns, *name, *key;
    } cases[] = {
        {"STUDYID DOMAIN USUBJID LBSEQ", "LB", "standard STUDYID USUBJID LBSEQ"},
        {"studyid usubjid lbseq", "sdtm/lbch", "standard studyid usubjid lbseq"},
        {"STUDYID DOMAIN USUBJID LBSEQ", "labs", "standard STUDYID USUBJID LBSEQ"},
        {"STUDYID DOMAIN USUBJID LBSEQ", "2026-01-12", "standard STUDYID USUBJID LBSEQ"},
        {"STUDYID DOMAIN USUBJID AESEQ LBSEQ", "x", "all STUDYID DOMAIN USUBJID AESEQ LBSEQ"},
        {"STUDYID USUBJID POOLID BWSEQ", "BW", "standard STUDYID USUBJID POOLID BWSEQ"},
        {"STUDYID APID APSEQ DMSEQ", "APDM", "standard STUDYID APID DMSEQ"},
        {"STUDYID USUBJID SUBJID", "DM", "standard STUDYID USUBJID"},
        {"STUDYID USUBJID SUBJID", "sdtm/dm_neuro", "standard STUDYID USUBJID"},
        {"STUDYID USUBJID SUBJID", "DM-2026-01-12", "standard STUDYID USUBJID"},
        {"STUDYID USUBJID SUBJID", "DMX_DM", "all STUDYID USUBJID SUBJID"},
        {"STUDYID RDOMAIN USUBJID COSEQ", "CO", "standard STUDYID USUBJID COSEQ"},
        {"STUDYID TSSEQ TSPARMCD", "TS", "standard STUDYID TSPARMCD TSSEQ"},
        {"STUDYID ARMCD TAETORD", "TA", "standard STUDYID ARMCD TAETORD"},
        {"QNAM IDVARVAL IDVAR USUBJID RDOMAIN STUDYID", "SUPPAE",
         "standard STUDYID RDOMAIN USUBJID IDVAR IDVARVAL QNAM"},
        {"STUDYID RDOMAIN USUBJID IDVAR IDVARVAL RELID", "relrec",
         "standard STUDYID RDOMAIN USUBJID IDVAR IDVARVAL RELID"},
        {"STUDYID USUBJID AGE", "adam/ADSL", "standard STUDYID USUBJID"},
        {"STUDYID USUBJID AESEQ", "ADAE", "standard STUDYID USUBJID AESEQ"},
        {"STUDYID USUBJID ASEQ PARAMCD", "ADLB", "standard STUDYID USUBJID ASEQ"},
        {"STUDYID USUBJID PARAMCD ADT AVISIT LBSEQ", "ADLB",
         "standard STUDYID USUBJID PARAMCD AVISIT ADT LBSEQ"},
        {"STUDYID USUBJID PARAMCD ADT", "ADTTE", "standard STUDYID USUBJID PARAMCD"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        of_columns(cases[i].columns, cases[i].name, cases[i].key);
}

static void test_key__is_found_by_name_in_another_dataset(void)
{
    struct dataset d;
    struct dataset_key key;
    struct buf got = {0};
    const struct span names[] = {SPAN("B"), SPAN("A")}, absent[] = {SPAN("A"), SPAN("X")};
    dataset_of(&d, "a b c");
    key_like(&d.info, KEY_STUDY, names, 2, &d.arena, &key);
    add_key(&d, &key, &got);
    ASSERT_SPAN(buf_span(&got), SPAN("study b a"));
    buf_clear(&got);
    key_like(&d.info, KEY_STUDY, absent, 2, &d.arena, &key);
    add_key(&d, &key, &got);
    ASSERT_SPAN(buf_span(&got), SPAN("all a b c"));
    buf_clear(&got);
    key_like(&d.info, KEY_ALL, names, 2, &d.arena, &key);
    add_key(&d, &key, &got);
    ASSERT_SPAN(buf_span(&got), SPAN("all a b c"));
    buf_close(&got);
    arena_close(&d.arena);
}

/* --- sort keys --- */

/* The sort key of a record of one column, of what a JSON cell of that class says. */
static struct span sort_key(const struct column *column, enum cell_kind kind, struct span text,
                            struct buf *out)
{
    struct dataset_info info = {.column = column, .columns = 1};
    struct issues notes = {0};
    struct cell cell = {.kind = kind, .bytes = text};
    struct row row = {.cell = &cell, .cells = 1, .number = 1};
    struct canonical_record r;
    struct canonical *c = canonical_open(&info, &notes, "f");
    const size_t place = canonical_place(c, 0);
    canonical_row(c, &row, &r);
    buf_clear(out);
    sort_key_add(&r, &place, 1, out);
    canonical_close(c);
    issues_close(&notes);
    return buf_span(out);
}

static const struct column text = {.name = SPAN("A"), .type = COLUMN_TEXT},
                           number = {.name = SPAN("A"), .type = COLUMN_NUMBER},
                           date = {
                               .name = SPAN("A"), .type = COLUMN_NUMBER, .type_name = SPAN("date")};

static void test_key__sort_keys_have_the_bytes_of_the_format(void)
{
    static const struct {
        const struct column *column;
        enum cell_kind kind;
        const char *value, *key;
    } cases[] = {
        {&text, CELL_TEXT, "S-1", "03532d3100"},
        {&number, CELL_NUMBER, "2", "02c00000000000000000"},
        {&text, CELL_TEXT, "2", "02c00000000000000001"},
        {&text, CELL_TEXT, "10", "02c02400000000000001"},
        {&number, CELL_NUMBER, "-0.5", "02401fffffffffffff00"},
        {&number, CELL_NUMBER, "-0", "02800000000000000000"},
        {&text, CELL_TEXT, "0", "02800000000000000001"},
        {&text, CELL_TEXT, "00", "03303000"},
        {&text, CELL_TEXT, "1234567890123456", "033132333435363738393031323334353600"},
        {&text, CELL_TEXT, "", "00"},
        {&text, CELL_NULL, "", "00"},
        {&number, CELL_IBM, "A\0\0", "0141"},
        {&date, CELL_TEXT, "2026-01-12", "02c0d78d800000000000"},
    };
    struct buf got = {0}, hex = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct span value =
            cases[i].kind == CELL_IBM ? span_of(cases[i].value, 3) : span_str(cases[i].value);
        buf_clear(&hex);
        buf_hex(&hex, sort_key(cases[i].column, cases[i].kind, value, &got));
        ASSERT_SPAN(buf_span(&hex), span_str(cases[i].key));
    }
    buf_clear(&hex);
    buf_hex(&hex, sort_key(&text, CELL_TEXT, SPAN("a\0b\1"), &got));
    ASSERT_SPAN(buf_span(&hex), SPAN("036101016201"
                                     "0200"));
    buf_close(&got);
    buf_close(&hex);
}

/* As FORMAT 12.5 says it, a byte at a time. */
static void plain_key(struct span s, struct buf *out)
{
    buf_clear(out);
    buf_byte(out, 3);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] <= 1)
            buf_byte(out, 1);
        buf_byte(out, s.p[i] <= 1 ? (uint8_t)(s.p[i] + 1) : s.p[i]);
    }
    buf_byte(out, 0);
}

static void test_key__sort_keys_escape_low_bytes_wherever_they_are(void)
{
    static const uint8_t bytes[] = {0, 1, 2, 0x7f};
    uint8_t x[100];
    struct buf got = {0}, want = {0};
    for (size_t n = 1; n < sizeof x; n++)
        for (size_t at = 0; at < n - 1; at++)
            for (size_t b = 0; b < sizeof bytes; b++) {
                memset(x, 'x', sizeof x);
                x[at] = bytes[b];
                x[n / 2] = at % 3 == 0 && n > 4 ? bytes[b] : x[n / 2];
                plain_key(span_of(x, n), &want);
                ASSERT_SPAN(sort_key(&text, CELL_TEXT, span_of(x, n), &got), buf_span(&want));
            }
    buf_close(&got);
    buf_close(&want);
}

static void test_key__sort_keys_are_in_the_order_of_values(void)
{
    static const struct {
        const struct column *column;
        enum cell_kind kind;
        const char *value;
    } ascending[] = {
        {&number, CELL_NULL, ""},
        {&number, CELL_IBM, "A\0\0"},
        {&number, CELL_IBM, "B\0\0"},
        {&number, CELL_NUMBER, "-1e300"},
        {&date, CELL_TEXT, "1959-01-01"},
        {&number, CELL_NUMBER, "-10"},
        {&number, CELL_NUMBER, "-2"},
        {&number, CELL_NUMBER, "-1e-9"},
        {&number, CELL_NUMBER, "0"},
        {&text, CELL_TEXT, "0"},
        {&number, CELL_NUMBER, "0.5"},
        {&text, CELL_TEXT, "2"},
        {&number, CELL_NUMBER, "10"},
        {&text, CELL_TEXT, "10"},
        {&text, CELL_TEXT, "999999999999999"},
        {&number, CELL_NUMBER, "1e300"},
        {&text, CELL_TEXT, "007"},
        {&text, CELL_TEXT, "A"},
        {&text, CELL_TEXT, "AB"},
        {&text, CELL_TEXT, "AC"},
    };
    struct buf before = {0}, now = {0};
    for (size_t i = 0; i < sizeof ascending / sizeof ascending[0]; i++) {
        struct span value = ascending[i].kind == CELL_IBM ? span_of(ascending[i].value, 3)
                                                          : span_str(ascending[i].value);
        sort_key(ascending[i].column, ascending[i].kind, value, &now);
        CU_ASSERT_TRUE(i == 0 || span_cmp(buf_span(&before), buf_span(&now)) < 0);
        buf_clear(&before);
        buf_add(&before, buf_span(&now));
    }
    buf_close(&before);
    buf_close(&now);
}

static void test_key__long_sort_keys_are_a_beginning_and_a_hash(void)
{
    static uint8_t x[SORT_KEY_WHOLE];
    struct buf got = {0};
    memset(x, 'x', sizeof x);
    CU_ASSERT_EQUAL(sort_key(&text, CELL_TEXT, span_of(x, SORT_KEY_WHOLE - 2), &got).n,
                    SORT_KEY_WHOLE);
    CU_ASSERT_EQUAL(got.p[SORT_KEY_WHOLE - 2], 'x');
    CU_ASSERT_EQUAL(got.p[SORT_KEY_WHOLE - 1], 0);
    struct buf whole = {0};
    buf_byte(&whole, 3);
    buf_add(&whole, span_of(x, SORT_KEY_WHOLE - 1));
    buf_byte(&whole, 0);
    struct hash h = sha256_of(buf_span(&whole));
    whole.n = SORT_KEY_WHOLE;
    buf_add(&whole, hash_span(&h));
    ASSERT_SPAN(sort_key(&text, CELL_TEXT, span_of(x, SORT_KEY_WHOLE - 1), &got), buf_span(&whole));
    buf_close(&whole);
    buf_close(&got);
}

SUITE(key, TEST(test_key__is_all_columns_where_nobody_says_one),
      TEST(test_key__is_asked_of_the_define_first),
      TEST(test_key__passes_over_a_define_with_absent_columns),
      TEST(test_key__takes_the_study_s_where_the_file_says_none),
      TEST(test_key__counts_the_first_of_columns_with_one_name),
      TEST(test_key__knows_the_standards), TEST(test_key__is_found_by_name_in_another_dataset),
      TEST(test_key__sort_keys_have_the_bytes_of_the_format),
      TEST(test_key__sort_keys_escape_low_bytes_wherever_they_are),
      TEST(test_key__sort_keys_are_in_the_order_of_values),
      TEST(test_key__long_sort_keys_are_a_beginning_and_a_hash))
