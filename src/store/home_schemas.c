#include <string.h>

#include "base/name_map.h"
#include "os/dir.h"
#include "store/home_file.h"

#define SCHEMAS   "schemas"
#define EXTENSION ".json"

enum { PARTS_MAX = 3 }; /* of a dataset's name */

struct gathering {
    const struct home *home;
    const char *study;
    struct arena *a;
    struct home_schemas *out;
    struct name_map names; /* of datasets */
    size_t bytes;
    struct err *e;
};

static bool refuse(const struct gathering *g, const char *name, enum err_kind kind, const char *why)
{
    return err_set(g->e, kind, "studies/%s/%s: %s", g->study, name, why);
}

static bool read_text(struct gathering *g, const char *name, struct span *out)
{
    size_t left = HOME_SCHEMAS_BYTES_MAX - g->bytes;
    if (!file_read_all(g->home->studies, home_join(g->a, g->study, name), left, g->a, out, g->e))
        return err_at(g->e, "studies");
    g->bytes += out->n;
    return span_utf8(*out) || refuse(g, name, ERR_FORMAT, "not UTF-8");
}

/* `dataset` is empty for define.xml. */
static bool add(struct gathering *g, const char *name, struct span dataset)
{
    struct home_schemas *o = g->out;
    size_t *known = name_map_at(&g->names, dataset);
    if (*known != NAME_MAP_NEW)
        return refuse(g, name, ERR_FORMAT, "there is one for this dataset, in other case");
    if (o->count == HOME_SCHEMAS_MAX)
        return refuse(g, name, ERR_LIMIT, "more than 1000 schemas");
    *known = o->count;
    struct home_schema *x = &o->schema[o->count++];
    *x = (struct home_schema){.name = name, .dataset = dataset};
    return read_text(g, name, &x->text);
}

/* Of schemas/sdtm/AE.json: sdtm/AE; empty where it does not end so. */
static struct span dataset_of(const char *name)
{
    struct span s = span_skip(span_str(name), strlen(SCHEMAS "/"));
    size_t end = strlen(EXTENSION);
    if (s.n <= end || !name_same(span_skip(s, s.n - end), SPAN(EXTENSION)))
        return SPAN("");
    return span_of(s.p, s.n - end);
}

/* What is not called like JSON, or like a file that an editor hides, is none of ours. */
static bool add_file(struct gathering *g, const char *name, const char *base)
{
    struct span dataset = dataset_of(name);
    if (dataset.n == 0 || base[0] == '.')
        return true;
    if (!dataset_name_check(dataset))
        return refuse(g, name, ERR_FORMAT, "its name is not that of a dataset");
    return add(g, name, dataset);
}

static bool add_folder(struct gathering *g, const char *name, int parts)
{
    struct dir_list l;
    if (!dir_list(g->home->studies, home_join(g->a, g->study, name), g->a, &l, g->e))
        return err_at(g->e, "studies");
    for (size_t i = 0; i < l.count; i++) {
        const char *below = home_join(g->a, name, l.entry[i].name);
        bool is_folder = l.entry[i].kind == FILE_FOLDER;
        if (is_folder && parts == PARTS_MAX)
            return refuse(g, below, ERR_FORMAT, "deeper than a dataset's name");
        if (is_folder ? !add_folder(g, below, parts + 1) : !add_file(g, below, l.entry[i].name))
            return false;
    }
    return true;
}

static bool is_there(const struct gathering *g, const char *name, bool *out)
{
    struct file_info info;
    if (!file_stat(g->home->studies, home_join(g->a, g->study, name), &info, g->e))
        return false;
    *out = info.kind != FILE_ABSENT;
    return true;
}

static bool gather(struct gathering *g)
{
    bool define, schemas;
    return is_there(g, HOME_DEFINE, &define) && is_there(g, SCHEMAS, &schemas) &&
           (!define || add(g, HOME_DEFINE, SPAN(""))) && (!schemas || add_folder(g, SCHEMAS, 1));
}

bool home_study_schemas(const struct home *h, struct span study, struct arena *a,
                        struct home_schemas *out, struct err *e)
{
    struct gathering g = {.home = h, .study = arena_str(a, study), .a = a, .out = out, .e = e};
    *out = (struct home_schemas){0};
    out->schema = arena_array(a, HOME_SCHEMAS_MAX, sizeof *out->schema);
    bool good = gather(&g);
    name_map_close(&g.names);
    return good;
}
