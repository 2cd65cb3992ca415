#include "format/zip_layout.h"

#include "base/name_map.h"

/* Lower case, and '/' before every other byte, so that what a folder holds follows its name. */
static int folded(uint8_t c)
{
    return c == '/' ? 0 : name_lower(c);
}

static size_t common_length(struct span a, struct span b)
{
    size_t i = 0;
    while (i < a.n && i < b.n && folded(a.p[i]) == folded(b.p[i]))
        i++;
    return i;
}

static bool comes_after(struct span a, struct span b)
{
    size_t i = common_length(a, b);
    if (i == a.n || i == b.n)
        return a.n > b.n;
    return folded(a.p[i]) > folded(b.p[i]);
}

/* Length of the path of folders, with the last '/', in the first n bytes. */
static size_t folders(struct span name, size_t n)
{
    while (n > 0 && name.p[n - 1] != '/')
        n--;
    return n;
}

/* a comes before b. Names collide if any two do that are neighbours in this order. */
static bool neighbours_collide(struct span a, struct span b)
{
    size_t common = common_length(a, b);
    if (common == a.n && (b.n == a.n || b.p[common] == '/'))
        return true;
    size_t n = folders(a, common);
    return !span_eq(span_of(a.p, n), span_of(b.p, n));
}

/* Merges the sorted runs from[a..b) and from[b..c) into to[a..c). */
static void merge(const struct zip_directory *d, const uint32_t *from, uint32_t *to, size_t a,
                  size_t b, size_t c)
{
    size_t left = a, right = b;
    bool in_order =
        b == c || !comes_after(zip_directory_name(d, from[b - 1]), zip_directory_name(d, from[b]));
    for (size_t i = a; i < c; i++) {
        bool take_right =
            right < c &&
            (left == b || (!in_order && comes_after(zip_directory_name(d, from[left]),
                                                    zip_directory_name(d, from[right]))));
        to[i] = take_right ? from[right++] : from[left++];
    }
}

/* Puts order[0..count) in order; spare has the same room. Returns which of the two holds it. */
static uint32_t *sort(const struct zip_directory *d, uint32_t *order, uint32_t *spare)
{
    for (size_t run = 1; run < d->count; run *= 2) {
        for (size_t a = 0; a < d->count; a += 2 * run) {
            size_t b = d->count - a < run ? d->count : a + run;
            size_t c = d->count - b < run ? d->count : b + run;
            merge(d, order, spare, a, b, c);
        }
        uint32_t *swap = order;
        order = spare;
        spare = swap;
    }
    return order;
}

bool zip_directory_distinct(const struct zip_directory *d, size_t *one, size_t *other)
{
    uint32_t *memory = mem_new(2 * d->count * sizeof *memory);
    for (size_t i = 0; i < d->count; i++)
        memory[i] = (uint32_t)i;
    const uint32_t *order = sort(d, memory, memory + d->count);
    bool distinct = true;
    for (size_t i = 1; i < d->count && distinct; i++) {
        *one = order[i - 1];
        *other = order[i];
        distinct = !neighbours_collide(zip_directory_name(d, *one), zip_directory_name(d, *other));
    }
    mem_free(memory);
    return distinct;
}

void zip_directory_close(struct zip_directory *d)
{
    buf_close(&d->bytes);
    mem_free(d->begins);
    *d = (struct zip_directory){0};
}

void zip_directory_mark(struct zip_directory *d, size_t at)
{
    d->begins = mem_room(d->begins, d->count, &d->room, sizeof *d->begins);
    d->begins[d->count++] = (uint32_t)at;
}

struct span zip_directory_name(const struct zip_directory *d, size_t i)
{
    return zip_central_name(d->bytes.p + d->begins[i]);
}

const char *zip_directory_fault(const struct zip_directory *d, const struct zip_member *m)
{
    const char *fault = zip_member_fault(m);
    if (fault != NULL || d->count == 0)
        return fault;
    bool above = span_cmp(zip_directory_name(d, d->count - 1), m->name) < 0;
    return above ? NULL : "its name is not above the one before in byte order";
}
