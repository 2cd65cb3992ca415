/* What the parts of store/home share. */
#ifndef STORE_HOME_FILE_H
#define STORE_HOME_FILE_H

#include "store/home.h"

/* Nothing opened; home_close takes it. */
struct home *home_new(const char *path);

/* ERR_STATE on a file system of another host. */
bool home_check_local(const struct home *h, struct err *e);

/* Reads trialseal.conf into h->conf. */
bool home_read_conf(struct home *h, struct err *e);

/* Makes and opens all folders below h->root. */
bool home_make_parts(struct home *h, struct err *e);

/* A path without trailing slashes, split; ERR_USAGE where it names no folder of its own. */
bool home_split_path(struct arena *a, const char *path, const char **parent, const char **name,
                     struct err *e);

/* "folder/name", in a. */
char *home_join(struct arena *a, const char *folder, const char *name);

#endif
