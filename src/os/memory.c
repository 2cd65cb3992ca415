#include "os/memory.h"

#include <sys/resource.h>

/* A sanitizer's shadow is larger than any limit. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static void set(uint64_t bytes)
{
    struct rlimit r;
    if (SANITIZED || getrlimit(RLIMIT_AS, &r) != 0)
        return;
    r.rlim_cur = bytes;
    setrlimit(RLIMIT_AS, &r);
}

uint64_t memory_limit(uint64_t bytes)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_AS, &r) != 0)
        return RLIM_INFINITY;
    set(bytes < r.rlim_cur ? bytes : r.rlim_cur);
    return r.rlim_cur;
}

void memory_allow(uint64_t before)
{
    set(before);
}
