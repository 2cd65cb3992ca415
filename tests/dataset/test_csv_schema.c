#include "dataset/csv_schema.h"

#include <stdio.h>

#include "base/buf.h"
#include "dataset/rows.h"
#include "tests/test.h"

#define BEGIN   "{\"csvSchema\":1,\"columns\":["
#define A       "{\"name\":\"A\",\"dataType\":\"string\"}"
#define WITH(m) BEGIN "{\"name\":\"A\",\"dataType\":\"string\"," m "}]}"
#define TYPE(t) BEGIN "{\"name\":\"A\",\"dataType\":" t "}]}"
#define KEY(a, b)                                                                                  \
    BEGIN "{\"name\":\"A\",\"dataType\":\"string\",\"keySequence\":" #a "},"                       \
          "{\"name\":\"B\",\"dataType\":\"string\",\"keySequence\":" #b "}]}"

static bool refused(struct span text, enum err_kind kind, const char *why)
{
    struct arena a = {0};
    struct err e = {0};
    struct define d;
    bool good = csv_schema_parse(text, &a, &d, &e);
    bool named = !good && e.kind == kind && strstr(e.text, why) != NULL;
    if (!named)
        printf("  %s %s\n", good ? "parsed" : "refused:", e.text);
    define_close(&d);
    arena_close(&a);
    return named;
}

static void test_csv_schema__refuses_what_is_none(void)
{
    CU_ASSERT(refused(SPAN(""), ERR_FORMAT, "line 1"));
    CU_ASSERT(refused(SPAN("[]"), ERR_FORMAT, "not a JSON object"));
    CU_ASSERT(refused(SPAN("{}"), ERR_FORMAT, "not a CSV schema"));
    CU_ASSERT(refused(SPAN("{\"columns\":[" A "]}"), ERR_FORMAT, "not a CSV schema"));
    CU_ASSERT(refused(SPAN("{\"csvSchema\":1}"), ERR_FORMAT, "not a CSV schema"));
    CU_ASSERT(refused(SPAN(BEGIN A "]}x"), ERR_FORMAT, "line 1"));
    CU_ASSERT(refused(SPAN("{\"csvSchema\":2,\"columns\":[" A "]}"), ERR_FORMAT, "from 1 to 1"));
    CU_ASSERT(
        refused(SPAN("{\"csvSchema\":\"1\",\"columns\":[" A "]}"), ERR_FORMAT, "from 1 to 1"));
    CU_ASSERT(refused(SPAN("{\"csvSchema\":1,\n\"columns\":[" A "],\n\"rows\":[]}"), ERR_FORMAT,
                      "line 3: unknown member \"rows\""));
    CU_ASSERT(refused(SPAN("{\"csvSchema\":1,\"csvSchema\":1,\"columns\":[" A "]}"), ERR_FORMAT,
                      "repeated"));
}

static void test_csv_schema__refuses_columns_that_say_too_little_or_too_much(void)
{
    CU_ASSERT(refused(SPAN(BEGIN "]}"), ERR_FORMAT, "not an array of columns"));
    CU_ASSERT(refused(SPAN("{\"csvSchema\":1,\"columns\":{}}"), ERR_FORMAT, "not an array"));
    CU_ASSERT(refused(SPAN(BEGIN "\n\n\"A\"]}"), ERR_FORMAT, "line 3: a column is not an object"));
    CU_ASSERT(refused(SPAN(BEGIN "{\"name\":\"A\"}]}"), ERR_FORMAT, "without name or dataType"));
    CU_ASSERT(refused(SPAN(BEGIN "{\"dataType\":\"string\"}]}"), ERR_FORMAT, "without name"));
    CU_ASSERT(refused(SPAN(BEGIN "{\"name\":\"\",\"dataType\":\"string\"}]}"), ERR_FORMAT,
                      "\"name\" is not the name of a column"));
    CU_ASSERT(refused(SPAN(BEGIN A ",\n{\"name\":\"a\",\"dataType\":\"string\"}]}"), ERR_FORMAT,
                      "line 2: a column \"a\" was there before"));
    CU_ASSERT(refused(SPAN(WITH("\"format\":\"8.2\"")), ERR_FORMAT, "unknown member \"format\""));
    CU_ASSERT(refused(SPAN(WITH("\"label\":1")), ERR_FORMAT, "\"label\" is not a text"));
    CU_ASSERT(refused(SPAN(WITH("\"label\":null")), ERR_FORMAT, "\"label\" is not a text"));
}

