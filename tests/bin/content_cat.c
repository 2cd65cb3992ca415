/*
 * For test scripts: reads names of files, a line each, and prints the digests of each
 * member of each (FORMAT 12) as a line of JSON, and then an empty line; or "refused" and why.
 * Behind the name may stand, after a tab each, a CSV schema's name and an encoding; or nothing.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset/content.h"
#include "dataset/csv_schema.h"
#include "os/dir.h"

static int scratch;

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "content_cat: %s\n", why);
    exit(2);
}

static void print_digest(const char *name, struct hash h)
{
    char text[65];
    printf("\"%s\":\"%s\",", name, hash_hex(h, text));
}

static bool print_member(struct rows *rows, struct issues *notes, struct err *e)
{
    struct content *c;
    struct content_digests d;
    if (!content_read(rows, scratch, notes, "f", &c, e))
        return false;
    struct content_order o = content_order(c);
    bool good = content_digests(c, &d, e);
    content_close(c);
    if (!good)
        return false;
    printf("{");
    print_digest("metadata", o.metadata);
    print_digest("columns", o.columns);
    print_digest("ordered", o.ordered);
    print_digest("strict_ordered", o.strict_ordered);
    print_digest("unordered", d.unordered);
    print_digest("strict_unordered", d.strict_unordered);
    printf("\"records\":%llu}\n", (unsigned long long)o.records);
    return true;
}

static bool print_members(struct rows *rows, struct issues *notes, struct err *e)
{
    enum rows_step more;
    while ((more = rows_member(rows, e)) == ROWS_MORE)
        if (!print_member(rows, notes, e))
            return false;
    return more == ROWS_END;
}

static void read_schema(const char *path, struct arena *a, struct define *out)
{
    struct span text;
    struct err e;
    if (!file_read_all(AT_FDCWD, path, CSV_SCHEMA_MAX, a, &text, &e) ||
        !csv_schema_parse(text, a, out, &e))
        host_fatal(e.text);
}

static void cat(const struct rows_input *in)
{
    struct rows *rows = NULL;
    struct err e = {0};
    if (rows_open(in, &rows, &e) && print_members(rows, in->notes, &e))
        printf("\n");
    else
        printf("refused %s\n", e.text);
    rows_close(rows);
}

static void cat_line(const char *name, const char *schema, const char *encoding)
{
    struct issues notes = {0};
    struct arena a = {0};
    struct define define = {0};
    struct rows_input in = {.name = name, .notes = &notes};
    struct file f;
    struct err e = {0};
    uint8_t head[FILE_HEAD];
    size_t n;
    if (!file_open(AT_FDCWD, name, &f, &e) || !file_read_at(&f, 0, head, sizeof head, &n, &e))
        host_fatal(e.text);
    in.source = file_source(&f);
    in.format = file_decide(file_claim(span_str(name)), file_identify(span_of(head, n)));
    if (schema[0] != '\0') {
        read_schema(schema, &a, &define);
        in.define = &define;
    }
    if (encoding[0] != '\0' && !encoding_open(span_str(encoding), &in.encoding, &e))
        host_fatal(e.text);
    cat(&in);
    encoding_close(in.encoding);
    define_close(&define);
    arena_close(&a);
    issues_close(&notes);
    file_close(&f);
}

/* Ends *line at the tab, and gives what is behind it. */
static char *behind_tab(char *line)
{
    char *tab = line + strcspn(line, "\t");
    if (*tab == '\0')
        return tab;
    *tab = '\0';
    return tab + 1;
}

int main(void)
{
    static char line[4096];
    struct err e;
    if (!dir_open_path("/tmp", &scratch, &e))
        host_fatal(e.text);
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *schema = behind_tab(line), *encoding = behind_tab(schema);
        cat_line(line, schema, encoding);
        fflush(stdout);
    }
    dir_close(scratch);
    return 0;
}
