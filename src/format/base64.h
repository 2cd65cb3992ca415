/* Base64 with padding (RFC 4648, section 4), strict: one text for one value. */
#ifndef FORMAT_BASE64_H
#define FORMAT_BASE64_H

#include "base/arena.h"
#include "base/buf.h"

void base64_write(struct buf *b, struct span data);

/* All of text, or false: no blanks, no missing padding, no non-zero padding bits. */
bool base64_parse(struct arena *a, struct span text, struct span *out);

/* The same for exactly n bytes, into out[n]; on false out holds anything. */
bool base64_bytes(struct span text, uint8_t *out, size_t n);

/* How many bytes text gives if it is base64; says nothing about whether it is. */
size_t base64_size(struct span text);

#endif
