#include "content/canonical.h"

#include <math.h>

#include "tests/test.h"

/* Rows whose cells lie side by side, in memory that ends ROW_ROOM bytes behind them. */
struct packed_rows {
    struct dataset_info info;
    struct issues notes, slow_notes;
    struct canonical *form, *slow;
    struct cell *cell, *slow_cell;
    uint8_t *bytes;
    size_t row_bytes;
};

static void open_rows(struct packed_rows *r, const struct column *column, size_t columns,
                      enum file_format format)
{
    *r = (struct packed_rows){.info = {.format = format, .column = column, .columns = columns}};
    for (size_t i = 0; i < columns; i++)
        r->row_bytes += column[i].length;
    r->cell = calloc(columns, sizeof *r->cell);
    r->slow_cell = calloc(columns, sizeof *r->cell);
    r->bytes = malloc(r->row_bytes + ROW_ROOM);
    r->form = canonical_open(&r->info, &r->notes, "f");
    r->slow = canonical_open(&r->info, &r->slow_notes, "f");
    memset(r->bytes + r->row_bytes, 'z', ROW_ROOM);
}

static void close_rows(struct packed_rows *r)
{
    CU_ASSERT_EQUAL(issues_count(&r->notes, SEVERITY_NOTE),
                    issues_count(&r->slow_notes, SEVERITY_NOTE));
    canonical_close(r->form);
    canonical_close(r->slow);
    issues_close(&r->notes);
    issues_close(&r->slow_notes);
    free(r->cell);
    free(r->slow_cell);
    free(r->bytes);
}

/* The row as it is, and as one of which nothing is known, have the same record. */
static void check_row(struct packed_rows *r, struct row row)
{
    struct canonical_record fast, slow;
    canonical_row(r->form, &row, &fast);
    memcpy(r->slow_cell, row.cell, row.cells * sizeof *row.cell);
    row.cell = r->slow_cell;
    row.ascii = row.roomy = false;
    row.packed = NULL;
    canonical_row(r->slow, &row, &slow);
    ASSERT_SPAN(fast.bytes, slow.bytes);
    ASSERT_SPAN(fast.strict, slow.strict);
    CU_ASSERT_EQUAL(fast.strict.p == fast.bytes.p, slow.strict.p == slow.bytes.p);
    for (size_t i = 0; i < row.cells; i++)
        CU_ASSERT_EQUAL(fast.cell[i] - fast.bytes.p, slow.cell[i] - slow.bytes.p);
}

/* Texts end in blanks, NULs, both or none; some are nothing else. Some have a letter beyond ASCII.
 */
static void make_text(uint8_t *to, size_t n, bool ascii, uint64_t *state)
{
    static const char ends[] = {' ', ' ', ' ', '\0'};
    size_t text = test_random(state) % 4 == 0 ? 0 : test_random(state) % (n + 1);
    for (size_t i = 0; i < n; i++)
        to[i] =
            (uint8_t)(i < text ? test_random(state) % 0x80 : (uint8_t)ends[test_random(state) % 4]);
    if (!ascii && n > 0 && test_random(state) % 4 == 0)
        to[test_random(state) % n] = 0xe4;
    if (!ascii && n > 1 && test_random(state) % 4 == 0)
        memcpy(to + test_random(state) % (n - 1), "\xc2\xb5", 2);
}

/* An IBM double of a number that is not below 16^-60, as SAS writes it. */
static uint64_t ibm_of(double x)
{
    int exponent;
    double fraction = frexp(fabs(x), &exponent);
    int shift = exponent & 3 ? 4 - (exponent & 3) : 0;
    uint64_t bits = (uint64_t)ldexp(fraction, 56 - shift);
    return x == 0 ? 0
                  : (uint64_t)(x < 0) << 63 | (uint64_t)((exponent + shift) / 4 + 64) << 56 | bits;
}

