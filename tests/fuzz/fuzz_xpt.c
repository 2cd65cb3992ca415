/*
 * Any bytes as a transport file: read or refused, with as many cells as columns. What is read,
 * ReadStat reads too, if it can: the first member's variables, texts, and the numbers that it
 * converts exactly. It drops blank rows at the end whatever their number. And what is known of a
 * row changes nothing in its canonical form.
 */
#include <readstat.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "content/canonical.h"

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

/* Variables, then texts and numbers of the rows, each row with its beginning in `row`. */
struct told {
    struct buf variables, cells;
    size_t *row;
    size_t rows, row_cap;
};

static void begin_row(struct told *t)
{
    t->row = mem_room(t->row, t->rows, &t->row_cap, sizeof *t->row);
    t->row[t->rows++] = t->cells.n;
}

/* As a C string without blanks at its end. */
static void add_string(struct buf *b, struct span s)
{
    s.n = span_find(s, 0, 0);
    while (s.n > 0 && s.p[s.n - 1] == ' ')
        s.n--;
    buf_add(b, s);
    buf_byte(b, 0);
}

static void add_variable(struct told *t, struct span name, bool text)
{
    add_string(&t->variables, name);
    buf_str(&t->variables, text ? "text\n" : "number\n");
}

static void add_text(struct told *t, struct span s)
{
    add_string(&t->cells, s);
}

static void add_number(struct told *t, char missing, double number)
{
    buf_byte(&t->cells, (uint8_t)missing);
    if (missing == 0)
        buf_add(&t->cells, span_of(&number, sizeof number));
}

static void close_told(struct told *t)
{
    buf_close(&t->variables);
    buf_close(&t->cells);
    mem_free(t->row);
}

/* --- ours --- */

/*
 * False for what ReadStat does not convert exactly: fractions of more than 53 bits, or that begin
 * with four zero bits; widths of 2, which are NaN there.
 */
static bool add_ibm(struct told *t, struct span s)
{
    uint8_t p[8] = {0};
    memcpy(p, s.p, s.n);
    uint64_t fraction = 0;
    for (size_t i = 1; i < 8; i++)
        fraction = fraction << 8 | p[i];
    bool letter = p[0] == '.' || p[0] == '_' || (p[0] >= 'A' && p[0] <= 'Z');
    if (fraction == 0 && letter) {
        add_number(t, (char)p[0], 0);
        return true;
    }
    double value = (double)fraction;
    for (int e = 0; e < 64 + 14; e++)
        value /= 16;
    for (int e = p[0] & 0x7f; e > 0; e--)
        value *= 16;
    add_number(t, 0, (p[0] & 0x80) != 0 ? -value : value);
    return s.n > 2 && (fraction == 0 ? p[0] == 0 : p[1] >> 4 != 0 && (fraction & 7) == 0);
}

static bool add_row(struct told *t, const struct dataset_info *info, const struct row *row)
{
    bool exact = true;
    if (row->cells != info->columns || row->number != info->records)
        abort();
    begin_row(t);
    for (size_t i = 0; i < row->cells; i++) {
        struct span s = row->cell[i].bytes;
        if (s.n != info->column[i].length)
            abort();
        if (row->cell[i].kind == CELL_TEXT)
            add_text(t, s);
        else
            exact = add_ibm(t, s) && exact;
    }
    return exact;
}

/* Beside a row of which nothing is known. */
static void check_forms(struct canonical *form, struct row row)
{
    struct canonical_record fast, slow;
    struct buf copy = {0};
    canonical_row(form, &row, &fast);
    buf_add(&copy, fast.bytes);
    size_t n = copy.n;
    buf_add(&copy, fast.strict);
    row.ascii = row.roomy = false;
    row.packed = NULL;
    canonical_row(form, &row, &slow);
    if (!span_eq(span_of(copy.p, n), slow.bytes) ||
        !span_eq(span_skip(buf_span(&copy), n), slow.strict))
        abort();
    buf_close(&copy);
}

static bool read_rows(struct rows *rows, struct issues *notes, struct told *t, struct err *e)
{
    const struct dataset_info *info = rows_info(rows);
    struct canonical *form = canonical_open(info, notes, "f");
    struct row row;
    bool exact = true;
    while (rows_next(rows, &row, e) == ROWS_MORE) {
        exact = add_row(t, info, &row) && exact;
        check_forms(form, row);
    }
    canonical_close(form);
    return exact;
}

