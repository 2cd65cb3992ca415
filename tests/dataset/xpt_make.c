#include "tests/dataset/xpt_make.h"

#include <stdio.h>
#include <string.h>

static const char zeroes[] = "000000000000000000000000000000";

void xpt_make_text(struct buf *b, const char *text, size_t n)
{
    size_t have = strlen(text) < n ? strlen(text) : n;
    buf_add(b, span_of(text, have));
    for (size_t i = have; i < n; i++)
        buf_byte(b, ' ');
}

void xpt_make_header(struct xpt_make *x, const char *name, const char *digits)
{
    buf_str(&x->b, "HEADER RECORD*******");
    xpt_make_text(&x->b, name, 8);
    buf_str(&x->b, "HEADER RECORD!!!!!!!");
    xpt_make_text(&x->b, digits, 32);
}

void xpt_make_pad(struct xpt_make *x, uint8_t c)
{
    while (x->b.n % 80 != 0)
        buf_byte(&x->b, c);
}

void xpt_make_library(struct xpt_make *x)
{
    xpt_make_header(x, x->v8 ? "LIBV8" : "LIBRARY", zeroes);
    buf_str(&x->b, "SAS     SAS     SASLIB  9.4     LINUX   ");
    xpt_make_text(&x->b, "", 24);
    buf_str(&x->b, "01JAN26:02:03:04");
    xpt_make_text(&x->b, "02JAN26:02:03:04", 80);
}

static void add_namestr(struct xpt_make *x, const struct xpt_make_variable *v, unsigned number)
{
    struct buf *b = &x->b;
    size_t start = b->n, size = x->namestr == 0 ? 140 : x->namestr;
    buf_be16(b, (uint16_t)v->type);
    buf_be16(b, 0);
    buf_be16(b, (uint16_t)v->length);
    buf_be16(b, (uint16_t)number);
    xpt_make_text(b, v->name, 8);
    xpt_make_text(b, v->label == NULL ? "" : v->label, 40);
    xpt_make_text(b, v->format == NULL ? "" : v->format, 8);
    buf_be64(b, (uint64_t)9 << 48 | (uint64_t)2 << 32);
    xpt_make_text(b, "", 8);
    buf_be32(b, 0);
    buf_be32(b, (uint32_t)(v->position > 0 ? (size_t)v->position - 1 : x->row_bytes));
    if (x->v8) {
        xpt_make_text(b, v->name, 32);
        buf_be16(b, (uint16_t)(v->label == NULL ? 0 : strlen(v->label)));
    }
    while (b->n - start < size)
        buf_byte(b, 0);
    x->row_bytes += (size_t)v->length;
}

void xpt_make_member(struct xpt_make *x, const char *name, const struct xpt_make_variable *v,
                     size_t n)
{
    char digits[64];
    snprintf(digits, sizeof digits, "000000000000000001600000000%03zu",
             x->namestr == 0 ? 140 : x->namestr);
    xpt_make_header(x, x->v8 ? "MEMBV8" : "MEMBER", digits);
    xpt_make_header(x, x->v8 ? "DSCPTV8" : "DSCRPTR", zeroes);
    buf_str(&x->b, "SAS     ");
    xpt_make_text(&x->b, name, x->v8 ? 32 : 8);
    buf_str(&x->b, "SASDATA 9.4     LINUX   ");
    xpt_make_text(&x->b, "", x->v8 ? 0 : 24);
    buf_str(&x->b, "03JAN26:02:03:04");
    xpt_make_text(&x->b, "04JAN26:02:03:04", 32);
    xpt_make_text(&x->b, "the member's label", 40);
    xpt_make_text(&x->b, "DATA", 8);
    snprintf(digits, sizeof digits, "000000%04zu00000000000000000000", n);
    xpt_make_header(x, x->v8 ? "NAMSTV8" : "NAMESTR", digits);
    x->row_bytes = 0;
    for (size_t i = 0; i < n; i++)
        add_namestr(x, &v[i], (unsigned)i + 1);
    xpt_make_pad(x, ' ');
}

void xpt_make_label(struct xpt_make *x, bool formats, unsigned number, const char *name,
                    const char *label, const char *format)
{
    xpt_make_header(x, formats ? "LABELV9" : "LABELV8", "1");
    buf_be16(&x->b, (uint16_t)number);
    buf_be16(&x->b, (uint16_t)strlen(name));
    buf_be16(&x->b, (uint16_t)strlen(label));
    if (formats) {
        buf_be16(&x->b, (uint16_t)strlen(format));
        buf_be16(&x->b, 0);
    }
    buf_str(&x->b, name);
    buf_str(&x->b, label);
    if (formats)
        buf_str(&x->b, format);
    xpt_make_pad(x, ' ');
}

void xpt_make_rows(struct xpt_make *x, int64_t count)
{
    char digits[64];
    snprintf(digits, sizeof digits, "%15lld", (long long)count);
    xpt_make_header(x, x->v8 ? "OBSV8" : "OBS", count < 0 ? zeroes : digits);
}

struct span xpt_make_small(struct xpt_make *x, unsigned rows)
{
    static const struct xpt_make_variable v[] = {
        {.name = "A", .label = "first", .type = 2, .length = 5, .format = "$CHAR"},
        {.name = "B", .label = "second", .type = 1, .length = 8, .format = "DATE"},
    };
    xpt_make_library(x);
    xpt_make_member(x, "SMALL", v, 2);
    xpt_make_rows(x, x->v8 ? (int64_t)rows : -1);
    for (unsigned i = 0; i < rows; i++) {
        char text[16];
        snprintf(text, sizeof text, "r%u", i % 1000);
        xpt_make_text(&x->b, text, 5);
        buf_be64(&x->b, (uint64_t)0x42 << 56 | i);
    }
    xpt_make_pad(x, ' ');
    return buf_span(&x->b);
}
