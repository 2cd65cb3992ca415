/*
 * Spans: borrowed bytes. A span never owns what it points to and is never
 * NUL-terminated by promise. An empty span may have a NULL pointer.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
    const uint8_t *p;
    size_t n;
};

/* The span of a string literal, without its NUL. */
#define SPAN(literal) ((struct span){(const uint8_t *)("" literal), sizeof(literal) - 1})

/* For printf: printf("%.*s", SPAN_ARGS(s)). */
#define SPAN_ARGS(s) (int)(s).n, (const char *)(s).p

struct span span_of(const void *p, size_t n);
struct span span_str(const char *nul_terminated);

bool span_eq(struct span a, struct span b);

/* Order of bytes as unsigned numbers; a prefix comes before what it begins. */
int span_cmp(struct span a, struct span b);

bool span_starts(struct span s, struct span prefix);
bool span_ends(struct span s, struct span suffix);

/* What is left after the first n bytes; n <= s.n. */
struct span span_skip(struct span s, size_t n);

/* Offset of the first byte c at or after `from`, or s.n where there is none. */
size_t span_find(struct span s, size_t from, uint8_t c);

/*
 * Takes one line off *rest, without its LF. False where no LF is left: a last
 * line that has none is not a line, and *rest is unchanged.
 */
bool span_line(struct span *rest, struct span *line);

/* Takes `prefix` off the front of *s; false and *s unchanged where it does not start so. */
bool span_take(struct span *s, struct span prefix);

/* Decimal without sign, blanks or leading zeroes, all of s; false otherwise or above UINT64_MAX. */
bool span_u64(struct span s, uint64_t *out);

/* Exactly 2 * n lower-case hex digits, all of s, into out[n]. */
bool span_hex(struct span s, uint8_t *out, size_t n);

/* Every byte is in the set: ASCII letters, digits, and those of `extra`. */
bool span_alnum(struct span s, const char *extra);

/* No byte above 0x7F. */
bool span_ascii(struct span s);

/* Well-formed UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF. */
bool span_utf8(struct span s);

#endif
