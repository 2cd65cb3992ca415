#include "dataset/dataset_json_head.h"
#include "dataset/rows.h"

#include <stdio.h>
#include <zlib.h>

#include "tests/dataset/rows_read.h"
#include "tests/test.h"

#define COLUMN_A "{\"itemOID\":\"I.A\",\"name\":\"A\",\"label\":\"First\",\"dataType\":\"string\"}"
#define COLUMN_B                                                                                   \
    "{\"itemOID\":\"I.B\",\"name\":\"B\",\"label\":\"Second\",\"dataType\":\"double\","            \
    "\"keySequence\":1,\"displayFormat\":\"BEST8.2\"}"
#define HEAD                                                                                       \
    "\"datasetJSONCreationDateTime\":\"2026-01-02T03:04:05\",\"datasetJSONVersion\":\"1.1.0\","    \
    "\"itemGroupOID\":\"IG.AE\",\"name\":\"AE\",\"label\":\"Adverse Events\""
#define COLUMNS   "\"columns\":[" COLUMN_A "," COLUMN_B "]"
#define TWO       "[\"x\",1],[null,-2.50e3]"
#define TWO_LINES "[\"x\",1]\n[null,-2.50e3]\n"
#define CELLS     "<x><1>\n<><-2.50e3>\n"

static const char plain[] = "{" HEAD ",\"records\":2," COLUMNS ",\"rows\":[" TWO "]}";

#define OLD_HEAD                                                                                   \
    "\"creationDateTime\":\"2024-01-02T03:04:05\",\"datasetJSONVersion\":\"1.0.0\","               \
    "\"sourceSystem\":\"R\",\"sourceSystemVersion\":\"4.3\""
#define OLD_ITEMS                                                                                  \
    "\"items\":[{\"OID\":\"ITEMGROUPDATASEQ\",\"name\":\"ITEMGROUPDATASEQ\",\"label\":\"Record\"," \
    "\"type\":\"integer\"},{\"OID\":\"I.A\",\"name\":\"A\",\"label\":\"First\","                   \
    "\"type\":\"string\",\"length\":8}]"
#define OLD_GROUP(name)                                                                            \
    "\"IG." name "\":{\"records\":2,\"name\":\"" name "\",\"label\":\"L\"," OLD_ITEMS              \
    ",\"itemData\":[[1,\"x\"],[2,\"y\"]]}"
#define OLD(groups)                                                                                \
    "{" OLD_HEAD ",\"clinicalData\":{\"studyOID\":\"S\",\"itemGroupData\":{" groups "}}}"

static struct rows_read read_text(const char *text)
{
    return rows_read(span_str(text), FILE_JSON, NULL);
}

/* Refused as malformed, with these words. */
static bool refuses(const char *text, const char *why)
{
    struct rows_read r = read_text(text);
    bool right = !r.good && r.err.kind == ERR_FORMAT && strstr(r.err.text, why) != NULL;
    if (!right)
        printf("  %s\n  good %d, kind %d: %s\n", text, r.good, (int)r.err.kind, r.err.text);
    rows_read_close(&r);
    return right;
}

/* Read, with these cells and without a note, or with one that contains `note`. */
static bool reads(const char *text, const char *cells, const char *note)
{
    struct rows_read r = read_text(text);
    bool right = r.good && span_eq(buf_span(&r.text), span_str(cells)) &&
                 (note == NULL ? r.notes.samples == 0 : rows_read_noted(&r, note));
    if (!right)
        printf("  %s\n  good %d: %s\n  %.*s\n  %s\n", text, r.good, r.err.text,
               SPAN_ARGS(buf_span(&r.text)),
               r.notes.samples > 0 ? r.notes.sample[0].detail : "no note");
    rows_read_close(&r);
    return right;
}

