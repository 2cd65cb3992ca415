/* What became of transfers, said for `run` and `submit`. */
#ifndef CLI_TRANSFERS_H
#define CLI_TRANSFERS_H

#include "cli/cli.h"
#include "job/transfer.h"

/* Options that tell of each transfer through c. */
struct transfer_options transfers_options(struct cli *c);

#endif
