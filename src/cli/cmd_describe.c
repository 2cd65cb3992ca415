#include "cli/data_file.h"
#include "content/content.h"
#include "os/dir.h"

/* What can be said of a dataset once all of it was read. */
struct described {
    const struct dataset_info *info;
    struct content_order order;
    struct content_digests digests;
};

static const char *encoding_words(const struct dataset_info *info)
{
    static const char *const names[] = {"ASCII", "UTF-8", "not UTF-8, taken for Windows-1252"};
    return info->encoding == TEXT_OTHER && info->declared != NULL ? info->declared
                                                                  : names[info->encoding];
}

static const char *type_name(const struct column *c)
{
    static const char *const names[] = {"undeclared", "text", "number"};
    return names[c->type];
}

/* "DATE9.", "8.2", or empty. */
static const char *format_text(struct cli *c, const struct column_format *f)
{
    const char *width = f->width == 0 ? "" : words(&c->arena, "%u", f->width);
    const char *decimals = f->decimals == 0 ? "" : words(&c->arena, "%u", f->decimals);
    if (f->name.n == 0 && f->width == 0)
        return "";
    return words(&c->arena, "%.*s%s.%s", SPAN_ARGS(f->name), width, decimals);
}

/* --- for people --- */

static bool has_informats(const struct dataset_info *info)
{
    for (size_t i = 0; i < info->columns; i++)
        if (info->column[i].informat.name.n > 0 || info->column[i].informat.width > 0)
            return true;
    return false;
}

/* Informats stand there only where a column has one: most files have none. */
static void print_columns(struct cli *c, const struct dataset_info *info)
{
    bool informats = has_informats(info);
    struct table t = {.columns = informats ? 8 : 7, .right = {[0] = true, [3] = true}};
    static const char *const head[] = {"  #", "name", "type", "length", "format"};
    t.right[t.columns - 2] = true;
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
        table_text(&t, "%s", head[i]);
    if (informats)
        table_text(&t, "informat");
    table_text(&t, "key");
    table_text(&t, "label");
    for (size_t i = 0; i < info->columns; i++) {
        const struct column *x = &info->column[i];
        table_text(&t, "%zu", i + 1);
        table_cell(&t, x->name);
        if (x->type_name.n > 0)
            table_cell(&t, x->type_name);
        else
            table_text(&t, "%s", type_name(x));
        table_text(&t, "%s", x->length > 0 ? words(&c->arena, "%u", x->length) : "");
        table_text(&t, "%s", format_text(c, &x->format));
        if (informats)
            table_text(&t, "%s", format_text(c, &x->informat));
        table_text(&t, "%s", x->key > 0 ? words(&c->arena, "%u", x->key) : "");
        table_cell(&t, x->label);
    }
    table_print(&t, stdout);
}

static void print_written(const struct provenance *p)
{
    const struct span parts[] = {p->system, p->version, p->created};
    bool begun = false;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].n == 0)
            continue;
        printf(begun ? ", " : "  written by ");
        put_text(stdout, parts[i]);
        begun = true;
    }
    if (p->modified.n > 0 && !span_eq(p->modified, p->created)) {
        printf(begun ? ", modified " : "  modified ");
        put_text(stdout, p->modified);
        begun = true;
    }
    if (begun)
        putchar('\n');
}

static void print_digest(const char *what, struct hash h)
{
    char text[65];
    printf("  %s %s\n", what, hash_hex(h, text));
}

static void print_key(struct cli *c, const struct content_order *o)
{
    static const char *const said_by[] = {
        [KEY_DEFINE] = ", says the Define-XML or schema",
        [KEY_DATASET] = ", says the file",
        [KEY_STUDY] = ", says the study",
        [KEY_STANDARD] = ", by the standard",
        [KEY_ALL] = "",
    };
    printf("  key      ");
    print_key_columns(o);
    printf("%s", said_by[o->key_from]);
    if (o->key_from != KEY_ALL)
        printf("; records are%s in its order", o->in_order ? "" : " not");
    if (o->duplicates > 0)
        printf("; %s", counted(&c->arena, o->duplicates, "record repeats the key of another",
                               "records repeat the key of another"));
    putchar('\n');
}

