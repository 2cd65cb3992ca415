#include <assert.h>
#include <inttypes.h>

#include "base/arena.h"
#include "format/json_reader.h"

static const char *const expected[] = {
    [A_VALUE] = "a value",
    [A_VALUE_OR_END] = "a value or ']'",
    [A_NAME] = "a member name",
    [A_NAME_OR_END] = "a member name or '}'",
    [A_COLON] = "':'",
    [A_COMMA_OR_END] = "',' or the end of the object or array",
    [END_OF_TEXT] = "nothing more",
};

struct json_reader *json_open_at(struct json_input in, uint64_t offset, uint64_t line)
{
    struct json_reader *r = mem_new(sizeof *r);
    r->in = in;
    r->before = offset;
    r->line = line;
    r->expect = A_VALUE;
    return r;
}

struct json_reader *json_open(struct json_input in)
{
    return json_open_at(in, 0, 1);
}

static bool next_of_text(void *ctx, struct span *block, struct err *e)
{
    struct json_reader *r = ctx;
    (void)e;
    *block = r->rest;
    r->rest = span_of(NULL, 0);
    return true;
}

struct json_reader *json_open_text(struct span text)
{
    struct json_reader *r = json_open((struct json_input){.next = next_of_text});
    r->in.ctx = r;
    r->rest = text;
    return r;
}

void json_close(struct json_reader *r)
{
    if (r == NULL)
        return;
    buf_close(&r->text);
    mem_free(r);
}

uint64_t json_offset(const struct json_reader *r)
{
    return r->token_at;
}

uint64_t json_line(const struct json_reader *r)
{
    return r->line;
}

bool json_refuse(struct json_reader *r, enum err_kind kind, uint64_t offset, const char *what)
{
    if (!r->failed)
        err_set(&r->err, kind, "line %" PRIu64 ", offset %" PRIu64 ": %s", r->line, offset, what);
    r->failed = true;
    return false;
}

static bool refuse_byte(struct json_reader *r, int c)
{
    char what[128];
    const char *want = expected[r->expect];
    if (c == NONE)
        text_format(what, sizeof what, "%s expected, but the input ends", want);
    else if (c == 0xef && json_here(r) == 0)
        text_format(what, sizeof what, "%s expected, not a byte order mark", want);
    else if (c == '\n')
        text_format(what, sizeof what, "%s expected, but the line ends", want);
    else if (c > ' ' && c < 0x7f)
        text_format(what, sizeof what, "%s expected, not '%c'", want, c);
    else
        text_format(what, sizeof what, "%s expected, not byte 0x%02x", want, (unsigned)c);
    return json_refuse(r, ERR_FORMAT, json_here(r), what);
}

int json_next_block(struct json_reader *r)
{
    if (r->drained || r->failed)
        return NONE;
    r->before += r->block.n;
    r->block = span_of(NULL, 0);
    r->at = 0;
    struct span block = {0};
    if (!r->in.next(r->in.ctx, &block, &r->err)) {
        r->failed = true;
        return NONE;
    }
    if (block.n == 0) {
        r->drained = true;
        return NONE;
    }
    r->block = block;
    return block.p[0];
}

/* Where texts are lines, LF is no blank. */
static inline int skip_blanks(struct json_reader *r)
{
    for (;;) {
        int c = json_peek(r);
        if (c > ' ' || (c != ' ' && c != '\t' && c != '\r' && (c != '\n' || r->lines)))
            return c;
        if (c == '\n')
            r->line++;
        r->at++;
    }
}

static bool read_word(struct json_reader *r, const char *word)
{
    for (const char *p = word; *p != '\0'; p++) {
        if (json_peek(r) != *p)
            return json_refuse(r, ERR_FORMAT, r->token_at, "true, false or null misspelt");
        r->at++;
    }
    return true;
}

static void expect_after_value(struct json_reader *r)
{
    r->expect = r->depth > 0 ? A_COMMA_OR_END : END_OF_TEXT;
}

static bool enter(struct json_reader *r, bool object)
{
    if (r->depth == JSON_DEPTH_MAX)
        return json_refuse(r, ERR_LIMIT, json_here(r), "nested too deep");
    r->object[r->depth++] = object;
    r->expect = object ? A_NAME_OR_END : A_VALUE_OR_END;
    r->at++;
    return true;
}

static bool leave(struct json_reader *r, enum json_token *token)
{
    *token = r->object[--r->depth] ? JSON_OBJECT_END : JSON_ARRAY_END;
    expect_after_value(r);
    r->at++;
    return true;
}

