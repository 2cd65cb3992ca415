#include "base/span.h"

#include <string.h>

struct span span_of(const void *p, size_t n)
{
    return (struct span){p, n};
}

struct span span_str(const char *nul_terminated)
{
    return span_of(nul_terminated, strlen(nul_terminated));
}

bool span_eq(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

int span_cmp(struct span a, struct span b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n == 0 ? 0 : memcmp(a.p, b.p, n);
    if (c != 0)
        return c;
    return (a.n > b.n) - (a.n < b.n);
}

bool span_starts(struct span s, struct span prefix)
{
    return s.n >= prefix.n && span_eq(span_of(s.p, prefix.n), prefix);
}

bool span_ends(struct span s, struct span suffix)
{
    return s.n >= suffix.n && span_eq(span_skip(s, s.n - suffix.n), suffix);
}

struct span span_skip(struct span s, size_t n)
{
    return n == 0 ? s : span_of(s.p + n, s.n - n);
}

size_t span_find(struct span s, size_t from, uint8_t c)
{
    if (from >= s.n)
        return s.n;
    const uint8_t *hit = memchr(s.p + from, c, s.n - from);
    return hit == NULL ? s.n : (size_t)(hit - s.p);
}

bool span_line(struct span *rest, struct span *line)
{
    size_t lf = span_find(*rest, 0, '\n');
    if (lf == rest->n)
        return false;
    *line = span_of(rest->p, lf);
    *rest = span_skip(*rest, lf + 1);
    return true;
}

bool span_take(struct span *s, struct span prefix)
{
    if (!span_starts(*s, prefix))
        return false;
    *s = span_skip(*s, prefix.n);
    return true;
}

bool span_u64(struct span s, uint64_t *out)
{
    if (s.n == 0 || (s.n > 1 && s.p[0] == '0'))
        return false;
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        if (v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *out = v;
    return true;
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

bool span_hex(struct span s, uint8_t *out, size_t n)
{
    if (s.n != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++) {
        int hi = hex_value(s.p[2 * i]), lo = hex_value(s.p[2 * i + 1]);
        if (hi < 0 || lo < 0)
            return false;
        out[i] = (uint8_t)(hi << 4 | lo);
    }
    return true;
}

/* One for each ASCII letter and digit. */
static const uint8_t alnums[256] = {
    ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1,
    ['8'] = 1, ['9'] = 1, ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1,
    ['G'] = 1, ['H'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1, ['L'] = 1, ['M'] = 1, ['N'] = 1,
    ['O'] = 1, ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1, ['U'] = 1, ['V'] = 1,
    ['W'] = 1, ['X'] = 1, ['Y'] = 1, ['Z'] = 1, ['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1,
    ['e'] = 1, ['f'] = 1, ['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1, ['k'] = 1, ['l'] = 1,
    ['m'] = 1, ['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1, ['t'] = 1,
    ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1, ['y'] = 1, ['z'] = 1,
};

static bool is_one_of(uint8_t c, const char *set)
{
    for (; *set != '\0'; set++)
        if ((uint8_t)*set == c)
            return true;
    return false;
}

bool span_alnum(struct span s, const char *extra)
{
    for (size_t i = 0; i < s.n; i++)
        if (alnums[s.p[i]] == 0 && !is_one_of(s.p[i], extra))
            return false;
    return true;
}

/* The length of the well-formed sequence at the front of s (RFC 3629, section 4), or 0. */
static size_t utf8_sequence(struct span s)
{
    uint8_t c = s.p[0];
    if (c < 0x80)
        return 1;
    size_t n = c >= 0xc2 && c <= 0xdf   ? 2
               : c >= 0xe0 && c <= 0xef ? 3
               : c >= 0xf0 && c <= 0xf4 ? 4
                                        : 0;
    if (n == 0 || s.n < n)
        return 0;
    uint8_t lowest = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    uint8_t highest = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (s.p[1] < lowest || s.p[1] > highest)
        return 0;
    for (size_t i = 2; i < n; i++)
        if (s.p[i] < 0x80 || s.p[i] > 0xbf)
            return 0;
    return n;
}

/* Most text is ASCII, and passed eight bytes at a time. */
bool span_utf8(struct span s)
{
    while (s.n > 0) {
        bool eight = s.n >= 8 && span_ascii(span_of(s.p, 8));
        size_t n = eight ? 8 : utf8_sequence(s);
        if (n == 0)
            return false;
        s = span_skip(s, n);
    }
    return true;
}

bool span_ascii(struct span s)
{
    const uint64_t high_bits = 0x8080808080808080u;
    uint64_t seen = 0, word;
    size_t i = 0;
    for (; s.n - i >= sizeof word; i += sizeof word) {
        memcpy(&word, s.p + i, sizeof word);
        seen |= word;
    }
    for (; i < s.n; i++)
        seen |= s.p[i];
    return (seen & high_bits) == 0;
}
