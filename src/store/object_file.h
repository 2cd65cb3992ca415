/*
 * Object files: where they lie, and the gzip header (RFC 1952, section 2.3) of those
 * that are deflated. It is 24 fixed bytes but for one extra field "TS", 8 bytes,
 * little-endian: the original size, which gzip's own trailer keeps only modulo 2^32.
 */
#ifndef STORE_OBJECT_FILE_H
#define STORE_OBJECT_FILE_H

#include "crypto/sha256.h"
#include "os/file.h"
#include "store/home.h"

enum {
    OBJECT_PATH_MAX = 72,
    OBJECT_FOLDER = 3, /* "xx/" */
    OBJECT_HEADER = 24,
    OBJECT_TRAILER = 8, /* CRC-32 and size, little-endian */
};

/* "xx/<62 digits>" or "xx/<62 digits>.gz", below objects/. */
void object_path(struct hash name, bool deflated, char out[OBJECT_PATH_MAX]);

void object_header(uint64_t size, uint8_t out[OBJECT_HEADER]);
void object_trailer(uint32_t crc32, uint64_t size, uint8_t out[OBJECT_TRAILER]);

struct object_file {
    struct file file;
    bool deflated;
    uint64_t size;   /* of the original bytes */
    uint64_t stored; /* bytes of the deflate stream, or size */
    uint64_t at;     /* where they begin */
    uint32_t crc32;  /* of the original bytes, if deflated */
};

/* The deflated form where there are both. ERR_INTEGRITY where there is none or it is misshapen. */
bool object_file_open(const struct home *h, struct hash name, struct object_file *out,
                      struct err *e);

struct object;

/* Stored bytes go there, too, as object_next reads them. */
void object_tee(struct object *o, struct sink to);

/* What o is read from. */
const struct object_file *object_opened(const struct object *o);

#endif
