/*
 * The bytes of a source in blocks, forwards, for readers that take a stream; where
 * the source is a gzip (RFC 1952) or zlib (RFC 1950) stream, what it inflates to.
 * Such a stream is one member, whole, with the right check value, and nothing
 * behind it; else ERR_FORMAT. Deflate gives at most 1,032 bytes for one, and memory
 * is two blocks, so there is no limit of its own.
 */
#ifndef DATASET_BLOCKS_H
#define DATASET_BLOCKS_H

#include "base/io.h"

struct blocks; /* opaque */

/* From offset `at`. The source outlives it. */
struct blocks *blocks_open(struct source source, uint64_t at);
struct blocks *blocks_open_inflated(struct source source);
void blocks_close(struct blocks *b);

/* For struct json_input: the next block, until the next call; empty at the end. */
bool blocks_next(void *blocks, struct span *block, struct err *e);

#endif
