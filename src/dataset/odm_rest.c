#include "dataset/odm_rest.h"

#include <string.h>

#include "base/sort.h"

enum { WAITING_MAX = 64 * 1024 };

void odm_rest_open(struct odm_rest *r)
{
    *r = (struct odm_rest){0};
    sha256_begin(&r->sha256);
}

void odm_rest_close(struct odm_rest *r)
{
    buf_close(&r->waiting);
    mem_free(r->attribute);
}

static void hash_waiting(struct odm_rest *r)
{
    sha256_feed(&r->sha256, buf_span(&r->waiting));
    buf_clear(&r->waiting);
}

/* XML has no NUL, so what ends in one is unambiguous. */
static void add(struct odm_rest *r, const char *s)
{
    buf_add(&r->waiting, span_of(s, strlen(s) + 1));
}

/* --- attributes: their order means nothing --- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct odm_attribute *)a)->name, ((const struct odm_attribute *)b)->name);
}

static void add_attributes(struct odm_rest *r, const char **attributes)
{
    size_t n = 0;
    for (; attributes[0] != NULL; attributes += 2) {
        r->attribute = mem_room(r->attribute, n, &r->cap, sizeof *r->attribute);
        r->attribute[n++] = (struct odm_attribute){attributes[0], attributes[1]};
    }
    sort_items(r->attribute, n, sizeof *r->attribute, by_name);
    for (size_t i = 0; i < n; i++) {
        buf_byte(&r->waiting, '@');
        add(r, r->attribute[i].name);
        add(r, r->attribute[i].value);
    }
}

/* --- tags and texts --- */

void odm_rest_break(struct odm_rest *r)
{
    if (r->in_text)
        buf_byte(&r->waiting, 0);
    r->in_text = r->after_blank = false;
    if (r->waiting.n > WAITING_MAX)
        hash_waiting(r);
}

void odm_rest_begin(struct odm_rest *r, const char *name, const char **attributes)
{
    odm_rest_break(r);
    buf_byte(&r->waiting, '<');
    add(r, name);
    if (attributes != NULL)
        add_attributes(r, attributes);
}

void odm_rest_end(struct odm_rest *r)
{
    odm_rest_break(r);
    buf_byte(&r->waiting, '>');
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Blanks around a text lay a file out; within it any number of them are one. */
void odm_rest_text(struct odm_rest *r, struct span piece)
{
    for (size_t i = 0; i < piece.n; i++) {
        if (is_blank(piece.p[i])) {
            r->after_blank = r->in_text;
            continue;
        }
        if (!r->in_text)
            buf_byte(&r->waiting, '=');
        else if (r->after_blank)
            buf_byte(&r->waiting, ' ');
        r->in_text = true;
        r->after_blank = false;
        buf_byte(&r->waiting, piece.p[i]);
    }
    if (r->waiting.n > WAITING_MAX)
        hash_waiting(r);
}

struct hash odm_rest_digest(struct odm_rest *r)
{
    hash_waiting(r);
    return sha256_end(&r->sha256);
}
