/*
 * JSON (RFC 8259), strict: a pull tokenizer that streams a text of any size.
 * Strict means: UTF-8 without byte order mark, the number grammar to the letter,
 * no lone surrogates, no control bytes in strings, depth at most JSON_DEPTH_MAX,
 * nothing but blanks after the value. U+0000 comes only from its escape and is
 * then a NUL byte in the text. What the tokenizer does not see: names that an
 * object repeats (json_tree.h refuses them; a streaming reader must look itself).
 */
#ifndef FORMAT_JSON_H
#define FORMAT_JSON_H

#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

/* Nested objects and arrays; bytes of one decoded string or name; bytes of one number. */
enum { JSON_DEPTH_MAX = 32, JSON_STRING_MAX = 16 * 1024 * 1024, JSON_NUMBER_MAX = 1024 };

enum json_token {
    JSON_END, /* the text is complete */
    JSON_OBJECT,
    JSON_OBJECT_END,
    JSON_ARRAY,
    JSON_ARRAY_END,
    JSON_NAME,   /* text: the decoded member name */
    JSON_STRING, /* text: the decoded string */
    JSON_NUMBER, /* text: the lexeme as it stands, grammar checked, never through a double */
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
};

/*
 * Where the bytes come from: next block into *block, empty at the end. A block
 * stays valid until the next call. Blocks may have any size and end anywhere.
 */
struct json_input {
    bool (*next)(void *ctx, struct span *block, struct err *e);
    void *ctx;
};

struct json_reader; /* opaque */

struct json_reader *json_open(struct json_input in);
struct json_reader *json_open_text(struct span text); /* all of it in memory */

/* A value within a file, which has this place there: places are told as those of the file. */
struct json_reader *json_open_at(struct json_input in, uint64_t offset, uint64_t line);

void json_close(struct json_reader *r);

/*
 * The next token. *text is valid until the next call and empty for tokens that
 * have none. Errors (ERR_FORMAT, ERR_LIMIT, or what the input said) name the line
 * and the byte offset. After an error or JSON_END every call gives the same again.
 */
bool json_next(struct json_reader *r, enum json_token *token, struct span *text, struct err *e);

/*
 * Line-delimited texts (NDJSON): called before each text, the first too. *more is
 * false where the input is at its end. JSON_END then means the end of the line,
 * which is LF, CR LF or the end of the input; a line end inside a text and an empty
 * line are refused. To be called only before the first token, after JSON_END, and after
 * the last token of a text: so a first text may show whether lines follow it.
 *
 *     while (json_next_line(r, &more, e) && more) ... json_next until JSON_END ...
 */
bool json_next_line(struct json_reader *r, bool *more, struct err *e);

/*
 * For a caller that knows its values and cuts most of them faster: the bytes that are at hand from
 * the next value on, which is at *at in the input; none where no value, or an end, comes next.
 * Where they begin with an array of n bytes, well-formed and without line ends, json_pass may take
 * it, as if its tokens had been read.
 */
struct span json_ahead(struct json_reader *r, uint64_t *at);
void json_pass(struct json_reader *r, size_t n);

/* Where the number at `at` ends, by the grammar alone; `at` where there is none. */
size_t json_number_end(struct span s, size_t at);

/* Of the first byte of the last token: offset in the file, line of it from 1. */
uint64_t json_offset(const struct json_reader *r);
uint64_t json_line(const struct json_reader *r);

#endif
