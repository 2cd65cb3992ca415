/*
 * What a file is, by its first bytes, against what its name claims. One table
 * holds every format that is told apart; extensions never decide what bytes are.
 * They only settle what bytes cannot: whether text is CSV, and what gzip holds.
 *
 *     enum file_format found = file_identify(head);
 *     const struct file_claim *claim = file_claim(name);
 *     if (!file_check(claim, found, why, sizeof why))
 *         issues_add(l, ISSUE_FORMAT_MISMATCH, name, "%s", why);
 *     input.format = file_decide(claim, found);
 */
#ifndef DATASET_IDENTIFY_H
#define DATASET_IDENTIFY_H

#include <stdint.h>

#include "base/span.h"

enum file_format {
    FILE_EMPTY,
    FILE_XPT5,     /* SAS transport, versions 5 and 6 (TS-140) */
    FILE_XPT8,     /* SAS transport, versions 8 and 9 */
    FILE_CSV,      /* text whose first line has a comma; CSV has no magic */
    FILE_JSON,     /* text that begins with { or [: JSON or NDJSON */
    FILE_XML,      /* text that begins with <?xml or with < and a name */
    FILE_ODM,      /* XML whose first element is ODM's of version 1.3, without Define-XML */
    FILE_HTML,     /* <!doctype html or <html */
    FILE_PDF,      /* %PDF- */
    FILE_SAS7BDAT, /* a SAS data set in its native form */
    FILE_GZIP,     /* RFC 1952 */
    FILE_ZLIB,     /* RFC 1950: looks like it; the format has no magic */
    FILE_ZIP,
    FILE_7Z,
    FILE_ZSTD, /* RFC 8878 */
    FILE_TAR,  /* ustar, pax or GNU: "ustar" at 257 */
    FILE_DSJC, /* Dataset-JSON as lines, in gzip or zlib: no magic tells it from these */
    FILE_UTF16,
    FILE_TEXT, /* other text: no NUL and hardly any control byte */
    FILE_BINARY,
    FILE_FORMAT_COUNT
};

/* As much of a file's beginning as file_identify wants; a shorter file is given whole. */
enum { FILE_HEAD = 4096 };

enum file_format file_identify(struct span head);

/* For people: "SAS transport version 5", "HTML". */
const char *file_format_name(enum file_format f);

struct file_claim {
    const char *extension; /* lower case, with its dot: ".xpt" */
    const char *what;      /* for people: "a SAS transport file" */
    uint32_t formats;      /* 1 << file_format of all that it may be */
};

/* What the name's extension claims, whatever its case; NULL where it claims nothing known. */
const struct file_claim *file_claim(struct span name);

/*
 * False where the content contradicts the claim; then `why` holds a sentence for
 * ISSUE_FORMAT_MISMATCH. NULL claims nothing. An empty file contradicts nothing:
 * that it is empty is another issue.
 */
bool file_check(const struct file_claim *claim, enum file_format found, char *why, size_t cap);

/*
 * What to read it as: FILE_CSV where .csv is claimed and text was found, FILE_DSJC where
 * .dsjc is and gzip or zlib was found, else what was found.
 */
enum file_format file_decide(const struct file_claim *claim, enum file_format found);

#endif
