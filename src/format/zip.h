/*
 * ZIP for evidence (docs/FORMAT.md, chapter "Archive"): one meaning, one encoding.
 * The writer writes members in ascending byte order of their names with fixed
 * header fields; the reader refuses any archive that this writer would not have
 * written: prefix, suffix, gaps, overlaps, comments, extra fields other than the
 * exact ZIP64 one, flags, data descriptors, names out of order or not portable,
 * directories, links, other methods than store and deflate, lying sizes.
 */
#ifndef FORMAT_ZIP_H
#define FORMAT_ZIP_H

#include "base/arena.h"
#include "base/err.h"
#include "base/io.h"
#include "crypto/sha256.h"

enum {
    ZIP_NAME_MAX = 1024,
    ZIP_MEMBERS_MAX = 4000000,
    ZIP_DIRECTORY_MAX = 512 * 1024 * 1024, /* bytes of central directory */
};

enum zip_method { ZIP_STORED = 0, ZIP_DEFLATED = 8 };

/*
 * Parts [A-Za-z0-9._-] joined by '/': no empty part, none that begins or ends with
 * a dot ... (FORMAT, "Names"): portable to every file system that unpacks it.
 */
bool zip_name_check(struct span name);

/* Windows opens a device for this part of a name, whatever extension follows. */
bool zip_name_device(struct span part);

/* --- writing --- */

struct zip_writer; /* opaque */

struct zip_writer *zip_create(struct sink out);

/* Names strictly ascending, else ERR_USAGE. Sizes are written first, so they must be known. */
struct zip_member {
    struct span name;
    enum zip_method method;
    uint32_t crc32;  /* of the uncompressed bytes */
    uint64_t size;   /* uncompressed */
    uint64_t stored; /* bytes in the archive: == size when stored */
};

/*
 * Begins a member; then exactly m->stored bytes go through zip_feed. Those of a stored member
 * must have the CRC-32; the next zip_add or zip_finish refuses otherwise.
 */
bool zip_add(struct zip_writer *w, const struct zip_member *m, struct err *e);
bool zip_feed(struct zip_writer *w, struct span bytes, struct err *e);

/* A whole small member, stored; computes its CRC. */
bool zip_add_bytes(struct zip_writer *w, struct span name, struct span bytes, struct err *e);

/*
 * Central directory and end records. Then only zip_close. ERR_USAGE where names collide when case
 * is ignored.
 */
bool zip_finish(struct zip_writer *w, struct err *e);
void zip_close(
    struct zip_writer *w); /* NULL is fine; without zip_finish the output is not an archive */

/* --- reading --- */

struct zip_reader; /* opaque */

/* Reads and checks the directory; keeps it in memory; reads it once. */
bool zip_open(struct source in, struct zip_reader **out, struct err *e);
void zip_shut(struct zip_reader *r); /* NULL is fine */

size_t zip_count(const struct zip_reader *r);
void zip_stat(const struct zip_reader *r, size_t i, struct zip_member *out); /* name lives in r */

/* Index of the member of that name, or zip_count(r). */
size_t zip_find(const struct zip_reader *r, struct span name);

/*
 * Streams member i to `out`, uncompressed, in blocks; checks local header, sizes, CRC-32 and
 * that a deflate stream ends exactly where its bytes end. If stored_hash is not NULL it gets
 * the SHA-256 of the bytes as they lie in the archive. Every byte of a member is read once. What
 * went to `out` is provisional until this returns true.
 */
bool zip_read(struct zip_reader *r, size_t i, struct sink out, struct hash *stored_hash,
              struct err *e);

/*
 * The bytes of member i as they lie in the archive, to be fed to a writer; nothing but the central
 * header is checked. For members that zip_read has checked, or that will be read again.
 */
bool zip_copy(struct zip_reader *r, size_t i, struct sink out, struct err *e);

/* As zip_read into memory, at most `max` bytes, else ERR_LIMIT. */
bool zip_read_all(struct zip_reader *r, size_t i, size_t max, struct arena *a, struct span *out,
                  struct err *e);

#endif
