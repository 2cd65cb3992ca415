#include "format/json_write.h"

#include <assert.h>

/* The letter of a two-character escape for c, or 0 (RFC 8785, 3.2.2.2). */
static uint8_t escape_letter(uint8_t c)
{
    switch (c) {
    case '\b':
        return 'b';
    case '\t':
        return 't';
    case '\n':
        return 'n';
    case '\f':
        return 'f';
    case '\r':
        return 'r';
    case '"':
    case '\\':
        return c;
    default:
        return 0;
    }
}

static void write_escaped(struct buf *b, uint8_t c)
{
    uint8_t letter = escape_letter(c);
    if (letter != 0) {
        buf_byte(b, '\\');
        buf_byte(b, letter);
        return;
    }
    buf_str(b, "\\u00");
    buf_hex(b, span_of(&c, 1));
}

void json_write_string(struct buf *b, struct span s)
{
    assert(span_utf8(s));
    size_t from = 0;
    buf_byte(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_add(b, span_of(s.p + from, i - from));
        write_escaped(b, c);
        from = i + 1;
    }
    buf_add(b, span_skip(s, from));
    buf_byte(b, '"');
}

struct writer {
    struct buf *b;
    struct arena scratch;
};

static bool write_value(struct writer *w, const struct json *v, struct err *e);

static bool write_members(struct writer *w, const struct json *object, struct err *e)
{
    const struct json **m = json_sorted(&w->scratch, object);
    buf_byte(w->b, '{');
    for (size_t i = 0; i < object->count; i++) {
        if (i > 0)
            buf_byte(w->b, ',');
        json_write_string(w->b, m[i]->name);
        buf_byte(w->b, ':');
        if (!write_value(w, m[i], e))
            return false;
    }
    buf_byte(w->b, '}');
    return true;
}

static bool write_elements(struct writer *w, const struct json *array, struct err *e)
{
    buf_byte(w->b, '[');
    for (const struct json *v = array->child; v != NULL; v = v->next) {
        if (v != array->child)
            buf_byte(w->b, ',');
        if (!write_value(w, v, e))
            return false;
    }
    buf_byte(w->b, ']');
    return true;
}

static bool write_number(struct writer *w, const struct json *v, struct err *e)
{
    int64_t ignored;
    if (!json_integer_parse(v->text, &ignored))
        return err_set(e, ERR_FORMAT, "offset %zu: not an integer below 2^53 in plain digits",
                       v->offset);
    buf_add(w->b, v->text);
    return true;
}

/* Recurses at most JSON_DEPTH_MAX deep: no tree is deeper. */
static bool write_value(struct writer *w, const struct json *v, struct err *e)
{
    switch (v->kind) {
    case JSON_IS_OBJECT:
        return write_members(w, v, e);
    case JSON_IS_ARRAY:
        return write_elements(w, v, e);
    case JSON_IS_STRING:
        json_write_string(w->b, v->text);
        return true;
    case JSON_IS_NUMBER:
        return write_number(w, v, e);
    case JSON_IS_BOOL:
        buf_str(w->b, v->truth ? "true" : "false");
        return true;
    case JSON_IS_NULL:
        buf_str(w->b, "null");
        return true;
    }
    return true;
}

bool json_write(struct buf *b, const struct json *value, struct err *e)
{
    struct writer w = {.b = b};
    size_t before = b->n;
    bool written = write_value(&w, value, e);
    arena_close(&w.scratch);
    if (!written)
        b->n = before;
    return written;
}

bool json_parse_canonical(struct arena *a, struct span text, struct json **out, struct err *e)
{
    struct json *tree;
    struct buf canonical = {0};
    if (!json_parse(a, text, &tree, e) || !json_write(&canonical, tree, e)) {
        buf_close(&canonical);
        return false;
    }
    size_t same = 0;
    while (same < text.n && same < canonical.n && text.p[same] == canonical.p[same])
        same++;
    bool equal = same == text.n && same == canonical.n;
    buf_close(&canonical);
    if (!equal)
        return err_set(e, ERR_FORMAT, "offset %zu: not in canonical form (RFC 8785)", same);
    *out = tree;
    return true;
}

/* What goes before a value: its comma, and its name where it is a member. */
static void begin_value(struct json_out *o, const char *name)
{
    if (o->depth == 0) {
        assert(name == NULL && !o->begun);
        o->begun = true;
        return;
    }
    struct json_out_level *level = &o->level[o->depth - 1];
    assert((name != NULL) == level->object);
    if (level->started)
        buf_byte(o->b, ',');
    if (name != NULL) {
        struct span s = span_str(name);
        assert(!level->started || json_name_cmp(level->last, s) < 0);
        level->last = s;
        json_write_string(o->b, s);
        buf_byte(o->b, ':');
    }
    level->started = true;
}

static void open_level(struct json_out *o, const char *name, bool object)
{
    begin_value(o, name);
    assert(o->depth < JSON_DEPTH_MAX);
    o->level[o->depth++] = (struct json_out_level){.object = object};
    buf_byte(o->b, object ? '{' : '[');
}

static void close_level(struct json_out *o, bool object)
{
    assert(o->depth > 0 && o->level[o->depth - 1].object == object);
    o->depth--;
    buf_byte(o->b, object ? '}' : ']');
}

void json_out_object(struct json_out *o, const char *name)
{
    open_level(o, name, true);
}

void json_out_object_end(struct json_out *o)
{
    close_level(o, true);
}

void json_out_array(struct json_out *o, const char *name)
{
    open_level(o, name, false);
}

void json_out_array_end(struct json_out *o)
{
    close_level(o, false);
}

void json_out_string(struct json_out *o, const char *name, struct span s)
{
    begin_value(o, name);
    json_write_string(o->b, s);
}

void json_out_integer(struct json_out *o, const char *name, int64_t v)
{
    assert(v >= -JSON_INTEGER_MAX && v <= JSON_INTEGER_MAX);
    begin_value(o, name);
    if (v < 0)
        buf_byte(o->b, '-');
    buf_u64(o->b, (uint64_t)(v < 0 ? -v : v));
}

void json_out_bool(struct json_out *o, const char *name, bool v)
{
    begin_value(o, name);
    buf_str(o->b, v ? "true" : "false");
}

void json_out_null(struct json_out *o, const char *name)
{
    begin_value(o, name);
    buf_str(o->b, "null");
}

void json_out_hex(struct json_out *o, const char *name, struct span bytes)
{
    begin_value(o, name);
    buf_byte(o->b, '"');
    buf_hex(o->b, bytes);
    buf_byte(o->b, '"');
}

void json_out_canonical(struct json_out *o, const char *name, struct span value)
{
    begin_value(o, name);
    buf_add(o->b, value);
}
