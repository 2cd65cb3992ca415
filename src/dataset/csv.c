/*
 * CSV as in RFC 4180 and nothing beside it. Plain rows are cut by csv_scan; libcsv is the
 * strict judge of all others. libcsv on its own drops blank lines, takes a lone CR as the end of a
 * row and trims blanks; so rows are cut here, by the parity of quotes, and libcsv gets one row at a
 * time, without its line end, and knows neither blanks nor CR.
 *
 * Beyond the RFC, accepted and noted: a byte order mark, LF alone as line end, no
 * end of the last line, bytes that are not UTF-8.
 */
#include <csv.h>
#include <string.h>

#include "base/buf.h"
#include "dataset/csv_scan.h"
#include "dataset/reader.h"

enum { CELL_BLOCK = 4096 }; /* by which libcsv's buffer grows */

struct csv {
    struct csv_parser parser;
    struct csv_scan scan;
    uint64_t at;   /* offset of the next row */
    uint64_t line; /* and its line */
    uint64_t crlf, lf;
    struct buf text;   /* cells of the row, one after the other */
    struct cell *cell; /* as many as there may be columns, and MARK_CUT_ROOM */
    bool *quoted;
    size_t cells;
    bool cell_too_long;
};

/* A row as it stands in the file. */
struct raw_row {
    struct span bytes; /* without its line end */
    uint64_t line;
    size_t cells;
};

/* How far the search for a row's end has come. */
struct search {
    size_t done;
    size_t cells;
    uint64_t lines;
    bool in_quotes, at_cell, after_cr, ended;
};

static int is_never_space(unsigned char c)
{
    (void)c;
    return 0;
}

static int is_row_end(unsigned char c)
{
    return c == '\n';
}

