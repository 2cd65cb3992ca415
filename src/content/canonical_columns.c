#include "content/canonical_columns.h"

#include "base/sort.h"
#include "content/canonical_text.h"
#include "content/sas_time.h"
#include "format/json_write.h"

/* --- what they are --- */

static enum column_class declared_class(struct span type)
{
    static const struct {
        const char *type;
        enum column_class class;
    } classes[] = {{"date", CLASS_DATE}, {"datetime", CLASS_DATETIME}, {"time", CLASS_TIME}};
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (span_eq(type, span_str(classes[i].type)))
            return classes[i].class;
    return CLASS_NUMBER;
}

enum column_class column_class(const struct column *c)
{
    if (c->type != COLUMN_NUMBER)
        return CLASS_TEXT;
    enum column_class class = declared_class(c->type_name);
    return class == CLASS_NUMBER ? sas_format_class(c->format.name) : class;
}

/* --- their names --- */

static struct span upper_name(struct arena *a, struct buf *b, struct span s)
{
    bool utf8;
    s = canonical_text(b, s, &utf8);
    uint8_t *name = arena_new(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        name[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (uint8_t)(s.p[i] - ('a' - 'A')) : s.p[i];
    return span_of(name, s.n);
}

static int by_name(const void *a, const void *b)
{
    const struct canonical_column *x = a, *y = b;
    int order = span_cmp(x->name, y->name);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

struct canonical_column *canonical_sort(const struct dataset_info *info, struct arena *a)
{
    struct buf b = {0};
    struct canonical_column *column = arena_array(a, info->columns, sizeof *column);
    for (size_t i = 0; i < info->columns; i++) {
        const struct column *c = &info->column[i];
        column[i] = (struct canonical_column){i, column_class(c), upper_name(a, &b, c->name)};
    }
    sort_items(column, info->columns, sizeof *column, by_name);
    buf_close(&b);
    return column;
}

struct span canonical_name_of(struct span name, struct arena *a)
{
    struct buf b = {0};
    struct span s = upper_name(a, &b, name);
    buf_close(&b);
    return s;
}

/* --- metadata --- */

static void out_text(struct json_out *o, const char *name, struct span s)
{
    struct buf b = {0};
    bool utf8;
    json_out_string(o, name, canonical_text(&b, s, &utf8));
    buf_close(&b);
}

static void out_number(struct json_out *o, const char *name, unsigned v)
{
    if (v == 0)
        json_out_null(o, name);
    else
        json_out_integer(o, name, v);
}

static void out_format(struct json_out *o, const char *name, const struct column_format *f)
{
    json_out_object(o, name);
    out_number(o, "decimals", f->decimals);
    out_text(o, "name", f->name);
    out_number(o, "width", f->width);
    json_out_object_end(o);
}

static void out_column(struct json_out *o, const struct column *c)
{
    static const char *const types[] = {"undeclared", "text", "number"};
    json_out_object(o, NULL);
    out_format(o, "format", &c->format);
    out_format(o, "informat", &c->informat);
    out_number(o, "key", c->key);
    out_text(o, "label", c->label);
    out_number(o, "length", c->length);
    out_text(o, "name", c->name);
    out_text(o, "target", c->target_type);
    out_text(o, "type", c->type_name.n > 0 ? c->type_name : span_str(types[c->type]));
    json_out_object_end(o);
}

struct hash canonical_metadata(const struct dataset_info *info, enum canonical_columns_order order)
{
    struct arena a = {0};
    struct buf b = {0};
    struct json_out o = {.b = &b};
    const struct canonical_column *sorted = canonical_sort(info, &a);
    json_out_object(&o, NULL);
    json_out_array(&o, "columns");
    for (size_t i = 0; i < info->columns; i++)
        out_column(&o, &info->column[order == CANONICAL_BY_NAME ? sorted[i].index : i]);
    json_out_array_end(&o);
    out_text(&o, "label", info->label);
    out_text(&o, "name", info->name);
    if (info->has_rest)
        json_out_hex(&o, "rest", hash_span(&info->rest));
    out_text(&o, "type", info->type);
    json_out_object_end(&o);
    struct hash h = sha256_of(buf_span(&b));
    buf_close(&b);
    arena_close(&a);
    return h;
}
