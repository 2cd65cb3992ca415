/*
 * For test scripts: reads names of files, a line each, and prints each Define-XML file as one
 * line of JSON, or {"refused":why}.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset/define.h"
#include "format/json_write.h"
#include "os/file.h"

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "define_cat: %s\n", why);
    exit(2);
}

static void out_refs(struct json_out *o, const struct define *d, const struct define_ref *ref,
                     size_t n)
{
    json_out_array(o, "refs");
    for (size_t i = 0; i < n; i++) {
        json_out_object(o, NULL);
        json_out_string(o, "item", ref[i].item);
        json_out_integer(o, "key", (int64_t)ref[i].key);
        json_out_bool(o, "mandatory", ref[i].mandatory);
        json_out_string(o, "name", define_item(d, ref[i].item)->name);
        json_out_integer(o, "order", (int64_t)ref[i].order);
        json_out_string(o, "where", ref[i].where);
        json_out_object_end(o);
    }
    json_out_array_end(o);
}

static void out_datasets(struct json_out *o, const struct define *d)
{
    json_out_array(o, "datasets");
    for (size_t i = 0; i < d->datasets; i++) {
        const struct define_dataset *x = &d->dataset[i];
        json_out_object(o, NULL);
        json_out_string(o, "domain", x->domain);
        json_out_string(o, "file", x->file);
        json_out_string(o, "keys", x->keys);
        json_out_string(o, "label", x->label);
        json_out_string(o, "name", x->name);
        json_out_string(o, "oid", x->oid);
        out_refs(o, d, x->ref, x->refs);
        json_out_string(o, "sas_name", x->sas_name);
        json_out_string(o, "structure", x->structure);
        json_out_object_end(o);
    }
    json_out_array_end(o);
}

static void out_items(struct json_out *o, const struct define *d)
{
    json_out_array(o, "items");
    for (size_t i = 0; i < d->items; i++) {
        const struct define_item *x = &d->item[i];
        json_out_object(o, NULL);
        json_out_string(o, "code_list", x->code_list);
        json_out_integer(o, "digits", (int64_t)x->digits);
        json_out_string(o, "format", x->format);
        json_out_string(o, "label", x->label);
        json_out_integer(o, "length", (int64_t)x->length);
        json_out_string(o, "name", x->name);
        json_out_string(o, "oid", x->oid);
        json_out_string(o, "type", x->type);
        json_out_string(o, "value_list", x->value_list);
        json_out_object_end(o);
    }
    json_out_array_end(o);
}

static void out_values(struct json_out *o, const struct span *value, size_t n)
{
    json_out_array(o, "values");
    for (size_t i = 0; i < n; i++)
        json_out_string(o, NULL, value[i]);
    json_out_array_end(o);
}

static void out_code_lists(struct json_out *o, const struct define *d)
{
    json_out_array(o, "code_lists");
    for (size_t i = 0; i < d->code_lists; i++) {
        const struct define_code_list *x = &d->code_list[i];
        json_out_object(o, NULL);
        json_out_string(o, "dictionary", x->dictionary);
        json_out_string(o, "name", x->name);
        json_out_string(o, "oid", x->oid);
        json_out_string(o, "type", x->type);
        out_values(o, x->value, x->values);
        json_out_string(o, "version", x->version);
        json_out_object_end(o);
    }
    json_out_array_end(o);
}

static void out_wheres(struct json_out *o, const struct define *d)
{
    json_out_array(o, "wheres");
    for (size_t i = 0; i < d->wheres; i++) {
        json_out_object(o, NULL);
        json_out_array(o, "checks");
        for (size_t j = 0; j < d->where[i].checks; j++) {
            const struct define_check *x = &d->where[i].check[j];
            json_out_object(o, NULL);
            json_out_string(o, "comparator", x->comparator);
            json_out_string(o, "item", x->item);
            out_values(o, x->value, x->values);
            json_out_object_end(o);
        }
        json_out_array_end(o);
        json_out_string(o, "oid", d->where[i].oid);
        json_out_object_end(o);
    }
    json_out_array_end(o);
}

static void out_value_lists(struct json_out *o, const struct define *d)
{
    json_out_array(o, "value_lists");
    for (size_t i = 0; i < d->value_lists; i++) {
        json_out_object(o, NULL);
        json_out_string(o, "oid", d->value_list[i].oid);
        out_refs(o, d, d->value_list[i].ref, d->value_list[i].refs);
        json_out_object_end(o);
    }
    json_out_array_end(o);
}

static void out_define(struct json_out *o, const struct define *d)
{
    out_code_lists(o, d);
    out_datasets(o, d);
    out_items(o, d);
    json_out_string(o, "protocol", d->protocol);
    json_out_string(o, "standard", d->standard);
    json_out_string(o, "standard_version", d->standard_version);
    json_out_string(o, "study", d->study);
    out_value_lists(o, d);
    json_out_string(o, "version", d->version);
    out_wheres(o, d);
}

static void cat(const char *name)
{
    struct arena a = {0};
    struct buf b = {0};
    struct json_out o = {.b = &b};
    struct file f;
    struct define d;
    struct err e = {0};
    if (!file_open(AT_FDCWD, name, &f, &e))
        host_fatal(e.text);
    json_out_object(&o, NULL);
    if (define_read(file_source(&f), &a, &d, &e))
        out_define(&o, &d);
    else
        json_out_string(&o, "refused", span_str(e.text));
    json_out_object_end(&o);
    buf_byte(&b, '\n');
    fwrite(b.p, 1, b.n, stdout);
    fflush(stdout);
    define_close(&d);
    buf_close(&b);
    arena_close(&a);
    file_close(&f);
}

int main(void)
{
    static char line[4096];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        cat(line);
    }
    return 0;
}
