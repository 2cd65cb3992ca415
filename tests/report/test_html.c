#include "report/html.h"

#include "base/arena.h"
#include "report/chart.h"
#include "tests/test.h"

static struct span escaped(struct buf *b, struct span s)
{
    buf_clear(b);
    html_text(b, s);
    return buf_span(b);
}

static void test_html__lets_no_text_become_markup(void)
{
    struct buf b = {0};
    ASSERT_SPAN(escaped(&b, SPAN("<a href=\"x\" id='y'>&amp;</a>")),
                SPAN("&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;"));
    buf_close(&b);
}

static void test_html__replaces_what_steers_a_reader(void)
{
    const struct {
        struct span from, to;
    } cases[] = {
        {SPAN("a\0b\x1b[31m\x7f\n"), SPAN("a?b?[31m??")},      /* C0, DEL */
        {SPAN("a\xc2\x9b\x62"), SPAN("a?b")},                  /* C1 */
        {SPAN("exe\xe2\x80\xaegpj.txt"), SPAN("exe?gpj.txt")}, /* RIGHT-TO-LEFT OVERRIDE */
        {SPAN("\xe2\x81\xa6x\xe2\x81\xa9"), SPAN("?x?")},      /* isolates */
        {SPAN("a\xe2\x80\x8f\xe2\x80\xa8"), SPAN("a??")},      /* mark, LINE SEPARATOR */
        {SPAN("\xff\xc3(\xed\xa0\x80"), SPAN("?"
                                             "?(?"
                                             "??")}, /* no UTF-8 */
        {SPAN("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
         SPAN("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80")},
        {SPAN("cut \xf0\x9f\x98"), SPAN("cut ???")},
    };
    struct buf b = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ASSERT_SPAN(escaped(&b, cases[i].from), cases[i].to);
    buf_close(&b);
}

static void test_html__sets_apart_what_somebody_else_wrote(void)
{
    struct buf b = {0};
    html_said(&b, SPAN("<b>"));
    ASSERT_SPAN(buf_span(&b), SPAN("<bdi>&lt;b&gt;</bdi>"));
    buf_close(&b);
}

static void test_html__writes_numbers_in_groups(void)
{
    struct buf b = {0};
    html_number(&b, 0);
    html_raw(&b, " ");
    html_number(&b, 999);
    html_raw(&b, " ");
    html_number(&b, 1000);
    html_raw(&b, " ");
    html_counted(&b, 1, "file", "files");
    html_raw(&b, " ");
    html_counted(&b, 1002003, "file", "files");
    html_raw(&b, " ");
    html_number(&b, UINT64_MAX);
    ASSERT_SPAN(buf_span(&b),
                SPAN("0 999 1,000 1 file 1,002,003 files 18,446,744,073,709,551,615"));
    buf_close(&b);
}

static void test_html__ends_each_row_with_all_its_cells(void)
{
    static const struct html_column columns[] = {{"A", false}, {"B", true}, {"C", false}};
    struct buf b = {0};
    struct html_table t = html_table(&b, "L", NULL, columns, 3);
    html_row(&t, "r1");
    html_cell(&t);
    html_raw(&b, "x");
    html_count_cell(&t, 0);
    html_row_end(&t);
    html_table_end(&t);
    ASSERT_SPAN(buf_span(&b),
                SPAN("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"L\">"
                     "<table class=\"plain\">\n<thead><tr><th scope=\"col\">A</th>"
                     "<th scope=\"col\" class=\"n\">B</th><th scope=\"col\">C</th></tr></thead>\n"
                     "<tbody>\n<tr id=\"r1\"><th scope=\"row\">x</th><td class=\"n\"></td><td></td>"
                     "</tr>\n</tbody></table></div>\n"));
    buf_close(&b);
}

/* --- charts --- */

static size_t count(struct span s, struct span what)
{
    size_t n = 0;
    for (; s.n > 0; s = span_skip(s, 1))
        n += span_starts(s, what);
    return n;
}

static void test_chart__draws_nothing_for_one_point(void)
{
    struct chart_point p = {.at = 5, .value = 7};
    struct buf b = {0};
    chart_write(&b, "Records", &p, 1);
    chart_spark(&b, &p, 1);
    CU_ASSERT_EQUAL(b.n, 0);
    buf_close(&b);
}

static void test_chart__begins_at_zero_unless_that_hides_the_change(void)
{
    const struct chart_point far[] = {{0, 10, false}, {100, 100, false}};
    const struct chart_point near[] = {{0, 98, false}, {50, 100, true}, {100, 99, false}};
    struct buf b = {0};
    chart_write(&b, "Records", far, 2);
    CU_ASSERT_EQUAL(count(buf_span(&b), SPAN("<span>100</span><span>0</span>")), 1);
    CU_ASSERT_EQUAL(count(buf_span(&b), SPAN("d=\"M0 144H640V0\"")), 1);
    buf_clear(&b);
    chart_write(&b, "Records", near, 3);
    CU_ASSERT_EQUAL(count(buf_span(&b), SPAN("<span>100</span><span>98</span>")), 1);
    CU_ASSERT_EQUAL(count(buf_span(&b), SPAN("d=\"M0 160H320V0H640V80\"")), 1);
    CU_ASSERT_EQUAL(count(buf_span(&b), SPAN("<path class=\"gone\" d=\"M320 0V160\"/>")), 1);
    buf_close(&b);
}

static void test_chart__stands_what_cannot_be_scaled(void)
{
    const struct chart_point p[] = {{7, 0, false}, {7, 0, false}, {7, UINT64_MAX, false}};
    struct buf b = {0};
    chart_write(&b, "Bytes", p, 2);
    chart_write(&b, "Bytes", p, 3);
    CU_ASSERT_EQUAL(count(buf_span(&b), SPAN("<svg")), 2);
    buf_close(&b);
}

static void test_chart__does_not_grow_with_its_points_and_keeps_the_extremes(void)
{
    enum { MANY = 100000, LARGEST = 24 * 1024 };
    struct chart_point *p = mem_new(MANY * sizeof *p);
    struct buf b = {0};
    for (size_t i = 0; i < MANY; i++)
        p[i] = (struct chart_point){(int64_t)i * 3600, 1000 + i % 7, false};
    p[54321].value = 0;
    p[65432].value = 2000;
    chart_write(&b, "Records", p, MANY);
    CU_ASSERT_TRUE(b.n < LARGEST);
    CU_ASSERT_EQUAL(count(buf_span(&b), SPAN("V0H")), 1);
    CU_ASSERT_EQUAL(count(buf_span(&b), SPAN("V160H")), 1);
    buf_close(&b);
    mem_free(p);
}

static void test_chart__a_small_one_shows_the_last_points(void)
{
    struct chart_point p[SPARK_POINTS + 10];
    struct buf b = {0};
    for (size_t i = 0; i < SPARK_POINTS + 10; i++)
        p[i] = (struct chart_point){(int64_t)i, i, false};
    chart_spark(&b, p, SPARK_POINTS + 10);
    CU_ASSERT_EQUAL(count(buf_span(&b), SPAN("H")), SPARK_POINTS - 1);
    buf_close(&b);
}

SUITE(html, TEST(test_html__lets_no_text_become_markup),
      TEST(test_html__replaces_what_steers_a_reader),
      TEST(test_html__sets_apart_what_somebody_else_wrote),
      TEST(test_html__writes_numbers_in_groups), TEST(test_html__ends_each_row_with_all_its_cells),
      TEST(test_chart__draws_nothing_for_one_point),
      TEST(test_chart__begins_at_zero_unless_that_hides_the_change),
      TEST(test_chart__stands_what_cannot_be_scaled),
      TEST(test_chart__does_not_grow_with_its_points_and_keeps_the_extremes),
      TEST(test_chart__a_small_one_shows_the_last_points))
