/* The verdict on a bundle in plain words and as JSON lines; whether it is right is offline.h's. */
#ifndef CLI_VERDICT_H
#define CLI_VERDICT_H

#include "cli/offline.h"
#include "cli/output.h"

/* Says it all on standard output. */
void verdict_print(const struct offline *o, const struct offline_result *r,
                   const struct issues *issues);

/* A line "verdict" and a line "issue" for each issue. */
void verdict_lines(const struct offline *o, const struct offline_result *r,
                   const struct issues *issues);

/* Verifies and says so; false: it could not be done. *verified decides between exit 0 and 1. */
bool verdict_run(const struct offline *o, bool json, bool quiet, struct issues *issues,
                 bool *verified, struct err *e);

#endif
