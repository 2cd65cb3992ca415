#include "tests/dataset/csv_judge.h"

#include <csv.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

/* --- what libcsv says --- */

static int is_never_space(unsigned char c)
{
    (void)c;
    return 0;
}

static int is_row_end(unsigned char c)
{
    return c == '\n';
}

/* Cells end in NUL; no cell of a plain row holds one. */
static void on_cell(void *bytes, size_t n, void *out)
{
    buf_add(out, span_of(bytes, n));
    buf_byte(out, 0);
}

static void on_row(int end, void *out)
{
    (void)end;
    (void)out;
}

/* A row without its end; libcsv says nothing of one without a byte, which is a row of one cell. */
static bool ask_libcsv(struct span row, struct buf *out)
{
    struct csv_parser parser;
    if (row.n == 0) {
        buf_byte(out, 0);
        return true;
    }
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return false;
    csv_set_space_func(&parser, is_never_space);
    csv_set_term_func(&parser, is_row_end);
    bool good = csv_parse(&parser, row.p, row.n, on_cell, on_row, out) == row.n &&
                csv_fini(&parser, on_cell, on_row, out) == 0;
    csv_free(&parser);
    return good;
}

/* --- what a row is, byte by byte --- */

/* With its LF, the first outside quotes; 0 where there is none. */
static size_t row_length(struct span file, size_t *cells)
{
    bool in_quotes = false;
    *cells = 1;
    for (size_t i = 0; i < file.n; i++) {
        in_quotes ^= file.p[i] == '"';
        *cells += !in_quotes && file.p[i] == ',';
        if (!in_quotes && file.p[i] == '\n')
            return i + 1;
    }
    return 0;
}

static bool ends_cell(uint8_t c, bool quoted)
{
    return c == '"' || c == '\r' || c == '\n' || c == 0 || (!quoted && c == ',');
}

static bool is_plain(struct span row)
{
    for (size_t at = 0; at < row.n; at++) {
        bool quoted = row.p[at] == '"';
        at += quoted;
        while (!ends_cell(row.p[at], quoted))
            at++;
        if (quoted && row.p[at++] != '"')
            return false;
        if (row.p[at] == '\r' && row.p[at + 1] == '\n')
            at++;
        if (row.p[at] != ',' && row.p[at] != '\n')
            return false;
    }
    return true;
}

/* --- one beside the other --- */

static bool same_cells(struct span row, const struct cell *cell, size_t cells)
{
    struct buf fast = {0}, strict = {0};
    bool same = true;
    for (size_t i = 0; i < cells; i++) {
        bool quoted = cell[i].bytes.p > row.p && cell[i].bytes.p[-1] == '"';
        same = same && cell[i].kind == CELL_TEXT && cell[i].quoted == quoted;
        buf_add(&fast, cell[i].bytes);
        buf_byte(&fast, 0);
    }
    row.n -= row.n > 1 && row.p[row.n - 2] == '\r' ? 2 : 1;
    same = same && ask_libcsv(row, &strict) && span_eq(buf_span(&fast), buf_span(&strict));
    buf_close(&fast);
    buf_close(&strict);
    return same;
}

static bool judge_taken(struct span row, size_t behind, const struct row *took, size_t n, bool crlf)
{
    return n == row.n && crlf == span_ends(row, SPAN("\r\n")) && took->ascii == span_ascii(row) &&
           took->roomy == (behind >= ROW_ROOM);
}

/* The row at the front of `file`. */
static bool judge_row(struct csv_scan *s, struct span file, struct csv_judged *out, size_t *n)
{
    size_t cells, taken = 0;
    struct row took;
    bool crlf = false;
    *n = row_length(file, &cells);
    struct span row = span_of(file.p, *n);
    struct cell *cell = mem_new((cells + 1 + MARK_CUT_ROOM) * sizeof *cell);
    bool good = *n > 0;
    for (size_t wrong = cells == 1 ? 2 : cells - 1; good && wrong <= cells + 1; wrong += 2)
        good = !csv_scan_take(s, &rows_limits_default, cell, wrong, &took, &taken, &crlf);
    bool plain = good && is_plain(row);
    if (good && csv_scan_take(s, &rows_limits_default, cell, cells, &took, &taken, &crlf))
        good = plain && judge_taken(row, file.n - *n, &took, taken, crlf) &&
               same_cells(row, cell, cells);
    else if (good && !plain)
        csv_scan_pass(s, *n);
    else
        good = false;
    out->taken += good && plain;
    out->passed += good && !plain;
    mem_free(cell);
    return good;
}

static bool judge_file(struct csv_scan *s, struct span file, struct csv_judged *out)
{
    size_t n, cells;
    for (csv_scan_look(s, file); csv_scan_has(s); csv_scan_look(s, file))
        for (; csv_scan_has(s); file = span_skip(file, n))
            if (!judge_row(s, file, out, &n))
                return false;
    n = row_length(file, &cells);
    return n == 0 || n > mark_index_wish(&s->found);
}

bool csv_judge(struct span file, const struct mark_way *way, struct csv_judged *out)
{
    struct csv_scan s;
    uint8_t *exact = mem_new(file.n + 1); /* what reads behind the end meets a sanitizer */
    if (file.n > 0)
        memcpy(exact + 1, file.p, file.n);
    *out = (struct csv_judged){0};
    csv_scan_open(&s, way);
    bool good = judge_file(&s, span_of(exact + 1, file.n), out);
    csv_scan_close(&s);
    mem_free(exact);
    return good;
}
