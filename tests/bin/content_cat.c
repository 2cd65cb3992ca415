/*
 * For test scripts: content_cat [MEMORY] reads names of files, a line each, and prints the digests
 * of each member of each (FORMAT 12), its key and record tree, and the changes from the member
 * before it (added, removed, changed), as a line of JSON, and then an empty line; or "refused"
 * and why. Behind the name may stand, after a tab each, a CSV schema's name and an encoding; or
 * nothing. MEMORY: bytes of records that are sorted at a time.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "content/content.h"
#include "dataset/csv_schema.h"
#include "format/json_write.h"
#include "os/dir.h"

static int scratch;
static size_t memory;            /* of the index; 0: as always */
static struct content *previous; /* dataset, with which the next is compared */

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

/* The secret of every tree: SHA-256 of "content_cat". */
static const uint8_t *secret(void)
{
    static struct hash h;
    h = sha256_of(SPAN("content_cat"));
    return h.b;
}

static void print_key(const struct content_order *o)
{
    struct buf b = {0};
    struct json_out out = {.b = &b};
    json_out_object(&out, NULL);
    json_out_integer(&out, "duplicates", (int64_t)o->duplicates);
    json_out_bool(&out, "in_order", o->in_order);
    json_out_array(&out, "key");
    for (size_t i = 0; i < o->key_count; i++)
        json_out_string(&out, NULL, o->key[i]);
    json_out_array_end(&out);
    json_out_string(&out, "key_from", span_str(key_source_name(o->key_from)));
    json_out_object_end(&out);
    printf("%.*s,", (int)b.n - 2, (const char *)b.p + 1);
    buf_close(&b);
}

static struct span stem(const char *name)
{
    const char *slash = strrchr(name, '/'), *from = slash != NULL ? slash + 1 : name;
    return span_of(from, strcspn(from, "."));
}

static bool print_member(const char *name, struct rows *rows, struct issues *notes, struct err *e)
{
    struct content *c;
    struct content_digests d;
    struct arena a = {0};
    struct dataset_key key;
    struct hash root;
    const struct dataset_info *info = rows_info(rows);
    key_choose(info, info->name.n > 0 ? info->name : stem(name), NULL, 0, notes, "f", &a, &key);
    struct content_input in = {.records = {.rows = rows, .notes = notes, .place = "f", .key = &key},
                               .folder = scratch,
                               .memory = memory,
                               .secret = secret()};
    if (!content_read(&in, &c, e)) {
        arena_close(&a);
        return false;
    }
    struct content_order o = content_order(c);
    struct content_changes changes = {0};
    bool good = content_digests(c, &d, e) && content_tree(c, &root, e) &&
                (previous == NULL || content_changes(previous, c, &changes, e));
    content_close(previous);
    previous = c;
    if (!good) {
        arena_close(&a);
        return false;
    }
    printf("{\"changes\":[%llu,%llu,%llu],", (unsigned long long)changes.added,
           (unsigned long long)changes.removed, (unsigned long long)changes.changed);
    print_key(&o);
    arena_close(&a);
    print_digest("root", root);
    print_digest("metadata", o.metadata);
    print_digest("columns", o.columns);
    print_digest("ordered", o.ordered);
    print_digest("strict_ordered", o.strict_ordered);
    print_digest("unordered", d.unordered);
    print_digest("strict_unordered", d.strict_unordered);
    printf("\"records\":%llu}\n", (unsigned long long)o.records);
    return true;
}

static bool print_members(const char *name, struct rows *rows, struct issues *notes, struct err *e)
{
    enum rows_step more;
    while ((more = rows_member(rows, e)) == ROWS_MORE)
        if (!print_member(name, rows, notes, e))
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
    if (rows_open(in, &rows, &e) && print_members(in->name, rows, in->notes, &e))
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

int main(int argc, char *argv[])
{
    static char line[4096];
    struct err e;
    if (!dir_open_path("/tmp", &scratch, &e))
        host_fatal(e.text);
    memory = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *schema = behind_tab(line), *encoding = behind_tab(schema);
        cat_line(line, schema, encoding);
        fflush(stdout);
    }
    content_close(previous);
    dir_close(scratch);
    return 0;
}
