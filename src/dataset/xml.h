/*
 * XML by expat, as every reader here takes it: in blocks, forwards, with bounded memory whatever
 * the bytes are. A document type is refused, so there are no entities to expand and nothing to
 * fetch. Depth, names, namespaces, and the size of a tag or other piece of markup are limited.
 *
 *     struct xml *x = xml_open(source, &calls, ctx);
 *     while ((step = xml_read(x, e)) == XML_PAUSED)
 *         use_what(ctx);
 *     xml_close(x);
 */
#ifndef DATASET_XML_H
#define DATASET_XML_H

#include "base/err.h"
#include "base/io.h"

/* Above them: ERR_LIMIT. */
enum {
    XML_DEPTH_MAX = 64,
    XML_NAME_MAX = 1024,              /* bytes of the name of an element or attribute, */
    XML_NAMES_MAX = 2000,             /* different ones: expat keeps each for ever */
    XML_SPACE_MAX = 256,              /* bytes of the name of a namespace */
    XML_MARKUP_MAX = 4 * 1024 * 1024, /* bytes, or two blocks more, of a tag or a comment */
};

/* What expat says of an element: "namespace local", or "local" where it is in none. */
enum xml_space { XML_NO_SPACE, XML_ODM, XML_DEFINE, XML_XLINK, XML_OTHER_SPACE };
enum xml_space xml_name(const char *name, const char **local);

/* Name and value, name and value, NULL. The value of one, or NULL. */
const char *xml_attribute(const char **attributes, enum xml_space space, const char *local);

struct xml; /* opaque */

/* Spans and strings are theirs only during the call. */
struct xml_calls {
    void (*begin)(void *ctx, const char *name, const char **attributes);
    /* `text`: of an element whose begin called xml_keep_text; of any other NULL. */
    void (*end)(void *ctx, const struct span *text);
    void (*text)(void *ctx, struct span piece);     /* of any text, or NULL */
    void (*space)(void *ctx, enum xml_space space); /* declared, before its element; or NULL */
    bool passes_doctype;                            /* for who only looks at the first element */
};

/* `source`, `calls` and `ctx` outlive it. */
struct xml *xml_open(struct source source, const struct xml_calls *calls, void *ctx);
void xml_close(struct xml *x); /* NULL is fine */

/* On from where it was, to the next xml_pause or to the end. After XML_FAILED only xml_close. */
enum xml_step { XML_FAILED, XML_PAUSED, XML_ENDED };
enum xml_step xml_read(struct xml *x, struct err *e);

/* --- for the calls --- */

/* In begin: keeps the element's text, also that of elements in it, up to `max` bytes. One at a
 * time: within an element whose text is kept this does nothing. */
void xml_keep_text(struct xml *x, size_t max);

/* In end: xml_read returns, and the next one goes on behind this element. */
void xml_pause(struct xml *x);

/* Where what is told begins. */
uint64_t xml_line(const struct xml *x);

/* xml_read fails, with the line before this text. The first failure counts. */
void xml_fail(struct xml *x, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