static void test_csv_schema__refuses_types_and_numbers_that_nobody_knows(void)
{
    CU_ASSERT(refused(SPAN(TYPE("\"number\"")), ERR_FORMAT, "\"dataType\" is not a word"));
    CU_ASSERT(refused(SPAN(TYPE("\"Integer\"")), ERR_FORMAT, "\"dataType\" is not a word"));
    CU_ASSERT(refused(SPAN(TYPE("1")), ERR_FORMAT, "\"dataType\" is not a text"));
    CU_ASSERT(refused(SPAN(WITH("\"targetDataType\":\"float\"")), ERR_FORMAT, "targetDataType"));
    CU_ASSERT(refused(SPAN(WITH("\"length\":0")), ERR_FORMAT, "from 1 to 4294967295"));
    CU_ASSERT(refused(SPAN(WITH("\"length\":-1")), ERR_FORMAT, "from 1"));
    CU_ASSERT(refused(SPAN(WITH("\"length\":1.5")), ERR_FORMAT, "from 1"));
    CU_ASSERT(refused(SPAN(WITH("\"length\":4294967296")), ERR_FORMAT, "from 1"));
    CU_ASSERT(refused(SPAN(WITH("\"keySequence\":\"1\"")), ERR_FORMAT, "\"keySequence\" is not"));
    CU_ASSERT(refused(SPAN(KEY(1, 1)), ERR_FORMAT, "the 2 places of the key are not 1 to 2"));
    CU_ASSERT(refused(SPAN(KEY(1, 3)), ERR_FORMAT, "the 2 places of the key are not 1 to 2"));
}

static void test_csv_schema__refuses_texts_that_can_stand_nowhere(void)
{
    CU_ASSERT(refused(SPAN("{\"csvSchema\":1,\"missing\":\"NA\",\"columns\":[" A "]}"), ERR_FORMAT,
                      "\"missing\" is not an array"));
    CU_ASSERT(refused(SPAN("{\"csvSchema\":1,\"missing\":[\"\"],\"columns\":[" A "]}"), ERR_FORMAT,
                      "not a text of 1 to 64 bytes"));
    CU_ASSERT(refused(SPAN("{\"csvSchema\":1,\"missing\":[1],\"columns\":[" A "]}"), ERR_FORMAT,
                      "not a text of 1 to 64 bytes"));
    CU_ASSERT(refused(SPAN(WITH("\"values\":\"M\"")), ERR_FORMAT, "\"values\" is not an array"));
    CU_ASSERT(refused(SPAN(WITH("\"values\":[\"M\",null]")), ERR_FORMAT, "not a text of 1"));
}

static void test_csv_schema__limits_its_size_and_its_lists(void)
{
    struct buf b = {0};
    buf_str(&b, "{\"csvSchema\":1,\"missing\":[\"0\"");
    for (size_t i = 0; i < CSV_SCHEMA_MISSING_MAX; i++)
        buf_str(&b, ",\"x\"");
    buf_str(&b, "],\"columns\":[" A "]}");
    CU_ASSERT(refused(buf_span(&b), ERR_FORMAT, "more than 16 texts"));
    buf_clear(&b);
    buf_str(&b, BEGIN A);
    for (size_t i = 0; i < DEFINE_REFS_MAX; i++) {
        buf_str(&b, ",{\"name\":\"");
        buf_u64(&b, i);
        buf_str(&b, "\",\"dataType\":\"text\"}");
    }
    buf_str(&b, "]}");
    CU_ASSERT(refused(buf_span(&b), ERR_FORMAT, "more than 10000 columns"));
    while (b.n <= CSV_SCHEMA_MAX)
        buf_byte(&b, ' ');
    CU_ASSERT(refused(buf_span(&b), ERR_LIMIT, "at most 1048576"));
    buf_close(&b);
}

static const char everything[] =
    "{\"$schema\":\"https://trialseal.org/schemas/csv-schema.json\",\"csvSchema\":1,"
    "\"label\":\"Laboratory\",\"missing\":[\"NA\",\".\"],\"columns\":["
    "{\"itemOID\":\"IT.LB.LBSEQ\",\"name\":\"LBSEQ\",\"label\":\"Number\",\"dataType\":\"integer\","
    "\"length\":8,\"displayFormat\":\"8.2\",\"keySequence\":1},"
    "{\"name\":\"LBDT\",\"dataType\":\"date\",\"targetDataType\":\"integer\"},"
    "{\"name\":\"SEX\",\"dataType\":\"string\",\"values\":[\"M\",\"F\"]}]}";