static void print_dataset(struct cli *c, const struct described *d)
{
    putchar('\n');
    put_text(stdout, d->info->name.n > 0 ? d->info->name : SPAN("dataset"));
    printf(d->info->label.n > 0 ? ": " : "");
    put_text(stdout, d->info->label);
    printf("\n  ");
    if (d->info->standard.n > 0) {
        put_text(stdout, d->info->standard);
        printf("; ");
    }
    printf("%s, %s, %s\n", counted(&c->arena, d->order.records, "record", "records"),
           counted(&c->arena, d->info->columns, "column", "columns"), encoding_words(d->info));
    if (d->info->tail_ambiguous > 0)
        printf("  %s at the end taken for padding\n",
               counted(&c->arena, d->info->tail_ambiguous, "blank record", "blank records"));
    print_written(&d->info->member);
    print_digest("content ", d->digests.unordered);
    print_digest("in order", d->order.ordered);
    if (d->order.rounded)
        print_digest("strict  ", d->digests.strict_unordered);
    print_digest("metadata", d->order.metadata);
    print_key(c, &d->order);
    putchar('\n');
    print_columns(c, d->info);
}

static void print_file(const struct data_file *f)
{
    char text[65];
    printf("%s: %s, %llu bytes\n  SHA-256 %s\n", f->path, file_format_name(f->format),
           (unsigned long long)f->file.size, hash_hex(f->sha256, text));
}

/* --- for programs --- */

static void out_hash(struct line *l, const char *name, struct hash h)
{
    json_out_hex(&l->o, name, hash_span(&h));
}

static void out_column(struct cli *c, struct line *l, const struct column *x)
{
    json_out_object(&l->o, NULL);
    line_text_or_null(l, "format", span_str(format_text(c, &x->format)));
    line_number_or_null(l, "key", x->key > 0, x->key);
    line_text_or_null(l, "label", x->label);
    line_number_or_null(l, "length", x->length > 0, x->length);
    line_text_or_null(l, "name", x->name);
    line_text(l, "type", x->type_name.n > 0 ? x->type_name : span_str(type_name(x)));
    json_out_object_end(&l->o);
}

static void dataset_line(struct cli *c, const struct described *d)
{
    struct line l;
    line_begin(&l);
    json_out_array(&l.o, "columns");
    for (size_t i = 0; i < d->info->columns; i++)
        out_column(c, &l, &d->info->column[i]);
    json_out_array_end(&l.o);
    out_hash(&l, "content", d->digests.unordered);
    line_text_or_null(&l, "created", d->info->member.created);
    line_number(&l, "duplicates", d->order.duplicates);
    line_text(&l, "encoding", span_str(encoding_words(d->info)));
    json_out_bool(&l.o, "in_order", d->order.in_order);
    key_members(&l, &d->order);
    line_text_or_null(&l, "label", d->info->label);
    out_hash(&l, "metadata", d->order.metadata);
    line_text_or_null(&l, "name", d->info->name);
    out_hash(&l, "ordered", d->order.ordered);
    line_number(&l, "records", d->order.records);
    out_hash(&l, "strict_content", d->digests.strict_unordered);
    out_hash(&l, "strict_ordered", d->order.strict_ordered);
    line_text_or_null(&l, "system", d->info->member.system);
    line_number(&l, "tail_ambiguous", d->info->tail_ambiguous);
    line_type(&l, "dataset");
    line_text_or_null(&l, "version", d->info->member.version);
    line_end(&l);
}

static void file_line(const struct data_file *f)
{
    struct line l;
    line_begin(&l);
    line_text(&l, "format", span_str(file_format_name(f->format)));
    line_text(&l, "path", span_str(f->path));
    out_hash(&l, "sha256", f->sha256);
    line_number(&l, "size", f->file.size);
    line_type(&l, "file");
    line_end(&l);
}

/* --- Define-XML --- */

/* The columns of the key, in order, with blanks between. */
static const char *key_text(struct cli *c, const struct define *d, const struct define_dataset *x)
{
    const char *text = "";
    if (x->keys.n > 0)
        return arena_str(&c->arena, x->keys);
    for (uint64_t place = 1; place <= x->refs; place++) {
        size_t i = 0;
        while (i < x->refs && x->ref[i].key != place)
            i++;
        if (i == x->refs)
            break;
        text = words(&c->arena, "%s%s%.*s", text, place > 1 ? " " : "",
                     SPAN_ARGS(define_item(d, x->ref[i].item)->name));
    }
    return text;
}

