/* A revision as its entry tells of it: in words, as a list of facts, as a line for programs. */
#ifndef CLI_REVISION_H
#define CLI_REVISION_H

#include "cli/place.h"

/* What it changed against the one before, as revision_change_words says it; in c->arena. */
bool revision_change_said(struct cli *c, struct span study, const struct catalog_revision *x,
                          const char **out, struct err *e);

/* What `reverted` names: "revision 3". */
const char *revision_back_to(uint64_t number, struct arena *a);

/* What changed and what the data are: for people, one fact a line. */
void revision_facts(const struct entry *x, const char *back_to, struct arena *a);

/* The JSON line "revision"; erased: the entry that says so, or CATALOG_NONE. */
void revision_line(struct span study, const struct catalog_revision *x, int64_t erased);

#endif
