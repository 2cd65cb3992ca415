#include "job/typing.h"

#include "base/name_map.h"
#include "dataset/csv_schema.h"
#include "dataset/identify.h"
#include "format/json_write.h"
#include "job/examine.h"

#define CSV_SCHEMA ".schema.json"

/* --- names --- */

static bool ends(struct span name, struct span with)
{
    return name.n >= with.n && name_same(span_skip(name, name.n - with.n), with);
}

static bool begins(struct span name, struct span with)
{
    return name.n >= with.n && name_same(span_of(name.p, with.n), with);
}

bool typing_schema_name(struct span file, struct span *stem)
{
    if (file.n <= sizeof CSV_SCHEMA - 1 || !ends(file, SPAN(CSV_SCHEMA)))
        return false;
    *stem = span_of(file.p, file.n - (sizeof CSV_SCHEMA - 1));
    return true;
}

static struct typing_schema *new_schema(struct typing *t, struct span name)
{
    t->schema = mem_room(t->schema, t->count, &t->cap, sizeof *t->schema);
    struct typing_schema *x = &t->schema[t->count++];
    *x = (struct typing_schema){.name = name};
    return x;
}

void typing_close(struct typing *t)
{
    for (size_t i = 0; i < t->count; i++)
        define_close(&t->schema[i].define);
    mem_free(t->schema);
    encoding_close(t->encoding);
    arena_close(&t->arena);
    *t = (struct typing){0};
}

/* --- of a study --- */

static bool parse_text(struct typing *t, struct typing_schema *x, struct span text, struct err *e)
{
    x->hash = sha256_of(text);
    return x->of.n > 0 ? csv_schema_parse(text, &t->arena, &x->define, e)
                       : define_read(source_of(&text), &t->arena, &x->define, e);
}

static bool parse_all(struct span study, const struct home_schemas *files, struct typing *t,
                      struct err *e)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct home_schema *f = &files->schema[i];
        struct typing_schema *x = new_schema(t, span_str(f->name));
        x->of = f->dataset;
        if (!parse_text(t, x, f->text, e))
            return err_at(e, "studies/%.*s/%s", SPAN_ARGS(study), f->name);
    }
    return true;
}

static bool open_encoding(struct span study, struct span name, struct typing *t, struct err *e)
{
    return name.n == 0 || encoding_open(name, &t->encoding, e) ||
           err_at(e, "studies/%.*s/study.conf, [text] encoding", SPAN_ARGS(study));
}

bool typing_of_study(const struct home *h, struct span study, const struct conf_study *conf,
                     struct typing *out, struct err *e)
{
    struct home_schemas files;
    *out = (struct typing){.missings = conf->missings, .missing = conf->missing};
    return open_encoding(study, conf->encoding, out, e) &&
           home_study_schemas(h, study, &out->arena, &files, e) && parse_all(study, &files, out, e);
}

/* --- of a transfer --- */

struct collecting {
    const struct home *home;
    struct typing *out;
    uint64_t bytes; /* of the schemas so far */
};

static void hold(struct collecting *c, struct incoming_file *f, struct typing_schema *x,
                 const struct err *why)
{
    issues_add(&f->issues, why->kind == ERR_LIMIT ? ISSUE_FORMAT_LIMIT : ISSUE_FORMAT_MALFORMED,
               arena_str(&c->out->arena, f->name), "%s", why->text);
    x->held = true;
}

