/*
 * Memory that is denied for a while: a library that believes a size before it has
 * seen the bytes then gets none, and refuses the file. Of the whole process.
 */
#ifndef OS_MEMORY_H
#define OS_MEMORY_H

#include <stdint.h>

/* At most so many bytes of address space from now on; returns what it was, for memory_allow. */
uint64_t memory_limit(uint64_t bytes);
void memory_allow(uint64_t before);

#endif
