/*
 * The header records of SAS transport files, all of them 80 bytes: TS-140 for
 * version 5, "Record Layout of a SAS Version 8 or 9 Data Set" for version 8.
 * Between xpt.c and here: bytes to structs, nothing about files.
 */
#ifndef DATASET_XPT_HEADER_H
#define DATASET_XPT_HEADER_H

#include "dataset/rows.h"

enum {
    XPT_RECORD = 80,
    XPT_NAMESTR_MIN = 136, /* as VAX/VMS wrote it */
    XPT_NAMESTR = 140,
    XPT_TEXT_MAX = 32767, /* longest character variable */
    XPT_LABEL_MAX = 1024, /* any text of a label; SAS allows 256 characters */
    XPT_LABEL_SIZE = 10 + 4 * XPT_LABEL_MAX,
};

/* The header records that begin a part, in the order of the file. */
enum xpt_part { XPT_LIBRARY, XPT_MEMBER, XPT_DESCRIPTOR, XPT_NAMES, XPT_LABELS, XPT_ROWS };

/* In what follows a record is exactly 80 bytes. */

/* True where the record begins that part in that version. Says nothing about its digits. */
bool xpt_is(struct span record, enum xpt_part part, bool v8);

/* XPT_LIBRARY, XPT_DESCRIPTOR: all digits are zero. */
bool xpt_plain_parse(struct span record, enum xpt_part part, bool v8, struct err *e);

/* XPT_MEMBER: the size of a NAMESTR. */
bool xpt_member_parse(struct span record, bool v8, size_t *namestr, struct err *e);

/* XPT_NAMES: how many variables follow. */
bool xpt_names_parse(struct span record, bool v8, size_t *variables, struct err *e);

/* LABELV8 or LABELV9, which carries formats too: how many labels follow. */
bool xpt_labels_parse(struct span record, size_t *labels, bool *formats, struct err *e);

/* XPT_ROWS: version 8 may say how many there are. */
bool xpt_rows_parse(struct span record, bool v8, bool *known, uint64_t *rows, struct err *e);

/*
 * The two records behind XPT_LIBRARY, or the two behind XPT_DESCRIPTOR, of which
 * *out gets provenance, and, of a member, name, label and type. Spans borrow from
 * `records`. *odd: bytes that should be blanks are NULs (SAS 9.1 on Linux does it).
 */
bool xpt_library_real_parse(struct span records, struct provenance *out, bool *odd, struct err *e);
bool xpt_member_real_parse(struct span records, bool v8, struct dataset_info *out, bool *odd,
                           struct err *e);

/* A NAMESTR and what only readers of rows need of it. */
struct xpt_variable {
    struct column column;
    size_t position; /* "npos", which is to be checked, not to be used: see xpt.c */
    int number;      /* "varnum", normally its place from 1 */
    size_t label;    /* version 8: length of the label, which may be longer than column.label */
};
bool xpt_namestr_parse(struct span namestr, bool v8, struct xpt_variable *out, struct err *e);

/*
 * Takes one label, with formats or without, off the front of *rest. ERR_FORMAT
 * where *rest is too short for it. The texts of formats hold width and decimals
 * too; those are in the NAMESTR, so they are cut off here.
 */
struct xpt_label {
    unsigned number;
    struct span name, label, format, informat;
};
bool xpt_label_take(struct span *rest, bool formats, struct xpt_label *out, struct err *e);

/* Without blanks and NULs at its end. */
struct span xpt_trim(struct span s);

/* Every byte is c. */
bool xpt_all(struct span s, uint8_t c);

#endif