static void test_dataset_json__refuses_what_is_another_kind_of_json(void)
{
    CU_ASSERT_TRUE(refuses("[]", "a plain JSON array, which is not Dataset-JSON"));
    CU_ASSERT_TRUE(refuses("[{\"A\":1}]", "a plain JSON array"));
    CU_ASSERT_TRUE(refuses("{}", "the file has no datasetJSONVersion"));
    CU_ASSERT_TRUE(refuses("{\"A\":1}", "the file has no datasetJSONVersion"));
    CU_ASSERT_TRUE(refuses("1", "not an object"));
    CU_ASSERT_TRUE(refuses("", "the input ends"));
    CU_ASSERT_TRUE(refuses("{\"datasetJSONVersion\":\"1.2\"}", "other than 1.0 and 1.1"));
    CU_ASSERT_TRUE(refuses("{\"datasetJSONVersion\":\"1.1.x\"}", "other than 1.0 and 1.1"));
    CU_ASSERT_TRUE(refuses("{\"datasetJSONVersion\":\"1.10\"}", "other than 1.0 and 1.1"));
    CU_ASSERT_TRUE(refuses("{\"datasetJSONVersion\":1.1}", "a value of another kind"));
}

static void test_dataset_json__refuses_a_head_that_lacks_or_repeats_something(void)
{
    static const char *const needed[][2] = {
        {"{\"datasetJSONVersion\":\"1.1.0\",\"itemGroupOID\":\"I\",\"records\":0,\"name\":\"A\","
         "\"label\":\"\"," COLUMNS "}",
         "no datasetJSONCreationDateTime"},
        {"{" HEAD "," COLUMNS "}", "no records"},
        {"{" HEAD ",\"records\":0}", "no columns"},
        {"{" HEAD ",\"records\":0,\"columns\":[]}", "no columns"},
        {"{" HEAD ",\"records\":0," COLUMNS "," COLUMNS "}", "columns of the file twice"},
        {"{" HEAD ",\"name\":\"AE\"}", "name of the file twice"},
        {"{" HEAD ",\"x\":1,\"y\":{},\"x\":2}", "a member of the file twice"},
        {"{" HEAD ",\"records\":-1}", "records is not an integer from 0"},
        {"{" HEAD ",\"records\":1.5}", "records is not an integer from 0"},
        {"{" HEAD ",\"records\":\"1\"}", "records has a value of another kind"},
        {"{" HEAD ",\"records\":null}", "records has a value of another kind"},
        {"{" HEAD ",\"columns\":[1]}", "a column that is no object"},
        {"{" HEAD ",\"columns\":[{\"name\":\"A\"}]}", "a column has no itemOID"},
        {"{" HEAD ",\"columns\":[{\"itemOID\":\"\",\"name\":\"A\",\"label\":\"\","
         "\"dataType\":\"text\"}]}",
         "a data type that there is not"},
        {"{" HEAD ",\"sourceSystem\":\"R\"}", "sourceSystem has a value of another kind"},
        {"{" HEAD ",\"sourceSystem\":{\"name\":\"R\"}}", "sourceSystem has no version"},
    };
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        CU_ASSERT_TRUE(refuses(needed[i][0], needed[i][1]));
}

static void test_dataset_json__refuses_two_versions_in_one_file(void)
{
    CU_ASSERT_TRUE(refuses("{" HEAD ",\"clinicalData\":{}}", "versions 1.0 and 1.1 in one file"));
    CU_ASSERT_TRUE(refuses("{" OLD_HEAD ",\"rows\":[]}", "versions 1.0 and 1.1 in one file"));
    CU_ASSERT_TRUE(refuses("{" OLD_HEAD ",\"clinicalData\":{\"itemGroupData\":{\"I\":"
                           "{\"records\":0,\"name\":\"A\",\"label\":\"\",\"items\":[" COLUMN_A
                           "]}}}}",
                           "versions 1.0 and 1.1 in one file"));
}

