/*
 * Objects and secrets that no entry names: the files of a transfer that was refused as a whole. A
 * run that was killed between putting objects and signing leaves others, files or words of a
 * person. They are harmless to the evidence, but `erase` cannot reach them.
 */
#ifndef STUDY_UNNAMED_H
#define STUDY_UNNAMED_H

#include "store/catalog.h"

/* ERR_INTEGRITY where something else lies among the objects. */
bool unnamed_each(const struct home *h, struct catalog *c,
                  bool (*each)(void *ctx, struct hash name, struct err *e), void *ctx,
                  struct err *e);

/*
 * The same for secrets, of every study that has entries. Each is random and of one revision, so one
 * that no entry names will never be needed.
 */
bool unnamed_each_secret(const struct home *h, struct catalog *c,
                         bool (*each)(void *ctx, struct span study, struct hash name,
                                      struct err *e),
                         void *ctx, struct err *e);

/* Destroys those of them that no entry of any study names. */
bool unnamed_destroy(struct home *h, struct catalog *c, const struct hash *name, size_t count,
                     struct err *e);

#endif
