/* The system's clock: seconds since 1970, UTC. */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdint.h>

int64_t clock_now(void);

#endif
