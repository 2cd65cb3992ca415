#include "base/err.h"

#include <stdio.h>
#include <string.h>

#include "base/span.h"

/* Cuts an incomplete UTF-8 sequence off the end, then replaces what a terminal might obey. */
static size_t make_printable(char *s, size_t n)
{
    for (size_t cut = 0; cut < 4 && n > 0 && !span_utf8(span_of(s, n)); cut++) {
        if (((unsigned char)s[n - 1] & 0x80) == 0)
            break;
        s[--n] = '\0';
    }
    bool utf8 = span_utf8(span_of(s, n));
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        bool c1_control = utf8 && c == 0xc2 && (unsigned char)s[i + 1] < 0xa0;
        if (c < 0x20 || c == 0x7f || (!utf8 && c >= 0x80) || c1_control) {
            s[i] = '?';
            if (c1_control)
                s[++i] = '?';
        }
    }
    return n;
}

size_t text_vformat(char *out, size_t cap, const char *fmt, va_list ap)
{
    int n = vsnprintf(out, cap, fmt, ap);
    if (n < 0) {
        out[0] = '\0';
        return 0;
    }
    return make_printable(out, (size_t)n < cap ? (size_t)n : cap - 1);
}

size_t text_format(char *out, size_t cap, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    size_t n = text_vformat(out, cap, fmt, ap);
    va_end(ap);
    return n;
}

/* The parentheses keep the names from what err.h defines for the analyzer. */
bool(err_set)(struct err *e, enum err_kind kind, const char *fmt, ...)
{
    if (e == NULL)
        return false;
    va_list ap;
    va_start(ap, fmt);
    text_vformat(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    e->kind = kind;
    e->hint[0] = '\0';
    return false;
}

bool(err_at)(struct err *e, const char *fmt, ...)
{
    if (e == NULL)
        return false;
    char where[sizeof e->text];
    char what[sizeof e->text];
    va_list ap;
    va_start(ap, fmt);
    text_vformat(where, sizeof where, fmt, ap);
    va_end(ap);
    memcpy(what, e->text, sizeof what);
    text_format(e->text, sizeof e->text, "%s: %s", where, what);
    return false;
}

bool(err_hint)(struct err *e, const char *fmt, ...)
{
    if (e == NULL)
        return false;
    va_list ap;
    va_start(ap, fmt);
    text_vformat(e->hint, sizeof e->hint, fmt, ap);
    va_end(ap);
    return false;
}
