#include <stdio.h>

#include "tests/dataset/rows_read.h"
#include "tests/dataset/xpt_make.h"
#include "tests/test.h"

static enum file_format format_of(const struct xpt_make *x)
{
    return x->v8 ? FILE_XPT8 : FILE_XPT5;
}

/* Reads what was made, closes it, and says whether it was refused for that reason. */
static bool refused(struct xpt_make *x, const char *why)
{
    struct rows_read r = rows_read(buf_span(&x->b), format_of(x), NULL);
    bool named = !r.good && r.err.kind == ERR_FORMAT && strstr(r.err.text, why) != NULL;
    if (!named)
        printf("  %s %s\n", r.good ? "read" : "refused:", r.err.text);
    rows_read_close(&r);
    buf_close(&x->b);
    return named;
}

static struct rows_read read_made(struct xpt_make *x)
{
    struct rows_read r = rows_read(buf_span(&x->b), format_of(x), NULL);
    buf_close(&x->b);
    return r;
}

static bool gives(struct xpt_make *x, const char *want)
{
    struct rows_read r = read_made(x);
    bool same = r.good && span_eq(buf_span(&r.text), span_str(want));
    if (!same)
        printf("  gives %.*s\n", SPAN_ARGS(buf_span(&r.text)));
    rows_read_close(&r);
    return same;
}

/* A member M with these variables, up to and with the observation header. */
static void make_up_to_rows(struct xpt_make *x, const struct xpt_make_variable *v, size_t n)
{
    xpt_make_library(x);
    xpt_make_member(x, "M", v, n);
    xpt_make_rows(x, -1);
}

static const struct xpt_make_variable text5 = {.name = "A", .type = 2, .length = 5};
static const struct xpt_make_variable text80 = {.name = "A", .type = 2, .length = 80};
static const struct xpt_make_variable text100 = {.name = "A", .type = 2, .length = 100};

static void test_xpt__refuses_every_wrong_byte_in_its_header_records(void)
{
    static const size_t headers[] = {0, 240, 320, 560, 640 + 320};
    for (int v8 = 0; v8 < 2; v8++) {
        struct xpt_make x = {.v8 = v8 == 1};
        xpt_make_small(&x, 3);
        for (size_t h = 0; h < sizeof headers / sizeof headers[0]; h++) {
            bool rows = h == 4;
            for (size_t i = 0; i < 80; i++) {
                uint8_t *p = &x.b.p[headers[h] + i], was = *p;
                if (rows && v8 == 1 && i >= 48 && i < 63)
                    continue;
                *p = '5';
                struct rows_read r = rows_read(buf_span(&x.b), format_of(&x), NULL);
                CU_ASSERT_FALSE(r.good);
                CU_ASSERT_EQUAL(r.err.kind, h == 3 && i >= 52 && i < 57 ? r.err.kind : ERR_FORMAT);
                rows_read_close(&r);
                *p = was;
            }
        }
        buf_close(&x.b);
    }
}

static void test_xpt__refuses_a_file_cut_anywhere_but_between_rows(void)
{
    for (int v8 = 0; v8 < 2; v8++) {
        struct xpt_make x = {.v8 = v8 == 1};
        struct span whole = xpt_make_small(&x, 300);
        size_t data = 960 + 80;
        for (size_t n = 0; n < whole.n && n < 4096; n++) {
            struct rows_read r = rows_read(span_of(whole.p, n), format_of(&x), NULL);
            bool rows_fit = !x.v8 && n >= data && n % 80 == 0 && (n - data) % 13 == 0;
            CU_ASSERT_EQUAL(r.good, rows_fit);
            CU_ASSERT(r.good || r.err.kind == ERR_FORMAT);
            rows_read_close(&r);
        }
        buf_close(&x.b);
    }
}

static void test_xpt__refuses_random_cuts_of_a_bigger_file(void)
{
    struct xpt_make x = {.v8 = true};
    struct span whole = xpt_make_small(&x, 40000);
    uint64_t state = 1;
    for (int i = 0; i < 50; i++) {
        size_t n = (size_t)(test_random(&state) % whole.n);
        struct rows_read r =
            rows_read(span_of(whole.p, i % 2 == 0 ? n : n / 80 * 80), FILE_XPT8, NULL);
        CU_ASSERT_FALSE(r.good);
        rows_read_close(&r);
    }
    struct rows_read r = rows_read(whole, FILE_XPT8, NULL);
    CU_ASSERT_TRUE(r.good);
    CU_ASSERT_EQUAL(r.rows, 40000);
    rows_read_close(&r);
    buf_close(&x.b);
}

