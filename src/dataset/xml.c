#include "dataset/xml.h"

#include <expat.h>
#include <string.h>

#include "base/buf.h"
#include "dataset/names.h"

enum { BLOCK = 64 * 1024, NAME_SEPARATOR = ' ' };

struct xml {
    XML_Parser expat;
    struct source source;
    uint64_t at; /* of what was not read yet */
    const struct xml_calls *calls;
    void *ctx;
    struct err *e;
    bool failed, paused;
    size_t depth;
    uint64_t
        silent; /* bytes since expat told something: of a piece of markup that has no end yet */
    struct name_set names;
    struct buf text;
    size_t text_depth; /* of the element whose text is kept; 0: of none */
    size_t text_max;
};

/* --- failing --- */

uint64_t xml_line(const struct xml *x)
{
    return XML_GetCurrentLineNumber(x->expat);
}

void xml_fail(struct xml *x, enum err_kind kind, const char *fmt, ...)
{
    char why[256];
    va_list ap;
    if (x->failed)
        return;
    va_start(ap, fmt);
    text_vformat(why, sizeof why, fmt, ap);
    va_end(ap);
    err_set(x->e, kind, "line %llu: %s", (unsigned long long)xml_line(x), why);
    x->failed = true;
    XML_StopParser(x->expat, XML_FALSE);
}

/* --- names --- */

/* Versions of one standard are one namespace here. */
static enum xml_space space_of(const char *uri)
{
    static const struct {
        const char *begins;
        enum xml_space space;
    } spaces[] = {{"http://www.cdisc.org/ns/odm/v1.", XML_ODM},
                  {"http://www.cdisc.org/ns/def/v", XML_DEFINE},
                  {"http://www.w3.org/1999/xlink", XML_XLINK}};
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++)
        if (strncmp(uri, spaces[i].begins, strlen(spaces[i].begins)) == 0)
            return spaces[i].space;
    return XML_OTHER_SPACE;
}

enum xml_space xml_name(const char *name, const char **local)
{
    const char *separator = strrchr(name, NAME_SEPARATOR);
    *local = separator == NULL ? name : separator + 1;
    return separator == NULL ? XML_NO_SPACE : space_of(name);
}

const char *xml_attribute(const char **attributes, enum xml_space space, const char *local)
{
    const char *name;
    for (; attributes[0] != NULL; attributes += 2)
        if (xml_name(attributes[0], &name) == space && strcmp(name, local) == 0)
            return attributes[1];
    return NULL;
}

static void count_name(struct xml *x, const char *name)
{
    size_t n = strnlen(name, XML_NAME_MAX + 1);
    if (n > XML_NAME_MAX)
        xml_fail(x, ERR_LIMIT, "a name of more than %d bytes", XML_NAME_MAX);
    else if (name_set_add(&x->names, span_of(name, n)) && x->names.used > XML_NAMES_MAX)
        xml_fail(x, ERR_LIMIT, "more than %d names of elements and attributes", XML_NAMES_MAX);
}

static void count_names(struct xml *x, const char *name, const char **attributes)
{
    count_name(x, name);
    for (; attributes[0] != NULL && !x->failed; attributes += 2)
        count_name(x, attributes[0]);
}

/* --- expat's calls, of which some come even after it was told to stop --- */

static void on_begin(void *ctx, const char *name, const char **attributes)
{
    struct xml *x = ctx;
    x->silent = 0;
    if (x->failed)
        return;
    count_names(x, name, attributes);
    if (x->depth == XML_DEPTH_MAX)
        xml_fail(x, ERR_LIMIT, "nested deeper than %d", XML_DEPTH_MAX);
    x->depth++;
    if (!x->failed)
        x->calls->begin(x->ctx, name, attributes);
}

static void on_end(void *ctx, const char *name)
{
    struct xml *x = ctx;
    (void)name;
    x->silent = 0;
    if (x->failed)
        return;
    bool kept = x->text_depth == x->depth;
    struct span text = buf_span(&x->text);
    if (kept)
        x->text_depth = 0;
    x->depth--;
    x->calls->end(x->ctx, kept ? &text : NULL);
}

