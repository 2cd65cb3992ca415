/*
 * A piece of an audit: one entry bundle and its tile, read, hashed and matched. That is most of the
 * work, and no piece needs another; so threads do it (os/thread.h). What remains, the rules among
 * entries, the upper tiles and the root, is done in order by whoever takes the pieces out.
 */
#ifndef AUDIT_AUDIT_PIECE_H
#define AUDIT_AUDIT_PIECE_H

#include "ledger/entry.h"
#include "store/log.h"

struct audit_piece {
    uint64_t index; /* of the bundle; set by the caller */

    unsigned width, count; /* entries that it must hold; that it holds */
    struct err missing;    /* it could not be read, or does not hold width entries and no more */
    struct span entry[TILE_WIDTH]; /* in bytes */
    struct hash leaf[TILE_WIDTH];
    bool matched[TILE_WIDTH];
    struct entry x[TILE_WIDTH]; /* of those that matched; the others have to be parsed */

    struct err no_tile; /* the tile could not be read */
    unsigned different; /* the first entry whose hash the tile has not; width where there is none */
    struct hash root;   /* of a full one */

    struct buf bytes, tile;
};

struct audit_ledger {
    const struct log *log;
    uint64_t size;
};

/* For crew_open: ctx is a struct audit_ledger, the block a struct audit_piece. */
void audit_piece_read(void *ctx, void *block);

#endif
