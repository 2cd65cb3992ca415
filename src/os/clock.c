#include "os/clock.h"

#include <time.h>

int64_t clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t); /* cannot fail for this clock */
    return t.tv_sec;
}
