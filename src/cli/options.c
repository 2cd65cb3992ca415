#include "cli/options.h"

#include <string.h>

#include "base/span.h"

/* By name, or by letter where it is not 0. */
static const struct option *find(const struct options *o, struct span name, char letter)
{
    for (size_t t = 0; t < sizeof o->tables / sizeof o->tables[0]; t++)
        for (const struct option *x = o->tables[t]; x != NULL && x->name != NULL; x++)
            if (letter != 0 ? x->letter == letter : span_eq(span_str(x->name), name))
                return x;
    return NULL;
}

static bool add(struct options *o, const struct option *x, const char *value, struct err *e)
{
    if (!x->many && options_given(o, x->name))
        return err_set(e, ERR_USAGE, "--%s is given twice", x->name);
    if (o->uses == OPTION_USES_MAX)
        return err_set(e, ERR_USAGE, "more than %d options", OPTION_USES_MAX);
    o->use[o->uses++] = (struct option_use){x, value};
    return true;
}

/* argv[0] is an option; *used becomes 1 or 2. */
static bool take_option(struct options *o, int argc, char **argv, int *used, struct err *e)
{
    struct span text = span_str(argv[0]);
    char letter = argv[0][1];
    size_t equals = letter == '-' ? span_find(text, 0, '=') : text.n;
    const struct option *x = letter == '-' ? find(o, span_of(text.p + 2, equals - 2), 0)
                             : text.n == 2 ? find(o, text, letter)
                                           : NULL;
    *used = 1;
    if (x == NULL)
        return err_set(e, ERR_USAGE, "there is no option %.*s here", (int)equals, argv[0]);
    if (x->value == NULL)
        return equals == text.n ? add(o, x, NULL, e)
                                : err_set(e, ERR_USAGE, "--%s takes no value", x->name);
    if (equals < text.n)
        return add(o, x, argv[0] + equals + 1, e);
    if (argc < 2)
        return err_set(e, ERR_USAGE, "%s needs a value: %s", argv[0], x->value);
    *used = 2;
    return add(o, x, argv[1], e);
}

bool options_parse(struct options *o, bool until_operand, int argc, char **argv, int *taken,
                   struct err *e)
{
    int i = 0, used = 0;
    bool only_operands = false;
    o->operand = argv;
    for (; i < argc; i += used) {
        bool option = !only_operands && argv[i][0] == '-' && argv[i][1] != '\0';
        if (until_operand && (!option || only_operands))
            break;
        used = 1;
        if (option && strcmp(argv[i], "--") == 0)
            only_operands = true;
        else if (!option)
            o->operand[o->operands++] = argv[i];
        else if (!take_option(o, argc - i, argv + i, &used, e))
            return false;
    }
    *taken = i;
    return true;
}

bool options_given(const struct options *o, const char *name)
{
    for (size_t i = 0; i < o->uses; i++)
        if (strcmp(o->use[i].option->name, name) == 0)
            return true;
    return false;
}

const char *options_value(const struct options *o, const char *name)
{
    for (size_t i = 0; i < o->uses; i++)
        if (strcmp(o->use[i].option->name, name) == 0)
            return o->use[i].value;
    return NULL;
}

size_t options_values(const struct options *o, const char *name,
                      const char *values[OPTION_USES_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < o->uses; i++)
        if (strcmp(o->use[i].option->name, name) == 0)
            values[n++] = o->use[i].value;
    return n;
}

bool options_number(const struct options *o, const char *name, uint64_t *out, struct err *e)
{
    const char *text = options_value(o, name);
    if (text == NULL || span_u64(span_str(text), out))
        return true;
    return err_set(e, ERR_USAGE, "--%s is not a number: %s", name, text);
}
