/*
 * The digest of many hashes that come one after the other (FORMAT 12.3). Where there are many, and
 * two processors, a thread takes them, while the caller finds those that come next.
 *
 *     struct hash_digest *d = hash_digest_open(columns, many);
 *     hash_digest_add(d, h, n);
 *     struct hash digest = hash_digest_close(d);
 */
#ifndef CONTENT_HASH_DIGEST_H
#define CONTENT_HASH_DIGEST_H

#include "crypto/sha256.h"

struct hash_digest; /* opaque */

struct hash_digest *hash_digest_open(struct hash columns, bool many);
void hash_digest_add(struct hash_digest *d, const struct hash *h, size_t n);
struct hash hash_digest_close(struct hash_digest *d);

#endif
