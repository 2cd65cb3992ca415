#include "format/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Four digits for 1, 2 or 3 bytes; '=' stands for digits that carry nothing. */
static void write_quantum(uint8_t out[4], const uint8_t *in, size_t n)
{
    uint32_t v = 0;
    for (size_t i = 0; i < 3; i++)
        v = v << 8 | (i < n ? in[i] : 0);
    for (size_t i = 0; i < 4; i++)
        out[i] = i <= n ? (uint8_t)alphabet[v >> (18 - 6 * i) & 63] : '=';
}

void base64_write(struct buf *b, struct span data)
{
    size_t quanta = data.n / 3 + (data.n % 3 != 0);
    if (quanta == 0)
        return;
    uint8_t *out = buf_room(b, quanta * 4);
    for (size_t i = 0; i < quanta; i++) {
        size_t left = data.n - 3 * i;
        write_quantum(out + 4 * i, data.p + 3 * i, left < 3 ? left : 3);
    }
    b->n += quanta * 4;
}

static int digit_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* n bytes from n + 1 digits; what they carry beyond n bytes must be zero (section 3.5). */
static bool parse_quantum(const uint8_t *digits, uint8_t *out, size_t n)
{
    uint32_t v = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = i <= n ? digit_value(digits[i]) : 0;
        if (digit < 0)
            return false;
        v = v << 6 | (uint32_t)digit;
    }
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(v >> (16 - 8 * i));
    return (v & (0xffffffu >> (8 * n))) == 0;
}

size_t base64_size(struct span text)
{
    size_t padding = span_ends(text, SPAN("==")) ? 2 : span_ends(text, SPAN("=")) ? 1 : 0;
    return text.n < 4 ? 0 : text.n / 4 * 3 - padding;
}

bool base64_bytes(struct span text, uint8_t *out, size_t n)
{
    if (text.n % 4 != 0 || base64_size(text) != n)
        return false;
    for (size_t i = 0; i < text.n / 4; i++) {
        size_t left = n - 3 * i;
        if (!parse_quantum(text.p + 4 * i, out + 3 * i, left < 3 ? left : 3))
            return false;
    }
    return true;
}

bool base64_parse(struct arena *a, struct span text, struct span *out)
{
    size_t n = base64_size(text);
    uint8_t *bytes = arena_new(a, n);
    if (!base64_bytes(text, bytes, n))
        return false;
    *out = span_of(bytes, n);
    return true;
}
