#include "os/random.h"

#include <errno.h>
#include <stdint.h>
#include <sys/random.h>

#include "os/file.h"

bool random_bytes(void *p, size_t n, struct err *e)
{
    size_t got = 0;
    while (got < n) {
        ssize_t r = getrandom((uint8_t *)p + got, n - got, 0);
        if (r < 0 && errno != EINTR)
            return file_failed(e, "get random bytes from", "the kernel");
        if (r > 0)
            got += (size_t)r;
    }
    return true;
}
