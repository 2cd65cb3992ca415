#include "dataset/transfer_manifest.h"

#include <stdlib.h>

#include "dataset/names.h"

enum { HEX_DIGITS = 2 * SHA256_SIZE };

static bool parse_line(struct span line, struct span self, struct manifest_line *out, struct err *e)
{
    if (line.n < HEX_DIGITS || !hash_parse(span_of(line.p, HEX_DIGITS), &out->hash))
        return err_set(e, ERR_FORMAT, "does not begin with 64 lower-case hex digits");
    struct span name = span_skip(line, HEX_DIGITS);
    if (!span_take(&name, SPAN("  ")))
        return err_set(e, ERR_FORMAT, "no two blanks between digest and name");
    if (!file_name_check(name, e))
        return false;
    if (span_eq(name, self))
        return err_set(e, ERR_FORMAT, "the manifest lists itself");
    out->name = name;
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct manifest_line *x = a, *y = b;
    return span_cmp(x->name, y->name);
}

static bool names_differ(const struct manifest_line *sorted, size_t n, struct err *e)
{
    for (size_t i = 1; i < n; i++)
        if (span_eq(sorted[i - 1].name, sorted[i].name))
            return err_set(e, ERR_FORMAT, "%.*s is listed twice", SPAN_ARGS(sorted[i].name));
    return true;
}

/* The number of lines, all of which must end in LF. */
static bool count_lines(struct span text, size_t most, size_t *lines, struct err *e)
{
    size_t n = 0;
    for (size_t at = 0; at < text.n; n++) {
        size_t lf = span_find(text, at, '\n');
        if (lf == text.n)
            return err_set(e, ERR_FORMAT, "line %zu: has no end", n + 1);
        at = lf + 1;
    }
    if (n == 0)
        return err_set(e, ERR_FORMAT, "no line");
    if (n > most)
        return err_set(e, ERR_LIMIT, "%zu lines, %zu are allowed", n, most);
    *lines = n;
    return true;
}

bool transfer_manifest_parse(struct arena *a, struct span text, struct span self, size_t most,
                             struct transfer_manifest *out, struct err *e)
{
    size_t n = 0;
    if (!count_lines(text, most, &n, e))
        return false;
    struct manifest_line *lines = arena_array(a, n, sizeof *lines);
    struct span rest = text, line;
    for (size_t i = 0; span_line(&rest, &line); i++)
        if (!parse_line(line, self, &lines[i], e))
            return err_at(e, "line %zu", i + 1);
    qsort(lines, n, sizeof *lines, by_name);
    if (!names_differ(lines, n, e))
        return false;
    *out = (struct transfer_manifest){lines, n};
    return true;
}
