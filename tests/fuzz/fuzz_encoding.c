/*
 * The first byte chooses an encoding, the rest is text: refused, or valid UTF-8 of the size that
 * was promised; and what stood in the buffer before stays.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "dataset/encoding.h"

_Noreturn void host_fatal(const char *why)
{
    (void)why;
    abort();
}

static const char *const names[] = {"shift_jis", "euc-jp",       "euc-kr",       "big5",
                                    "gbk",       "windows-1252", "windows-1255", "koi8-r",
                                    "utf-8",     "gb18030",      "windows-1258"};
enum { NAMES = sizeof names / sizeof names[0] };

static struct encoding *opened(size_t i)
{
    static struct encoding *all[NAMES];
    struct err e;
    if (all[i] == NULL && !encoding_open(span_str(names[i]), &all[i], &e))
        abort();
    return all[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    if (n < 2)
        return 0;
    struct span text = span_of(p + 1, n - 1);
    struct buf out = {0};
    buf_str(&out, "=");
    bool good = encoding_decode(opened(p[0] % NAMES), text, &out);
    if (!good && out.n != 1)
        abort();
    if (out.p[0] != '=' || !span_utf8(buf_span(&out)) || out.n - 1 > ENCODING_GROWTH * text.n)
        abort();
    if (span_ascii(text) && (!good || !span_eq(span_skip(buf_span(&out), 1), text)))
        abort();
    buf_close(&out);
    return 0;
}
