/*
 * The canonical form of a dataset's records (FORMAT 12): the same bytes for the same
 * data, whether they came as XPT, Dataset-JSON or CSV. Columns by name, cells typed
 * and with their length; numbers at 15 significant digits, and beside them, where that
 * leaves something out, at as many as a double has.
 *
 *     struct canonical *c = canonical_open(rows_info(rows), &notes, name);
 *     while (rows_next(rows, &row, e) == ROWS_MORE)
 *         canonical_row(c, &row, &record);
 */
#ifndef CONTENT_CANONICAL_H
#define CONTENT_CANONICAL_H

#include "crypto/sha256.h"
#include "dataset/rows.h"

/* What the values of a column are. Dates and times: numbers with such a format, or declared so. */
enum column_class { CLASS_TEXT, CLASS_NUMBER, CLASS_DATE, CLASS_DATETIME, CLASS_TIME };

enum column_class column_class(const struct column *c);

enum { CANONICAL_FORM = 1 }; /* the version of FORMAT 12 that this is */

struct canonical; /* opaque */

/*
 * Of one member; its columns and `notes`, which takes ISSUE_FORMAT_NOTE, outlive it.
 * Each peculiarity of a column is noted once.
 */
struct canonical *canonical_open(const struct dataset_info *info, struct issues *notes,
                                 const char *place);
void canonical_close(struct canonical *c);

/* The digest of the columns' names, which begins every digest of content. */
struct hash canonical_columns(const struct canonical *c);

struct canonical_record {
    struct span bytes;
    struct span strict;         /* the same span where nothing was rounded */
    const uint8_t *const *cell; /* where each of the cells begins in `bytes` */
};

/* Until the next call. */
void canonical_row(struct canonical *c, const struct row *row, struct canonical_record *out);

/* What a cell is, by its first byte (FORMAT 12.2). */
enum canonical_tag {
    CANONICAL_NOTHING,
    CANONICAL_SPECIAL,
    CANONICAL_NUMBER,
    CANONICAL_TEXT,
};

struct canonical_cell {
    enum canonical_tag tag;
    struct span value; /* at 15 digits; of a special missing the letter */
};

/* The i-th by name. */
struct canonical_cell canonical_cell(const struct canonical_record *r, size_t i);

/* Where the column at `index` of the member is by name. */
size_t canonical_place(const struct canonical *c, size_t index);

/* A name of a column as it is compared (FORMAT 12.2), in the arena. */
struct span canonical_name_of(struct span name, struct arena *a);

/* The canonical name of the i-th column by name; of as many as the member has. */
struct span canonical_name(const struct canonical *c, size_t i);

/* The class of that column. */
enum column_class canonical_class(const struct canonical *c, size_t i);

/*
 * The digest of names, order, labels, lengths, types, formats and keys (FORMAT 12.4); or the
 * same with the columns in order of name, so that it does not depend on their order. At the end of
 * the member.
 */
enum canonical_columns_order { CANONICAL_AS_IT_IS, CANONICAL_BY_NAME };
struct hash canonical_metadata(const struct dataset_info *info, enum canonical_columns_order order);

#endif
