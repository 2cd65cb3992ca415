/*
 * A transfer's manifest, MANIFEST.sha256: exactly what `sha256sum FILE...` prints
 * for flat names in text mode. A line is 64 lower-case hex digits, two blanks, a
 * file name as in dataset/names.h, LF. Nothing else: no binary marker, no escaped
 * name, no CR, no blank line, no name twice, not the manifest itself. The same
 * form with one line stands beside an archive: NAME.zip.sha256.
 */
#ifndef DATASET_TRANSFER_MANIFEST_H
#define DATASET_TRANSFER_MANIFEST_H

#include "base/arena.h"
#include "base/err.h"
#include "crypto/sha256.h"

enum { TRANSFER_MANIFEST_LINES = 20000 };

struct manifest_line {
    struct span name; /* lies in the parsed text */
    struct hash hash;
};

struct transfer_manifest {
    const struct manifest_line *line; /* ascending by name */
    size_t lines;                     /* at least 1 */
};

/*
 * `self` is the manifest's own name, `most` how many lines it may have (1 for
 * NAME.zip.sha256). *out lives in *a and borrows from text. ERR_FORMAT names the
 * line; ERR_LIMIT for too many.
 */
bool transfer_manifest_parse(struct arena *a, struct span text, struct span self, size_t most,
                             struct transfer_manifest *out, struct err *e);

#endif
