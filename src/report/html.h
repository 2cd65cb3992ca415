/*
 * Writing HTML5 into a buffer. Markup is from literals of ours; whatever else goes through
 * html_text or html_said, so nothing that came from outside can be markup.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "base/buf.h"
#include "crypto/sha256.h"

/* A literal of ours, as it stands. */
void html_raw(struct buf *b, const char *markup);

/*
 * Text, escaped for elements and quoted attributes. Control bytes, what is not UTF-8, and the
 * characters that turn the direction of what follows become '?'.
 */
void html_text(struct buf *b, struct span s);

/* The same for what somebody else wrote: set apart, so that its direction ends with it. */
void html_said(struct buf *b, struct span s);

/* Like printf, then html_text; for our own words and numbers, at most 511 bytes. */
void html_format(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void html_number(struct buf *b, uint64_t v); /* 21,102 */

/* "1 file", "2,000 files". */
void html_counted(struct buf *b, uint64_t n, const char *one, const char *many);

void html_hash(struct buf *b, struct hash h);      /* all 64 digits; may break anywhere */
void html_time(struct buf *b, int64_t seconds);    /* 2026-01-12 22:00:03, UTC */
void html_day(struct buf *b, int64_t seconds);     /* 2026-01-12 */
struct span html_day_text(int64_t s, char *text);  /* the same into TIME_TEXT + 1 bytes, bare */
struct span html_month_text(int64_t s, char *out); /* 2026-01 */

/* <a href="HREF">; the caller writes what is between, and "</a>". */
void html_link(struct buf *b, struct span href);

/* --- lists of facts --- */

void html_fact(struct buf *b, const char *name); /* opens dt, dd */
void html_fact_end(struct buf *b);

/* --- tables --- */

struct html_column {
    const char *name;
    bool number; /* aligned to the right */
};

/* A table that is being written; it scrolls by itself where the page is narrow. */
struct html_table {
    struct buf *b;
    const struct html_column *column; /* borrowed */
    size_t columns, at;               /* cells of the row so far */
};

/* `label` says what it is, for all who do not see it; `kind` is its class, or NULL. */
struct html_table html_table(struct buf *b, const char *label, const char *kind,
                             const struct html_column *c, size_t columns);
void html_table_end(struct html_table *t);

/* A row; `id` NULL: none. Its first cell says what it is about. Cells that are not begun are blank.
 */
void html_row(struct html_table *t, const char *id);
void html_cell(struct html_table *t); /* what is written from here on is in the next cell */
void html_row_end(struct html_table *t);

void html_count_cell(struct html_table *t, uint64_t n); /* blank for 0 */

#endif
