#include "dataset/encoding.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "base/arena.h"

enum { CHARACTER_MAX = 4 /* bytes of one in UTF-8 */ };

/* Not here, since what it decodes to depends on the program: Big5 with Hong Kong's characters. */
static const struct known {
    const char *name;
    const char *iconv; /* NULL: the same */
    bool bytes;        /* each byte is a character */
} known[] = {
    {"utf-8", NULL, true}, /* bytes above 0x7F are none alone: a text that is not UTF-8 is refused
                            */
    {"shift_jis", "CP932", false},                            /* as Windows has it */
    {"euc-jp", NULL, false},        {"euc-kr", "UHC", false}, /* as Windows has it, code page 949 */
    {"big5", "CP950", false},                                 /* as Windows has it */
    {"gbk", NULL, false},           {"iso-8859-1", NULL, true},   {"iso-8859-2", NULL, true},
    {"iso-8859-3", NULL, true},     {"iso-8859-4", NULL, true},   {"iso-8859-5", NULL, true},
    {"iso-8859-6", NULL, true},     {"iso-8859-7", NULL, true},   {"iso-8859-8", NULL, true},
    {"iso-8859-9", NULL, true},     {"iso-8859-10", NULL, true},  {"iso-8859-11", NULL, true},
    {"iso-8859-13", NULL, true},    {"iso-8859-14", NULL, true},  {"iso-8859-15", NULL, true},
    {"windows-874", "CP874", true}, {"windows-1250", NULL, true}, {"windows-1251", NULL, true},
    {"windows-1252", NULL, true},   {"windows-1253", NULL, true}, {"windows-1254", NULL, true},
    {"windows-1255", NULL, true},   {"windows-1256", NULL, true}, {"windows-1257", NULL, true},
    {"windows-1258", NULL, true},   {"koi8-r", NULL, true},       {"gb18030", NULL, false},
};

struct encoding {
    const struct known *is;
    iconv_t iconv;
    bool moves; /* it has editions that differ */
    struct character {
        uint8_t n; /* 0: the encoding does not have this byte */
        uint8_t utf8[CHARACTER_MAX];
    } byte[256]; /* where each byte is a character */
};

static const struct known *find(struct span name)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (span_eq(name, span_str(known[i].name)))
            return &known[i];
    return NULL;
}

/* U+0080 to U+009F, U+E000 to U+F8FF, and from U+F0000 on. */
static bool has_refused(struct span utf8)
{
    for (size_t i = 0; i + 1 < utf8.n; i++) {
        uint8_t lead = utf8.p[i], next = utf8.p[i + 1];
        if ((lead == 0xc2 && next < 0xa0) || lead == 0xee || (lead == 0xef && next < 0xa4) ||
            (lead == 0xf3 && next >= 0xb0) || lead == 0xf4)
            return true;
    }
    return false;
}

/* Does it begin with what the editions of GB 18030 (2000, 2005, 2022) have in different places? */
static bool begins_moved(struct span utf8)
{
    static const struct {
        const char *begins; /* all but the last byte, which is one of these: */
        uint8_t first, last;
    } moved[] = {
        {"\xe1\xb8", 0xbf, 0xbf},     /* U+1E3F */
        {"\xe9\xbe", 0xb4, 0xbb},     /* U+9FB4 to U+9FBB */
        {"\xef\xb8", 0x90, 0x99},     /* U+FE10 to U+FE19 */
        {"\xf0\xa0\x82", 0x87, 0x87}, /* U+20087 */
        {"\xf0\xa0\x82", 0x89, 0x89}, /* U+20089 */
        {"\xf0\xa0\x83", 0x8c, 0x8c}, /* U+200CC */
        {"\xf0\xa1\x97", 0x97, 0x97}, /* U+215D7 */
        {"\xf0\xa2\xa6", 0x8f, 0x8f}, /* U+2298F */
        {"\xf0\xa4\x87", 0xbe, 0xbe}, /* U+241FE */
    };
    for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++) {
        struct span last = utf8;
        if (span_take(&last, span_str(moved[i].begins)) && last.n > 0 &&
            last.p[0] >= moved[i].first && last.p[0] <= moved[i].last)
            return true;
    }
    return false;
}

static bool has_moved(struct span utf8)
{
    for (size_t i = 0; i < utf8.n; i++)
        if (utf8.p[i] >= 0xe1 && begins_moved(span_skip(utf8, i)))
            return true;
    return false;
}

/* All of `text`, or false. *n: the bytes of `out`, of which there are enough. */
static bool convert(iconv_t with, struct span text, uint8_t *out, size_t room, size_t *n)
{
    char *from = (char *)(uintptr_t)text.p, *to = (char *)out;
    size_t from_left = text.n, to_left = room;
    iconv(with, NULL, NULL, NULL, NULL);
    if (iconv(with, &from, &from_left, &to, &to_left) != 0 || from_left != 0)
        return false;
    *n = room - to_left;
    return !has_refused(span_of(out, *n));
}

/* One by one: some of the library's tables join two characters to one. */
static void fill_bytes(struct encoding *x)
{
    for (unsigned i = 0; i < 256; i++) {
        const uint8_t b = (uint8_t)i;
        uint8_t utf8[CHARACTER_MAX + 4];
        char *to = (char *)utf8;
        size_t left = sizeof utf8, n;
        if (!convert(x->iconv, span_of(&b, 1), utf8, sizeof utf8, &n))
            continue;
        if (n == 0) { /* it waits for what follows */
            iconv(x->iconv, NULL, NULL, &to, &left);
            n = sizeof utf8 - left;
        }
        x->byte[i].n = (uint8_t)n;
        memcpy(x->byte[i].utf8, utf8, CHARACTER_MAX);
    }
}

bool encoding_open(struct span name, struct encoding **out, struct err *e)
{
    const struct known *is = find(name);
    if (is == NULL) {
        err_set(e, ERR_USAGE, "no encoding that is known: %.*s", SPAN_ARGS(name));
        return err_hint(e, "like utf-8, iso-8859-2, windows-1250, shift_jis; RUNBOOK, chapter 4");
    }
    iconv_t with = iconv_open("UTF-8", is->iconv != NULL ? is->iconv : is->name);
    if (with == (iconv_t)-1)
        return err_set(e, ERR_STATE, "the C library does not have the encoding %s: %s", is->name,
                       strerror(errno));
    struct encoding *x = *out = mem_new(sizeof *x);
    x->is = is;
    x->iconv = with;
    x->moves = span_eq(name, SPAN("gb18030"));
    if (is->bytes)
        fill_bytes(x);
    return true;
}

void encoding_close(struct encoding *x)
{
    if (x == NULL)
        return;
    iconv_close(x->iconv);
    mem_free(x);
}

const char *encoding_name(const struct encoding *x)
{
    return x->is->name;
}

static bool decode_bytes(const struct encoding *x, struct span text, struct buf *out)
{
    size_t before = out->n;
    for (size_t i = 0; i < text.n; i++) {
        const struct character *c = &x->byte[text.p[i]];
        if (c->n == 0) {
            out->n = before;
            return false;
        }
        buf_add(out, span_of(c->utf8, c->n));
    }
    return true;
}

bool encoding_decode(struct encoding *x, struct span text, struct buf *out)
{
    size_t n;
    if (x->is->bytes)
        return decode_bytes(x, text, out);
    size_t room = ENCODING_GROWTH * text.n;
    if (!convert(x->iconv, text, buf_room(out, room), room, &n))
        return false;
    if (x->moves && has_moved(span_of(out->p + out->n, n)))
        return false;
    out->n += n;
    return true;
}