static void test_dataset_json__refuses_rows_that_do_not_fit(void)
{
#define WITH_ROWS(n, rows) "{" HEAD ",\"records\":" #n "," COLUMNS ",\"rows\":" rows "}"
    CU_ASSERT_TRUE(refuses(WITH_ROWS(2, "[[\"x\",1]]"), "says 2 records, and has 1"));
    CU_ASSERT_TRUE(refuses(WITH_ROWS(0, "[[\"x\",1]]"), "says 0 records, and has 1"));
    CU_ASSERT_TRUE(refuses("{" HEAD ",\"records\":1," COLUMNS "}", "says 1 records, and has 0"));
    CU_ASSERT_TRUE(refuses(WITH_ROWS(1, "[[\"x\"]]"), "row 1 has fewer values than columns"));
    CU_ASSERT_TRUE(refuses(WITH_ROWS(1, "[[\"x\",1,2]]"), "row 1 has more values than columns"));
    CU_ASSERT_TRUE(refuses(WITH_ROWS(1, "[[\"x\",[]]]"), "an object or array as a value"));
    CU_ASSERT_TRUE(refuses(WITH_ROWS(1, "[[\"x\",{}]]"), "an object or array as a value"));
    CU_ASSERT_TRUE(refuses(WITH_ROWS(1, "[{\"A\":\"x\",\"B\":1}]"), "row 1 is no array"));
    CU_ASSERT_TRUE(refuses(WITH_ROWS(1, "{}"), "rows that are no array"));
    CU_ASSERT_TRUE(
        refuses("{\"rows\":{}," HEAD ",\"records\":0," COLUMNS "}", "rows that are no array"));
    CU_ASSERT_TRUE(refuses(WITH_ROWS(0, "[]") "x", "nothing more expected"));
}

static void test_dataset_json__refuses_lines_that_are_not_rows(void)
{
#define LINES(n, rows) "{" HEAD ",\"records\":" #n "," COLUMNS "}\n" rows
    CU_ASSERT_TRUE(refuses(LINES(1, "[\"x\",1] 2\n"), "nothing more expected"));
    CU_ASSERT_TRUE(refuses(LINES(1, "[\"x\",\n1]\n"), "the line ends"));
    CU_ASSERT_TRUE(refuses(LINES(1, "\n[\"x\",1]\n"), "the line ends"));
    CU_ASSERT_TRUE(refuses(LINES(2, "[\"x\",1]\n"), "says 2 records, and has 1"));
    CU_ASSERT_TRUE(refuses(LINES(1, "{\"A\":\"x\"}\n"), "row 1 is no array"));
    CU_ASSERT_TRUE(refuses("{\n" HEAD ",\"records\":1," COLUMNS "}\n[\"x\",1]\n",
                           "lines behind a head that is not one line"));
    CU_ASSERT_TRUE(
        refuses("{" HEAD ",\"records\":1," COLUMNS "} [\"x\",1]\n", "nothing more expected"));
}

static void test_dataset_json__refuses_every_beginning_of_a_file(void)
{
    for (size_t n = 0; n < sizeof plain - 1; n++) {
        struct rows_read r = rows_read(span_of(plain, n), FILE_JSON, NULL);
        CU_ASSERT_FALSE(r.good);
        CU_ASSERT_EQUAL(r.err.kind, ERR_FORMAT);
        rows_read_close(&r);
    }
}

static void test_dataset_json__has_limits(void)
{
    struct rows_limits limits = rows_limits_default;
    static const char booleans[] = WITH_ROWS(1, "[[\"xxxx\",true]]");
    static const char two[] = OLD(OLD_GROUP("A") "," OLD_GROUP("B"));
    const struct {
        size_t *limit, value;
        const char *text;
    } sample[] = {
        {&limits.columns, 1, plain}, {&limits.cell, 6, plain},  {&limits.row, 6, plain},
        {&limits.row, 6, booleans},  {&limits.members, 1, two},
    };
    for (size_t i = 0; i < sizeof sample / sizeof sample[0]; i++) {
        limits = rows_limits_default;
        *sample[i].limit = sample[i].value;
        struct rows_read r = rows_read(span_str(sample[i].text), FILE_JSON, &limits);
        CU_ASSERT_FALSE(r.good);
        CU_ASSERT_EQUAL(r.err.kind, ERR_LIMIT);
        rows_read_close(&r);
    }
}

