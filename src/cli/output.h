/*
 * What is printed: tables and issues for people, JSON lines for programs. Plain text,
 * no colours. Text that came from outside is made harmless for a terminal here.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdio.h>

#include "base/issue.h"
#include "base/time.h"
#include "crypto/sha256.h"
#include "crypto/sign.h"
#include "format/json_write.h"

/* Text from outside, for people: control bytes and what is not UTF-8 become '?'. */
void put_text(FILE *to, struct span s);

/* A text in `a`, like printf. */
const char *words(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "1 file", "2 files". */
const char *counted(struct arena *a, uint64_t n, const char *one, const char *many);

const char *shown_time(struct arena *a, int64_t seconds);

/* "SHA256:..." of a key. */
const char *shown_key(struct arena *a, const struct public_key *k);

/* --- tables --- */

enum { TABLE_COLUMNS_MAX = 9 };

/*
 * `struct table t = {.columns = 3, .right = {[1] = true}};` Columns are as wide as
 * what is in them.
 */
struct table {
    size_t columns;
    bool right[TABLE_COLUMNS_MAX]; /* aligned to the right: numbers */
    struct arena arena;
    struct buf cells; /* of struct span */
};

void table_cell(struct table *t, struct span text);
void table_text(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void table_print(struct table *t, FILE *to); /* and empties it */

/* --- issues --- */

/*
 * One line each, behind `indent`: place, detail, what the issue says and its id; then
 * how many more there are of it. Below `least` nothing is said.
 */
void issues_print(FILE *to, const char *indent, const struct issues *l, enum severity least);

/* --- JSON lines --- */

/* One canonical object a line: line_begin, json_out_*(&l->o, ...), line_end. */
struct line {
    struct buf b;
    struct json_out o;
};

void line_begin(struct line *l);
void line_end(struct line *l); /* writes it to stdout */

/* Text that may not be UTF-8. */
void line_text(struct line *l, const char *name, struct span s);
void line_time(struct line *l, const char *name, int64_t seconds);
void line_hash(struct line *l, const char *name, struct hash h);
void line_number(struct line *l, const char *name, uint64_t v);
void line_number_or_null(struct line *l, const char *name, bool there, uint64_t v);
void line_text_or_null(struct line *l, const char *name, struct span s); /* empty: null */
void line_type(struct line *l, const char *type);

/* A line of type "issue" for each sample; study and transfer say where; empty: null. */
void issues_lines(const struct issues *l, struct span study, struct span transfer);

/* --- the end --- */

/* "PROGRAM: error: ..." and "PROGRAM: hint: ...". */
void error_print(const char *program, const struct err *e);

enum exit_status { STATUS_GOOD, STATUS_BAD, STATUS_CANNOT, STATUS_BUSY, STATUS_ALARM };

enum exit_status error_status(const struct err *e);

/* The last JSON line: type "summary". error may be NULL. */
void summary_line(const char *command, enum exit_status status, const struct err *error,
                  const struct issues *l);

/* Everything printed so far has arrived, on both streams. */
bool output_good(void);

/* Everything printed has arrived; else ERR_IO: nobody may take silence for success. */
bool output_finish(struct err *e);

#endif
