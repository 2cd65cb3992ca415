/*
 * Transfers that come as one archive: ZIP, 7-Zip, or tar (ustar, pax, GNU), the
 * last also within gzip or zstd. Members are regular files with flat names as in
 * dataset/names.h; one folder that holds all of them is taken off. Anything else
 * (links, devices, deeper folders, a name twice, encryption) is refused, and so is
 * whatever libarchive only warns about. Bytes behind the archive are refused as
 * far as the format lets one see them; ZIP may carry a comment.
 *
 * An archive is only good when archive_in_next gave ARCHIVE_IN_END.
 */
#ifndef DATASET_ARCHIVE_H
#define DATASET_ARCHIVE_H

#include "base/io.h"
#include "dataset/identify.h"

/* Above them: ERR_LIMIT. */
struct archive_in_limits {
    size_t members;
    uint64_t bytes; /* of all members together */
    uint64_t ratio; /* of bytes out to bytes in */
    uint64_t small; /* up to so many bytes out, any ratio will do */
};
/* 20,000 members; 256 GiB; 1,000 to 1; 256 MiB */
extern const struct archive_in_limits archive_in_limits_default;

struct archive_in_member {
    const char *name; /* flat, checked; until the next archive_in_next */
    bool size_known;
    uint64_t size;
};

enum archive_in_step { ARCHIVE_IN_FAILED, ARCHIVE_IN_MORE, ARCHIVE_IN_END };

struct archive_in;

/* True for what may be an archive: FILE_ZIP, FILE_7Z, FILE_TAR, FILE_GZIP, FILE_ZSTD. */
bool archive_in_readable(enum file_format f);

/* `source` is copied, what it reads from outlives the archive; limits NULL for the default. */
bool archive_in_open(struct source source, enum file_format format,
                     const struct archive_in_limits *limits, struct archive_in **out,
                     struct err *e);

/* Steps to the next member; one whose bytes were not taken is read over, and checked. */
enum archive_in_step archive_in_next(struct archive_in *a, struct archive_in_member *out,
                                     struct err *e);

/* All bytes of the current member, in blocks; once for each member. */
bool archive_in_copy(struct archive_in *a, struct sink to, struct err *e);

void archive_in_close(struct archive_in *a);

#endif