static double some_double(uint64_t *state)
{
    static const double power[] = {1, 10, 100, 1000, 1e4, 1e5, 1e6};
    uint64_t random = test_random(state);
    double x = (double)(random >> 32 >> (random % 32)) / power[random >> 8 & 3];
    switch (random >> 16 & 7) {
    case 0:
        return x / 3;
    case 1:
        return -x;
    case 2:
        return x / power[(random >> 20) % 7];
    default:
        return (double)(random >> 32 & 0xff);
    }
}

/* Numbers, missing values of all kinds, and any bits. */
static uint64_t some_ibm(uint64_t *state)
{
    uint64_t random = test_random(state);
    switch (random >> 60) {
    case 0:
        return random << 8;
    case 1:
        return (uint64_t)(".._ABZ@["[random & 7]) << 56;
    case 2:
        return 0;
    case 3:
        return ibm_of(some_double(state)) | (random & 15);
    case 4:
        return UINT64_C(0x4200000000000000) | (random >> 16 & 0xff) << 40;
    default:
        return ibm_of(some_double(state));
    }
}

static void make_number(uint8_t *to, size_t n, uint64_t *state)
{
    uint64_t bits = some_ibm(state);
    for (size_t i = 0; i < n; i++)
        to[i] = (uint8_t)(bits >> (56 - 8 * i));
}

static void make_packed_row(struct packed_rows *r, bool ascii, uint64_t *state)
{
    uint8_t *p = r->bytes;
    for (size_t i = 0; i < r->info.columns; i++) {
        const struct column *c = &r->info.column[i];
        bool text = c->type == COLUMN_TEXT;
        r->cell[i] = (struct cell){text ? CELL_TEXT : CELL_IBM, false, {p, c->length}};
        if (text)
            make_text(p, c->length, ascii, state);
        else
            make_number(p, c->length, state);
        p += c->length;
    }
}

/* So many that numbers are known, and columns are given up. */
static void test_canonical__packed_rows_have_the_records_of_others(void)
{
    static const unsigned text[] = {1, 2, 8, 15, 16, 17, 31, 32, 33, 48, 62, 63, 64, 65, 200, 300};
    enum { TEXTS = sizeof text / sizeof text[0], NUMBERS = 7, ROWS = 20000 };
    struct column column[TEXTS + NUMBERS + 2] = {{.name = SPAN("")}};
    uint64_t state = 5;
    for (size_t i = 0; i < TEXTS; i++)
        column[i] = (struct column){.name = SPAN("T"), .type = COLUMN_TEXT, .length = text[i]};
    for (unsigned i = 0; i < NUMBERS; i++)
        column[TEXTS + i] =
            (struct column){.name = SPAN("N"), .type = COLUMN_NUMBER, .length = 2 + i};
    column[TEXTS + NUMBERS] = column[TEXTS + NUMBERS - 1];
    column[TEXTS + NUMBERS + 1] = column[0]; /* the shortest, at the end of memory */
    struct packed_rows r;
    open_rows(&r, column, sizeof column / sizeof column[0], FILE_XPT5);
    for (uint64_t i = 1; i <= ROWS; i++) {
        bool ascii = test_random(&state) % 2 == 0;
        make_packed_row(&r, ascii, &state);
        check_row(&r, (struct row){.cell = r.cell,
                                   .cells = r.info.columns,
                                   .number = i,
                                   .ascii = ascii,
                                   .roomy = true,
                                   .packed = r.bytes});
    }
    close_rows(&r);
}

