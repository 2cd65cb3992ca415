/* Entries and detached texts in words. */
#ifndef CLI_DESCRIBE_H
#define CLI_DESCRIBE_H

#include "cli/place.h"

/* What an entry says, in a few words: for one line of a table. */
const char *entry_words(const struct cli *c, const struct entry *x, struct arena *a);

/* The string of an entry's detached text; empty where it is null, or where the text is gone. */
struct span entry_said(const struct cli *c, const struct entry *x, const char *member,
                       struct arena *a);

/* A JSON text as indented lines "name: value"; *e says what in it is not JSON. */
bool json_print(struct span text, FILE *to, struct err *e);

/* The JSON line "entry". bytes: the entry as it stands in the ledger. */
void entry_line(struct span study, uint64_t index, struct span bytes);

#endif