/* Of a heading: what the file does not say is left out. */
static void put_part(const char *before, struct span text)
{
    if (text.n == 0)
        return;
    printf("%s", before);
    put_text(stdout, text);
}

static void print_define(struct cli *c, const struct define *d)
{
    struct table t = {.columns = 4, .right = {[1] = true}};
    put_part("  Define-XML ", d->version);
    put_part(", study ", d->study);
    put_part(", ", d->standard);
    put_part(" ", d->standard_version);
    printf("\n  %s, %s, %s\n\n", counted(&c->arena, d->datasets, "dataset", "datasets"),
           counted(&c->arena, d->items, "item", "items"),
           counted(&c->arena, d->code_lists, "code list", "code lists"));
    table_text(&t, "name");
    table_text(&t, "columns");
    table_text(&t, "label");
    table_text(&t, "key");
    for (size_t i = 0; i < d->datasets; i++) {
        table_cell(&t, d->dataset[i].name);
        table_text(&t, "%zu", d->dataset[i].refs);
        table_cell(&t, d->dataset[i].label);
        table_text(&t, "%s", key_text(c, d, &d->dataset[i]));
    }
    table_print(&t, stdout);
}

static void define_lines(struct cli *c, const struct define *d)
{
    for (size_t i = 0; i < d->datasets; i++) {
        const struct define_dataset *x = &d->dataset[i];
        struct line l;
        line_begin(&l);
        line_number(&l, "columns", x->refs);
        line_text_or_null(&l, "key", span_str(key_text(c, d, x)));
        line_text_or_null(&l, "label", x->label);
        line_text(&l, "name", x->name);
        line_type(&l, "definition");
        line_end(&l);
    }
}

/* Other XML is no error: nothing more is said of it. */
static bool describe_define(struct cli *c, struct data_file *f, struct err *e)
{
    struct define d;
    bool good = define_read(file_source(&f->file), &c->arena, &d, e);
    if (good && c->json)
        define_lines(c, &d);
    else if (good)
        print_define(c, &d);
    define_close(&d);
    if (good || e->kind == ERR_IO)
        return good;
    issues_add(&f->notes, ISSUE_FORMAT_NOTE, f->path, "it is not Define-XML: %s", e->text);
    *e = (struct err){0};
    return true;
}

/* --- both --- */

static bool describe_member(struct cli *c, struct data_file *f, int folder, struct err *e)
{
    struct content *content;
    struct described d = {.info = rows_info(f->rows)};
    if (!data_file_content(f, NULL, folder, &content, e))
        return false;
    d.order = content_order(content);
    bool good = content_digests(content, &d.digests, e);
    if (good && c->json)
        dataset_line(c, &d);
    else if (good)
        print_dataset(c, &d);
    content_close(content);
    return good;
}

static bool describe_members(struct cli *c, struct data_file *f, int folder, struct err *e)
{
    enum rows_step more;
    while ((more = rows_member(f->rows, e)) == ROWS_MORE)
        if (!describe_member(c, f, folder, e))
            return err_at(e, "%s", f->path);
    return more == ROWS_END || err_at(e, "%s", f->path);
}

static bool describe_file(struct cli *c, struct data_file *f, const struct data_options *o,
                          int folder, struct err *e)
{
    if (!data_file_open(c, cli_operand(c, 0), o, f, e) || !data_file_hash(f, e))
        return false;
    if (c->json)
        file_line(f);
    else
        print_file(f);
    if (f->format == FILE_XML && !describe_define(c, f, e))
        return false;
    if (f->rows != NULL && !describe_members(c, f, folder, e))
        return false;
    if (c->json) {
        issues_lines(&f->notes, SPAN(""), SPAN(""));
    } else {
        printf(f->notes.samples > 0 ? "\n" : "");
        issues_print(stdout, "  ", &f->notes, SEVERITY_NOTE);
    }
    return true;
}

bool describe_run(struct cli *c, struct err *e)
{
    struct data_file f = {.file.fd = -1};
    struct data_options o;
    int folder = -1;
    bool good = data_options_read(c, &o, e) && scratch_open(&folder, e) &&
                describe_file(c, &f, &o, folder, e);
    data_file_close(&f);
    data_options_close(&o);
    dir_close(folder);
    return good;
}
