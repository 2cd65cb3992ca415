/*
 * The inside of the tokenizer: json.c knows the grammar, json_text.c the strings
 * and numbers. Nobody else includes this.
 */
#ifndef FORMAT_JSON_READER_H
#define FORMAT_JSON_READER_H

#include "base/buf.h"
#include "format/json.h"

enum { NONE = -1 }; /* in place of a byte: end of the input, or reading failed */

enum expect {
    A_VALUE,
    A_VALUE_OR_END,
    A_NAME,
    A_NAME_OR_END,
    A_COLON,
    A_COMMA_OR_END,
    END_OF_TEXT,
    NOTHING, /* JSON_END was given */
};

struct json_reader {
    struct json_input in;
    struct span rest; /* json_open_text: not given yet */
    struct span block;
    size_t at;       /* where we are in block */
    uint64_t before; /* bytes of the input before block */
    uint64_t line;
    uint64_t token_at; /* offset of the last token, which is in this line */
    struct buf text;   /* text of a token that does not stand in block as it is */
    enum expect expect;
    bool lines;   /* a text ends with its line */
    bool drained; /* the input gave its empty block */
    bool failed;  /* and err says why */
    int depth;
    bool object[JSON_DEPTH_MAX]; /* at each depth: object, not array */
    struct err err;
};

static inline uint64_t json_here(const struct json_reader *r)
{
    return r->before + r->at;
}

/* Sets the reader's error, unless it has one: where the input failed the text only seems to end. */
bool json_refuse(struct json_reader *r, enum err_kind kind, uint64_t offset, const char *what);

int json_next_block(struct json_reader *r);

/* The byte that comes next, or NONE. May take the next block: spans into this one are then gone. */
static inline int json_peek(struct json_reader *r)
{
    return r->at < r->block.n ? r->block.p[r->at] : json_next_block(r);
}

/* A string from its opening quote, a number from its first byte, which r->token_at names. */
bool json_read_string(struct json_reader *r, struct span *text);
bool json_read_number(struct json_reader *r, struct span *text);

#endif
