#include "os/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "os/file.h"

bool lock_take(int folder, const char *path, struct lock *out, struct err *e)
{
    out->fd = openat(folder, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, FILE_PRIVATE);
    if (out->fd < 0)
        return file_failed(e, "open", path);
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(out->fd, F_OFD_SETLK, &all) == 0)
        return true;
    if (errno == EAGAIN || errno == EACCES)
        err_set(e, ERR_BUSY, "another run is at work here (%s)", path);
    else
        file_failed(e, "lock", path);
    lock_drop(out);
    return false;
}

void lock_drop(struct lock *l)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
}
