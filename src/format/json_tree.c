#include "format/json_tree.h"

#include <string.h>

/* An object or array that is not closed yet. */
struct level {
    struct json *node, *last_child;
};

struct builder {
    struct arena *a;
    struct span source;
    struct json *top;
    struct level level[JSON_DEPTH_MAX];
    int depth;
    struct span name; /* of the member whose value comes next */
    size_t name_at;
};

static struct json *add_node(struct builder *b, enum json_kind kind, size_t at)
{
    struct json *node = arena_new(b->a, sizeof *node);
    node->kind = kind;
    node->offset = at;
    if (b->depth == 0) {
        b->top = node;
        return node;
    }
    struct level *parent = &b->level[b->depth - 1];
    if (parent->node->kind == JSON_IS_OBJECT) {
        node->name = b->name;
        node->offset = b->name_at;
    }
    if (parent->last_child == NULL)
        parent->node->child = node;
    else
        parent->last_child->next = node;
    parent->last_child = node;
    parent->node->count++;
    return node;
}

static bool refuse_repeated(const struct builder *b, const struct json *member, struct err *e)
{
    enum { SHOWN = 64 };
    struct span shown = member->name;
    if (shown.n > SHOWN)
        shown.n = SHOWN;
    size_t line = 1;
    for (size_t i = 0; i < member->offset; i++)
        line += b->source.p[i] == '\n';
    return err_set(e, ERR_FORMAT, "line %zu, offset %zu: member name \"%.*s\" is repeated", line,
                   member->offset, SPAN_ARGS(shown));
}

/*
 * Nearly every object that we read is canonical: then its members are in order and
 * nothing sorts.
 */
static bool is_sorted(const struct json *object)
{
    for (const struct json *m = object->child; m != NULL && m->next != NULL; m = m->next)
        if (json_name_cmp(m->name, m->next->name) >= 0)
            return false;
    return true;
}

static bool check_names(const struct builder *b, const struct json *object, struct err *e)
{
    if (is_sorted(object))
        return true;
    struct arena scratch = {0};
    const struct json **m = json_sorted(&scratch, object);
    const struct json *repeated = NULL;
    for (size_t i = 1; i < object->count && repeated == NULL; i++)
        if (span_eq(m[i - 1]->name, m[i]->name))
            repeated = m[i];
    arena_close(&scratch);
    return repeated == NULL || refuse_repeated(b, repeated, e);
}

static void open_level(struct builder *b, enum json_kind kind, size_t at)
{
    struct json *node = add_node(b, kind, at);
    b->level[b->depth++] = (struct level){node, NULL};
}

static bool add_token(struct builder *b, enum json_token token, struct span text, size_t at,
                      struct err *e)
{
    switch (token) {
    case JSON_OBJECT:
        open_level(b, JSON_IS_OBJECT, at);
        return true;
    case JSON_ARRAY:
        open_level(b, JSON_IS_ARRAY, at);
        return true;
    case JSON_OBJECT_END:
        return check_names(b, b->level[--b->depth].node, e);
    case JSON_ARRAY_END:
        b->depth--;
        return true;
    case JSON_NAME:
        b->name = arena_copy(b->a, text);
        b->name_at = at;
        return true;
    case JSON_STRING:
        add_node(b, JSON_IS_STRING, at)->text = arena_copy(b->a, text);
        return true;
    case JSON_NUMBER:
        add_node(b, JSON_IS_NUMBER, at)->text = arena_copy(b->a, text);
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        add_node(b, JSON_IS_BOOL, at)->truth = token == JSON_TRUE;
        return true;
    case JSON_NULL:
        add_node(b, JSON_IS_NULL, at);
        return true;
    case JSON_END:
        break;
    }
    return true;
}

static bool build(struct builder *b, struct json_reader *r, struct err *e)
{
    enum json_token token;
    struct span text;
    do {
        if (!json_next(r, &token, &text, e) ||
            !add_token(b, token, text, (size_t)json_offset(r), e))
            return false;
    } while (token != JSON_END);
    return true;
}

bool json_parse(struct arena *a, struct span text, struct json **out, struct err *e)
{
    return json_parse_up_to(a, text, JSON_TREE_MAX, out, e);
}

