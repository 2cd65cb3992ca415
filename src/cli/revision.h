/* A revision as its entry tells of it: in words, as a list of facts, as a line for programs. */
#ifndef CLI_REVISION_H
#define CLI_REVISION_H

#include "cli/place.h"
#include "ledger/twin.h"

/*
 * What it changed against the one before, as revision_change_words says it, and its twin; in
 * c->arena.
 */
bool revision_change_said(struct cli *c, struct span study, const struct catalog_revision *x,
                          const struct twin *twin, const char **out, struct err *e);

/* Its twin by the catalog, in c->arena. */
bool revision_twin(struct cli *c, struct span study, const struct catalog_revision *x,
                   struct twin *out, struct err *e);

/* As twin_words says it. */
const char *revision_twin_said(const struct twin *t, struct arena *a);

/* What `reverted` names: "revision 3". */
const char *revision_back_to(uint64_t number, struct arena *a);

/* What changed and what the data are: for people, one fact a line. */
void revision_facts(const struct entry *x, const char *back_to, const struct twin *twin,
                    struct arena *a);

/* The JSON line "revision"; erased: the entry that says so, or CATALOG_NONE. */
void revision_line(struct span study, const struct catalog_revision *x, int64_t erased,
                   const struct twin *twin);

#endif