static void test_dataset_json__limits_what_a_head_makes_it_keep(void)
{
    struct buf b = {0};
    buf_str(&b, "{\"datasetJSONVersion\":\"1.1\",\"label\":\"");
    size_t before = b.n;
    memset(buf_room(&b, DATASET_JSON_HEAD_MAX), 'x', DATASET_JSON_HEAD_MAX);
    b.n = before + DATASET_JSON_HEAD_MAX;
    buf_str(&b, "\"}");
    struct rows_read r = rows_read(buf_span(&b), FILE_JSON, NULL);
    CU_ASSERT_EQUAL(r.err.kind, ERR_LIMIT);
    rows_read_close(&r);
    buf_clear(&b);
    buf_str(&b, "{\"datasetJSONVersion\":\"1.1\"");
    for (unsigned i = 0; i <= DATASET_JSON_STRANGERS_MAX; i++) {
        buf_str(&b, ",\"x");
        buf_u64(&b, i);
        buf_str(&b, "\":[1]");
    }
    r = rows_read(buf_span(&b), FILE_JSON, NULL);
    CU_ASSERT_EQUAL(r.err.kind, ERR_LIMIT);
    rows_read_close(&r);
    buf_close(&b);
}

static void test_dataset_json__reads_a_json_text(void)
{
    CU_ASSERT_TRUE(reads(plain, CELLS, NULL));
    CU_ASSERT_TRUE(reads(WITH_ROWS(0, "[]") "\n", "", NULL));
    CU_ASSERT_TRUE(reads("{" HEAD ",\"records\":0," COLUMNS "}", "", NULL));
}

static void test_dataset_json__reads_lines(void)
{
    CU_ASSERT_TRUE(reads(LINES(2, TWO_LINES), CELLS, NULL));
    CU_ASSERT_TRUE(reads(LINES(2, "[\"x\",1]\r\n[null,-2.50e3]"), CELLS, NULL));
    CU_ASSERT_TRUE(reads(LINES(0, ""), "", NULL));
}

static void test_dataset_json__reads_members_in_any_order(void)
{
    CU_ASSERT_TRUE(reads("{\"rows\":[" TWO "]," COLUMNS "," HEAD ",\"records\":2}", CELLS, NULL));
    CU_ASSERT_TRUE(reads("{" COLUMNS ",\"rows\":[" TWO "],\"records\":2," HEAD "} ", CELLS, NULL));
    CU_ASSERT_TRUE(refuses("{\"rows\":[" TWO "]," COLUMNS "," HEAD ",\"records\":2} 1",
                           "nothing more expected"));
}

/* Also where the rows stand before their columns, and are gone back to. */
static void test_dataset_json__tells_places_as_they_are_in_the_file(void)
{
#define LATE(rows) "{\n" HEAD ",\n\"rows\":[\n" rows "\n],\n\"records\":2," COLUMNS "\n}"
    CU_ASSERT_TRUE(refuses(LATE("[\"x\",1],\n[\"y\"]"), "line 5, offset 166: row 2 has fewer"));
    CU_ASSERT_TRUE(refuses(LATE("[\"x\",1],\n[\"y\",tru]"), "line 5, offset 167: true, false or"));
    CU_ASSERT_TRUE(refuses(LATE("[\"x\",1]"), "line 5, offset 161: the file says 2 records"));
    struct span text = SPAN(LATE("[\"x\",1],\n[\"y\",\n2]"));
    struct issues notes = {0};
    struct rows *rows;
    struct row row;
    struct err e;
    struct rows_input in = {
        .source = source_of(&text), .format = FILE_JSON, .name = "f", .notes = &notes};
    CU_ASSERT_FATAL(rows_open(&in, &rows, &e) && rows_member(rows, &e) == ROWS_MORE);
    for (uint64_t line = 4; line <= 5; line++)
        CU_ASSERT(rows_next(rows, &row, &e) == ROWS_MORE && row.line == line);
    CU_ASSERT(rows_next(rows, &row, &e) == ROWS_END);
    rows_close(rows);
    issues_close(&notes);
}

