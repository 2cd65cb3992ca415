#include <string.h>

#include "dataset/odm.h"
#include "dataset/xml.h"

struct first_element {
    struct xml *xml;
    bool odm, define;
};

static void on_first(void *ctx, const char *name, const char **attributes)
{
    struct first_element *f = ctx;
    (void)attributes;
    f->odm = strcmp(name, "http://www.cdisc.org/ns/odm/v1.3 ODM") == 0;
    xml_fail(f->xml, ERR_FORMAT, "only the first element was wanted");
}

static void on_no_end(void *ctx, const struct span *text)
{
    (void)ctx;
    (void)text;
}

static void on_space(void *ctx, enum xml_space space)
{
    struct first_element *f = ctx;
    f->define = f->define || space == XML_DEFINE;
}

bool odm_begins(struct span head)
{
    static const struct xml_calls calls = {
        .begin = on_first, .end = on_no_end, .space = on_space, .passes_doctype = true};
    struct first_element f = {0};
    f.xml = xml_open(source_of(&head), &calls, &f);
    xml_read(f.xml, NULL);
    xml_close(f.xml);
    return f.odm && !f.define;
}
