/* Records in order on a spool, each key without what it shares with the one before. */
#ifndef CONTENT_RECORD_RUN_H
#define CONTENT_RECORD_RUN_H

#include "content/record.h"
#include "content/spool.h"

struct record_run {
    uint64_t from, count; /* where it begins on the spool; records */
};

/* `struct record_writer w = {.spool = s};` Records are written in order, a run after the other. */
struct record_writer {
    struct spool *spool;
    struct record_run run;
    uint64_t duplicates; /* in this run: records with the key of the one before */
    struct record_parts last;
    uint8_t string[RECORD_STRING_MAX]; /* of the last, where it is kept */
};

/* The next record begins a run. */
void record_writer_begin(struct record_writer *w);

/* Its pieces stay where they are until the next one is added, or record_writer_keep. */
bool record_writer_add(struct record_writer *w, const struct record_parts *r, struct err *e);

/* The same of one that may be out of order: then *follows is false, and it is not written. */
bool record_writer_follow(struct record_writer *w, const struct record_parts *r, bool *follows,
                          struct err *e);

/* The last, from here on the writer's own. */
struct record record_writer_keep(struct record_writer *w);

struct record_reader {
    struct spool_reader in;
    uint64_t left;
    struct record now; /* after record_reader_next; until the next call */
    uint8_t string[RECORD_STRING_MAX];
};

/* memory: bytes that may be read ahead. The spool outlives it. record_reader_close in any case. */
void record_reader_open(struct record_reader *r, const struct spool *s, struct record_run run,
                        uint64_t end, size_t memory);
void record_reader_close(struct record_reader *r);

/* *more is false behind the last. ERR_IO, also where the scratch file is not as it was written. */
bool record_reader_next(struct record_reader *r, bool *more, struct err *e);

#endif
