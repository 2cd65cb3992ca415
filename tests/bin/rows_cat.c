/*
 * For test scripts: reads names of files from its input, a line each, and prints what
 * each holds, as lines of JSON: per member {"name":...,"columns":[[name, type word],...]},
 * per row [[kind, text],...], at its end {"rest":digest} where it has one, and then {"end":true}
 * or {"refused":why}; or {"nothing":true} where there is nothing to read. Texts that are not UTF-8
 * come as hex digits, after "hex:".
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset/rows.h"
#include "format/json_write.h"
#include "os/file.h"

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "rows_cat: %s\n", why);
    exit(2);
}

static void add_text(struct buf *b, struct span s)
{
    struct buf hex = {0};
    if (!span_utf8(s)) {
        buf_str(&hex, "hex:");
        buf_hex(&hex, s);
        s = buf_span(&hex);
    }
    json_write_string(b, s);
    buf_close(&hex);
}

static void add_pair(struct buf *b, size_t i, const char *word, struct span s)
{
    buf_str(b, i == 0 ? "[" : ",[");
    add_text(b, span_str(word));
    buf_str(b, ",");
    add_text(b, s);
    buf_str(b, "]");
}

static void print_line(struct buf *b)
{
    buf_byte(b, '\n');
    fwrite(b->p, 1, b->n, stdout);
    buf_clear(b);
}

static void print_member(struct buf *b, const struct dataset_info *info)
{
    static const char *const types[] = {"undeclared", "text", "number"};
    buf_str(b, "{\"name\":");
    add_text(b, info->name);
    buf_str(b, ",\"columns\":[");
    for (size_t i = 0; i < info->columns; i++)
        add_pair(b, i, types[info->column[i].type], info->column[i].name);
    buf_str(b, "]}");
    print_line(b);
}

static void print_row(struct buf *b, const struct row *row)
{
    static const char *const kinds[] = {"text", "ibm", "number", "boolean", "null"};
    buf_str(b, "[");
    for (size_t i = 0; i < row->cells; i++) {
        struct buf hex = {0};
        if (row->cell[i].kind == CELL_IBM)
            buf_hex(&hex, row->cell[i].bytes);
        add_pair(b, i, kinds[row->cell[i].kind], hex.n > 0 ? buf_span(&hex) : row->cell[i].bytes);
        buf_close(&hex);
    }
    buf_str(b, "]");
    print_line(b);
}

static void print_end(struct buf *b, bool good, const struct err *e)
{
    buf_str(b, good ? "{\"end\":true" : "{\"refused\":");
    if (!good)
        add_text(b, span_str(e->text));
    buf_str(b, "}");
    print_line(b);
}

static void print_rest(struct buf *b, const struct dataset_info *info)
{
    if (!info->has_rest)
        return;
    buf_str(b, "{\"rest\":\"");
    buf_hex(b, hash_span(&info->rest));
    buf_str(b, "\"}");
    print_line(b);
}

static enum rows_step print_members(struct buf *b, struct rows *rows, struct err *e)
{
    struct row row;
    enum rows_step more;
    while ((more = rows_member(rows, e)) == ROWS_MORE) {
        print_member(b, rows_info(rows));
        while ((more = rows_next(rows, &row, e)) == ROWS_MORE)
            print_row(b, &row);
        if (more == ROWS_FAILED)
            break;
        print_rest(b, rows_info(rows));
    }
    return more;
}

static void print_file(const char *name, struct source source, enum file_format format)
{
    struct issues notes = {0};
    struct buf b = {0};
    struct err e = {0};
    struct rows *rows = NULL;
    struct rows_input in = {.source = source, .format = format, .name = name, .notes = &notes};
    bool good = rows_open(&in, &rows, &e);
    if (good && rows == NULL)
        fputs("{\"nothing\":true}\n", stdout);
    else
        print_end(&b, good && print_members(&b, rows, &e) == ROWS_END, &e);
    rows_close(rows);
    buf_close(&b);
    issues_close(&notes);
}

static void cat(const char *name)
{
    struct file f;
    struct err e = {0};
    uint8_t head[FILE_HEAD];
    size_t n;
    if (!file_open(AT_FDCWD, name, &f, &e) || !file_read_at(&f, 0, head, sizeof head, &n, &e))
        host_fatal(e.text);
    enum file_format found = file_identify(span_of(head, n));
    print_file(name, file_source(&f), file_decide(file_claim(span_str(name)), found));
    file_close(&f);
    fflush(stdout);
}

int main(void)
{
    static char line[4096];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        cat(line);
    }
    return 0;
}
