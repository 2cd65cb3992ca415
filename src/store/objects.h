/*
 * Objects: bytes by their SHA-256, under objects/xx/. An object lies there either
 * as its own bytes (objects/xx/<62 digits>) or deflated, once and for ever
 * (the same with ".gz": a gzip file, RFC 1952, with one fixed header). Nothing is
 * returned as good whose bytes do not give the name. Objects that no entry names
 * are harmless; entries that name no object are not: so objects come first.
 */
#ifndef STORE_OBJECTS_H
#define STORE_OBJECTS_H

#include "crypto/sha256.h"
#include "format/zip.h"
#include "os/file.h"
#include "store/home.h"

enum {
    OBJECT_DEFLATE_LEVEL = 6,
    OBJECT_DEFLATE_MIN = 4096,      /* smaller ones are kept as they are: a disk block each way */
    OBJECT_SAMPLES = 16,            /* pieces that decide whether deflating is worth it ... */
    OBJECT_SAMPLE_SIZE = 16 * 1024, /* ... evenly spread: a pure function of the bytes */
    OBJECT_WORTH_PERCENT = 90,      /* deflated samples must not be larger than this */
};

/* --- putting --- */

/* Objects that become durable together. */
struct objects_put; /* opaque */

struct objects_put *objects_put_open(struct home *h);

/* A nameless file on the same disk, for what has to be unpacked first; file_close it. */
bool objects_put_scratch(struct objects_put *p, struct file *out, struct err *e);

/* One at a time: begin, feed as often as you like, end. */
bool objects_put_begin(struct objects_put *p, struct err *e);
bool objects_put_feed(struct objects_put *p, struct span bytes, struct err *e);

/* The SHA-256 of what was fed so far. */
struct hash objects_put_hash(const struct objects_put *p);

/*
 * The name of what was fed, and its size. With `expected` other than that:
 * ERR_FORMAT, *out is set and nothing is kept. What is there already is kept.
 */
bool objects_put_end(struct objects_put *p, const struct hash *expected, struct hash *out,
                     uint64_t *size, struct err *e);
void objects_put_drop(struct objects_put *p); /* ends the one begun without keeping it */

bool objects_put_bytes(struct objects_put *p, struct span bytes, struct hash *out, struct err *e);

/* All that were put are durable and can be opened. Not before. */
bool objects_put_commit(struct objects_put *p, struct err *e);
void objects_put_close(struct objects_put *p); /* what was not committed is gone; NULL is fine */

/* One object, durable at once. */
bool objects_put_one(struct home *h, struct span bytes, struct hash *out, struct err *e);

/* --- getting --- */

struct object; /* opaque */

/* ERR_INTEGRITY where it is absent or no object file: entries name only what was durable. */
bool objects_open(const struct home *h, struct hash name, struct object **out, struct err *e);
void object_close(struct object *o); /* NULL is fine */

uint64_t object_size(const struct object *o); /* of the original bytes */
enum zip_method object_method(const struct object *o);

/* Bytes as a ZIP member holds them: the deflate stream, or the original. Not hashed. */
struct source object_stored(struct object *o);

/* CRC-32 of the original bytes; of an object that is not deflated it has to read them. */
bool object_crc32(struct object *o, uint32_t *out, struct err *e);

/*
 * The original bytes, block by block, empty at the end; a block is valid until the
 * next call. The end comes only after the hash was right, else ERR_INTEGRITY: so
 * whoever wrote the blocks somewhere keeps them only after the end.
 */
bool object_next(struct object *o, struct span *block, struct err *e);

/* The same into a sink. */
bool object_read(struct object *o, struct sink out, struct err *e);

/* The same into memory, at most `max` bytes, else ERR_LIMIT. */
bool objects_read_all(const struct home *h, struct hash name, size_t max, struct arena *a,
                      struct span *out, struct err *e);

/*
 * A descriptor of the original bytes, for readers that seek: the object file
 * itself, or a nameless file into which it was inflated and checked.
 */
bool objects_open_plain(const struct home *h, struct hash name, struct file *out, struct err *e);

bool objects_has(const struct home *h, struct hash name, bool *out, struct err *e);

/*
 * There is a file for it, and a plain one has that size (OBJECT_SIZE_ANY: not known): ERR_INTEGRITY
 * where not. Reads nothing.
 */
#define OBJECT_SIZE_ANY UINT64_MAX
bool objects_look(const struct home *h, struct hash name, uint64_t size, struct err *e);

/*
 * Removes both forms durably; absent is fine. What the disk keeps of removed files, docs/DESIGN.md
 * says. Only for what an entry says is erased, and no other study needs.
 */
bool objects_destroy(struct home *h, struct hash name, struct err *e);

/* Every object, ascending; a file that is no object is ERR_INTEGRITY. */
bool objects_each(const struct home *h, bool (*each)(void *ctx, struct hash name, struct err *e),
                  void *ctx, struct err *e);

/* --- copying --- */

struct object_copy {
    char path[80];   /* of the object file below the home: "objects/..." */
    uint64_t bytes;  /* of the object file */
    struct hash sum; /* SHA-256 of its bytes; of an object that is not deflated, its name */
};

/* Path and bytes of what lies there; not opened, sum is not set. */
bool objects_stat(const struct home *h, struct hash name, struct object_copy *out, bool *found,
                  struct err *e);

/*
 * The object file, as it is, into a sink. Like object_next: whoever keeps the bytes does so only
 * after true, for only then the hash was right. ERR_INTEGRITY: absent or damaged.
 */
bool objects_copy(const struct home *h, struct hash name, struct sink to, struct object_copy *out,
                  struct err *e);

/* --- deflating --- */

/*
 * Deflates the object if that is worth it and has not been done. The deflated file
 * is verified before the other is removed. Call it for everything that a bundle
 * will carry before it is bundled: then a bundle's bytes never change.
 */
bool objects_deflate(struct home *h, struct hash name, struct err *e);

#endif
