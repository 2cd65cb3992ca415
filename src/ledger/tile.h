/*
 * C2SP tlog-tiles: names and contents of tiles. A tile holds up to 256 hashes of
 * one level (tile level L holds the roots of subtrees of 256^L leaves); an entry
 * bundle holds up to 256 entries, each behind its u16 length.
 */
#ifndef LEDGER_TILE_H
#define LEDGER_TILE_H

#include "base/buf.h"
#include "base/err.h"
#include "ledger/tree.h"

enum { TILE_HEIGHT = 8, TILE_WIDTH = 1 << TILE_HEIGHT, TILE_LEVELS = 8, ENTRY_MAX = 65535 };

struct tile {
    unsigned level; /* 0..63; a log below 2^63 entries has TILE_LEVELS at the most */
    bool entries;   /* tile/entries/N instead of tile/L/N; its level is 0 */
    uint64_t index; /* N */
    unsigned width; /* 1..256; 256 is the full tile, without .p/W */
};

/* "tile/0/x001/x234/067.p/8". */
void tile_path(struct buf *b, struct tile t);

/* The width of tile (level, index) in a tree of `size`; 0 if it has none. Bundles: level 0. */
unsigned tile_width(uint64_t size, unsigned level, uint64_t index);

/*
 * Calls `each` for every tile and entry bundle that a log growing from old_size to
 * size has to write: entry bundles first, then hash tiles by level, each ascending.
 * A tile that became full is one; so is the partial tile at the right edge of a level
 * if it is new or wider than at old_size. Widths in between are not written: no
 * checkpoint ever named them. False, at once, where `each` is false or old_size > size.
 */
bool tile_each_new(uint64_t old_size, uint64_t size,
                   bool (*each)(void *ctx, struct tile t, struct err *e), void *ctx, struct err *e);

/*
 * Takes the next entry off an entry bundle; false with e->kind == ERR_NONE at its end,
 * ERR_FORMAT where an entry is cut short. It does not count: how many there are to be
 * is the width of the bundle's name.
 */
bool tile_entry_next(struct span *bundle, struct span *entry, struct err *e);
void tile_entry_add(struct buf *bundle, struct span entry); /* entry.n <= ENTRY_MAX */

/*
 * The leaf hashes of entries that tile_entry_next took off a bundle, many at once. The byte before
 * each, of its length, is overwritten: a leaf's hash is over a zero byte and the entry.
 */
void tile_leaves(uint8_t *bundle, const struct span *entry, size_t count, struct hash *leaf);

/*
 * Hashes of a tree of `size` read from tiles. `read` gives the bytes of a tile, valid
 * until its next call; it is asked for the widest tile that `size` allows. Hashes
 * inside a tile above its lowest row are computed.
 *
 * Nothing is kept: a hash costs one call of `read`, an exact check of the tile's
 * length and 2^(level mod 8) - 1 node hashes, which is 247 for the eight levels of one
 * tile. A proof asks for the same tile up to eight times in a row; a `read` that
 * remembers its last tile reads each once. Tiles are believed: a proof made from them
 * is to be checked against a signed root.
 */
struct tile_reader {
    bool (*read)(void *ctx, struct tile t, struct span *out, struct err *e);
    void *ctx;
    uint64_t size;
};
struct tree_hashes tile_hashes(struct tile_reader *r);

#endif
