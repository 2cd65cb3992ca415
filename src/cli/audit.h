/* What `check` and `rebuild` share. */
#ifndef CLI_AUDIT_H
#define CLI_AUDIT_H

#include "cli/cli.h"
#include "job/audit.h"

/* Is one of them an integrity alarm, exit status 4? */
bool audit_alarms(const struct issues *found);

/* How much was read; verb: "checked". */
void audit_say(struct cli *c, const struct audit *a, const char *verb);

#endif