static void test_dataset_json__reads_version_1_0_with_all_its_datasets(void)
{
    CU_ASSERT_TRUE(reads(OLD(OLD_GROUP("AE")), "<x>\n<y>\n", NULL));
    CU_ASSERT_TRUE(reads(OLD(OLD_GROUP("AE") "," OLD_GROUP("DM")), "<x>\n<y>\n<x>\n<y>\n", NULL));
    CU_ASSERT_TRUE(reads("{\"clinicalData\":{\"itemGroupData\":{\"I\":{\"itemData\":[[1,\"x\"],[2,"
                         "\"y\"]]," OLD_ITEMS
                         ",\"records\":2,\"name\":\"A\",\"label\":\"\"}}}," OLD_HEAD "}",
                         "<x>\n<y>\n", NULL));
    CU_ASSERT_TRUE(refuses(OLD(OLD_GROUP("AE") "," OLD_GROUP("AE")), "a dataset twice"));
    CU_ASSERT_TRUE(refuses(OLD(""), "no dataset"));
    CU_ASSERT_TRUE(refuses("{" OLD_HEAD "}", "no dataset"));
    CU_ASSERT_TRUE(reads("{" OLD_HEAD ",\"clinicalData\":{\"itemGroupData\":{\"I\":{\"records\":1,"
                         "\"name\":\"A\",\"label\":\"\"," OLD_ITEMS ",\"itemData\":[[7,\"x\"]]}}}}",
                         "<x>\n", "ITEMGROUPDATASEQ does not count"));
}

static bool is_of_standard(const char *text, const char *want)
{
    struct span file = span_str(text);
    struct issues notes = {0};
    struct rows *rows = NULL;
    struct err e;
    struct rows_input in = {
        .source = source_of(&file), .format = FILE_JSON, .name = "f", .notes = &notes};
    bool same = rows_open(&in, &rows, &e) && rows_member(rows, &e) == ROWS_MORE &&
                span_eq(rows_info(rows)->standard, span_str(want));
    rows_close(rows);
    issues_close(&notes);
    return same;
}

/* Of version 1.0 it may come behind the data, so that only what they stand in is known. */
static void test_dataset_json__tells_the_version_wherever_it_stands(void)
{
    CU_ASSERT(is_of_standard(OLD(OLD_GROUP("AE")), "Dataset-JSON 1.0.0"));
    CU_ASSERT(is_of_standard("{\"clinicalData\":{\"studyOID\":\"S\",\"itemGroupData\":{" OLD_GROUP(
                                 "AE") "}}," OLD_HEAD "}",
                             "Dataset-JSON 1.0"));
    CU_ASSERT(is_of_standard("{" COLUMNS ",\"rows\":[" TWO "],\"records\":2," HEAD "}",
                             "Dataset-JSON 1.1.0"));
}

static void test_dataset_json__notes_what_is_odd_and_reads_it(void)
{
    CU_ASSERT_TRUE(reads(WITH_ROWS(1, "[[5,1]]"), "<5><1>\n", "column 1: a value of another kind"));
    CU_ASSERT_TRUE(reads(WITH_ROWS(1, "[[true,\" NA\"]]"), "<true>< NA>\n", "column 2: a value"));
#define INTEGER                                                                                    \
    "{" HEAD ",\"records\":1,\"columns\":[{\"itemOID\":\"I\",\"name\":\"A\",\"label\":\"\","       \
    "\"dataType\":\"integer\"}],\"rows\":"
    CU_ASSERT_TRUE(reads(INTEGER "[[9007199254740991]]}", "<9007199254740991>\n", NULL));
    CU_ASSERT_TRUE(reads(INTEGER "[[9007199254740992]]}", "<9007199254740992>\n",
                         "not an integer below 2^53"));
    CU_ASSERT_TRUE(reads(INTEGER "[[1.0]]}", "<1.0>\n", "not an integer below 2^53"));
    CU_ASSERT_TRUE(reads("{\"x\":{\"y\":[1,{\"z\":2}]}," HEAD ",\"records\":0," COLUMNS "}", "",
                         "a member of the file that Dataset-JSON does not have"));
}