static void test_csv_schema__becomes_a_definition_of_one_dataset(void)
{
    struct arena a = {0};
    struct err e = {0};
    struct define d;
    CU_ASSERT_FATAL(csv_schema_parse(span_str(everything), &a, &d, &e));
    const struct define_dataset *x = define_dataset(&d, SPAN("whatever"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(x);
    ASSERT_SPAN(x->label, SPAN("Laboratory"));
    CU_ASSERT_EQUAL_FATAL(x->refs, 3);
    CU_ASSERT_EQUAL(x->missings, 2);
    const struct define_item *seq = define_item(&d, x->ref[0].item);
    const struct define_item *sex = define_item(&d, x->ref[2].item);
    ASSERT_SPAN(seq->name, SPAN("LBSEQ"));
    ASSERT_SPAN(seq->type, SPAN("integer"));
    CU_ASSERT_EQUAL(seq->length, 8);
    CU_ASSERT_EQUAL(define_ref_key(&d, x, 0), 1);
    CU_ASSERT_EQUAL(define_ref_key(&d, x, 1), 0);
    ASSERT_SPAN(define_item(&d, x->ref[1].item)->target, SPAN("integer"));
    CU_ASSERT_EQUAL_FATAL(d.code_lists, 1);
    ASSERT_SPAN(d.code_list[0].oid, sex->code_list);
    CU_ASSERT_EQUAL_FATAL(d.code_list[0].values, 2);
    ASSERT_SPAN(d.code_list[0].value[1], SPAN("F"));
    define_close(&d);
    arena_close(&a);
}

/* What the reader makes of a file with that schema. */
static void test_csv_schema__types_the_columns_of_a_csv(void)
{
    struct span file = SPAN("sex,lbseq,LBDT,OTHER\nM,1,NA,NA\n\"NA\",2,.,x\n");
    struct arena a = {0};
    struct err e = {0};
    struct define d;
    struct issues notes = {0};
    struct rows *rows = NULL;
    struct row row;
    CU_ASSERT_FATAL(csv_schema_parse(span_str(everything), &a, &d, &e));
    struct rows_input in = {
        .source = source_of(&file), .format = FILE_CSV, .name = "f", .notes = &notes, .define = &d};
    CU_ASSERT_FATAL(rows_open(&in, &rows, &e) && rows_member(rows, &e) == ROWS_MORE);
    const struct dataset_info *info = rows_info(rows);
    ASSERT_SPAN(info->label, SPAN("Laboratory"));
    CU_ASSERT(info->defined);
    CU_ASSERT_EQUAL(info->column[0].type, COLUMN_TEXT);
    CU_ASSERT_EQUAL(info->column[1].type, COLUMN_NUMBER);
    CU_ASSERT_EQUAL(info->column[1].key, 1);
    CU_ASSERT_EQUAL(info->column[2].type, COLUMN_NUMBER);
    CU_ASSERT_EQUAL(info->column[3].type, COLUMN_UNDECLARED);
    CU_ASSERT_EQUAL(rows_next(rows, &row, &e), ROWS_MORE);
    CU_ASSERT_EQUAL(row.cell[2].kind, CELL_NULL);
    CU_ASSERT_EQUAL(row.cell[3].kind, CELL_NULL);
    CU_ASSERT_EQUAL(rows_next(rows, &row, &e), ROWS_MORE);
    CU_ASSERT_EQUAL(row.cell[0].kind, CELL_TEXT);
    CU_ASSERT_EQUAL(row.cell[2].kind, CELL_NULL);
    rows_close(rows);
    issues_close(&notes);
    define_close(&d);
    arena_close(&a);
}

SUITE(csv_schema, TEST(test_csv_schema__refuses_what_is_none),
      TEST(test_csv_schema__refuses_columns_that_say_too_little_or_too_much),
      TEST(test_csv_schema__refuses_types_and_numbers_that_nobody_knows),
      TEST(test_csv_schema__refuses_texts_that_can_stand_nowhere),
      TEST(test_csv_schema__limits_its_size_and_its_lists),
      TEST(test_csv_schema__becomes_a_definition_of_one_dataset),
      TEST(test_csv_schema__types_the_columns_of_a_csv))
