/*
 * Copying files below one folder to the same names below another, as they are, while they are
 * hashed: what was hashed is what was written. So no copy_file_range(2), which would save one pass
 * through memory and read the bytes twice. Modes and times are kept, but for the permission to
 * write, which is the owner's alone. Links are not followed and not copied.
 */
#ifndef OS_COPY_H
#define OS_COPY_H

#include "crypto/sha256.h"
#include "os/publish.h"

enum { COPY_PATH_MAX = 4096, COPY_MODE = 0644 };

struct copying {
    int from, to;        /* folders */
    struct batch *batch; /* takes what was copied; temporary files lie in `to` */
    /* Shall it be copied? Also asked for links and the like, which never are. NULL: all. */
    bool (*wanted)(void *ctx, const char *path, const struct file_info *info, bool *out,
                   struct err *e);
    /* It was read and written. *keep false: the copy is dropped. */
    bool (*copied)(void *ctx, const char *path, struct hash hash, bool *keep, struct err *e);
    void *ctx;
    uint64_t files, bytes; /* that were copied */
};

/* The mode that a copy has. */
unsigned copy_mode(const struct file_info *of);

/* One file. One that is not there, or vanishes meanwhile, is passed over. */
bool copy_file(struct copying *c, const char *path, struct err *e);

/*
 * A folder and all below it, in order of names. Temporary files of others are passed over, and so
 * is a folder that is not there; ERR_LIMIT where folders nest deeper than DIR_DEPTH_MAX.
 */
bool copy_tree(struct copying *c, const char *path, struct err *e);

#endif
