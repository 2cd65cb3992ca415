/*
 * Other programs: started without a shell, with nothing of ours but two descriptors and a few
 * variables, for a bounded time. What they write is not believed before it was looked at.
 */
#ifndef OS_CHILD_H
#define OS_CHILD_H

#include "base/err.h"

enum { CHILD_FILE_MAX = 256 * 1024 * 1024, CHILD_VARIABLES_MAX = 8 };

struct child {
    const char *const
        *argument; /* program, found along PATH, and what it is given; ends with NULL */
    const char *const *variable; /* "NAME=value", besides PATH and LANG; ends with NULL */
    int input, output;           /* its standard input and output; its errors go nowhere */
    unsigned seconds;            /* then it is killed, and all that it started in its group */
};

/*
 * Runs it to its end. ERR_STATE: it is not there, it failed, was killed or took too long: text says
 * which. ERR_IO: nothing could be started.
 */
bool child_run(const struct child *c, struct err *e);

#endif
