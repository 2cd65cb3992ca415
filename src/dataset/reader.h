/* Between rows.c and the readers: not for others. */
#ifndef DATASET_READER_H
#define DATASET_READER_H

#include "base/buf.h"
#include "dataset/rows.h"
#include "dataset/window.h"

/* The functions behind rows_*; each is called only in a state where it makes sense. */
struct rows_reader {
    uint32_t formats; /* 1 << file_format of what it reads */
    bool (*open)(struct rows *r, struct err *e);
    enum rows_step (*member)(struct rows *r, struct err *e); /* the one before is at its end */
    enum rows_step (*next)(struct rows *r, struct row *out, struct err *e);
    void (*close)(struct rows *r); /* of what open began, even where open failed */
};

struct rows {
    const struct rows_reader *reader;
    struct rows_input in;
    struct window window;
    struct arena file;   /* lives as long as the reader */
    struct arena member; /* emptied before each member */
    struct dataset_info info;
    enum rows_step step; /* what rows_next said last in this member */
    size_t members;
    bool nothing; /* open found that the file holds no dataset */
    void *state;  /* the reader's own */

    struct buf decoded; /* texts of the row that were not UTF-8, as UTF-8 */
    struct cell *decoded_cell;
};

extern const struct rows_reader rows_csv, rows_xpt, rows_dataset_json, rows_odm;

/* A peculiarity, once. */
void rows_note(struct rows *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Text of that row went by, or of names and labels (row 0): keeps info.encoding. */
void rows_saw_text(struct rows *r, struct span text, uint64_t row);

/* The same of the texts of the next row: its cells, which lie in one place, one behind the other.
 */
void rows_saw_cells(struct rows *r, const struct cell *cell, size_t cells);

/* The cells' text is complete, one behind the other, so its place is fixed. */
void rows_point_cells(struct buf *text, struct cell *cell, size_t cells);

/* rows_decode.c: what is not UTF-8 of the member's names and labels, or of a row. */
bool rows_decode_member(struct rows *r, struct err *e);
bool rows_decode_row(struct rows *r, struct row *row, struct err *e);

/* Notes on unnamed and repeated columns. */
void rows_note_names(struct rows *r);

#endif
