/*
 * For scripts/bench: parse_time xpt|json FILE: what libraries that people know take to parse a
 * file, and nothing else: libreadstat a SAS transport file, every value given to a handler; yajl
 * the lines of NDJSON, numbers as they stand.
 */
#include <fcntl.h>
#include <readstat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yajl/yajl_parse.h>

enum { BLOCK = 256 * 1024 };

static _Noreturn void stop(const char *why)
{
    fprintf(stderr, "parse_time: %s\n", why);
    exit(2);
}

/* --- libreadstat --- */

struct seen {
    unsigned long long values;
    double sum;
};

static int on_value(int row, readstat_variable_t *variable, readstat_value_t value, void *ctx)
{
    struct seen *s = ctx;
    (void)row;
    (void)variable;
    s->values++;
    if (readstat_value_type(value) == READSTAT_TYPE_DOUBLE)
        s->sum += readstat_double_value(value);
    else
        s->sum += (double)strlen(readstat_string_value(value));
    return READSTAT_HANDLER_OK;
}

static void parse_xpt(const char *name, struct seen *s)
{
    readstat_parser_t *p = readstat_parser_init();
    if (p == NULL || readstat_set_value_handler(p, on_value) != READSTAT_OK ||
        readstat_parse_xport(p, name, s) != READSTAT_OK)
        stop("libreadstat refuses it");
    readstat_parser_free(p);
}

/* --- yajl --- */

static int on_plain(void *ctx)
{
    ((struct seen *)ctx)->values++;
    return 1;
}

static int on_boolean(void *ctx, int value)
{
    (void)value;
    return on_plain(ctx);
}

static int on_number(void *ctx, const char *text, size_t n)
{
    (void)text;
    ((struct seen *)ctx)->sum += (double)n;
    return on_plain(ctx);
}

static int on_string(void *ctx, const unsigned char *text, size_t n)
{
    (void)text;
    ((struct seen *)ctx)->sum += (double)n;
    return on_plain(ctx);
}

static void parse_json(const char *name, struct seen *s)
{
    static const yajl_callbacks calls = {.yajl_null = on_plain,
                                         .yajl_boolean = on_boolean,
                                         .yajl_number = on_number,
                                         .yajl_string = on_string};
    static unsigned char block[BLOCK];
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    yajl_handle h = yajl_alloc(&calls, NULL, s);
    yajl_config(h, yajl_allow_multiple_values, 1);
    ssize_t n;
    while ((n = read(fd, block, sizeof block)) > 0)
        if (yajl_parse(h, block, (size_t)n) != yajl_status_ok)
            stop("yajl refuses it");
    if (n < 0 || yajl_complete_parse(h) != yajl_status_ok)
        stop("yajl refuses it");
    yajl_free(h);
    close(fd);
}

int main(int argc, char **argv)
{
    struct seen s = {0};
    if (argc == 3 && strcmp(argv[1], "xpt") == 0)
        parse_xpt(argv[2], &s);
    else if (argc == 3 && strcmp(argv[1], "json") == 0)
        parse_json(argv[2], &s);
    else
        stop("xpt or json, and a file");
    printf("%llu values, %g\n", s.values, s.sum);
    return 0;
}
