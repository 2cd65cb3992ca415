#include <string.h>

#include "crypto/sha256.h"

bool hash_eq(struct hash a, struct hash b)
{
    return memcmp(a.b, b.b, sizeof a.b) == 0;
}

struct span hash_span(const struct hash *h)
{
    return span_of(h->b, sizeof h->b);
}

char *hash_hex(struct hash h, char text[65])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof h.b; i++) {
        text[2 * i] = digits[h.b[i] >> 4];
        text[2 * i + 1] = digits[h.b[i] & 15];
    }
    text[2 * sizeof h.b] = '\0';
    return text;
}

bool hash_parse(struct span digits, struct hash *out)
{
    struct hash h = {{0}};
    if (!span_hex(digits, h.b, sizeof h.b))
        return false;
    *out = h;
    return true;
}

static bool feed(void *ctx, struct span s, struct err *e)
{
    (void)e;
    sha256_feed(ctx, s);
    return true;
}

struct sink sha256_sink(struct sha256 *s)
{
    return (struct sink){feed, s};
}
