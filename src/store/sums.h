/*
 * SHA256SUMS: files of a backup and their SHA-256, as `sha256sum` prints it, so that `sha256sum -c`
 * reads it: "<hash>  <path>" LF, in order of path. A path is relative, without empty parts, "." and
 * "..", and without control bytes.
 */
#ifndef STORE_SUMS_H
#define STORE_SUMS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "crypto/sha256.h"

#define SUMS_NAME "SHA256SUMS"

enum {
    SUMS_MAX = 1 << 30, /* bytes: some 8 million files */
    SUMS_PATH_MAX = 4096,
};

struct sums_line {
    struct span path; /* in the arena */
    struct hash hash;
};

/* `struct sums s = {0};` is empty. */
struct sums {
    struct arena arena;
    struct sums_line *line;
    size_t count, cap;
};

void sums_close(struct sums *s);

/* `text` outlives *out, which need not be closed on failure. ERR_FORMAT: it is no such list. */
bool sums_parse(struct sums *out, struct span text, struct err *e);

/*
 * A journal of such lines, in any order, a path perhaps several times; where a write was cut off, a
 * line is none and is passed over. `text` outlives *out.
 */
void sums_parse_journal(struct sums *out, struct span text);

void sums_write_line(struct buf *b, const struct sums_line *line);

/* From the file of that name in the folder; empty where there is none. ERR_FORMAT: it is no such
 * list. */
bool sums_read(int folder, struct sums *out, struct err *e);

/* Durably in its place, in order of path. No path was added twice. */
bool sums_write(int folder, struct sums *s, struct err *e);

/* ERR_FORMAT where the path cannot be listed. */
bool sums_add(struct sums *s, struct span path, struct hash hash, struct err *e);

/* Brings what was added into order; needed before sums_find. */
void sums_sort(struct sums *s);

/* NULL where it is not listed. */
const struct sums_line *sums_find(const struct sums *s, struct span path);

/* Does some line say that? Of lists with repeated paths, too. */
bool sums_has(const struct sums *s, struct span path, struct hash hash);

bool sums_same(const struct sums *a, const struct sums *b); /* both sorted */

#endif