static void on_text(void *ctx, const char *text, int n)
{
    struct xml *x = ctx;
    x->silent = 0;
    if (!x->failed && x->calls->text != NULL)
        x->calls->text(x->ctx, span_of(text, (size_t)n));
    if (x->text_depth == 0 || x->failed)
        return;
    if ((size_t)n > x->text_max - x->text.n)
        xml_fail(x, ERR_LIMIT, "a text longer than %zu bytes", x->text_max);
    else
        buf_add(&x->text, span_of(text, (size_t)n));
}

/* Comments, processing instructions. */
static void on_other(void *ctx, const char *text, int n)
{
    struct xml *x = ctx;
    (void)text;
    (void)n;
    x->silent = 0;
}

static void on_doctype(void *ctx, const char *name, const char *system, const char *public, int own)
{
    (void)name;
    (void)system;
    (void)public;
    (void)own;
    xml_fail(ctx, ERR_FORMAT, "a document type, which is not allowed");
}

/* Every name is told with its namespace, so a long one would be read over and over. */
static void on_namespace(void *ctx, const char *prefix, const char *uri)
{
    struct xml *x = ctx;
    if (x->failed)
        return;
    if (prefix != NULL)
        count_name(x, prefix);
    if (uri != NULL && strnlen(uri, XML_SPACE_MAX + 1) > XML_SPACE_MAX)
        xml_fail(x, ERR_LIMIT, "a namespace of more than %d bytes", XML_SPACE_MAX);
    if (uri != NULL && !x->failed && x->calls->space != NULL)
        x->calls->space(x->ctx, space_of(uri));
}

/* --- reading --- */

struct xml *xml_open(struct source source, const struct xml_calls *calls, void *ctx)
{
    static const XML_Memory_Handling_Suite memory = {mem_new, mem_resize, mem_free};
    static const char separator[] = {NAME_SEPARATOR, 0};
    struct xml *x = mem_new(sizeof *x);
    x->source = source;
    x->calls = calls;
    x->ctx = ctx;
    x->expat = XML_ParserCreate_MM(NULL, &memory, separator);
    XML_SetUserData(x->expat, x);
    XML_SetElementHandler(x->expat, on_begin, on_end);
    XML_SetCharacterDataHandler(x->expat, on_text);
    XML_SetDefaultHandler(x->expat, on_other);
    if (!calls->passes_doctype)
        XML_SetStartDoctypeDeclHandler(x->expat, on_doctype);
    XML_SetStartNamespaceDeclHandler(x->expat, on_namespace);
    return x;
}

void xml_close(struct xml *x)
{
    if (x == NULL)
        return;
    XML_ParserFree(x->expat);
    name_set_close(&x->names);
    buf_close(&x->text);
    mem_free(x);
}

static enum XML_Status parse_block(struct xml *x)
{
    uint64_t left = x->source.size - x->at;
    size_t n = left < BLOCK ? (size_t)left : BLOCK;
    void *block = XML_GetBuffer(x->expat, BLOCK);
    if (block == NULL)
        return XML_STATUS_ERROR;
    x->failed = n > 0 && !x->source.read_at(x->source.ctx, x->at, block, n, x->e);
    if (x->failed)
        return XML_STATUS_ERROR;
    x->at += n;
    x->silent += n;
    return XML_ParseBuffer(x->expat, (int)n, n == left);
}

enum xml_step xml_read(struct xml *x, struct err *e)
{
    x->e = e;
    do {
        enum XML_Status status = x->paused ? XML_ResumeParser(x->expat) : parse_block(x);
        x->paused = status == XML_STATUS_SUSPENDED;
        if (status == XML_STATUS_ERROR)
            xml_fail(x, ERR_FORMAT, "%s", XML_ErrorString(XML_GetErrorCode(x->expat)));
        else if (x->silent > XML_MARKUP_MAX)
            xml_fail(x, ERR_LIMIT, "a tag or comment of more than %d bytes", XML_MARKUP_MAX);
    } while (!x->failed && !x->paused && x->at < x->source.size);
    return x->failed ? XML_FAILED : x->paused ? XML_PAUSED : XML_ENDED;
}

void xml_keep_text(struct xml *x, size_t max)
{
    if (x->text_depth > 0)
        return;
    buf_clear(&x->text);
    x->text_depth = x->depth;
    x->text_max = max;
}

void xml_pause(struct xml *x)
{
    if (!x->failed)
        XML_StopParser(x->expat, XML_TRUE);
}
