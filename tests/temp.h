/* Temporary folders for tests, below $TMPDIR, gone when the test's process ends well. */
#ifndef TESTS_TEMP_H
#define TESTS_TEMP_H

#include "store/home.h"

/* A new empty folder: its path, and its descriptor in *fd. Remove it with temp_folder_end. */
const char *temp_folder(int *fd);
void temp_folder_end(const char *path, int fd);

/* A test home inside a new temporary folder, open with HOME_WORK and one study "S1". */
struct temp_home {
    const char *folder;
    int fd;
    char path[512];
    struct home *home;
};
struct temp_home temp_home(void);
void temp_home_end(struct temp_home *t);

#endif
