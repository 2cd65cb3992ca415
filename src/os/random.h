/* Random bytes from the kernel (getrandom(2)). */
#ifndef OS_RANDOM_H
#define OS_RANDOM_H

#include "base/err.h"

bool random_bytes(void *p, size_t n, struct err *e);

#endif
