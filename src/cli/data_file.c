#include "cli/data_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset/csv_schema.h"
#include "os/dir.h"

struct span data_file_stem(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    return dot != NULL ? span_of(name, (size_t)(dot - name)) : span_str(name);
}

/* An encoding is for one thread, and two files may be read at a time. */
static bool open_own_encoding(struct data_file *f, const struct data_options *o, struct err *e)
{
    return o->encoding == NULL ||
           encoding_open(span_str(encoding_name(o->encoding)), &f->encoding, e);
}

static bool open_rows(struct data_file *f, const struct data_options *o, struct err *e)
{
    struct rows_input in = {.source = file_source(&f->file),
                            .format = f->format,
                            .name = f->path,
                            .notes = &f->notes,
                            .define = o->define,
                            .missing = o->missing,
                            .missings = o->missings,
                            .encoding = f->encoding,
                            .dataset = data_file_stem(f->path)};
    return rows_open(&in, &f->rows, e) || err_at(e, "%s", f->path);
}

/* What it is, by bytes and name as when it is taken in. */
static bool identify(struct data_file *f, struct err *e)
{
    uint8_t head[FILE_HEAD];
    char why[256];
    size_t n;
    if (!file_read_at(&f->file, 0, head, sizeof head, &n, e))
        return false;
    enum file_format found = file_identify(span_of(head, n));
    const struct file_claim *claim = file_claim(span_str(f->path));
    if (!file_check(claim, found, why, sizeof why))
        return err_set(e, ERR_FORMAT, "%s: %s", f->path, why);
    f->format = file_decide(claim, found);
    return true;
}

bool data_file_hash(struct data_file *f, struct err *e)
{
    struct sha256 s;
    sha256_begin(&s);
    if (!source_copy(file_source(&f->file), sha256_sink(&s), e))
        return false;
    f->sha256 = sha256_end(&s);
    return true;
}

bool data_file_open(struct cli *c, struct span path, const struct data_options *o,
                    struct data_file *out, struct err *e)
{
    *out = (struct data_file){.path = arena_str(&c->arena, path), .file.fd = -1};
    return file_open(AT_FDCWD, out->path, &out->file, e) && identify(out, e) &&
           (!rows_readable(out->format) || (open_own_encoding(out, o, e) && open_rows(out, o, e)));
}

bool data_file_rewind(struct data_file *f, const struct data_options *o, struct err *e)
{
    rows_close(f->rows);
    issues_close(&f->notes);
    f->rows = NULL;
    return open_rows(f, o, e);
}

void data_file_close(struct data_file *f)
{
    rows_close(f->rows);
    encoding_close(f->encoding);
    issues_close(&f->notes);
    file_close(&f->file);
}

static bool read_define(struct cli *c, const char *path, struct define *out, struct err *e)
{
    struct file f;
    if (!file_open(AT_FDCWD, path, &f, e))
        return false;
    bool good = define_read(file_source(&f), &c->arena, out, e) || err_at(e, "%s", path);
    file_close(&f);
    return good;
}

static bool read_schema(struct cli *c, const char *path, struct define *out, struct err *e)
{
    struct span text;
    return file_read_all(AT_FDCWD, path, CSV_SCHEMA_MAX, &c->arena, &text, e) &&
           (csv_schema_parse(text, &c->arena, out, e) || err_at(e, "%s", path));
}

static bool read_typing(struct cli *c, struct data_options *out, struct err *e)
{
    const char *define = options_value(&c->options, "define");
    const char *schema = options_value(&c->options, "schema");
    if (define != NULL && schema != NULL)
        return err_set(e, ERR_USAGE, "--define and --schema: one of the two can type the columns");
    if (define != NULL || schema != NULL)
        out->define = &out->read;
    return define != NULL   ? read_define(c, define, &out->read, e)
           : schema != NULL ? read_schema(c, schema, &out->read, e)
                            : true;
}

static bool open_encoding(struct cli *c, struct data_options *out, struct err *e)
{
    const char *name = options_value(&c->options, "encoding");
    return name == NULL || encoding_open(span_str(name), &out->encoding, e);
}

static void take_missing(struct cli *c, struct data_options *out)
{
    const char *value[OPTION_USES_MAX];
    size_t n = options_values(&c->options, "missing", value);
    struct span *missing = arena_array(&c->arena, n, sizeof *missing);
    for (size_t i = 0; i < n; i++)
        missing[i] = span_str(value[i]);
    out->missing = missing;
    out->missings = n;
}

bool data_options_read(struct cli *c, struct data_options *out, struct err *e)
{
    *out = (struct data_options){.define = NULL};
    take_missing(c, out);
    return read_typing(c, out, e) && open_encoding(c, out, e);
}

void data_options_close(struct data_options *o)
{
    define_close(&o->read);
    encoding_close(o->encoding);
}

void data_file_records(struct data_file *f, const struct content_order *like, struct arena *a,
                       struct dataset_key *key, struct record_input *out)
{
    const struct dataset_info *info = rows_info(f->rows);
    struct span name = info->name.n > 0 ? info->name : data_file_stem(f->path);
    if (like != NULL)
        key_like(info, like->key_from, like->key, like->key_count, a, key);
    else
        key_choose(info, name, NULL, 0, &f->notes, f->path, a, key);
    *out = (struct record_input){.rows = f->rows, .notes = &f->notes, .place = f->path, .key = key};
}

bool data_file_content(struct data_file *f, const struct content_order *like, int folder,
                       struct content **out, struct err *e)
{
    struct arena a = {0};
    struct dataset_key key;
    struct content_input in = {.folder = folder};
    data_file_records(f, like, &a, &key, &in.records);
    bool good = content_read(&in, out, e);
    arena_close(&a);
    return good;
}

bool scratch_open(int *folder, struct err *e)
{
    const char *path = getenv("TMPDIR");
    return dir_open_path(path != NULL && path[0] != '\0' ? path : "/tmp", folder, e);
}

void print_key_columns(const struct content_order *o)
{
    if (o->key_from == KEY_ALL)
        printf("all columns");
    for (size_t i = 0; i < o->key_count && o->key_from != KEY_ALL; i++) {
        printf(i > 0 ? " " : "");
        put_text(stdout, o->key[i]);
    }
}

void key_members(struct line *l, const struct content_order *o)
{
    if (o == NULL) {
        json_out_null(&l->o, "key");
        json_out_null(&l->o, "key_from");
        return;
    }
    json_out_array(&l->o, "key");
    for (size_t i = 0; i < o->key_count; i++)
        line_text(l, NULL, o->key[i]);
    json_out_array_end(&l->o);
    line_text(l, "key_from", span_str(key_source_name(o->key_from)));
}
