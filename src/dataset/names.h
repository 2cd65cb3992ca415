/*
 * Names of the files of a transfer, and sets of names.
 *
 * A file name is flat: UTF-8, 1 to 255 bytes, no '/', no '\', no control
 * character (C0, DEL, C1), and neither "." nor "..".
 */
#ifndef DATASET_NAMES_H
#define DATASET_NAMES_H

#include "base/arena.h"
#include "base/err.h"

enum { FILE_NAME_MAX = 255 };

/* ERR_FORMAT says what is wrong with it. */
bool file_name_check(struct span name, struct err *e);

/* `struct name_set s = {0};` is empty. Names are copied. */
struct name_set {
    struct arena arena;
    struct span *slot;
    size_t slots, used;
};

/* False where the set has it already. */
bool name_set_add(struct name_set *s, struct span name);
void name_set_close(struct name_set *s);

#endif
