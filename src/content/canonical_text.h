/* Texts in their canonical form (FORMAT 12.2): UTF-8, without blanks and NULs at their end. */
#ifndef CONTENT_CANONICAL_TEXT_H
#define CONTENT_CANONICAL_TEXT_H

#include "base/buf.h"

/* Without blanks and NULs at its end. */
struct span canonical_strip(struct span s);

/*
 * The same as UTF-8: as it is, with *utf8, or, taken for Windows-1252, in *b. It has at most
 * three times as many bytes.
 */
struct span canonical_text(struct buf *b, struct span s, bool *utf8);

#endif