static bool read_scalar(struct json_reader *r, int c, enum json_token *token, struct span *text)
{
    switch (c) {
    case '"':
        *token = JSON_STRING;
        return json_read_string(r, text);
    case 't':
        *token = JSON_TRUE;
        return read_word(r, "true");
    case 'f':
        *token = JSON_FALSE;
        return read_word(r, "false");
    case 'n':
        *token = JSON_NULL;
        return read_word(r, "null");
    default:
        if (c != '-' && (c < '0' || c > '9'))
            return refuse_byte(r, c);
        *token = JSON_NUMBER;
        return json_read_number(r, text);
    }
}

static bool read_value(struct json_reader *r, int c, enum json_token *token, struct span *text)
{
    if (c == '{' || c == '[') {
        *token = c == '{' ? JSON_OBJECT : JSON_ARRAY;
        return enter(r, c == '{');
    }
    if (!read_scalar(r, c, token, text))
        return false;
    expect_after_value(r);
    return true;
}

static bool read_name(struct json_reader *r, int c, enum json_token *token, struct span *text)
{
    if (c != '"')
        return refuse_byte(r, c);
    *token = JSON_NAME;
    r->expect = A_COLON;
    return json_read_string(r, text);
}

static bool read_end(struct json_reader *r, int c, enum json_token *token)
{
    if (r->failed || (c != NONE && (c != '\n' || !r->lines)))
        return refuse_byte(r, c);
    *token = JSON_END;
    r->expect = NOTHING;
    return true;
}

/* Takes the ':' or ',' at c, if there must or may be one; returns the byte behind it and blanks. */
static int skip_separator(struct json_reader *r, int c)
{
    if (r->expect == A_COLON && c == ':')
        r->expect = A_VALUE;
    else if (r->expect == A_COMMA_OR_END && c == ',')
        r->expect = r->object[r->depth - 1] ? A_NAME : A_VALUE;
    else
        return c;
    r->at++;
    return skip_blanks(r);
}

static bool read_token(struct json_reader *r, enum json_token *token, struct span *text)
{
    int c = skip_separator(r, skip_blanks(r));
    r->token_at = json_here(r);
    bool closes = r->depth > 0 && c == (r->object[r->depth - 1] ? '}' : ']');
    switch (r->expect) {
    case A_VALUE_OR_END:
        return closes ? leave(r, token) : read_value(r, c, token, text);
    case A_VALUE:
        return read_value(r, c, token, text);
    case A_NAME_OR_END:
        return closes ? leave(r, token) : read_name(r, c, token, text);
    case A_NAME:
        return read_name(r, c, token, text);
    case A_COMMA_OR_END:
        return closes ? leave(r, token) : refuse_byte(r, c);
    case END_OF_TEXT:
        return read_end(r, c, token);
    default:
        return refuse_byte(r, c);
    }
}

static bool give_error(const struct json_reader *r, struct err *e)
{
    if (e != NULL)
        *e = r->err;
    return false;
}

bool json_next(struct json_reader *r, enum json_token *token, struct span *text, struct err *e)
{
    *text = (struct span){0};
    if (r->failed)
        return give_error(r, e);
    if (r->expect == NOTHING) {
        *token = JSON_END;
        return true;
    }
    return read_token(r, token, text) || give_error(r, e);
}

struct span json_ahead(struct json_reader *r, uint64_t *at)
{
    *at = json_here(r);
    if (r->failed || r->expect == NOTHING)
        return span_of(NULL, 0);
    int c = skip_separator(r, skip_blanks(r));
    *at = json_here(r);
    bool value = c != NONE && (r->expect == A_VALUE || r->expect == A_VALUE_OR_END);
    return value ? span_skip(r->block, r->at) : span_of(NULL, 0);
}

void json_pass(struct json_reader *r, size_t n)
{
    assert(r->expect == A_VALUE || r->expect == A_VALUE_OR_END);
    r->token_at = json_here(r);
    r->at += n;
    expect_after_value(r);
}

static bool finish_line(struct json_reader *r)
{
    enum json_token end;
    return read_end(r, skip_blanks(r), &end);
}

bool json_next_line(struct json_reader *r, bool *more, struct err *e)
{
    *more = false;
    if (r->failed)
        return give_error(r, e);
    assert(r->expect == NOTHING || r->expect == END_OF_TEXT ||
           (r->expect == A_VALUE && json_here(r) == 0));
    r->lines = true;
    if (r->expect == END_OF_TEXT && !finish_line(r))
        return give_error(r, e);
    if (r->expect == NOTHING && json_peek(r) == '\n') {
        r->line++;
        r->at++;
    }
    *more = json_peek(r) != NONE;
    r->expect = *more ? A_VALUE : NOTHING;
    return !r->failed || give_error(r, e);
}
