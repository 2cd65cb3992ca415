/*
 * What is damaged is never deleted: before something better takes its place it is put into
 * HOME/damaged/<time>/<its path in the home>, for whoever has to find out what happened.
 */
#ifndef STORE_ASIDE_H
#define STORE_ASIDE_H

#include "store/home.h"

#define HOME_DAMAGED "damaged"

enum { ASIDE_TRIES = 1000 }; /* damaged files of one name and second that find room */

/* `path` is below the home; absent is fine. Durable. */
bool aside_move(struct home *h, int64_t now, const char *path, struct err *e);

/*
 * The same, but a file keeps its name as well, until it is replaced: so a crash in between does
 * not take from its place what may still be good in it.
 */
bool aside_keep(struct home *h, int64_t now, const char *path, struct err *e);

#endif