static void test_dataset_json__tells_columns_as_they_are_declared(void)
{
    struct span text = span_str(plain);
    struct issues notes = {0};
    struct err e = {0};
    struct rows *rows;
    struct rows_input in = {
        .source = source_of(&text), .format = FILE_JSON, .name = "f", .notes = &notes};
    CU_ASSERT_TRUE_FATAL(rows_open(&in, &rows, &e));
    CU_ASSERT_EQUAL_FATAL(rows_member(rows, &e), ROWS_MORE);
    const struct dataset_info *info = rows_info(rows);
    ASSERT_SPAN(info->standard, SPAN("Dataset-JSON 1.1.0"));
    ASSERT_SPAN(info->name, SPAN("AE"));
    ASSERT_SPAN(info->member.created, SPAN("2026-01-02T03:04:05"));
    CU_ASSERT_EQUAL_FATAL(info->columns, 2);
    const struct column *b = &info->column[1];
    CU_ASSERT_EQUAL(info->column[0].type, COLUMN_TEXT);
    CU_ASSERT_EQUAL(b->type, COLUMN_NUMBER);
    CU_ASSERT_EQUAL(b->key, 1);
    ASSERT_SPAN(b->label, SPAN("Second"));
    ASSERT_SPAN(b->format.name, SPAN("BEST"));
    CU_ASSERT_EQUAL(b->format.width, 8);
    CU_ASSERT_EQUAL(b->format.decimals, 2);
    rows_close(rows);
    issues_close(&notes);
}

/* As zlib (15) or gzip (31) would have it. */
static struct buf compress_text(const char *text, int window_bits)
{
    struct buf b = {0};
    z_stream z = {.next_in = (Bytef *)(uintptr_t)text, .avail_in = (uInt)strlen(text)};
    size_t room = strlen(text) + 1024;
    CU_ASSERT_EQUAL_FATAL(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY),
                          Z_OK);
    z.next_out = buf_room(&b, room);
    z.avail_out = (uInt)room;
    CU_ASSERT_EQUAL_FATAL(deflate(&z, Z_FINISH), Z_STREAM_END);
    b.n = z.total_out;
    deflateEnd(&z);
    return b;
}

static void test_dataset_json__reads_compressed_lines_whole_or_not_at_all(void)
{
    for (int bits = 15; bits <= 31; bits += 16) {
        struct buf b = compress_text(LINES(2, TWO_LINES), bits);
        for (size_t n = 0; n <= b.n; n++) {
            struct rows_read r = rows_read(span_of(b.p, n), FILE_DSJC, NULL);
            CU_ASSERT_EQUAL(r.good, n == b.n);
            CU_ASSERT_TRUE(r.good || r.err.kind == ERR_FORMAT);
            if (r.good)
                ASSERT_SPAN(buf_span(&r.text), SPAN(CELLS));
            rows_read_close(&r);
        }
        buf_byte(&b, 0);
        struct rows_read r = rows_read(buf_span(&b), FILE_DSJC, NULL);
        CU_ASSERT_FALSE(r.good);
        CU_ASSERT_PTR_NOT_NULL(
            strstr(r.err.text, "of the compressed stream: bytes behind its end"));
        rows_read_close(&r);
        b.p[b.n / 2] ^= 0x10;
        r = rows_read(span_of(b.p, b.n - 1), FILE_DSJC, NULL);
        CU_ASSERT_FALSE(r.good);
        rows_read_close(&r);
        buf_close(&b);
    }
}

