/*
 * A ledger on disk: C2SP tlog-tiles under ledger/<STUDY>/, as any audit tool reads
 * it, and copies of its checkpoint at the anchors. Knows nothing of what entries mean,
 * and signs nothing.
 */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include "ledger/checkpoint.h"
#include "ledger/tile.h"
#include "store/home.h"

struct log; /* opaque */

bool log_open(const struct home *h, struct span study, struct log **out, struct err *e);
void log_close(struct log *l); /* NULL is fine */

/*
 * Where the entries of a commit come from, in ascending order. The span is valid until
 * the next call.
 */
struct log_entries {
    bool (*get)(void *ctx, uint64_t index, struct span *out, struct err *e);
    void *ctx;
};

/*
 * Makes the tiles and entry bundles of a ledger that grows from old_size to size
 * durable, and reads them back: unless they give `root`, ERR_INTEGRITY. `new_entries`
 * is asked for old_size .. size-1. May be repeated after a crash: it writes the same bytes.
 */
bool log_grow(struct log *l, uint64_t old_size, uint64_t size, struct hash root,
              struct log_entries new_entries, struct err *e);

/*
 * Makes `to`, of old_size entries, grow to `size` and `root` by the entries of `from`, a ledger of
 * that size that may go on growing. As log_grow.
 */
bool log_copy(struct log *from, struct log *to, uint64_t old_size, uint64_t size, struct hash root,
              struct err *e);

/*
 * Removes partial tiles and bundles whose full one exists at `size`. After the
 * checkpoint is published.
 */
bool log_trim(struct log *l, uint64_t old_size, uint64_t size, struct err *e);

/*
 * Tiles of a ledger of that size; l must outlive it. A missing or misshapen tile is
 * ERR_INTEGRITY.
 */
struct tile_reader log_tiles(struct log *l, uint64_t size);

/* The root of the first `count` entries, from those tiles. */
bool log_root(struct log *l, uint64_t size, uint64_t count, struct hash *out, struct err *e);

/*
 * Entries from .. size-1 of a ledger of `size`; the span is valid during the call, which may
 * read tiles of this log, but no entries.
 */
bool log_each_entry(struct log *l, uint64_t from, uint64_t size,
                    bool (*each)(void *ctx, uint64_t index, struct span entry, struct err *e),
                    void *ctx, struct err *e);
bool log_entry(struct log *l, uint64_t index, uint64_t size, struct arena *a, struct span *out,
               struct err *e);

/*
 * The bytes of a tile or entry bundle into *out, which is emptied first; t->width becomes that of
 * the file: a full one may be there in place of a partial one. As log_tiles reads it, but keeps
 * nothing: several threads may read one log so.
 */
bool log_read_file(const struct log *l, struct tile *t, struct buf *out, struct err *e);

/* The published signed note; empty where nothing was published yet. */
bool log_checkpoint(struct log *l, struct arena *a, struct span *note, struct err *e);
bool log_publish(struct log *l, struct span note, struct err *e);

/*
 * The checkpoint at an anchor (index into h->conf.anchor): <anchor>/<origin, '/' as
 * '+'>/checkpoint. An anchor folder that is not there is ERR_STATE (not mounted?);
 * an anchor that has no checkpoint of this origin gives an empty note.
 */
bool log_anchor_read(const struct home *h, size_t anchor, struct span origin, struct arena *a,
                     struct span *note, struct err *e);
bool log_anchor_write(const struct home *h, size_t anchor, struct span origin, struct span note,
                      struct err *e);

#endif
