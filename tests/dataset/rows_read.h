/* Reads a whole dataset from memory, for tests. */
#ifndef TESTS_DATASET_ROWS_READ_H
#define TESTS_DATASET_ROWS_READ_H

#include "base/buf.h"
#include "dataset/rows.h"

struct rows_read {
    bool good;
    struct err err;
    struct issues notes;
    size_t members;
    uint64_t rows;  /* of all members */
    size_t columns; /* of the last member */
    uint64_t tail_ambiguous;
    enum text_encoding encoding;
    struct buf text; /* cells in <>, rows end in LF; quoted cells in <"">; numbers in hex */
};

/* What file_identify says, or the format given. `limits` may be NULL. */
struct rows_read rows_read(struct span file, enum file_format format,
                           const struct rows_limits *limits);
void rows_read_close(struct rows_read *r);

/* True where a note's detail contains `part`. */
bool rows_read_noted(const struct rows_read *r, const char *part);

#endif
