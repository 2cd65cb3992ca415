/*
 * A ledger's files for whoever mends them: read whatever they are, and put anew. What was there
 * is set aside (store/aside.h). Nothing is proved here.
 */
#ifndef STORE_LOG_MEND_H
#define STORE_LOG_MEND_H

#include "store/log.h"

/*
 * What lies there, in a, up to what a tile can be long; the full form where the partial one is
 * gone; where that is not there either, the widest one of an earlier day, which is a beginning. .p
 * is NULL where there is nothing that can be read.
 */
bool log_mend_read(const struct log *l, struct tile t, struct arena *a, struct span *out,
                   struct err *e);

/* "ledger/S1/tile/0/000": below the home, in a. */
const char *log_mend_path(const struct log *l, struct arena *a, struct tile t);

bool log_mend_put(struct home *h, struct log *l, int64_t now, struct tile t, struct span bytes,
                  struct err *e);

/* The checkpoint, likewise. */
bool log_mend_publish(struct home *h, struct log *l, int64_t now, struct span note, struct err *e);

#endif
