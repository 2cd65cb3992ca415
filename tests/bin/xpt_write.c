/*
 * Writes a SAS transport file, version 5, for test scripts:
 *
 *     xpt_write FILE MEMBER=RECORDS...    members with the variables STUDYID and SEQ
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/dataset/xpt_make.h"

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "xpt_write: %s\n", why);
    exit(2);
}

/* Records of study S1, numbered from 1 to at most 255 in the lowest byte of a first digit. */
static void add_member(struct xpt_make *x, const char *name, unsigned records)
{
    static const struct xpt_make_variable variables[] = {
        {.name = "STUDYID", .label = "Study Identifier", .type = 2, .length = 8},
        {.name = "SEQ", .label = "Sequence Number", .type = 1, .length = 8},
    };
    xpt_make_member(x, name, variables, 2);
    xpt_make_rows(x, -1);
    for (unsigned i = 1; i <= records; i++) {
        xpt_make_text(&x->b, "S1", 8);
        buf_be64(&x->b, (uint64_t)0x42 << 56 | (uint64_t)i << 48);
    }
    xpt_make_pad(x, ' ');
}

int main(int argc, char **argv)
{
    struct xpt_make x = {0};
    if (argc < 3) {
        fputs("usage: xpt_write FILE MEMBER=RECORDS...\n", stderr);
        return 2;
    }
    xpt_make_library(&x);
    for (int i = 2; i < argc; i++) {
        char *records = strchr(argv[i], '=');
        if (records == NULL)
            host_fatal("a member without a number of records");
        *records++ = '\0';
        add_member(&x, argv[i], (unsigned)strtoul(records, NULL, 10));
    }
    FILE *f = fopen(argv[1], "wb");
    if (f == NULL || fwrite(x.b.p, 1, x.b.n, f) != x.b.n || fclose(f) != 0)
        host_fatal("cannot write");
    buf_close(&x.b);
    return 0;
}
