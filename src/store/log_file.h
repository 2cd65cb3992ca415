/* What the parts of store/log share about the folder. */
#ifndef STORE_LOG_FILE_H
#define STORE_LOG_FILE_H

#include "store/log.h"

int log_folder(const struct log *l);
const char *log_study(const struct log *l);

/* Bytes of a tile or entry bundle, at least t.width wide, valid until the next of its level. */
bool log_read_tile(struct log *l, struct tile t, struct span *out, struct err *e);

/* What is asked for next is read from the disk. */
void log_forget(struct log *l);

#endif