/* ERR_LIMIT where there are too many, or they are too large. */
static bool check_limits(const struct collecting *c, const struct incoming_file *f, struct err *e)
{
    if (c->out->count > TYPING_SCHEMAS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d schemas in one transfer", TYPING_SCHEMAS_MAX);
    if (f->size > TYPING_BYTES_MAX - c->bytes)
        return err_set(e, ERR_LIMIT, "the schemas of the transfer have more than %d bytes",
                       TYPING_BYTES_MAX);
    return true;
}

static bool read_csv_schema(struct collecting *c, const struct incoming_file *f,
                            struct typing_schema *x, struct err *e)
{
    struct span text;
    struct typing *t = c->out;
    return objects_read_all(c->home, f->hash, CSV_SCHEMA_MAX, &t->arena, &text, e) &&
           csv_schema_parse(text, &t->arena, &x->define, e);
}

/* Is it what its name claims? Empty files are not. */
static bool is_xml(const struct file *f, struct span name, bool *out, struct err *e)
{
    uint8_t head[FILE_HEAD];
    char why[256];
    size_t n;
    if (!file_read_at(f, 0, head, sizeof head, &n, e))
        return false;
    *out = n > 0 && file_check(file_claim(name), file_identify(span_of(head, n)), why, sizeof why);
    return true;
}

/* What is no XML is held for that, when it is examined. */
static bool read_define(struct collecting *c, const struct incoming_file *f,
                        struct typing_schema *x, struct err *e)
{
    struct file plain;
    bool xml = false;
    if (!objects_open_plain(c->home, f->hash, &plain, e))
        return false;
    bool good = is_xml(&plain, f->name, &xml, e);
    x->held = good && !xml;
    good = good && (!xml || define_read(file_source(&plain), &c->out->arena, &x->define, e));
    file_close(&plain);
    return good;
}

/* XML may be anything else; this says itself, or by its name, that it is Define-XML. */
static bool is_define(const struct incoming_file *f, const struct typing_schema *x)
{
    return x->define.version.n > 0 || begins(f->name, SPAN("define"));
}

static void drop_last(struct typing *t)
{
    define_close(&t->schema[--t->count].define);
}

static bool read_schema(struct collecting *c, const struct incoming_file *f,
                        struct typing_schema *x, struct err *e)
{
    return check_limits(c, f, e) &&
           (x->of.n > 0 ? read_csv_schema(c, f, x, e) : read_define(c, f, x, e));
}

/* One that did not arrive whole is held already. False only where the object could not be read. */
static bool take_schema(struct collecting *c, struct incoming_file *f, struct span stem,
                        struct err *e)
{
    struct typing_schema *x = new_schema(c->out, f->name);
    struct err why = {0};
    x->of = stem;
    x->hash = f->hash;
    x->held = issues_count(&f->issues, SEVERITY_BAD) > 0;
    bool good = x->held || read_schema(c, f, x, &why);
    if (!good && (why.kind == ERR_IO || why.kind == ERR_INTEGRITY)) {
        *e = why;
        return false;
    }
    if (stem.n == 0 && !is_define(f, x))
        drop_last(c->out);
    else if (!good)
        hold(c, f, x, &why);
    else if (!x->held)
        c->bytes += f->size;
    return true;
}

bool typing_of_transfer(const struct home *h, const struct conf_study *conf, struct incoming *in,
                        struct typing *out, struct err *e)
{
    struct collecting c = {.home = h, .out = out};
    *out = (struct typing){0};
    for (size_t i = 0; i < in->count; i++) {
        struct incoming_file *f = &in->file[i];
        struct span stem = SPAN("");
        bool schema = typing_schema_name(f->name, &stem) || ends(f->name, SPAN(".xml"));
        if (schema && !examine_is_opaque(conf, &out->arena, in->folder, f->name) &&
            !take_schema(&c, f, stem, e))
            return false;
    }
    return true;
}

/* --- which one --- */

static bool is_beside(const struct typing_schema *x, struct span file)
{
    return x->of.n > 0 && file.n > x->of.n && begins(file, x->of) &&
           name_same(span_skip(file, x->of.n), SPAN(".csv"));
}

static bool is_for(const struct typing_schema *x, struct span dataset)
{
    return x->of.n > 0 && name_same(x->of, dataset);
}

static bool defines(const struct typing_schema *x, struct span name)
{
    return x->of.n == 0 && (x->held || define_dataset(&x->define, name) != NULL);
}

/* The first that is good, if none was found yet, and the first that is held before it. */
static void look(struct typing_found *found, const struct typing *t, struct span asked,
                 bool (*fits)(const struct typing_schema *x, struct span asked))
{
    for (size_t i = 0; i < t->count && found->schema == NULL; i++) {
        if (!fits(&t->schema[i], asked))
            continue;
        if (!t->schema[i].held)
            found->schema = &t->schema[i];
        else if (found->held == NULL)
            found->held = &t->schema[i];
    }
}

struct typing_found typing_find(const struct typing *of_transfer, const struct typing *of_study,
                                const struct typing_asked *asked)
{
    struct typing_found found = {0};
    look(&found, of_transfer, asked->file, is_beside);
    look(&found, of_transfer, asked->name, defines);
    look(&found, of_study, asked->dataset, is_for);
    look(&found, of_study, asked->name, defines);
    return found;
}

/* --- as an entry says it --- */

/* What the study says of all its files is part of what says how to read one. */
struct hash typing_hash(const struct typing *study, const struct typing_schema *schema, bool csv)
{
    static const struct hash none;
    struct buf text = {0};
    struct json_out o = {.b = &text};
    size_t missings = csv ? study->missings : 0;
    if (study->encoding == NULL && missings == 0)
        return schema == NULL ? none : schema->hash;
    json_out_object(&o, NULL);
    if (study->encoding == NULL)
        json_out_null(&o, "encoding");
    else
        json_out_string(&o, "encoding", span_str(encoding_name(study->encoding)));
    json_out_array(&o, "missing");
    for (size_t i = 0; i < missings; i++)
        json_out_string(&o, NULL, study->missing[i]);
    json_out_array_end(&o);
    if (schema == NULL)
        json_out_null(&o, "schema");
    else
        json_out_hex(&o, "schema", hash_span(&schema->hash));
    json_out_object_end(&o);
    struct hash h = sha256_of(buf_span(&text));
    buf_close(&text);
    return h;
}