static void test_xpt__refuses_a_row_that_is_cut_off(void)
{
    struct xpt_make x = {0};
    make_up_to_rows(&x, &text100, 1);
    xpt_make_text(&x.b, "whole", 100);
    xpt_make_text(&x.b, "cut", 60);
    CU_ASSERT(refused(&x, "60 bytes are neither a row nor blank"));
    x = (struct xpt_make){0};
    make_up_to_rows(&x, &text100, 1);
    xpt_make_text(&x.b, "cut", 80);
    CU_ASSERT(refused(&x, "80 bytes of rows do not end with a whole row of 100"));
}

static void test_xpt__refuses_a_number_of_rows_that_is_not_there(void)
{
    for (int64_t said = 0; said < 20; said++) {
        struct xpt_make x = {.v8 = true};
        xpt_make_library(&x);
        xpt_make_member(&x, "M", &text80, 1);
        xpt_make_rows(&x, said);
        for (int i = 0; i < 10; i++)
            xpt_make_text(&x.b, "row", 80);
        struct rows_read r = read_made(&x);
        CU_ASSERT_EQUAL(r.good, said == 10);
        rows_read_close(&r);
    }
    struct xpt_make x = {.v8 = true};
    xpt_make_library(&x);
    xpt_make_member(&x, "M", &text80, 1);
    xpt_make_rows(&x, 999999999999999);
    CU_ASSERT(refused(&x, "says that it has 999999999999999 rows"));
    x = (struct xpt_make){0};
    xpt_make_library(&x);
    xpt_make_member(&x, "M", &text80, 1);
    xpt_make_rows(&x, 0);
    CU_ASSERT(refused(&x, "no well-formed observation header"));
}