bool json_parse_up_to(struct arena *a, struct span text, size_t max, struct json **out,
                      struct err *e)
{
    if (text.n > max)
        return err_set(e, ERR_LIMIT, "%zu bytes of JSON, at most %zu are read", text.n, max);
    struct builder b = {.a = a, .source = text};
    struct json_reader *r = json_open_text(text);
    bool built = build(&b, r, e);
    json_close(r);
    if (built)
        *out = b.top;
    return built;
}

const struct json *json_member(const struct json *object, const char *name)
{
    if (object == NULL || object->kind != JSON_IS_OBJECT)
        return NULL;
    const struct json *m = object->child;
    while (m != NULL && !span_eq(m->name, span_str(name)))
        m = m->next;
    return m;
}

static const struct json *member_of_kind(const struct json *object, const char *name,
                                         enum json_kind kind)
{
    const struct json *m = json_member(object, name);
    return m != NULL && m->kind == kind ? m : NULL;
}

bool json_string(const struct json *object, const char *name, struct span *out)
{
    const struct json *m = member_of_kind(object, name, JSON_IS_STRING);
    if (m != NULL)
        *out = m->text;
    return m != NULL;
}

bool json_integer(const struct json *object, const char *name, int64_t *out)
{
    const struct json *m = member_of_kind(object, name, JSON_IS_NUMBER);
    return m != NULL && json_integer_parse(m->text, out);
}

bool json_bool(const struct json *object, const char *name, bool *out)
{
    const struct json *m = member_of_kind(object, name, JSON_IS_BOOL);
    if (m != NULL)
        *out = m->truth;
    return m != NULL;
}

bool json_integer_parse(struct span lexeme, int64_t *out)
{
    bool negative = span_take(&lexeme, SPAN("-"));
    uint64_t size;
    if (!span_u64(lexeme, &size) || size > JSON_INTEGER_MAX || (negative && size == 0))
        return false;
    *out = negative ? -(int64_t)size : (int64_t)size;
    return true;
}

/*
 * Bytes of UTF-8 order like code points, and code points like UTF-16 code units,
 * but for one thing: above U+FFFF (lead bytes F0..F4) the units are surrogates,
 * D800..DFFF, and come before U+E000..U+FFFF (lead bytes EE and EF). So in the
 * first byte that differs those leads change places.
 */
static int utf16_rank(uint8_t c)
{
    enum { LEADS_ABOVE_FFFF = 5, LEADS_FROM_E000 = 2 };
    if (c >= 0xf0)
        return c - LEADS_FROM_E000;
    return c >= 0xee ? c + LEADS_ABOVE_FFFF : c;
}

int json_name_cmp(struct span a, struct span b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    for (size_t i = 0; i < n; i++)
        if (a.p[i] != b.p[i])
            return utf16_rank(a.p[i]) < utf16_rank(b.p[i]) ? -1 : 1;
    return (a.n > b.n) - (a.n < b.n);
}

/* Sorted and stable: of two equal names the one that comes first in the text stays first. */
static void merge(const struct json **out, const struct json *const *in, size_t half, size_t n)
{
    size_t left = 0, right = half;
    for (size_t i = 0; i < n; i++) {
        bool from_left =
            right == n || (left < half && json_name_cmp(in[left]->name, in[right]->name) <= 0);
        out[i] = from_left ? in[left++] : in[right++];
    }
}

/* Sorts m[n] by way of scratch[n]. */
static void merge_sort(const struct json **m, const struct json **scratch, size_t n)
{
    if (n < 2)
        return;
    size_t half = n / 2;
    merge_sort(m, scratch, half);
    merge_sort(m + half, scratch + half, n - half);
    memcpy(scratch, m, n * sizeof(const struct json *));
    merge(m, scratch, half, n);
}

const struct json **json_sorted(struct arena *a, const struct json *object)
{
    const struct json **m = arena_array(a, object->count, sizeof(const struct json *));
    size_t n = 0;
    for (const struct json *member = object->child; member != NULL; member = member->next)
        m[n++] = member;
    if (!is_sorted(object))
        merge_sort(m, arena_array(a, n, sizeof(const struct json *)), n);
    return m;
}