static bool csv_open(struct rows *r, struct err *e)
{
    struct csv *c = r->state = mem_new(sizeof *c);
    csv_scan_open(&c->scan, mark_way(0));
    if (csv_init(&c->parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return err_set(e, ERR_STATE, "libcsv does not start");
    csv_set_space_func(&c->parser, is_never_space);
    csv_set_term_func(&c->parser, is_row_end);
    csv_set_realloc_func(&c->parser, mem_resize);
    csv_set_free_func(&c->parser, mem_free);
    csv_set_blk_size(&c->parser, CELL_BLOCK);
    c->cell = mem_new((r->in.limits->columns + MARK_CUT_ROOM) * sizeof *c->cell);
    c->quoted = mem_new(r->in.limits->columns * sizeof *c->quoted);
    buf_room(&c->text, CELL_BLOCK); /* so that even empty cells lie somewhere */
    c->line = 1;
    return true;
}

static void csv_close(struct rows *r)
{
    struct csv *c = r->state;
    csv_free(&c->parser);
    csv_scan_close(&c->scan);
    buf_close(&c->text);
    mem_free(c->cell);
    mem_free(c->quoted);
    mem_free(c);
}

static bool refuse(const struct csv *c, const struct search *s, struct err *e, const char *why)
{
    return err_set(e, ERR_FORMAT, "line %llu: %s", (unsigned long long)(c->line + s->lines), why);
}

static bool refuse_lone_cr(const struct csv *c, const struct search *s, struct err *e)
{
    refuse(c, s, e, "a carriage return without a line feed");
    return err_hint(e, "rows end in CR LF or LF; a CR within a cell needs quotes around the cell");
}

static bool begin_cell(struct rows *r, struct search *s, bool quoted, struct err *e)
{
    struct csv *c = r->state;
    if (s->cells == r->in.limits->columns)
        return err_set(e, ERR_LIMIT, "line %llu: more than %zu cells", (unsigned long long)c->line,
                       r->in.limits->columns);
    c->quoted[s->cells++] = quoted;
    s->at_cell = false;
    return true;
}

/* A byte that may belong to the structure; `opens`: a quote may stand here outside quotes. */
static bool take_mark(const struct csv *c, struct search *s, uint8_t b, bool opens, struct err *e)
{
    switch (b) {
    case 0:
        return refuse(c, s, e, "a NUL byte");
    case '"':
        if (!s->in_quotes && !opens)
            return refuse(c, s, e, "a quote within a cell that has none around it");
        s->in_quotes = !s->in_quotes;
        break;
    case ',':
        s->at_cell = !s->in_quotes;
        break;
    case '\r':
        s->after_cr = !s->in_quotes;
        break;
    case '\n':
        s->ended = !s->in_quotes;
        s->lines += s->in_quotes;
        break;
    }
    return true;
}

/* Looks for the row's end, a LF outside quotes; s->done stays at it where s->ended. */
static bool find_end(struct rows *r, struct search *s, struct span ahead, struct err *e)
{
    struct csv *c = r->state;
    for (; s->done < ahead.n; s->done++) {
        uint8_t b = ahead.p[s->done];
        bool opens = s->at_cell || (s->done > 0 && ahead.p[s->done - 1] == '"');
        if (s->after_cr && b != '\n')
            return refuse_lone_cr(c, s, e);
        if (s->at_cell && !begin_cell(r, s, b == '"', e))
            return false;
        if (b <= ',' && !take_mark(c, s, b, opens, e))
            return false;
        if (s->ended)
            return true;
    }
    return true;
}

/* Line ends are counted here; the end of the file ends a last row without one. */
static void take_row(struct rows *r, const struct search *s, struct span row, struct raw_row *out)
{
    struct csv *c = r->state;
    c->at += row.n + s->ended;
    bool crlf = s->ended && row.n > 0 && row.p[row.n - 1] == '\r';
    if (crlf)
        row.n--;
    *out = (struct raw_row){row, c->line, s->cells};
    c->line += s->lines + 1;
    c->crlf += crlf;
    c->lf += s->ended && !crlf;
    if (!s->ended)
        rows_note(r, "the last line has no end");
}

/* What the end of the file may not cut. */
static bool check_complete(const struct csv *c, const struct search *s, struct err *e)
{
    if (s->in_quotes)
        return err_set(e, ERR_FORMAT,
                       "line %llu: a quote of the row that begins here is never closed",
                       (unsigned long long)c->line);
    return s->ended || !s->after_cr || refuse_lone_cr(c, s, e);
}

static bool search_row(struct rows *r, struct search *s, struct span *ahead, struct err *e)
{
    struct csv *c = r->state;
    bool last = false;
    while (!s->ended && !last) {
        if (!window_read(&r->window, c->at, s->done + 1, ahead, e))
            return false;
        last = c->at + ahead->n == r->in.source.size;
        if (!find_end(r, s, *ahead, e))
            return false;
        if (s->done > r->in.limits->row)
            return err_set(e, ERR_LIMIT, "line %llu: a row longer than %zu bytes",
                           (unsigned long long)c->line, r->in.limits->row);
    }
    return check_complete(c, s, e) && (!s->at_cell || begin_cell(r, s, false, e));
}

static enum rows_step read_row(struct rows *r, struct raw_row *out, struct err *e)
{
    struct csv *c = r->state;
    struct search s = {.at_cell = true};
    struct span ahead;
    if (c->at == r->in.source.size)
        return ROWS_END;
    if (!search_row(r, &s, &ahead, e))
        return ROWS_FAILED;
    take_row(r, &s, span_of(ahead.p, s.done), out);
    return ROWS_MORE;
}

static void on_cell(void *bytes, size_t n, void *ctx)
{
    struct rows *r = ctx;
    struct csv *c = r->state;
    if (n > r->in.limits->cell)
        c->cell_too_long = true;
    if (c->cells < r->in.limits->columns) {
        c->cell[c->cells] = (struct cell){CELL_TEXT, c->quoted[c->cells], span_of(NULL, n)};
        c->cells++;
    }
    buf_add(&c->text, span_of(bytes, n));
}

static void on_row(int end, void *ctx)
{
    (void)end;
    (void)ctx;
}

/*
 * Of row `number`, 0 for the header. Also of a blank line: libcsv would drop it, but
 * it is a row of one empty cell.
 */
static bool parse_cells(struct rows *r, const struct raw_row *row, uint64_t number, struct err *e)
{
    struct csv *c = r->state;
    struct csv_parser *p = &c->parser;
    buf_clear(&c->text);
    c->cells = 0;
    if (row->bytes.n == 0)
        on_cell(NULL, 0, r);
    else if (csv_parse(p, row->bytes.p, row->bytes.n, on_cell, on_row, r) != row->bytes.n ||
             csv_parse(p, "\n", 1, on_cell, on_row, r) != 1)
        return err_set(e, ERR_FORMAT,
                       "line %llu: something other than a comma behind a closing quote",
                       (unsigned long long)row->line);
    if (c->cell_too_long)
        return err_set(e, ERR_LIMIT, "line %llu: a cell longer than %zu bytes",
                       (unsigned long long)row->line, r->in.limits->cell);
    if (c->cells != row->cells)
        return err_set(e, ERR_FORMAT, "line %llu: %zu cells by commas, %zu by quotes",
                       (unsigned long long)row->line, row->cells, c->cells);
    rows_point_cells(&c->text, c->cell, c->cells);
    for (size_t i = 0; i < c->cells; i++)
        rows_saw_text(r, c->cell[i].bytes, number);
    return true;
}

static bool skip_bom(struct rows *r, struct err *e)
{
    struct csv *c = r->state;
    const struct span bom = SPAN("\xef\xbb\xbf");
    struct span head;
    if (!window_read(&r->window, 0, bom.n, &head, e))
        return false;
    if (span_starts(head, bom)) {
        c->at = bom.n;
        rows_note(r, "begins with a byte order mark");
    }
    return true;
}

/* Some programs call CSV what they write with other marks between cells. */
static bool has_other_marks(const struct csv *c)
{
    struct span name = c->cell[0].bytes;
    for (size_t i = 0; c->cells == 1 && i < name.n; i++)
        if (name.p[i] == ';' || name.p[i] == '\t' || name.p[i] == '|')
            return true;
    return false;
}

static void take_columns(struct rows *r)
{
    struct csv *c = r->state;
    struct column *column = arena_array(&r->member, c->cells, sizeof *column);
    for (size_t i = 0; i < c->cells; i++)
        column[i].name = arena_copy(&r->member, c->cell[i].bytes);
    r->info.column = column;
    r->info.columns = c->cells;
    if (has_other_marks(c))
        rows_note(r,
                  "one column, whose name holds semicolons, tabs or bars: only commas part cells");
    rows_note_names(r);
}

static enum rows_step csv_member(struct rows *r, struct err *e)
{
    struct raw_row header;
    if (r->members > 0)
        return ROWS_END;
    if (!skip_bom(r, e))
        return ROWS_FAILED;
    enum rows_step step = read_row(r, &header, e);
    if (step == ROWS_END || (step == ROWS_MORE && header.bytes.n == 0)) {
        err_set(e, ERR_FORMAT, "line 1: no header row");
        return ROWS_FAILED;
    }
    if (step == ROWS_FAILED || !parse_cells(r, &header, 0, e))
        return ROWS_FAILED;
    take_columns(r);
    return ROWS_MORE;
}

static bool check_cells(const struct rows *r, size_t cells, uint64_t line, bool blank,
                        struct err *e)
{
    return cells == r->info.columns ||
           err_set(e, ERR_FORMAT, "line %llu: %s: number of cells is %zu, of the header %zu",
                   (unsigned long long)line, blank ? "blank" : "short or long", cells,
                   r->info.columns);
}

/* No row that ends in what was looked at is left. */
static bool look_ahead(struct rows *r, struct err *e)
{
    struct csv *c = r->state;
    struct span ahead;
    if (!window_read(&r->window, c->at, mark_index_wish(&c->scan.found), &ahead, e))
        return false;
    csv_scan_look(&c->scan, ahead);
    return true;
}

/* The row that comes next, if it is plain. */
static inline bool take_plain(struct rows *r, struct row *out)
{
    struct csv *c = r->state;
    size_t n;
    bool crlf;
    if (!csv_scan_take(&c->scan, r->in.limits, c->cell, r->info.columns, out, &n, &crlf))
        return false;
    c->at += n;
    c->cells = r->info.columns;
    c->crlf += crlf;
    c->lf += !crlf;
    c->line++;
    if (!out->ascii)
        rows_saw_cells(r, c->cell, c->cells);
    return true;
}

/* Any row, or the end. */
static enum rows_step take_any(struct rows *r, struct row *out, struct err *e)
{
    struct csv *c = r->state;
    struct raw_row raw;
    uint64_t at = c->at;
    enum rows_step step = read_row(r, &raw, e);
    if (step == ROWS_END && c->crlf > 0 && c->lf > 0)
        rows_note(r, "lines end in CR LF and in LF alone");
    if (step != ROWS_MORE)
        return step;
    if (!parse_cells(r, &raw, r->info.records + 1, e) ||
        !check_cells(r, c->cells, raw.line, raw.bytes.n == 0, e))
        return ROWS_FAILED;
    if (csv_scan_has(&c->scan))
        csv_scan_pass(&c->scan, (size_t)(c->at - at));
    out->ascii = false;
    out->roomy = true;
    return ROWS_MORE;
}

static bool is_missing(const struct rows *r, struct span cell)
{
    for (size_t i = 0; i < r->in.missings; i++)
        if (span_eq(cell, r->in.missing[i]))
            return true;
    return false;
}

static void take_missing(const struct rows *r, struct csv *c)
{
    for (size_t i = 0; i < c->cells; i++)
        if (!c->cell[i].quoted && is_missing(r, c->cell[i].bytes))
            c->cell[i] = (struct cell){.kind = CELL_NULL, .bytes = span_of(c->cell[i].bytes.p, 0)};
}

static enum rows_step csv_next(struct rows *r, struct row *out, struct err *e)
{
    struct csv *c = r->state;
    uint64_t line = c->line;
    if (!csv_scan_has(&c->scan) && !look_ahead(r, e))
        return ROWS_FAILED;
    if (!take_plain(r, out)) {
        enum rows_step step = take_any(r, out, e);
        if (step != ROWS_MORE)
            return step;
    }
    if (r->in.missings > 0)
        take_missing(r, c);
    out->cell = c->cell;
    out->cells = c->cells;
    out->packed = NULL;
    out->line = line;
    return ROWS_MORE;
}

const struct rows_reader rows_csv = {
    .formats = 1u << FILE_CSV,
    .open = csv_open,
    .member = csv_member,
    .next = csv_next,
    .close = csv_close,
};
