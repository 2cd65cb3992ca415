/*
 * Reading datasets: members, their structure, and row after row of raw cells,
 * whatever the format. Readers take hostile bytes, keep memory bounded whatever
 * the size of the file, decode nothing that could lose something (an XPT number
 * is its bytes, a CSV cell its text), and refuse what is malformed.
 *
 *     struct rows_input in = {.source = source, .format = format, .name = name, .notes = &notes};
 *     struct rows *rows;
 *     struct row row;
 *     enum rows_step more = ROWS_FAILED;
 *     if (!rows_open(&in, &rows, &e))
 *         return false;
 *     while ((more = rows_member(rows, &e)) == ROWS_MORE) {
 *         const struct dataset_info *info = rows_info(rows);
 *         while ((more = rows_next(rows, &row, &e)) == ROWS_MORE)
 *             use(info, &row);
 *         if (more == ROWS_FAILED)
 *             break;
 *     }
 *     rows_close(rows);
 *     return more == ROWS_END;
 */
#ifndef DATASET_ROWS_H
#define DATASET_ROWS_H

#include "base/io.h"
#include "base/issue.h"
#include "crypto/sha256.h"
#include "dataset/define.h"
#include "dataset/encoding.h"
#include "dataset/identify.h"

/* Above them: ERR_LIMIT. */
struct rows_limits {
    size_t members;
    size_t columns;
    size_t cell; /* bytes */
    size_t row;  /* bytes */
};
extern const struct rows_limits rows_limits_default; /* 1,000; 10,000; 1 MiB; 16 MiB */

struct rows_input {
    struct source source;
    enum file_format format;          /* from file_decide */
    const char *name;                 /* the place in notes; outlives the reader */
    const struct rows_limits *limits; /* NULL for the default; outlives the reader */
    struct issues *notes;             /* takes ISSUE_FORMAT_NOTE: peculiarities, once each; and
                                         ISSUE_AUDIT_INCOMPLETE, ISSUE_AUDIT_UNLINKED */
    const struct define *define; /* what is said of columns elsewhere; NULL; outlives the reader */
    /* CSV: texts that stand, without quotes, where nothing is: NA; unless `define` says some. */
    const struct span *missing;
    size_t missings;
    struct span dataset; /* the name there, of a file that has none: CSV */
    /* Of texts in XPT and CSV that are not UTF-8, if it was declared; or NULL; outlives the reader.
     * What it does not have is ERR_FORMAT. */
    struct encoding *encoding;
};

enum column_type {
    COLUMN_UNDECLARED, /* CSV: the file does not say */
    COLUMN_TEXT,       /* also booleans, dates and times of Dataset-JSON */
    COLUMN_NUMBER,
};

/* A SAS format or informat, such as DATE9. or 8.2 (that one has no name). */
struct column_format {
    struct span name;
    unsigned width, decimals; /* 0: not given */
};

/* DATE9., $8., 12.3: a name, a width, a point, decimals. What is none is a name as it is. */
struct column_format column_format_parse(struct span s);

/*
 * Texts are the file's bytes without trailing blanks and NULs: in UTF-8 if they were, or if their
 * encoding was declared.
 */
struct column {
    struct span name;
    struct span label;
    enum column_type type;
    unsigned length; /* declared, bytes; 0: not declared */
    struct column_format format, informat;
    unsigned key;         /* place in the declared key from 1; 0: not in it */
    uint64_t defined_key; /* the same as Define-XML says it */
    struct span type_name,
        target_type; /* as Dataset-JSON or Define-XML say them: "date", "integer" */
};

enum text_encoding { TEXT_ASCII, TEXT_UTF8, TEXT_OTHER };

/* Who wrote it and when, verbatim: local time, two-digit years. Empty where the format has none. */
struct provenance {
    struct span version; /* of the writer: "9.1" */
    struct span system;  /* "LIN X64", "bsd4.2" */
    struct span created, modified;
};

struct dataset_info {
    enum file_format format;
    struct span standard; /* "Dataset-JSON 1.1.0"; empty where the format says it */
    struct span name;     /* of the member, verbatim; empty for CSV */
    struct span label;    /* of the member */
    struct span type;     /* of the member */
    struct provenance file, member;
    const struct column *column;
    size_t columns;
    bool defined;          /* a definition typed or keyed some of them */
    bool keyed;            /* the file itself says which columns are the key */
    uint64_t defined_keys; /* columns of the key that Define-XML names, here or not; 0: none */
    bool records_declared; /* the file itself says how many there are */
    uint64_t records_said; /* and this is the number */

    /* These grow with the reading and are complete at ROWS_END. */
    uint64_t records;
    uint64_t tail_ambiguous;     /* rows at the end taken for padding that might be data (XPT) */
    bool has_rest;               /* ODM: the file says more than this dataset, .. */
    struct hash rest;            /* .. and the digest of that */
    enum text_encoding encoding; /* of names, labels and text cells, as they stand in the file */
    const char *declared;        /* what TEXT_OTHER was declared to be; or NULL */
};

enum cell_kind {
    CELL_TEXT, /* CSV: without its quotes; JSON: decoded. XPT: the whole width, trailing blanks and
                  all */
    CELL_IBM,  /* XPT: 2 to 8 bytes of an IBM System/360 double, or a missing value */
    CELL_NUMBER,  /* JSON: the lexeme, never through a double */
    CELL_BOOLEAN, /* JSON: "true" or "false" */
    CELL_NULL,    /* JSON: no bytes */
};

struct cell {
    enum cell_kind kind;
    bool quoted; /* CSV: it stood in quotes, so "NA" differs from NA */
    struct span bytes;
};

enum { ROW_ROOM = 32 };

struct row {
    const struct cell *cell; /* one for each column, in the columns' order */
    size_t cells;
    uint64_t number; /* in this member, from 1 */
    bool ascii;      /* known to be nothing else; false says nothing */
    bool roomy;      /* the cells lie in one place, one behind the other, and ROW_ROOM bytes behind
                        each may be read, whatever they are */
    const uint8_t *packed; /* XPT: the same cells, side by side; or NULL */
    uint64_t line;         /* CSV, JSON: where it begins, from 1; otherwise 0 */
};

/* After ROWS_FAILED there is nothing to do but rows_close. */
enum rows_step { ROWS_FAILED, ROWS_MORE, ROWS_END };

struct rows;

/* True where a reader for this format exists. */
bool rows_readable(enum file_format f);

/*
 * Checks that the file begins as its format demands. ERR_USAGE where no reader
 * takes the format. in->source, in->notes outlive the reader. *out is NULL, with a note, where
 * the file is well formed and holds nothing that is read as a dataset: ODM without audit records.
 */
bool rows_open(const struct rows_input *in, struct rows **out, struct err *e);

/*
 * Steps to the next member, first to the first; rows of the current one that were
 * not read are read over, and checked. CSV has one member without a name. A file
 * without any is malformed, so the first call never gives ROWS_END.
 */
enum rows_step rows_member(struct rows *r, struct err *e);

/* Of the current member, until the next rows_member or rows_close. */
const struct dataset_info *rows_info(const struct rows *r);

/*
 * What a definition says of the current member's columns is taken, before its first row: types,
 * labels and formats where the file has no types, a key where it says none. `dataset`: the name
 * there. False where it says nothing. rows_member does it with in->define.
 */
bool rows_define(struct rows *r, const struct define *d, struct span dataset);

/* The next row, valid until the next call with r. */
enum rows_step rows_next(struct rows *r, struct row *out, struct err *e);

void rows_close(struct rows *r);

#endif
