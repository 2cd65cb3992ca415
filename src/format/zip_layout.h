/*
 * The records of an archive (docs/FORMAT.md, "Archive"; PKWARE's APPNOTE 4.3), for
 * writer and reader alone. There is one function that writes each record, and the
 * reader takes a record only if it is byte for byte what that function writes.
 */
#ifndef FORMAT_ZIP_LAYOUT_H
#define FORMAT_ZIP_LAYOUT_H

#include "base/buf.h"
#include "format/zip.h"

enum {
    ZIP_LOCAL_SIZE = 30,       /* of a local header, without name and extra field */
    ZIP_CENTRAL_SIZE = 46,     /* of a central header, likewise */
    ZIP_END_SIZE = 22,         /* of the end record */
    ZIP_END64_SIZE = 56 + 20,  /* of the ZIP64 end record and its locator */
    ZIP_LOCAL_EXTRA_SIZE = 20, /* of the ZIP64 extra field in a local header */
    ZIP_BLOCK = 64 * 1024,     /* bytes that are streamed at a time */
};

/* A member and the offset of its local header. */
struct zip_entry {
    struct zip_member member;
    uint64_t at;
};

/* What the records behind the last member say. */
struct zip_tail {
    uint64_t count, directory_size, directory_at;
};

/* Append one record. */
void zip_put_local(struct buf *b, const struct zip_entry *x);
void zip_put_central(struct buf *b, const struct zip_entry *x);
void zip_put_tail(struct buf *b, const struct zip_tail *t);

/* Bytes of the headers, with name and extra field. */
size_t zip_local_size(const struct zip_entry *x);
size_t zip_central_size(const struct zip_entry *x);

/*
 * Takes what the central header at the front of *rest says, and the header off *rest; the name
 * borrows from it. False where it is cut off or its ZIP64 extra field does not fit its fields.
 * What it says is true only after zip_check_central.
 */
bool zip_take_central(struct span *rest, struct zip_entry *x, struct err *e);

/*
 * The bytes are those that zip_put_... writes; else ERR_FORMAT names the first field
 * that differs.
 */
bool zip_check_local(struct span bytes, const struct zip_entry *x, struct err *e);
bool zip_check_central(struct span bytes, const struct zip_entry *x, struct err *e);

/*
 * end: the archive's last ZIP_END_SIZE bytes. zip_end_is_full: what it says did not fit, the ZIP64
 * records stand before it. zip_take_tail: reads `bytes`, the records with or without those of
 * ZIP64, in an archive of that size; checks them as above.
 */
bool zip_end_is_full(struct span end);
bool zip_take_tail(struct span bytes, uint64_t archive_size, struct zip_tail *t, struct err *e);

/* The name in a whole central header. */
struct span zip_central_name(const uint8_t *header);

/* Why a member or name is not allowed; NULL if it is. */
const char *zip_member_fault(const struct zip_member *m);
const char *zip_name_fault(struct span name);

/* Central headers in memory, and where each begins. */
struct zip_directory {
    struct buf bytes;
    uint32_t *begins;
    size_t count, room;
};

void zip_directory_close(struct zip_directory *d);

/* Notes that the next header begins at d->bytes.p + at; at < ZIP_DIRECTORY_MAX. */
void zip_directory_mark(struct zip_directory *d, size_t at);

struct span zip_directory_name(const struct zip_directory *d, size_t i);

/* Why m cannot be the next member; NULL if it can. */
const char *zip_directory_fault(const struct zip_directory *d, const struct zip_member *m);

/*
 * No two names are the same but for ASCII case, no folder is spelled in two ways, and no member
 * is a folder of another. Else false and the two. O(n log n), 8 bytes a member.
 */
bool zip_directory_distinct(const struct zip_directory *d, size_t *one, size_t *other);

#endif
