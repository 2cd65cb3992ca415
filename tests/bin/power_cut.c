/*
 * For scripts/soak: power_cut FOLDER: the ext4 file system that it is on forgets everything that
 * has not reached the disk, as when the power fails: EXT4_IOC_SHUTDOWN without flushing the
 * journal. Only unmounting helps then. Stop who writes there before (SIGSTOP): the call races with
 * an fsync.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* fs/ext4/ext4.h; linux/ has no header with it. */
#define EXT4_IOC_SHUTDOWN _IOR('X', 125, uint32_t)
enum { GOING_DOWN_NO_LOG_FLUSH = 2 };

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "power_cut: %s\n", why);
    exit(2);
}

int main(int argc, char *argv[])
{
    uint32_t how = GOING_DOWN_NO_LOG_FLUSH;
    if (argc != 2)
        host_fatal("say which folder");
    int folder = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || ioctl(folder, EXT4_IOC_SHUTDOWN, &how) != 0) {
        perror(argv[1]);
        return 1;
    }
    close(folder);
    return 0;
}
