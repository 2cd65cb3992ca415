#include <string.h>

#include "cli/cli.h"

#define USAGE "usage: trialseal [-C HOME] [-q|-v] [--json] COMMAND ..."

static void print_options(const struct option *x)
{
    struct table t = {.columns = 2};
    for (; x != NULL && x->name != NULL; x++) {
        const char *value = x->value != NULL ? x->value : "";
        if (x->letter != 0)
            table_text(&t, "  -%c, --%s %s", x->letter, x->name, value);
        else
            table_text(&t, "      --%s %s", x->name, value);
        table_text(&t, "%s", x->text);
    }
    table_print(&t, stdout);
}

static void print_overview(void)
{
    struct table t = {.columns = 2};
    puts(USAGE
         "\n\nKeeps every revision of the datasets that a clinical trial's sponsor transfers, "
         "and proves it.\n");
    for (const struct command *x = commands; x->name != NULL; x++) {
        table_text(&t, "  %s", x->name);
        table_text(&t, "%s", x->summary);
    }
    table_print(&t, stdout);
    puts("\nOptions");
    print_options(global_options);
    puts("\nExit status: 0 good, 1 done and something is bad, 2 could not do it,\n"
         "3 another run is busy, 4 integrity alarm: do not try again, see the RUNBOOK.\n\n"
         "trialseal help COMMAND says more.");
}

static void print_command(const struct command *x)
{
    printf("usage: trialseal %s%s%s%s\n\n%s.\n", x->home ? "-C HOME " : "", x->name,
           x->synopsis[0] != '\0' ? " " : "", x->synopsis, x->summary);
    if (x->manual != NULL)
        printf("\n%s\n", x->manual);
    if (x->options != NULL) {
        puts("\nOptions");
        print_options(x->options);
    }
}

/* "study" is the name of all three study commands. */
static bool is_named(const struct command *x, const char *name)
{
    size_t n = strlen(name);
    return strncmp(x->name, name, n) == 0 && (x->name[n] == '\0' || x->name[n] == ' ');
}

bool help_print(const char *name, struct err *e)
{
    size_t printed = 0;
    if (name[0] == '\0') {
        print_overview();
        return true;
    }
    for (const struct command *x = commands; x->name != NULL; x++) {
        if (!is_named(x, name))
            continue;
        if (printed++ > 0)
            putchar('\n');
        print_command(x);
    }
    if (printed > 0)
        return true;
    err_set(e, ERR_USAGE, "there is no command %s", name);
    return err_hint(e, "trialseal help lists them");
}

bool help_run(struct cli *c, struct err *e)
{
    const struct options *o = &c->options;
    const char *name = o->operands == 0   ? ""
                       : o->operands == 1 ? o->operand[0]
                                          : words(&c->arena, "%s %s", o->operand[0], o->operand[1]);
    return help_print(name, e);
}