static void test_xpt__refuses_variables_that_cannot_be(void)
{
    static const struct {
        struct xpt_make_variable v[2];
        const char *why;
    } bad[] = {
        {{{.name = "A", .type = 3, .length = 8}, {.name = "B", .type = 1, .length = 8}}, "type 3"},
        {{{.name = "A", .type = 0, .length = 8}, {.name = "B", .type = 1, .length = 8}}, "type 0"},
        {{{.name = "A", .type = 1, .length = 1}, {.name = "B", .type = 1, .length = 8}}, "1 bytes"},
        {{{.name = "A", .type = 1, .length = 9}, {.name = "B", .type = 1, .length = 8}}, "9 bytes"},
        {{{.name = "A", .type = 2, .length = 0}, {.name = "B", .type = 1, .length = 8}}, "0 bytes"},
        {{{.name = "A", .type = 2, .length = 32768}, {.name = "B", .type = 1, .length = 8}},
         "32768 bytes"},
        {{{.name = "", .type = 1, .length = 8}, {.name = "B", .type = 1, .length = 8}},
         "variable 1: a variable without a name"},
        {{{.name = "A", .type = 1, .length = 8},
          {.name = "B", .type = 1, .length = 8, .position = 8}},
         "B lies at byte 7"},
        {{{.name = "A", .type = 1, .length = 8},
          {.name = "B", .type = 1, .length = 8, .position = 10}},
         "B lies at byte 9"},
        {{{.name = "A", .type = 1, .length = 8, .position = 2},
          {.name = "B", .type = 1, .length = 8}},
         "lies at byte"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct xpt_make x = {0};
        make_up_to_rows(&x, bad[i].v, 2);
        CU_ASSERT(refused(&x, bad[i].why));
    }
}

static void test_xpt__refuses_malformed_labels(void)
{
    static const struct {
        unsigned number;
        const char *name, *why;
    } bad[] = {
        {0, "A", "label for variable 0"},
        {2, "A", "label for variable 2"},
        {1, "B", "under another name"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct xpt_make x = {.v8 = true};
        xpt_make_library(&x);
        xpt_make_member(&x, "M", &text80, 1);
        xpt_make_label(&x, false, bad[i].number, bad[i].name, "label", "");
        xpt_make_rows(&x, 0);
        CU_ASSERT(refused(&x, bad[i].why));
    }
    struct xpt_make x = {.v8 = true};
    xpt_make_library(&x);
    xpt_make_member(&x, "M", &text80, 1);
    xpt_make_header(&x, "LABELV8", "2");
    xpt_make_text(&x.b, "", 80);
    xpt_make_rows(&x, 0);
    CU_ASSERT(!read_made(&x).good);
    x = (struct xpt_make){.v8 = true};
    xpt_make_library(&x);
    xpt_make_member(&x, "M", &text80, 1);
    xpt_make_header(&x, "LABELV8", "");
    xpt_make_rows(&x, 0);
    CU_ASSERT(refused(&x, "no well-formed label header"));
}

static void test_xpt__refuses_what_is_not_padding(void)
{
    struct xpt_make x = {0};
    xpt_make_library(&x);
    xpt_make_member(&x, "M", &text5, 1);
    x.b.p[x.b.n - 1] = 'x';
    xpt_make_rows(&x, -1);
    CU_ASSERT(refused(&x, "padding that is not blank"));
    x = (struct xpt_make){0};
    make_up_to_rows(&x, &text100, 1);
    xpt_make_text(&x.b, "row", 100);
    xpt_make_pad(&x, ' ');
    x.b.p[x.b.n - 1] = 0;
    CU_ASSERT(refused(&x, "neither a row nor blank padding"));
    x = (struct xpt_make){0};
    xpt_make_library(&x);
    CU_ASSERT(refused(&x, "the file ends within its headers"));
    x = (struct xpt_make){0};
    xpt_make_small(&x, 1);
    buf_byte(&x.b, '\n');
    CU_ASSERT(refused(&x, "not a multiple of 80"));
}

static void test_xpt__keeps_to_its_limits(void)
{
    static const struct rows_limits few[] = {
        {0, 2, 99, 99}, {1, 1, 99, 99}, {1, 2, 7, 99}, {1, 2, 99, 12}};
    struct xpt_make x = {0};
    struct span file = xpt_make_small(&x, 3);
    for (size_t i = 0; i < sizeof few / sizeof few[0]; i++) {
        struct rows_read r = rows_read(file, FILE_XPT5, &few[i]);
        CU_ASSERT_FALSE(r.good);
        CU_ASSERT_EQUAL(r.err.kind, ERR_LIMIT);
        rows_read_close(&r);
    }
    buf_close(&x.b);
}

static void test_xpt__carries_numbers_of_every_width_as_their_bytes(void)
{
    struct xpt_make_variable v[7];
    char name[7][16];
    struct xpt_make x = {0};
    for (int i = 0; i < 7; i++) {
        snprintf(name[i], sizeof name[i], "N%d", i + 2);
        v[i] = (struct xpt_make_variable){.name = name[i], .type = 1, .length = i + 2};
    }
    make_up_to_rows(&x, v, 7);
    for (int i = 0; i < 7; i++) {
        buf_byte(&x.b, (uint8_t) "._AZ\x7f\xff\0"[i]);
        for (int j = 1; j < i + 2; j++)
            buf_byte(&x.b, i < 4 ? 0 : (uint8_t)j);
    }
    xpt_make_pad(&x, ' ');
    CU_ASSERT(gives(&x, "<2e00><5f0000><41000000><5a00000000><7f0102030405><ff010203040506>"
                        "<0001020304050607>\n"));
}

static void test_xpt__takes_blank_rows_within_the_padding_for_padding(void)
{
    for (unsigned blank = 0; blank <= 16; blank++) {
        struct xpt_make x = {0};
        make_up_to_rows(&x, &text5, 1);
        for (unsigned i = 0; i < 20 - blank; i++)
            xpt_make_text(&x.b, "row", 5);
        xpt_make_text(&x.b, "", (size_t)blank * 5 + 60);
        struct rows_read r = read_made(&x);
        CU_ASSERT_TRUE(r.good);
        /* 160 bytes, 32 rows: the last 15 may be padding, the one before them may not. */
        unsigned ambiguous = blank + 12 < 15 ? blank + 12 : 15;
        CU_ASSERT_EQUAL(r.tail_ambiguous, ambiguous);
        CU_ASSERT_EQUAL(r.rows, 32 - ambiguous);
        rows_read_close(&r);
    }
}

/*
 * Members whose next member begins about where what is read at once ends, with one blank row: the
 * end is not known before, and yet that row is none.
 */
static void test_xpt__holds_back_blank_rows_wherever_a_block_ends(void)
{
    enum { BLOCK = 256 * 1024, RECORDS = BLOCK / 80 };
    for (unsigned records = RECORDS - 24; records < RECORDS + 4; records++) {
        struct xpt_make x = {0};
        make_up_to_rows(&x, &text5, 1);
        size_t begins = x.b.n;
        while (x.b.n < records * 80 - 5)
            xpt_make_text(&x.b, "row", 5);
        xpt_make_text(&x.b, "", 5);
        size_t rows = (x.b.n - begins) / 5;
        xpt_make_member(&x, "N", &text80, 1);
        xpt_make_rows(&x, -1);
        xpt_make_text(&x.b, "row", 80);
        struct rows_read r = read_made(&x);
        CU_ASSERT_TRUE(r.good);
        CU_ASSERT_EQUAL(r.tail_ambiguous, 1);
        CU_ASSERT_EQUAL(r.rows, rows - 1 + 1); /* and that of N */
        rows_read_close(&r);
    }
}

static void test_xpt__counts_no_row_of_80_bytes_as_padding(void)
{
    struct xpt_make x = {0};
    make_up_to_rows(&x, &text80, 1);
    xpt_make_text(&x.b, "", 160);
    struct rows_read r = read_made(&x);
    CU_ASSERT_EQUAL(r.rows, 2);
    CU_ASSERT_EQUAL(r.tail_ambiguous, 0);
    rows_read_close(&r);
}

static void test_xpt__believes_version_8_about_blank_rows(void)
{
    struct xpt_make x = {.v8 = true};
    xpt_make_library(&x);
    xpt_make_member(&x, "M", &text5, 1);
    xpt_make_rows(&x, 3);
    xpt_make_text(&x.b, "row", 80);
    struct rows_read r = read_made(&x);
    CU_ASSERT_EQUAL(r.rows, 3);
    CU_ASSERT_EQUAL(r.tail_ambiguous, 0);
    rows_read_close(&r);
}

/* A byte above 0x7F, anywhere in a row that others follow. */
static void test_xpt__sees_which_texts_are_not_ascii(void)
{
    static const struct xpt_make_variable v[] = {{.name = "A", .type = 2, .length = 5},
                                                 {.name = "B", .type = 1, .length = 8},
                                                 {.name = "C", .type = 2, .length = 40},
                                                 {.name = "D", .type = 1, .length = 3},
                                                 {.name = "E", .type = 2, .length = 1}};
    enum { ROW = 57, ROWS = 5 };
    for (size_t at = 0; at < ROW; at++) {
        struct xpt_make x = {0};
        make_up_to_rows(&x, v, 5);
        size_t begins = x.b.n;
        for (int i = 0; i < ROWS; i++)
            xpt_make_text(&x.b, "row", ROW);
        xpt_make_pad(&x, ' ');
        x.b.p[begins + ROW + at] = 0xe4;
        struct rows_read r = read_made(&x);
        bool number = (at >= 5 && at < 13) || (at >= 53 && at < 56);
        CU_ASSERT_EQUAL(r.rows, ROWS);
        CU_ASSERT_EQUAL(r.encoding, number ? TEXT_ASCII : TEXT_OTHER);
        rows_read_close(&r);
    }
}

static void test_xpt__notes_padding_of_nul_bytes(void)
{
    struct xpt_make x = {0};
    make_up_to_rows(&x, &text100, 1);
    xpt_make_text(&x.b, "row", 100);
    xpt_make_pad(&x, 0);
    struct rows_read r = read_made(&x);
    CU_ASSERT_EQUAL(r.rows, 1);
    CU_ASSERT_TRUE(rows_read_noted(&r, "NUL bytes behind"));
    rows_read_close(&r);
}

static void test_xpt__reads_member_after_member(void)
{
    for (int v8 = 0; v8 < 2; v8++) {
        struct xpt_make x = {.v8 = v8 == 1};
        xpt_make_library(&x);
        for (int i = 0; i < 3; i++) {
            xpt_make_member(&x, "M", i == 1 ? &text80 : &text5, i == 2 ? 0 : 1);
            xpt_make_rows(&x, x.v8 ? 1 - i / 2 : -1);
            if (i < 2)
                xpt_make_text(&x.b, i == 0 ? "one" : "two", 80);
        }
        struct rows_read r = read_made(&x);
        CU_ASSERT_TRUE(r.good);
        CU_ASSERT_EQUAL(r.members, 3);
        CU_ASSERT_EQUAL(r.rows, 2);
        CU_ASSERT_TRUE(span_starts(buf_span(&r.text), SPAN("<one  >\n<two   ")));
        rows_read_close(&r);
    }
}

static void test_xpt__refuses_data_behind_a_member_without_variables(void)
{
    struct xpt_make x = {0};
    make_up_to_rows(&x, &text5, 0);
    xpt_make_text(&x.b, "", 80);
    CU_ASSERT(refused(&x, "no well-formed member header"));
}

/* The one ambiguity of the format; with the number of rows of version 8 there is none. */
static void test_xpt__ends_a_member_where_a_cell_looks_like_a_member_header(void)
{
    for (int v8 = 0; v8 < 2; v8++) {
        struct xpt_make x = {.v8 = v8 == 1};
        xpt_make_library(&x);
        xpt_make_member(&x, "M", &text80, 1);
        xpt_make_rows(&x, x.v8 ? 3 : -1);
        xpt_make_text(&x.b, "row", 80);
        xpt_make_header(&x, x.v8 ? "MEMBV8" : "MEMBER", "and more text");
        xpt_make_text(&x.b, "row", 80);
        struct rows_read r = read_made(&x);
        CU_ASSERT_EQUAL(r.good, v8 == 1);
        CU_ASSERT_EQUAL(r.rows, v8 == 1 ? 3 : 1);
        rows_read_close(&r);
    }
}

static void test_xpt__reads_structure(void)
{
    static const struct xpt_make_variable v[] = {
        {.name = "SECOND", .label = "l2", .type = 1, .length = 8, .position = 6, .format = "DATE"},
        {.name = "avariablewithalongname",
         .label = "cut here",
         .type = 2,
         .length = 5,
         .position = 1},
    };
    struct xpt_make x = {.v8 = true};
    xpt_make_library(&x);
    xpt_make_member(&x, "alongmembername", v, 2);
    xpt_make_label(&x, true, 2, "avariablewithalongname",
                   "a label of more than forty bytes, truly so", "ALONGFORMAT12.3");
    xpt_make_rows(&x, 1);
    xpt_make_text(&x.b, "12345678abcde", 80);
    struct span file = buf_span(&x.b);
    struct issues notes = {0};
    struct err e = {0};
    struct rows *rows;
    struct row row;
    struct rows_input in = {
        .source = source_of(&file), .format = FILE_XPT8, .name = "x", .notes = &notes};
    CU_ASSERT_TRUE_FATAL(rows_open(&in, &rows, &e));
    CU_ASSERT_EQUAL_FATAL(rows_member(rows, &e), ROWS_MORE);
    const struct dataset_info *info = rows_info(rows);
    ASSERT_SPAN(info->name, SPAN("alongmembername"));
    ASSERT_SPAN(info->label, SPAN("the member's label"));
    ASSERT_SPAN(info->type, SPAN("DATA"));
    ASSERT_SPAN(info->file.version, SPAN("9.4"));
    ASSERT_SPAN(info->file.system, SPAN("LINUX"));
    ASSERT_SPAN(info->file.modified, SPAN("02JAN26:02:03:04"));
    ASSERT_SPAN(info->member.created, SPAN("03JAN26:02:03:04"));
    ASSERT_SPAN(info->member.modified, SPAN("04JAN26:02:03:04"));
    CU_ASSERT_TRUE(info->records_declared);
    CU_ASSERT_EQUAL(info->records_said, 1);
    CU_ASSERT_EQUAL_FATAL(info->columns, 2);
    ASSERT_SPAN(info->column[0].name, SPAN("SECOND"));
    ASSERT_SPAN(info->column[0].format.name, SPAN("DATE"));
    CU_ASSERT_EQUAL(info->column[0].format.width, 9);
    CU_ASSERT_EQUAL(info->column[0].format.decimals, 2);
    ASSERT_SPAN(info->column[1].name, SPAN("avariablewithalongname"));
    ASSERT_SPAN(info->column[1].label, SPAN("a label of more than forty bytes, truly so"));
    ASSERT_SPAN(info->column[1].format.name, SPAN("ALONGFORMAT"));
    CU_ASSERT_EQUAL_FATAL(rows_next(rows, &row, &e), ROWS_MORE);
    ASSERT_SPAN(row.cell[0].bytes, SPAN("12345678"));
    ASSERT_SPAN(row.cell[1].bytes, SPAN("abcde"));
    CU_ASSERT_EQUAL(notes.samples, 1);
    CU_ASSERT_EQUAL(rows_next(rows, &row, &e), ROWS_END);
    CU_ASSERT_EQUAL(rows_next(rows, &row, &e), ROWS_END);
    CU_ASSERT_EQUAL(rows_member(rows, &e), ROWS_END);
    rows_close(rows);
    issues_close(&notes);
    buf_close(&x.b);
}

static void test_xpt__reads_the_short_namestr_of_vax(void)
{
    struct xpt_make x = {.namestr = 136};
    xpt_make_small(&x, 1);
    CU_ASSERT(gives(&x, "<r0   ><4200000000000000>\n"));
    x = (struct xpt_make){.namestr = 136, .v8 = true};
    xpt_make_small(&x, 1);
    CU_ASSERT(refused(&x, "no well-formed member header"));
}

/* Rows that were not asked for are read over; then the next member comes. */
static void test_xpt__steps_over_rows(void)
{
    struct xpt_make x = {0};
    xpt_make_library(&x);
    for (int i = 0; i < 2; i++) {
        xpt_make_member(&x, "M", &text80, 1);
        xpt_make_rows(&x, -1);
        for (int j = 0; j < 5000; j++)
            xpt_make_text(&x.b, "row", 80);
    }
    struct span file = buf_span(&x.b);
    struct issues notes = {0};
    struct err e = {0};
    struct rows *rows;
    struct rows_input in = {
        .source = source_of(&file), .format = FILE_XPT5, .name = "x", .notes = &notes};
    CU_ASSERT_TRUE_FATAL(rows_open(&in, &rows, &e));
    CU_ASSERT_EQUAL(rows_member(rows, &e), ROWS_MORE);
    CU_ASSERT_EQUAL(rows_member(rows, &e), ROWS_MORE);
    CU_ASSERT_EQUAL(rows_member(rows, &e), ROWS_END);
    rows_close(rows);
    issues_close(&notes);
    buf_close(&x.b);
}

SUITE(xpt, TEST(test_xpt__refuses_every_wrong_byte_in_its_header_records),
      TEST(test_xpt__refuses_a_file_cut_anywhere_but_between_rows),
      TEST(test_xpt__refuses_random_cuts_of_a_bigger_file),
      TEST(test_xpt__refuses_a_row_that_is_cut_off),
      TEST(test_xpt__refuses_a_number_of_rows_that_is_not_there),
      TEST(test_xpt__refuses_variables_that_cannot_be), TEST(test_xpt__refuses_malformed_labels),
      TEST(test_xpt__refuses_what_is_not_padding), TEST(test_xpt__keeps_to_its_limits),
      TEST(test_xpt__carries_numbers_of_every_width_as_their_bytes),
      TEST(test_xpt__takes_blank_rows_within_the_padding_for_padding),
      TEST(test_xpt__holds_back_blank_rows_wherever_a_block_ends),
      TEST(test_xpt__counts_no_row_of_80_bytes_as_padding),
      TEST(test_xpt__believes_version_8_about_blank_rows),
      TEST(test_xpt__sees_which_texts_are_not_ascii), TEST(test_xpt__notes_padding_of_nul_bytes),
      TEST(test_xpt__reads_member_after_member),
      TEST(test_xpt__refuses_data_behind_a_member_without_variables),
      TEST(test_xpt__ends_a_member_where_a_cell_looks_like_a_member_header),
      TEST(test_xpt__reads_structure), TEST(test_xpt__reads_the_short_namestr_of_vax),
      TEST(test_xpt__steps_over_rows))
