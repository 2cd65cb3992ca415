/*
 * Errors: the job could not be done. A function that can fail returns bool and
 * takes `struct err *` last; on false, *e says where and what, and the function
 * has left nothing half done. What is wrong with data or evidence while the job
 * itself was done is an issue (base/issue.h), not an error.
 *
 *     return err_set(e, ERR_FORMAT, "line %zu: missing origin", n);
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum err_kind {
    ERR_NONE,
    ERR_USAGE,     /* the caller asked for something that does not exist or cannot be */
    ERR_FORMAT,    /* bytes that are not what their format demands */
    ERR_LIMIT,     /* bytes that may be right but exceed a named limit */
    ERR_IO,        /* the operating system said no */
    ERR_STATE,     /* the home, its configuration or the clock does not permit it now */
    ERR_BUSY,      /* another run holds the lock */
    ERR_INTEGRITY, /* what was signed and what is there contradict each other: never retry */
};

struct err {
    enum err_kind kind;
    char text[512]; /* where and what, UTF-8, cut at a character if too long */
    char hint[256]; /* what to do about it, or empty */
};

/* Sets kind and text, clears the hint, returns false. e may be NULL. */
bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "what: " before the text that is there; returns false. */
bool err_at(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sets the hint; returns false. */
bool err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * The one place in libcore that formats text: like vsnprintf, but always
 * terminated, cut before an incomplete UTF-8 sequence, control bytes replaced by
 * '?', so that hostile names cannot steer a terminal. Returns the length written.
 */
size_t text_vformat(char *out, size_t cap, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));
size_t text_format(char *out, size_t cap, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__
/* It looks at one file at a time; so it knows what these return. */
#define err_set(...)  (err_set(__VA_ARGS__), false)
#define err_at(...)   (err_at(__VA_ARGS__), false)
#define err_hint(...) (err_hint(__VA_ARGS__), false)
#endif

#endif
