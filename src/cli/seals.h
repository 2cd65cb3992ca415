/* What became of seals, said for `seal`, `bundle` and `run`; and whom to ask. */
#ifndef CLI_SEALS_H
#define CLI_SEALS_H

#include "cli/cli.h"
#include "job/seal.h"

/* Is that operand a bundle's file? Else it is a study. */
bool seals_is_bundle(const char *operand);

/*
 * From --authority, --trust and --hash, without any home, or from the open home. ERR_USAGE where
 * neither names anybody to ask, if `ask`, or to believe.
 */
bool seals_authorities(struct cli *c, bool ask, struct authorities *out, struct err *e);

/* --hash, for the list of a bundle. */
bool seals_sha512(const struct cli *c);

/* Says it and counts its issues. `what`: the study or the bundle's path. */
void seals_say(struct cli *c, const char *what, bool bundle, const struct seal_result *r);

/* In a night: one study; what only waits is said when it has waited for too long. */
bool seals_of_night(struct cli *c, struct authorities *t, const char *study, struct err *e);

/* seal-ends of each study, for `check`, once it found ledger and catalog good. */
bool seals_check_ends(struct cli *c, struct issues *found, struct err *e);

#endif
