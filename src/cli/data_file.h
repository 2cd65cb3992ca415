/* A dataset file that somebody has in hand, outside any home. */
#ifndef CLI_DATA_FILE_H
#define CLI_DATA_FILE_H

#include "cli/cli.h"
#include "dataset/compare.h"
#include "dataset/define.h"
#include "dataset/rows.h"
#include "os/file.h"

/* What the options of compare, describe and identify say of files. */
struct data_options {
    const struct define *define; /* types and keys from elsewhere; or NULL */
    struct define read;          /* that *define is */
    const struct span *missing;  /* CSV: texts that stand for nothing */
    size_t missings;
    struct encoding *encoding; /* of texts that are not UTF-8; or NULL */
};

/* data_options_close in any case. */
bool data_options_read(struct cli *c, struct data_options *out, struct err *e);
void data_options_close(struct data_options *o);

struct data_file {
    const char *path; /* as it was given */
    struct file file;
    enum file_format format;
    struct hash sha256; /* of its bytes */
    struct rows *rows;  /* NULL where nobody reads this format */
    struct issues notes;
};

/* ERR_FORMAT where the name claims what the bytes are not. data_file_close in any case. */
bool data_file_open(struct cli *c, struct span path, const struct data_options *o,
                    struct data_file *out, struct err *e);
void data_file_close(struct data_file *f);

/*
 * The current member of the file, read to its end, with its records by key: by that of `like`, or,
 * where `like` is NULL or has a column that is not here, by its own.
 */
bool data_file_content(struct data_file *f, const struct content_order *like, int folder,
                       struct content **out, struct err *e);

/* "STUDYID USUBJID LBSEQ", or "all columns". */
void print_key_columns(const struct content_order *o);

/* The members key and key_from of a line; both null for NULL. */
void key_members(struct line *l, const struct content_order *o);

/* A folder for scratch files: $TMPDIR, else /tmp. */
bool scratch_open(int *folder, struct err *e);

/* The file's name without folder and extension. */
struct span data_file_stem(const char *path);

#endif
