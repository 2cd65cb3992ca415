/* Between examine.c and examine_again.c: not for others. */
#ifndef JOB_EXAMINE_PART_H
#define JOB_EXAMINE_PART_H

#include "dataset/rows.h"
#include "job/examine.h"

/* Which dataset a file is, or a member of it. */
struct conf_match examine_match(const struct examine_with *with, struct arena *a, struct span file,
                                struct span member, bool several);

/* Opens a file that a reader takes; `place` outlives the rows. */
bool examine_open(const struct examine_with *with, struct source source, enum file_format format,
                  struct encoding *encoding, const char *place, struct issues *notes,
                  struct rows **out, struct err *e);

/*
 * Gives the current member the types that are said of it elsewhere; *schema is the hash of where,
 * or none. `place` and `notes` for what is odd.
 */
void examine_type(const struct examine_with *with, struct span file, struct rows *rows,
                  struct issues *notes, const char *place, struct hash *schema);

/* The key of the current member. */
void examine_key(const struct examine_with *with, struct span file, struct rows *rows,
                 struct issues *notes, const char *place, struct arena *a, struct dataset_key *out);

/* Was it the file's fault, so that it is held, and not the machine's or the home's? */
bool examine_is_of_file(const struct err *e);

#endif