/* True where it was read and ReadStat can be expected to say the same. */
static bool read_ours(struct span file, struct told *t)
{
    struct issues notes = {0};
    struct err e = {0};
    struct rows *rows;
    bool exact = true;
    bool v8 = file_identify(file) == FILE_XPT8;
    struct rows_input in = {.source = source_of(&file),
                            .format = v8 ? FILE_XPT8 : FILE_XPT5,
                            .name = "f",
                            .notes = &notes};
    size_t members = 0;
    enum rows_step more = ROWS_FAILED;
    if (rows_open(&in, &rows, &e)) {
        while ((more = rows_member(rows, &e)) == ROWS_MORE) {
            const struct dataset_info *info = rows_info(rows);
            members++;
            for (size_t i = 0; i < info->columns; i++)
                add_variable(t, info->column[i].name, info->column[i].type == COLUMN_TEXT);
            exact = read_rows(rows, &notes, t, &e) && exact;
        }
        if ((more == ROWS_FAILED) != (e.kind != ERR_NONE))
            abort();
        rows_close(rows);
    }
    issues_close(&notes);
    return more == ROWS_END && members == 1 && exact;
}

/* --- theirs --- */

struct place {
    struct span file;
    size_t at;
    struct told *told;
};

static int on_open(const char *path, void *io)
{
    (void)path;
    ((struct place *)io)->at = 0;
    return 0;
}

static int on_close(void *io)
{
    (void)io;
    return 0;
}

static readstat_off_t on_seek(readstat_off_t offset, readstat_io_flags_t whence, void *io)
{
    struct place *p = io;
    readstat_off_t from = whence == READSTAT_SEEK_SET   ? 0
                          : whence == READSTAT_SEEK_CUR ? (readstat_off_t)p->at
                                                        : (readstat_off_t)p->file.n;
    if (from + offset < 0 || from + offset > (readstat_off_t)p->file.n)
        return -1;
    p->at = (size_t)(from + offset);
    return from + offset;
}

static ssize_t on_read(void *to, size_t n, void *io)
{
    struct place *p = io;
    if (n > p->file.n - p->at)
        n = p->file.n - p->at;
    if (n > 0)
        memcpy(to, p->file.p + p->at, n);
    p->at += n;
    return (ssize_t)n;
}

/* ReadStat says NULL where a text begins with NUL. */
static struct span text_of(const char *s)
{
    return span_str(s == NULL ? "" : s);
}

static int on_variable(int i, readstat_variable_t *v, const char *labels, void *ctx)
{
    struct place *p = ctx;
    (void)i;
    (void)labels;
    add_variable(p->told, text_of(readstat_variable_get_name(v)),
                 readstat_variable_get_type(v) == READSTAT_TYPE_STRING);
    return READSTAT_HANDLER_OK;
}

static int on_value(int row, readstat_variable_t *v, readstat_value_t value, void *ctx)
{
    struct told *t = ((struct place *)ctx)->told;
    if ((size_t)row + 1 > t->rows)
        begin_row(t);
    if (readstat_variable_get_type(v) == READSTAT_TYPE_STRING) {
        add_text(t, text_of(readstat_string_value(value)));
    } else if (readstat_value_is_tagged_missing(value)) {
        add_number(t, readstat_value_tag(value), 0);
    } else {
        add_number(t, readstat_value_is_system_missing(value) ? '.' : 0,
                   readstat_double_value(value));
    }
    return READSTAT_HANDLER_OK;
}

static bool read_theirs(struct span file, struct told *t)
{
    struct place place = {.file = file, .told = t};
    readstat_parser_t *parser = readstat_parser_init();
    readstat_set_open_handler(parser, on_open);
    readstat_set_close_handler(parser, on_close);
    readstat_set_seek_handler(parser, on_seek);
    readstat_set_read_handler(parser, on_read);
    readstat_set_io_ctx(parser, &place);
    readstat_set_variable_handler(parser, on_variable);
    readstat_set_value_handler(parser, on_value);
    bool good = readstat_parse_xport(parser, "f", &place) == READSTAT_OK;
    readstat_parser_free(parser);
    return good;
}

static struct span beginning(const struct told *t, size_t rows)
{
    return span_of(t->cells.p, rows < t->rows ? t->row[rows] : t->cells.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct told ours = {0}, theirs = {0};
    if (read_ours(span_of(p, n), &ours) && read_theirs(span_of(p, n), &theirs)) {
        size_t rows = ours.rows < theirs.rows ? ours.rows : theirs.rows;
        if (!span_eq(buf_span(&ours.variables), buf_span(&theirs.variables)) ||
            !span_eq(beginning(&ours, rows), beginning(&theirs, rows)))
            abort();
    }
    close_told(&ours);
    close_told(&theirs);
    return 0;
}
