/*
 * Detached texts (docs/FORMAT.md, chapter 4): canonical JSON objects that begin
 * with their own salt, named by their SHA-256, so that they can be erased.
 */
#ifndef LEDGER_DETACHED_H
#define LEDGER_DETACHED_H

#include "format/json.h"
#include "format/json_write.h"
#include "ledger/entry.h"

enum { DETACHED_MAX = 16 * 1024 * 1024 };

/*
 * The kind of detached text that an entry of this kind names is named like it, but
 * `system` has a `configuration`.
 */

/* Begins the object: salt and type are written; the caller adds the other members and ends it. */
void detached_begin(struct json_out *o, enum entry_kind of, struct hash salt);

/* Do two detached texts say the same, whatever their salts? */
bool detached_same(struct span a, struct span b);

/*
 * Is text, to the byte, a detached text for an entry of this kind? If file is not
 * NULL it gets the top member "file" (in `a`), or an empty span where it is null
 * or the kind has none.
 */
bool detached_check(struct arena *a, enum entry_kind of, struct span text, struct span *file,
                    struct err *e);

/*
 * The string of a top member, e.g. "name" of a transfer, in `a`; empty where it is
 * null or absent. For texts that detached_check accepted.
 */
bool detached_string(struct arena *a, struct span text, const char *name, struct span *out,
                     struct err *e);

#endif
