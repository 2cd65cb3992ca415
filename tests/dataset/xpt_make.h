/* Writes SAS transport files, with knobs to write them wrong. Nothing else than tests uses it. */
#ifndef TESTS_DATASET_XPT_MAKE_H
#define TESTS_DATASET_XPT_MAKE_H

#include "base/buf.h"

struct xpt_make {
    struct buf b;
    bool v8;
    size_t namestr; /* 0: 140 */
    size_t row_bytes;
};

struct xpt_make_variable {
    const char *name, *label;
    int type; /* 1 number, 2 text */
    int length;
    const char *format;
    int position; /* + 1; 0: behind the variable before */
};

void xpt_make_library(struct xpt_make *x);
void xpt_make_member(struct xpt_make *x, const char *name, const struct xpt_make_variable *v,
                     size_t n);

/* LABELV8, or LABELV9 with the format's text, for one variable; at most one block a member. */
void xpt_make_label(struct xpt_make *x, bool formats, unsigned number, const char *name,
                    const char *label, const char *format);

/* count < 0: thirty zeroes. */
void xpt_make_rows(struct xpt_make *x, int64_t count);

/* Up to a multiple of 80. */
void xpt_make_pad(struct xpt_make *x, uint8_t c);

/* A record "HEADER RECORD*******name    HEADER RECORD!!!!!!!digits". */
void xpt_make_header(struct xpt_make *x, const char *name, const char *digits);

/* Appends text in a field of n bytes, blanks behind. */
void xpt_make_text(struct buf *b, const char *text, size_t n);

/* One member SMALL: A text 5 and B number 8; `rows` rows, "row n" and n in low bytes. */
struct span xpt_make_small(struct xpt_make *x, unsigned rows);

#endif
