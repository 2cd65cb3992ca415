/* Streams the bytes of one member: zip_read.c knows the directory, zip_unpack.c the members. */
#ifndef FORMAT_ZIP_UNPACK_H
#define FORMAT_ZIP_UNPACK_H

#include "format/zip_layout.h"

struct zip_unpacker; /* its memory, used again for each member */

struct zip_unpacker *zip_unpacker_open(void);
void zip_unpacker_close(struct zip_unpacker *u); /* NULL is fine */

/* As zip_read: the entry was checked against the directory and lies inside of `in`. */
bool zip_unpack(struct zip_unpacker *u, struct source in, const struct zip_entry *x,
                struct sink out, struct hash *stored_hash, struct err *e);

#endif
