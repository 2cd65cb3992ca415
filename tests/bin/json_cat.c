/*
 * For test scripts: reads lines of hex digits, each a JSON text, and answers each
 * with a line: "refused" and why, "accepted" where the text has no canonical form,
 * or "canonical" and that form in hex.
 */
#include <stdio.h>
#include <stdlib.h>

#include "format/json_write.h"

enum { LONGEST_LINE = 2 * JSON_TREE_MAX + 4096 };

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "json_cat: %s\n", why);
    exit(2);
}

static void answer(struct span text)
{
    struct arena a = {0};
    struct buf b = {0}, hex = {0};
    struct json *tree;
    struct err e;
    if (!json_parse(&a, text, &tree, &e)) {
        printf("refused %s\n", e.text);
    } else if (!json_write(&b, tree, &e)) {
        puts("accepted");
    } else {
        buf_hex(&hex, buf_span(&b));
        printf("canonical %.*s\n", SPAN_ARGS(buf_span(&hex)));
    }
    buf_close(&hex);
    buf_close(&b);
    arena_close(&a);
}

int main(void)
{
    static char line[LONGEST_LINE];
    static uint8_t text[LONGEST_LINE / 2];
    while (fgets(line, sizeof line, stdin) != NULL) {
        struct span rest = span_str(line), digits;
        if (!span_line(&rest, &digits) || !span_hex(digits, text, digits.n / 2))
            host_fatal("a line is not hex, or too long");
        answer(span_of(text, digits.n / 2));
    }
    return 0;
}
