/*
 * By which columns the records of a dataset are told apart (FORMAT 12.5): as Define-XML says, or
 * the file itself, the study's configuration, the standards' own keys; or by all columns.
 */
#ifndef CONTENT_KEY_H
#define CONTENT_KEY_H

#include "dataset/rows.h"
#include "ledger/entry.h"

struct dataset_key {
    enum key_source from; /* never KEY_UNREAD; asked in the order that they have there */
    size_t count;
    const size_t *column; /* indexes into info->column, in the key's order */
};

/*
 * dataset: its name in the study or file ("LB", "sdtm/LB"). study: names that the study's
 * configuration gives; none: 0. A source that names a column that is not there is passed
 * over with a note, but the standards silently: nobody said that the file keeps to one. *out lives
 * in the arena.
 */
void key_choose(const struct dataset_info *info, struct span dataset, const struct span *study,
                size_t study_count, struct issues *notes, const char *place, struct arena *a,
                struct dataset_key *out);

/*
 * The key of another dataset, which it has from there and of columns with these canonical names; by
 * all columns where one of them is not here.
 */
void key_like(const struct dataset_info *info, enum key_source from, const struct span *name,
              size_t count, struct arena *a, struct dataset_key *out);

#endif
