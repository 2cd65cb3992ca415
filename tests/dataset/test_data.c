/* Every XPT and CSV of ../shared/data, against its index, ReadStat and Python's csv module. */
#include <readstat.h>
#include <stdio.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "dataset/rows.h"
#include "tests/test.h"

#define DATA "../shared/data/"

struct shape {
    uint64_t rows, columns;
    struct buf structure; /* names and labels */
    uint32_t crc;         /* of texts of the first member */
};

static void add_crc(struct shape *s, struct span bytes, const char *end)
{
    s->crc = (uint32_t)crc32(s->crc, bytes.p == NULL ? (const Bytef *)"" : bytes.p, (uInt)bytes.n);
    s->crc = (uint32_t)crc32(s->crc, (const Bytef *)end, (uInt)strlen(end));
}

static void add_structure(struct shape *s, struct span name, struct span label)
{
    buf_add(&s->structure, name);
    buf_byte(&s->structure, '|');
    buf_add(&s->structure, label);
    buf_byte(&s->structure, '\n');
}

/* ReadStat gives text without the blanks at its end. */
static struct span trimmed(struct span s)
{
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == 0))
        s.n--;
    return s;
}

static void add_cells(struct shape *s, const struct row *row, bool xpt)
{
    for (size_t i = 0; i < row->cells; i++) {
        const struct cell *c = &row->cell[i];
        if (c->kind == CELL_TEXT)
            add_crc(s, xpt ? trimmed(c->bytes) : c->bytes, "\x1f");
    }
    add_crc(s, SPAN(""), "\x1e");
}

/* Its rows end in a lone CR, which is no row end: refused, whoever else reads it. */
static bool is_refused(const char *path)
{
    return strcmp(path, DATA "safetydata/sdtm/meta_study.csv") == 0;
}

static bool read_shape(const char *path, struct shape *out)
{
    struct span file = test_file(path);
    struct issues notes = {0};
    struct err e = {0};
    struct rows *rows = NULL;
    struct row row;
    enum file_format format =
        file_decide(file_claim(span_str(path)),
                    file_identify(span_of(file.p, file.n < FILE_HEAD ? file.n : FILE_HEAD)));
    struct rows_input in = {
        .source = source_of(&file), .format = format, .name = path, .notes = &notes};
    bool good = rows_open(&in, &rows, &e) && rows_member(rows, &e) == ROWS_MORE;
    enum rows_step more = ROWS_FAILED;
    const struct dataset_info *info = good ? rows_info(rows) : NULL;
    for (size_t i = 0; good && i < info->columns; i++)
        add_structure(out, info->column[i].name, info->column[i].label);
    while (good && (more = rows_next(rows, &row, &e)) == ROWS_MORE)
        add_cells(out, &row, format != FILE_CSV);
    if (good) {
        out->rows = info->records;
        out->columns = info->columns;
        good = more == ROWS_END && rows_member(rows, &e) == ROWS_END;
    }
    rows_close(rows);
    if (!good && !is_refused(path))
        printf("  %s: %s\n", path, e.text);
    issues_close(&notes);
    return good;
}

static struct span read_index(void)
{
    static struct span index; /* until the process ends */
    if (index.p == NULL)
        index = test_file(DATA "INDEX.tsv");
    return index;
}

/* path, bytes, rows, columns of a line of the index; false for files that are not XPT or CSV. */
static bool split_index(struct span line, char *path, size_t cap, uint64_t *rows, uint64_t *columns)
{
    struct span field[5] = {0};
    for (size_t i = 0; i < 5; i++) {
        size_t tab = span_find(line, 0, '\t');
        field[i] = span_of(line.p, tab);
        line = span_skip(line, tab < line.n ? tab + 1 : tab);
    }
    bool wanted = span_starts(field[4], SPAN("XPORT")) || span_starts(field[4], SPAN("CSV"));
    snprintf(path, cap, DATA "%.*s", SPAN_ARGS(field[0]));
    return wanted && span_u64(field[2], rows) && span_u64(field[3], columns);
}

static void test_data__has_the_rows_and_columns_of_the_index(void)
{
    struct span index = read_index(), line;
    char path[512];
    uint64_t rows, columns;
    size_t files = 0;
    if (index.p == NULL)
        SKIP("no ../shared/data");
    while (span_line(&index, &line)) {
        struct shape s = {0};
        if (!split_index(line, path, sizeof path, &rows, &columns))
            continue;
        bool good = read_shape(path, &s);
        CU_ASSERT_EQUAL(good, !is_refused(path));
        files++;
        if (is_refused(path))
            continue;
        CU_ASSERT_EQUAL(s.rows, rows);
        CU_ASSERT_EQUAL(s.columns, columns);
        buf_close(&s.structure);
    }
    CU_ASSERT(files > 100);
}

