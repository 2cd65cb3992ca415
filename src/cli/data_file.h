/* A dataset file that somebody has in hand, outside any home. */
#ifndef CLI_DATA_FILE_H
#define CLI_DATA_FILE_H

#include "cli/cli.h"
#include "content/compare.h"
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
    struct hash sha256;        /* of its bytes, once data_file_hash was asked for it */
    struct rows *rows;         /* NULL where nobody reads this format */
    struct encoding *encoding; /* its own, of what the options say; or NULL */
    struct issues notes;
};

/* ERR_FORMAT where the name claims what the bytes are not. data_file_close in any case. */
bool data_file_open(struct cli *c, struct span path, const struct data_options *o,
                    struct data_file *out, struct err *e);
void data_file_close(struct data_file *f);

/* From its first member again, as if it had not been read. */
bool data_file_rewind(struct data_file *f, const struct data_options *o, struct err *e);

/* Sets f->sha256. */
bool data_file_hash(struct data_file *f, struct err *e);

/*
 * How the records of the current member are read: by the key of `like` (key_like), or, where that
 * is NULL, by its own. *key lives in the arena, and *out as long as it.
 */
void data_file_records(struct data_file *f, const struct content_order *like, struct arena *a,
                       struct dataset_key *key, struct record_input *out);

/* The current member, read so to its end. */
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
