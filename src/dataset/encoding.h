/*
 * Encodings of text that a file itself does not name: XPT and CSV (docs/FORMAT.md, 12.1). A
 * closed list, of those that SAS writes and all decoders agree on. Conversion is by the C
 * library's iconv; what an encoding does not have, control characters above 0x7F, private ones,
 * whose meaning only their author knows, and those that editions of GB 18030 have in different
 * places, are refused: nothing is replaced.
 */
#ifndef DATASET_ENCODING_H
#define DATASET_ENCODING_H

#include "base/buf.h"
#include "base/err.h"

enum { ENCODING_GROWTH = 3 }; /* times as many bytes a text may have in UTF-8 */

struct encoding; /* opaque; for one thread */

/*
 * By its name on the list, in lower case: "shift_jis", "iso-8859-2". ERR_USAGE for any other;
 * ERR_STATE where this system's iconv does not have it.
 */
bool encoding_open(struct span name, struct encoding **out, struct err *e);
void encoding_close(struct encoding *x); /* NULL is fine */

const char *encoding_name(const struct encoding *x);

/* Adds the text as UTF-8; false, with *out as it was, where the encoding does not have it. */
bool encoding_decode(struct encoding *x, struct span text, struct buf *out);

#endif