static int on_variable(int i, readstat_variable_t *v, const char *labels, void *ctx)
{
    struct shape *s = ctx;
    const char *label = readstat_variable_get_label(v);
    (void)i;
    (void)labels;
    s->columns++;
    add_structure(s, span_str(readstat_variable_get_name(v)), span_str(label == NULL ? "" : label));
    return READSTAT_HANDLER_OK;
}

static int on_value(int row, readstat_variable_t *v, readstat_value_t value, void *ctx)
{
    struct shape *s = ctx;
    if ((uint64_t)row + 1 > s->rows) {
        if (s->rows > 0)
            add_crc(s, SPAN(""), "\x1e");
        s->rows = (uint64_t)row + 1;
    }
    if (readstat_variable_get_type(v) == READSTAT_TYPE_STRING) {
        const char *text = readstat_string_value(value);
        add_crc(s, span_str(text == NULL ? "" : text), "\x1f");
    }
    return READSTAT_HANDLER_OK;
}

static bool read_with_readstat(const char *path, struct shape *out)
{
    readstat_parser_t *parser = readstat_parser_init();
    readstat_set_variable_handler(parser, on_variable);
    readstat_set_value_handler(parser, on_value);
    bool good = readstat_parse_xport(parser, path, out) == READSTAT_OK;
    readstat_parser_free(parser);
    if (out->rows > 0)
        add_crc(out, SPAN(""), "\x1e");
    return good;
}

static void test_data__has_the_structure_and_text_that_readstat_finds_in_xpt(void)
{
    struct span index = read_index(), line;
    char path[512];
    uint64_t rows, columns;
    if (index.p == NULL)
        SKIP("no ../shared/data");
    while (span_line(&index, &line)) {
        struct shape ours = {0}, theirs = {0};
        if (!split_index(line, path, sizeof path, &rows, &columns) ||
            span_ends(span_str(path), SPAN(".csv")) || columns == 0)
            continue;
        CU_ASSERT_TRUE(read_shape(path, &ours));
        CU_ASSERT_TRUE(read_with_readstat(path, &theirs));
        CU_ASSERT_EQUAL(ours.rows, theirs.rows);
        ASSERT_SPAN(buf_span(&ours.structure), buf_span(&theirs.structure));
        CU_ASSERT_EQUAL(ours.crc, theirs.crc);
        if (ours.crc != theirs.crc)
            printf("  %s differs from ReadStat\n", path);
        buf_close(&ours.structure);
        buf_close(&theirs.structure);
    }
}

/* One line a file: CRC of the cells, records, columns, path. */
static const char python[] =
    "python3 - <<'END'\n"
    "import csv, glob, io, zlib\n"
    "csv.field_size_limit(1 << 20)\n"
    "for path in sorted(glob.glob('" DATA "**/*.csv', recursive=True)):\n"
    "    data = open(path, 'rb').read()\n"
    "    data = data[3:] if data.startswith(b'\\xef\\xbb\\xbf') else data\n"
    "    rows = list(csv.reader(io.StringIO(data.decode('latin-1'), newline=''), strict=True))\n"
    "    dump = ''.join(''.join(c + '\\x1f' for c in row) + '\\x1e' for row in rows[1:])\n"
    "    print(zlib.crc32(dump.encode('latin-1')), len(rows) - 1, len(rows[0]), path)\n"
    "END\n";

static void test_data__has_the_cells_that_python_finds_in_csv(void)
{
    char path[512];
    unsigned crc;
    unsigned long long rows, columns;
    size_t files = 0;
    if (read_index().p == NULL)
        SKIP("no ../shared/data");
    FILE *f = popen(python, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    while (fscanf(f, "%u %llu %llu %511[^\n]\n", &crc, &rows, &columns, path) == 4) {
        struct shape s = {0};
        bool good = read_shape(path, &s);
        CU_ASSERT_EQUAL(good, !is_refused(path));
        files++;
        if (is_refused(path))
            continue;
        CU_ASSERT_EQUAL(s.rows, rows);
        CU_ASSERT_EQUAL(s.columns, columns);
        CU_ASSERT_EQUAL(s.crc, crc);
        buf_close(&s.structure);
    }
    CU_ASSERT_EQUAL(pclose(f), 0);
    CU_ASSERT(files > 50);
}

SUITE(data, TEST(test_data__has_the_rows_and_columns_of_the_index),
      TEST(test_data__has_the_structure_and_text_that_readstat_finds_in_xpt),
      TEST(test_data__has_the_cells_that_python_finds_in_csv))
