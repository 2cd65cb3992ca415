/*
 * Secrets: 32 random bytes for each revision whose dataset was read, from which the salts of its
 * record tree come (docs/FORMAT.md, 12.6). HOME/secrets/<STUDY>/<SHA-256 of them>; so nothing is
 * returned as good that is not what an entry names. Who has one can tell whether a record that he
 * guesses was in the dataset: so they leave the home only into a backup of their own, and are
 * destroyed with the data.
 */
#ifndef STORE_SECRETS_H
#define STORE_SECRETS_H

#include "os/publish.h"
#include "store/home.h"

enum { SECRET_SIZE = 32 };

/* Into the batch: durable when that is committed. *name: what the entry says. */
bool secrets_put(struct home *h, struct batch *b, struct span study,
                 const uint8_t secret[SECRET_SIZE], struct hash *name, struct err *e);

/*
 * To be wiped after use. ERR_INTEGRITY: absent, or not these bytes; ERR_STATE: others have access
 * to it.
 */
bool secrets_read(const struct home *h, struct span study, struct hash name,
                  uint8_t out[SECRET_SIZE], struct err *e);

/* Is there a file of that name? Reads nothing. */
bool secrets_has(const struct home *h, struct span study, struct hash name, bool *out,
                 struct err *e);

/* Its path below the home. */
enum { SECRET_PATH_MAX = 8 + STUDY_NAME_MAX + 1 + 2 * SHA256_SIZE + 1 };
const char *secrets_path(struct span study, struct hash name, char path[SECRET_PATH_MAX]);

/* Removes it durably; absent is fine. */
bool secrets_destroy(struct home *h, struct span study, struct hash name, struct err *e);

/* Every secret of the study, ascending; a file that is none is ERR_INTEGRITY. Nothing is read. */
bool secrets_each(const struct home *h, struct span study,
                  bool (*each)(void *ctx, struct hash name, struct err *e), void *ctx,
                  struct err *e);

#endif
