#include "cli/output.h"

#include "cli/describe.h"
#include "tests/test.h"

/* What was printed into a file; at most sizeof text - 1 bytes. */
static char printed[4096];

static FILE *paper(void)
{
    FILE *f = tmpfile();
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    return f;
}

static const char *read_back(FILE *f)
{
    rewind(f);
    printed[fread(printed, 1, sizeof printed - 1, f)] = '\0';
    fclose(f);
    return printed;
}

static void test_output__hostile_text_cannot_steer_a_terminal(void)
{
    FILE *f = paper();
    put_text(f, SPAN("a\033[2Jb\rc\0d\xc2\x9b\x31m\x7f"));
    const char *s = read_back(f);
    CU_ASSERT_STRING_EQUAL(s, "a?[2Jb?c?d??1m?");
}

static void test_output__text_that_is_not_utf8_is_shown_as_question_marks(void)
{
    FILE *f = paper();
    put_text(f, SPAN("a\xff\xfe"));
    CU_ASSERT_STRING_EQUAL(read_back(f), "a??");
}

static void test_output__long_text_is_printed_whole_and_never_cut_inside_a_character(void)
{
    struct buf b = {0};
    FILE *f = paper();
    for (int i = 0; i < 700; i++)
        buf_str(&b, "\xe2\x82\xac");
    put_text(f, buf_span(&b));
    ASSERT_SPAN(span_str(read_back(f)), buf_span(&b));
    buf_close(&b);
}

static void test_output__a_table_aligns_and_ends_lines_without_blanks(void)
{
    FILE *f = paper();
    struct table t = {.columns = 3, .right = {[1] = true}};
    table_text(&t, "%s", "\xc3\xa4");
    table_text(&t, "%d", 100);
    table_text(&t, "%s", "");
    table_text(&t, "%s", "bcd");
    table_text(&t, "%d", 7);
    table_text(&t, "%s", "last");
    table_print(&t, f);
    CU_ASSERT_STRING_EQUAL(read_back(f), "\xc3\xa4    100\nbcd    7  last\n");
}

static void test_output__issues_name_place_detail_and_id_and_count_the_rest(void)
{
    FILE *f = paper();
    struct issues l = {0};
    for (int i = 0; i < ISSUE_SAMPLES + 5; i++)
        issues_add(&l, ISSUE_FILE_EMPTY, "ae.xpt", "%d", i);
    issues_add(&l, ISSUE_TRANSFER_INCOMPLETE, "", "a note");
    issues_print(f, "  ", &l, SEVERITY_WARNING);
    issues_close(&l);
    const char *s = read_back(f);
    CU_ASSERT_PTR_NOT_NULL(strstr(s, "  ae.xpt: the file is empty: 0 (file-empty)\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(s, "  and 5 more of file-empty\n"));
    CU_ASSERT_PTR_NULL(strstr(s, "a note"));
}

static void test_output__json_is_shown_as_indented_lines(void)
{
    struct err e = {0};
    FILE *f = paper();
    CU_ASSERT(
        json_print(SPAN("{\"a\":[],\"b\":{\"c\":1},\"d\":[{\"e\":true,\"f\":null},{\"e\":\"\"}],"
                        "\"g\":\"x\\n\\ny\\n\",\"h\":{}}"),
                   f, &e));
    CU_ASSERT_STRING_EQUAL(read_back(f), "  a: none\n  b:\n    c: 1\n  d:\n  - e: yes\n    f: -\n"
                                         "  - e: \"\"\n  g:\n    x\n\n    y\n  h: none\n");
}

static void test_output__json_that_is_malformed_is_an_error(void)
{
    struct err e = {0};
    FILE *f = paper();
    CU_ASSERT_FALSE(json_print(SPAN("{\"a\":"), f, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
    fclose(f);
}

static void test_output__errors_end_as_the_design_says(void)
{
    static const struct {
        enum err_kind kind;
        enum exit_status status;
    } end[] = {{ERR_USAGE, STATUS_CANNOT},   {ERR_FORMAT, STATUS_CANNOT},
               {ERR_LIMIT, STATUS_CANNOT},   {ERR_IO, STATUS_CANNOT},
               {ERR_STATE, STATUS_CANNOT},   {ERR_BUSY, STATUS_BUSY},
               {ERR_INTEGRITY, STATUS_ALARM}};
    for (size_t i = 0; i < sizeof end / sizeof end[0]; i++)
        CU_ASSERT_EQUAL(error_status(&(struct err){.kind = end[i].kind}), end[i].status);
}

SUITE(output, TEST(test_output__hostile_text_cannot_steer_a_terminal),
      TEST(test_output__text_that_is_not_utf8_is_shown_as_question_marks),
      TEST(test_output__long_text_is_printed_whole_and_never_cut_inside_a_character),
      TEST(test_output__a_table_aligns_and_ends_lines_without_blanks),
      TEST(test_output__issues_name_place_detail_and_id_and_count_the_rest),
      TEST(test_output__json_is_shown_as_indented_lines),
      TEST(test_output__json_that_is_malformed_is_an_error),
      TEST(test_output__errors_end_as_the_design_says))