/* A value that was seen in a column is noted in each. */
static void test_canonical__notes_a_rounded_number_in_each_column(void)
{
    const struct column column[] = {{.name = SPAN("A"), .type = COLUMN_NUMBER, .length = 8},
                                    {.name = SPAN("B"), .type = COLUMN_NUMBER, .length = 8}};
    static const char *const noted[] = {"4180000000000001", "4201000000000000"};
    for (size_t i = 0; i < 2; i++) {
        struct packed_rows r;
        open_rows(&r, column, 2, FILE_XPT5);
        for (size_t k = 0; k < 2; k++) {
            memcpy(r.bytes + 8 * k, test_hex(noted[i]).p, 8);
            r.cell[k] = (struct cell){CELL_IBM, false, {r.bytes + 8 * k, 8}};
        }
        for (uint64_t number = 1; number <= 3; number++)
            check_row(&r, (struct row){.cell = r.cell,
                                       .cells = 2,
                                       .number = number,
                                       .ascii = true,
                                       .roomy = true,
                                       .packed = r.bytes});
        CU_ASSERT_EQUAL(issues_count(&r.notes, SEVERITY_NOTE), 2);
        close_rows(&r);
    }
}

/* Cells of CSV and JSON, one behind the other, with what parts them between. */
static void make_roomy_row(struct packed_rows *r, bool ascii, uint64_t *state)
{
    static const char *const values[] = {"",
                                         " ",
                                         "0",
                                         "-0",
                                         "12",
                                         "-7.5",
                                         "1e3",
                                         "0.10",
                                         "NA",
                                         "2024-02-29",
                                         "12:30",
                                         "x  ",
                                         "007",
                                         "1.",
                                         ".5",
                                         "9007199254740993",
                                         "0.30000000000000004",
                                         "123456789012345",
                                         "-123456789012345"};
    static const enum cell_kind kinds[] = {CELL_TEXT, CELL_TEXT,    CELL_TEXT,  CELL_TEXT,
                                           CELL_NULL, CELL_BOOLEAN, CELL_NUMBER};
    uint8_t *p = r->bytes;
    for (size_t i = 0; i < r->info.columns; i++) {
        enum cell_kind kind = kinds[test_random(state) % (sizeof kinds / sizeof kinds[0])];
        size_t n = kind == CELL_NULL ? 0 : test_random(state) % r->info.column[i].length;
        make_text(p, n, ascii, state);
        if (kind != CELL_NULL && test_random(state) % 2 == 0) {
            const char *value = values[test_random(state) % (sizeof values / sizeof values[0])];
            n = strlen(value);
            memcpy(p, value, n);
        }
        r->cell[i] = (struct cell){kind, false, {p, n}};
        p += n;
        *p++ = ',';
    }
}

static void test_canonical__roomy_rows_have_the_records_of_others(void)
{
    enum { COLUMNS = 12, ROWS = 20000 };
    static const unsigned most[COLUMNS] = {32, 33, 34, 35, 40, 64, 100, 128, 130, 200, 300, 36};
    struct column column[COLUMNS];
    struct cell elsewhere[COLUMNS]; /* a reader may have two arrays */
    uint64_t state = 6;
    for (size_t i = 0; i < COLUMNS; i++)
        column[i] = (struct column){.name = SPAN("C"),
                                    .type = i % 3 == 0 ? COLUMN_NUMBER : COLUMN_TEXT,
                                    .type_name = i % 6 == 0 ? SPAN("date") : SPAN(""),
                                    .length = most[i]};
    struct packed_rows r;
    open_rows(&r, column, COLUMNS, FILE_CSV);
    for (uint64_t i = 1; i <= ROWS; i++) {
        struct cell *cell = i % 3 == 0 ? r.cell : elsewhere;
        bool ascii = test_random(&state) % 2 == 0;
        make_roomy_row(&r, ascii, &state);
        memcpy(elsewhere, r.cell, sizeof elsewhere);
        memset(cell == r.cell ? elsewhere : r.cell, 0, sizeof elsewhere);
        check_row(&r,
                  (struct row){
                      .cell = cell, .cells = COLUMNS, .number = i, .ascii = ascii, .roomy = true});
    }
    close_rows(&r);
}

SUITE(canonical, TEST(test_canonical__packed_rows_have_the_records_of_others),
      TEST(test_canonical__notes_a_rounded_number_in_each_column),
      TEST(test_canonical__roomy_rows_have_the_records_of_others))
