#include "dataset/identify.h"

#include <string.h>

#include "base/err.h"
#include "dataset/odm.h"

/* A text may hold this share of control bytes (form feeds, stray bytes in a cell). */
enum { CONTROL_SHARE = 32 };

static bool has_bom(struct span s)
{
    return span_starts(s, SPAN("\xef\xbb\xbf"));
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct span skip_bom_and_blanks(struct span s)
{
    size_t n = has_bom(s) ? 3 : 0;
    while (n < s.n && is_blank(s.p[n]))
        n++;
    return span_skip(s, n);
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

/* `prefix` is in lower case. */
static bool starts_any_case(struct span s, struct span prefix)
{
    if (s.n < prefix.n)
        return false;
    for (size_t i = 0; i < prefix.n; i++)
        if (lower(s.p[i]) != prefix.p[i])
            return false;
    return true;
}

static bool is_text(struct span head)
{
    size_t controls = 0;
    for (size_t i = 0; i < head.n; i++) {
        uint8_t c = head.p[i];
        if (c == 0)
            return false;
        if ((c < ' ' && !is_blank(c)) || c == 0x7f)
            controls++;
    }
    return controls <= head.n / CONTROL_SHARE;
}

/*
 * Bids: 0 for "no", else how sure, about the number of bits that were matched,
 * so that the more exact knowledge wins: HTML over XML over text over binary.
 */
static int bid_html(struct span head)
{
    struct span s = skip_bom_and_blanks(head);
    bool html = starts_any_case(s, SPAN("<!doctype html")) || starts_any_case(s, SPAN("<html"));
    return html && is_text(head) ? 40 : 0;
}

static int bid_xml(struct span head)
{
    struct span s = skip_bom_and_blanks(head);
    if (!is_text(head) || s.n < 2 || s.p[0] != '<')
        return 0;
    if (span_starts(s, SPAN("<?xml")) || span_starts(s, SPAN("<!--")))
        return 32;
    uint8_t c = lower(s.p[1]);
    return (c >= 'a' && c <= 'z') || c == '_' || c == ':' ? 16 : 0;
}

static int bid_odm(struct span head)
{
    return bid_xml(head) > 0 && odm_begins(head) ? 48 : 0;
}

static int bid_json(struct span head)
{
    struct span s = skip_bom_and_blanks(head);
    return s.n > 0 && (s.p[0] == '{' || s.p[0] == '[') && is_text(head) ? 12 : 0;
}

static int bid_csv(struct span head)
{
    size_t end = span_find(head, 0, '\n');
    return is_text(head) && span_find(head, 0, ',') < end ? 8 : 0;
}

static int bid_text(struct span head)
{
    return is_text(head) ? 4 : 0;
}

/* RFC 1950: method 8, window at most 32 KiB, header check, no preset dictionary. */
static int bid_zlib(struct span head)
{
    if (head.n < 2 || is_text(head))
        return 0;
    unsigned cmf = head.p[0], flags = head.p[1];
    bool good = (cmf & 0x0f) == 8 && cmf >> 4 <= 7 && (cmf << 8 | flags) % 31 == 0;
    return good && (flags & 0x20) == 0 ? 16 : 0;
}

/* Only a claim makes it one. */
static int bid_never(struct span head)
{
    (void)head;
    return 0;
}

static int bid_binary(struct span head)
{
    return head.n > 0 ? 1 : 0;
}

static int bid_empty(struct span head)
{
    return head.n == 0 ? 8 : 0;
}

/* Bytes at an offset, or else a function that bids. */
static const struct {
    const char *name;
    size_t at;
    struct span magic;
    int (*bid)(struct span head);
} formats[FILE_FORMAT_COUNT] = {
#define MAGIC(at, literal) at, {(const uint8_t *)(literal), sizeof(literal) - 1}, NULL
#define BID(function)      0, {NULL, 0}, function
    [FILE_EMPTY] = {"an empty file", BID(bid_empty)},
    [FILE_XPT5] = {"SAS transport version 5",
                   MAGIC(0, "HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!")},
    [FILE_XPT8] = {"SAS transport version 8",
                   MAGIC(0, "HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!")},
    [FILE_CSV] = {"text with commas", BID(bid_csv)},
    [FILE_JSON] = {"JSON", BID(bid_json)},
    [FILE_XML] = {"XML", BID(bid_xml)},
    [FILE_ODM] = {"ODM", BID(bid_odm)},
    [FILE_HTML] = {"HTML", BID(bid_html)},
    [FILE_PDF] = {"PDF", MAGIC(0, "%PDF-")},
    [FILE_SAS7BDAT] = {"a native SAS data set",
                       MAGIC(0, "\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92"
                                "\x08\x00\x09\xc7\x31\x8c\x18\x1f\x10\x11")},
    [FILE_GZIP] = {"gzip", MAGIC(0, "\x1f\x8b\x08")},
    [FILE_ZLIB] = {"a zlib stream", BID(bid_zlib)},
    [FILE_ZIP] = {"a ZIP archive", MAGIC(0, "PK\x03\x04")},
    [FILE_7Z] = {"a 7-Zip archive", MAGIC(0, "7z\xbc\xaf\x27\x1c")},
    [FILE_ZSTD] = {"zstd", MAGIC(0, "\x28\xb5\x2f\xfd")},
    [FILE_TAR] = {"a tar archive", MAGIC(257, "ustar")},
    [FILE_DSJC] = {"compressed Dataset-JSON", BID(bid_never)},
    [FILE_UTF16] = {"UTF-16 text", MAGIC(0, "\xff\xfe")},
    [FILE_TEXT] = {"text", BID(bid_text)},
    [FILE_BINARY] = {"unknown binary data", BID(bid_binary)},
#undef MAGIC
#undef BID
};

static int bid_of(enum file_format f, struct span head)
{
    if (formats[f].bid != NULL)
        return formats[f].bid(head);
    struct span magic = formats[f].magic;
    bool there = head.n >= formats[f].at && span_starts(span_skip(head, formats[f].at), magic);
    return there ? (int)magic.n * 8 : 0;
}

enum file_format file_identify(struct span head)
{
    enum file_format best = FILE_EMPTY;
    int best_bid = 0;
    for (enum file_format f = 0; f < FILE_FORMAT_COUNT; f++) {
        int bid = bid_of(f, head);
        if (bid > best_bid) {
            best = f;
            best_bid = bid;
        }
    }
    return best;
}

const char *file_format_name(enum file_format f)
{
    return formats[f].name;
}

#define IS(format) (1u << FILE_##format)
#define ANY_TEXT   (IS(TEXT) | IS(CSV) | IS(JSON) | IS(XML) | IS(ODM) | IS(HTML) | IS(UTF16))

/* A CSV header may begin with [ or {; that bytes look like JSON does not contradict .csv. */
static const struct file_claim claims[] = {
    {".xpt", "a SAS transport file", IS(XPT5) | IS(XPT8)},
    {".xpt5", "a SAS transport file of version 5", IS(XPT5)},
    {".xpt8", "a SAS transport file of version 8", IS(XPT8)},
    {".csv", "CSV", IS(CSV) | IS(TEXT) | IS(JSON)},
    {".json", "JSON", IS(JSON)},
    {".ndjson", "NDJSON", IS(JSON)},
    {".dsjc", "compressed Dataset-JSON", IS(GZIP) | IS(ZLIB)},
    {".xml", "XML", IS(XML) | IS(ODM)},
    {".html", "HTML", IS(HTML) | IS(XML)},
    {".htm", "HTML", IS(HTML) | IS(XML)},
    {".pdf", "PDF", IS(PDF)},
    {".sas7bdat", "a native SAS data set", IS(SAS7BDAT)},
    {".zip", "a ZIP archive", IS(ZIP)},
    {".7z", "a 7-Zip archive", IS(7Z)},
    {".tar", "a tar archive", IS(TAR)},
    {".gz", "gzip", IS(GZIP)},
    {".tgz", "gzip", IS(GZIP)},
    {".zst", "zstd", IS(ZSTD)},
    {".txt", "text", ANY_TEXT},
    {".sha256", "text", ANY_TEXT},
    {".sas", "text", ANY_TEXT},
};

const struct file_claim *file_claim(struct span name)
{
    size_t dot = name.n;
    while (dot > 0 && name.p[dot - 1] != '.')
        dot--;
    if (dot == 0)
        return NULL;
    struct span extension = span_skip(name, dot - 1);
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        struct span known = span_str(claims[i].extension);
        if (extension.n == known.n && starts_any_case(extension, known))
            return &claims[i];
    }
    return NULL;
}

bool file_check(const struct file_claim *claim, enum file_format found, char *why, size_t cap)
{
    if (claim == NULL || found == FILE_EMPTY || (claim->formats >> found & 1) != 0)
        return true;
    text_format(why, cap, "the name ends in %s, which claims %s, but the content is %s",
                claim->extension, claim->what, file_format_name(found));
    return false;
}

static bool claims_extension(const struct file_claim *claim, const char *extension)
{
    return claim != NULL && strcmp(claim->extension, extension) == 0;
}

enum file_format file_decide(const struct file_claim *claim, enum file_format found)
{
    if (claims_extension(claim, ".csv") && (found == FILE_TEXT || found == FILE_JSON))
        return FILE_CSV;
    if (claims_extension(claim, ".dsjc") && (found == FILE_GZIP || found == FILE_ZLIB))
        return FILE_DSJC;
    return found;
}
