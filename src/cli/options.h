/*
 * Options of a command line, parsed by tables: "--name value", "--name=value", "-o value", "-q".
 * Options may stand before and behind operands; behind "--" everything is an operand.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdint.h>

#include "base/err.h"

struct option {
    const char *name;  /* without its dashes */
    const char *value; /* what the help calls its value; NULL: it takes none */
    const char *text;  /* one line for the help */
    char letter;       /* short form, or 0 */
    bool many;         /* may be given several times */
};

enum { OPTION_USES_MAX = 64 };

struct options {
    const struct option *tables[2]; /* a table ends with a NULL name; looked up in this order */
    struct option_use {
        const struct option *option;
        const char *value;
    } use[OPTION_USES_MAX];
    size_t uses;
    char **operand; /* argv, reordered: operands only */
    size_t operands;
};

/*
 * Takes arguments from argv[0] on. With until_operand it stops before the first operand;
 * *taken counts what was used. May be called again to go on. ERR_USAGE names the argument.
 */
bool options_parse(struct options *o, bool until_operand, int argc, char **argv, int *taken,
                   struct err *e);

bool options_given(const struct options *o, const char *name);
const char *options_value(const struct options *o, const char *name); /* NULL if not given */

/* All values of an option that may be given several times; returns how many. */
size_t options_values(const struct options *o, const char *name,
                      const char *values[OPTION_USES_MAX]);

/* Decimal value of an option; *out is unchanged where it was not given. */
bool options_number(const struct options *o, const char *name, uint64_t *out, struct err *e);

#endif