/* A string, some of which are not plain; and as it reads. */
static void add_string(struct buf *file, struct buf *want, uint64_t *random)
{
    static const char *const pieces[][2] = {
        {"a", "a"},     {",", ","},     {"]", "]"},    {"B C", "B C"},           {"[", "["},
        {"\\\\", "\\"}, {"\\\"", "\""}, {"\\n", "\n"}, {"\xc3\xa9", "\xc3\xa9"}, {"\\u0041", "A"}};
    uint64_t r = test_random(random) >> 8;
    size_t kinds = r % 8 == 0 ? sizeof pieces / sizeof pieces[0] : 5;
    size_t n = r / 8 % 500 == 0 ? 30000 : r / 8 % 12;
    buf_str(file, "\"");
    buf_str(want, "<");
    for (size_t i = 0; i < n; i++) {
        const char *const *piece = pieces[(test_random(random) >> 8) % kinds];
        buf_str(file, piece[0]);
        buf_str(want, piece[1]);
    }
    buf_str(file, "\"");
    buf_str(want, ">");
}

static void add_row(struct buf *file, struct buf *want, const char *comma, uint64_t *random)
{
    static const char *const numbers[] = {"0", "-1", "75.25", "2e9", "null"};
    const char *number = numbers[(test_random(random) >> 8) % 5];
    buf_str(file, "[");
    add_string(file, want, random);
    buf_str(file, comma);
    buf_str(file, number);
    buf_str(file, "]");
    buf_str(want, "<");
    buf_str(want, number[0] == 'n' ? "" : number);
    buf_str(want, ">\n");
}

/* Rows that are plain and rows that are not in turn, around the ends of all blocks. */
static void test_dataset_json__reads_what_was_written(void)
{
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct buf rows = {0}, want = {0}, file = {0};
        bool lines = seed % 2 == 0;
        uint64_t random = seed;
        unsigned n = 0;
        for (; rows.n < 1 << 20; n++) {
            buf_str(&rows, n == 0 ? "" : lines ? "\n" : ",");
            add_row(&rows, &want, seed % 4 < 2 ? "," : ", ", &random);
        }
        buf_str(&file, "{" HEAD ",\"records\":");
        buf_u64(&file, n);
        buf_str(&file, lines ? "," COLUMNS "}\n" : "," COLUMNS ",\"rows\":[");
        buf_add(&file, buf_span(&rows));
        buf_str(&file, lines ? "\n" : "]}");
        struct rows_read r = rows_read(buf_span(&file), FILE_JSON, NULL);
        CU_ASSERT_TRUE(r.good);
        CU_ASSERT_EQUAL(r.rows, n);
        CU_ASSERT_TRUE(span_eq(buf_span(&r.text), buf_span(&want)));
        rows_read_close(&r);
        buf_close(&rows);
        buf_close(&want);
        buf_close(&file);
    }
}

SUITE(dataset_json, TEST(test_dataset_json__refuses_what_is_another_kind_of_json),
      TEST(test_dataset_json__refuses_a_head_that_lacks_or_repeats_something),
      TEST(test_dataset_json__refuses_two_versions_in_one_file),
      TEST(test_dataset_json__refuses_rows_that_do_not_fit),
      TEST(test_dataset_json__refuses_lines_that_are_not_rows),
      TEST(test_dataset_json__refuses_every_beginning_of_a_file),
      TEST(test_dataset_json__has_limits),
      TEST(test_dataset_json__limits_what_a_head_makes_it_keep),
      TEST(test_dataset_json__reads_a_json_text), TEST(test_dataset_json__reads_lines),
      TEST(test_dataset_json__reads_members_in_any_order),
      TEST(test_dataset_json__tells_places_as_they_are_in_the_file),
      TEST(test_dataset_json__reads_version_1_0_with_all_its_datasets),
      TEST(test_dataset_json__tells_the_version_wherever_it_stands),
      TEST(test_dataset_json__notes_what_is_odd_and_reads_it),
      TEST(test_dataset_json__tells_columns_as_they_are_declared),
      TEST(test_dataset_json__reads_compressed_lines_whole_or_not_at_all),
      TEST(test_dataset_json__reads_what_was_written))
