#include "store/sums.h"

#include <string.h>

#include "base/sort.h"
#include "os/publish.h"

void sums_close(struct sums *s)
{
    mem_free(s->line);
    arena_close(&s->arena);
    *s = (struct sums){0};
}

static bool part_check(struct span part)
{
    return part.n > 0 && !span_eq(part, SPAN(".")) && !span_eq(part, SPAN(".."));
}

static bool path_check(struct span path)
{
    size_t at = 0, end;
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] < 0x20 || path.p[i] == 0x7f)
            return false;
    do {
        end = span_find(path, at, '/');
        if (!part_check(span_of(path.p + at, end - at)))
            return false;
        at = end + 1;
    } while (end < path.n);
    return path.n <= SUMS_PATH_MAX;
}

static void put(struct sums *s, struct span path, struct hash hash)
{
    s->line = mem_room(s->line, s->count, &s->cap, sizeof *s->line);
    s->line[s->count++] = (struct sums_line){path, hash};
}

bool sums_add(struct sums *s, struct span path, struct hash hash, struct err *e)
{
    if (!path_check(path))
        return err_set(e, ERR_FORMAT, "a file of the name %.*s cannot be listed", SPAN_ARGS(path));
    put(s, arena_copy(&s->arena, path), hash);
    return true;
}

/* --- order --- */

static int by_path(const void *a, const void *b)
{
    const struct sums_line *x = a, *y = b;
    return span_cmp(x->path, y->path);
}

static bool is_sorted(const struct sums *s)
{
    for (size_t i = 1; i < s->count; i++)
        if (span_cmp(s->line[i - 1].path, s->line[i].path) >= 0)
            return false;
    return true;
}

void sums_sort(struct sums *s)
{
    if (!is_sorted(s))
        sort_items(s->line, s->count, sizeof *s->line, by_path);
}

/* The first line that is not before the path. */
static size_t find_place(const struct sums *s, struct span path)
{
    const struct sums_line line = {.path = path};
    return sort_find(s->line, s->count, sizeof *s->line, &line, by_path);
}

const struct sums_line *sums_find(const struct sums *s, struct span path)
{
    size_t i = find_place(s, path);
    return i < s->count && span_eq(s->line[i].path, path) ? &s->line[i] : NULL;
}

bool sums_has(const struct sums *s, struct span path, struct hash hash)
{
    for (size_t i = find_place(s, path); i < s->count && span_eq(s->line[i].path, path); i++)
        if (hash_eq(s->line[i].hash, hash))
            return true;
    return false;
}

bool sums_same(const struct sums *a, const struct sums *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!span_eq(a->line[i].path, b->line[i].path) ||
            !hash_eq(a->line[i].hash, b->line[i].hash))
            return false;
    return true;
}

/* --- the file --- */

static bool parse_line(struct sums *s, struct span line, size_t number, struct err *e)
{
    struct hash hash;
    const size_t hex = 2 * (size_t)SHA256_SIZE;
    if (line.n < hex + 3 || !hash_parse(span_of(line.p, hex), &hash) || line.p[hex] != ' ' ||
        line.p[hex + 1] != ' ' || !path_check(span_skip(line, hex + 2)))
        return err_set(e, ERR_FORMAT, "line %zu is no hash and path", number);
    put(s, span_skip(line, hex + 2), hash);
    return true;
}

static bool parse_lines(struct sums *s, struct span text, struct err *e)
{
    struct span line;
    size_t number = 0;
    while (span_line(&text, &line))
        if (!parse_line(s, line, ++number, e))
            return false;
    if (text.n > 0)
        return err_set(e, ERR_FORMAT, "its last line has no end");
    return is_sorted(s) || err_set(e, ERR_FORMAT, "its lines are not in order of path");
}

bool sums_parse(struct sums *out, struct span text, struct err *e)
{
    *out = (struct sums){0};
    if (parse_lines(out, text, e))
        return true;
    sums_close(out);
    return false;
}

void sums_parse_journal(struct sums *out, struct span text)
{
    struct span line;
    *out = (struct sums){0};
    while (span_line(&text, &line))
        (void)parse_line(out, line, 0, NULL);
    sums_sort(out);
}

bool sums_read(int folder, struct sums *out, struct err *e)
{
    struct file_info info;
    struct arena a = {0};
    struct span text;
    *out = (struct sums){0};
    if (!file_stat(folder, SUMS_NAME, &info, e))
        return false;
    if (info.kind == FILE_ABSENT)
        return true;
    if (!file_read_all(folder, SUMS_NAME, SUMS_MAX, &a, &text, e) || !sums_parse(out, text, e)) {
        arena_close(&a);
        return err_at(e, SUMS_NAME);
    }
    out->arena = a;
    return true;
}

void sums_write_line(struct buf *b, const struct sums_line *line)
{
    buf_hex(b, hash_span(&line->hash));
    buf_str(b, "  ");
    buf_add(b, line->path);
    buf_byte(b, '\n');
}

static bool write_lines(struct sink to, const struct sums *s, struct err *e)
{
    struct buf b = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < s->count; i++) {
        sums_write_line(&b, &s->line[i]);
        if (b.n >= FILE_BLOCK || i + 1 == s->count) {
            ok = to.write(to.ctx, buf_span(&b), e);
            buf_clear(&b);
        }
    }
    buf_close(&b);
    return ok;
}

bool sums_write(int folder, struct sums *s, struct err *e)
{
    struct temp t;
    sums_sort(s);
    if (!temp_open(folder, FILE_PRIVATE, &t, e))
        return err_at(e, SUMS_NAME);
    bool ok = write_lines(file_sink(&t.file), s, e) && temp_publish(&t, folder, SUMS_NAME, e);
    temp_drop(&t);
    return ok || err_at(e, SUMS_NAME);
}
