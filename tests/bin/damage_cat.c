/*
 * For test scripts: what is said of a damaged file, in one process, the way a transfer's file is
 * taken in. Its input is lines:
 *
 *     file PATH    the file that the next lines damage, each time anew
 *     cut N        its first N bytes
 *     set AT XX    one byte of it changed, to the hex digits XX
 *
 * For each damage it prints a line: "read CRC RECORDS..." with the records of each member and a
 * CRC-32 of all cells, each its kind, its bytes and 0x1F, behind each record 0x1E; of a Define-XML
 * and a CSV schema no records; or "held ISSUE: why".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/buf.h"
#include "content/canonical.h"
#include "dataset/csv_schema.h"

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "damage_cat: %s\n", why);
    exit(2);
}

struct found {
    uint32_t crc;
    struct buf records; /* " N" for each member */
};

static void add_row(struct found *f, const struct row *row)
{
    static const char kinds[] = "tinb0"; /* as enum cell_kind */
    for (size_t i = 0; i < row->cells; i++) {
        const struct cell *c = &row->cell[i];
        f->crc = (uint32_t)crc32(f->crc, (const Bytef *)&kinds[c->kind], 1);
        if (c->bytes.n > 0)
            f->crc = (uint32_t)crc32(f->crc, c->bytes.p, (uInt)c->bytes.n);
        f->crc = (uint32_t)crc32(f->crc, (const Bytef *)"\x1f", 1);
    }
    f->crc = (uint32_t)crc32(f->crc, (const Bytef *)"\x1e", 1);
}

/* Also brought to its canonical form: that must stand whatever the cells are. */
static enum rows_step read_member(struct rows *rows, struct found *f, struct issues *notes,
                                  struct err *e)
{
    struct canonical *form = canonical_open(rows_info(rows), notes, "f");
    struct canonical_record record;
    struct row row;
    enum rows_step more;
    while ((more = rows_next(rows, &row, e)) == ROWS_MORE) {
        add_row(f, &row);
        canonical_row(form, &row, &record);
    }
    canonical_close(form);
    char text[32];
    text_format(text, sizeof text, " %llu", (unsigned long long)rows_info(rows)->records);
    buf_str(&f->records, text);
    return more;
}

static bool read_rows(struct span file, enum file_format format, struct found *f, struct err *e)
{
    struct issues notes = {0};
    struct rows *rows = NULL;
    struct rows_input in = {
        .source = source_of(&file), .format = format, .name = "f", .notes = &notes};
    enum rows_step more = ROWS_FAILED;
    if (rows_open(&in, &rows, e) && rows == NULL)
        more = ROWS_END;
    else if (rows != NULL)
        while ((more = rows_member(rows, e)) == ROWS_MORE &&
               read_member(rows, f, &notes, e) != ROWS_FAILED)
            continue;
    rows_close(rows);
    issues_close(&notes);
    return more == ROWS_END;
}

static bool is_schema(const char *path)
{
    return span_ends(span_str(path), SPAN(".schema.json"));
}

static bool read_define(struct span file, bool schema, struct err *e)
{
    struct arena a = {0};
    struct define d;
    bool good =
        schema ? csv_schema_parse(file, &a, &d, e) : define_read(source_of(&file), &a, &d, e);
    define_close(&d);
    arena_close(&a);
    return good;
}

static void held(enum issue_id id, const char *why)
{
    printf("held %s: %s\n", issue_name(id), why);
}

static void judge(const char *path, struct span file)
{
    struct found f = {0};
    struct err e = {0};
    char why[256];
    enum file_format found =
        file_identify(span_of(file.p, file.n < FILE_HEAD ? file.n : FILE_HEAD));
    const struct file_claim *claim = file_claim(span_str(path));
    enum file_format format = file_decide(claim, found);
    bool schema = is_schema(path), define = schema || format == FILE_XML;
    if (found == FILE_EMPTY)
        held(ISSUE_FILE_EMPTY, "it has no bytes");
    else if (!file_check(claim, found, why, sizeof why))
        held(ISSUE_FORMAT_MISMATCH, why);
    else if (define ? read_define(file, schema, &e) : read_rows(file, format, &f, &e))
        printf("read %08x%.*s\n", f.crc, SPAN_ARGS(buf_span(&f.records)));
    else
        held(e.kind == ERR_LIMIT ? ISSUE_FORMAT_LIMIT : ISSUE_FORMAT_MALFORMED, e.text);
    buf_close(&f.records);
}

/* Byte for byte in memory of its own size, so that a sanitizer sees who reads behind it. */
static void damage(const char *path, struct span file, size_t cut, size_t at, unsigned byte)
{
    uint8_t *copy = malloc(cut + (cut == 0));
    if (copy == NULL)
        host_fatal("no memory");
    if (cut > 0)
        memcpy(copy, file.p, cut);
    if (at < cut)
        copy[at] = (uint8_t)byte;
    judge(path, span_of(copy, cut));
    free(copy);
}

static struct span load(const char *path, struct buf *b)
{
    uint8_t block[65536];
    size_t n;
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        host_fatal("no such file");
    buf_clear(b);
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        buf_add(b, span_of(block, n));
    fclose(f);
    return buf_span(b);
}

int main(void)
{
    static char line[4096], path[4096];
    struct buf b = {0};
    struct span file = {0};
    size_t at;
    unsigned byte;
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (sscanf(line, "file %4095[^\n]", path) == 1)
            file = load(path, &b);
        else if (sscanf(line, "cut %zu", &at) == 1 && at <= file.n)
            damage(path, file, at, at, 0);
        else if (sscanf(line, "set %zu %2x", &at, &byte) == 2 && at < file.n)
            damage(path, file, file.n, at, byte);
        else
            host_fatal("neither file nor cut nor set");
    }
    buf_close(&b);
    return 0;
}
