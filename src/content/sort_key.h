/*
 * The sort key of a record (FORMAT 12.5): bytes whose order is that of the values in its key's
 * columns, "2" before "10". Keys of one dataset: none begins another, and equal
 * ones say equal values.
 */
#ifndef CONTENT_SORT_KEY_H
#define CONTENT_SORT_KEY_H

#include "base/buf.h"
#include "content/canonical.h"

enum {
    SORT_KEY_WHOLE = 480,               /* bytes; of longer ones these, and a hash of all, .. */
    SORT_KEY_MAX = SORT_KEY_WHOLE + 32, /* .. so that no key begins another one */
};

/*
 * Appends the key of a record to *out: of its cells at `count` places, in the order
 * of the key. Places are those of canonical_place.
 */
void sort_key_add(const struct canonical_record *r, const size_t *place, size_t count,
                  struct buf *out);

#endif
