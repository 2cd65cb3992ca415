/* How files are read that do not say it themselves, so that the one in hand is read like another.
 */
#include "base/name_map.h"
#include "cli/identify.h"
#include "dataset/csv_schema.h"
#include "ledger/entry.h"
#include "store/objects.h"

/* A schema that came in a transfer, by the `schema` of revisions that were read with it. */
struct sent_schema {
    struct hash schema;
    bool known; /* and define is what it says */
    struct define define;
};

struct identify_study {
    struct span name;
    struct arena arena;
    struct conf_study conf;
    struct typing typing;
    struct sent_schema **sent;
    size_t count, cap;
};

static bool has_options(const struct identify *s)
{
    const struct data_options *o = s->options;
    return o->define != NULL || o->missings > 0 || o->encoding != NULL;
}

struct identify_reading identify_reading_of_options(const struct identify *s)
{
    return (struct identify_reading){.define = s->options->define,
                                     .dataset = data_file_stem(s->file->path),
                                     .missing = s->options->missing,
                                     .missings = s->options->missings,
                                     .encoding = s->options->encoding};
}

/* --- what a study says --- */

/* A schema of it that is malformed is an error: nobody knows then how to read its files. */
static bool open_study(struct identify *s, struct span name, struct identify_study **out,
                       struct err *e)
{
    for (size_t i = 0; i < s->of_studies; i++)
        if (span_eq(s->of_study[i]->name, name)) {
            *out = s->of_study[i];
            return true;
        }
    struct identify_study *x = *out = mem_new(sizeof *x);
    s->of_study = mem_room(s->of_study, s->of_studies, &s->of_cap, sizeof(struct identify_study *));
    s->of_study[s->of_studies++] = x;
    x->name = arena_copy(&x->arena, name);
    return home_study_conf(s->c->home, name, &x->arena, &x->conf, e) &&
           typing_of_study(s->c->home, name, &x->conf, &x->typing, e);
}

void identify_typing_close(struct identify *s)
{
    for (size_t i = 0; i < s->of_studies; i++) {
        struct identify_study *x = s->of_study[i];
        for (size_t j = 0; j < x->count; j++) {
            define_close(&x->sent[j]->define);
            mem_free(x->sent[j]);
        }
        mem_free(x->sent);
        typing_close(&x->typing);
        arena_close(&x->arena);
        mem_free(x);
    }
    mem_free(s->of_study);
}

/* --- what came in a transfer --- */

struct searching_schema {
    const struct identify_study *study;
    struct hash wanted;
    struct hash object;
    bool found;
};

/* Schemas are revisions themselves, whose records nobody counts. */
static bool meet_schema(void *ctx, const struct catalog_revision *x, struct err *e)
{
    struct searching_schema *f = ctx;
    struct typing_schema schema = {.hash = x->sha256};
    (void)e;
    if (x->records != CATALOG_NONE)
        return true;
    if (hash_eq(typing_hash(&f->study->typing, &schema, true), f->wanted)) {
        f->object = x->sha256;
        f->found = true;
    }
    return true;
}

/* Which of the two it is, its first byte tells. One that is neither says nothing. */
static bool read_schema(struct identify *s, struct identify_study *study, struct hash object,
                        struct sent_schema *out, struct err *e)
{
    struct file plain;
    uint8_t first;
    size_t n;
    struct span text;
    struct err why = {0};
    if (!objects_has(s->c->home, object, &out->known, e) || !out->known)
        return !out->known;
    if (!objects_open_plain(s->c->home, object, &plain, e))
        return false;
    bool good = file_read_at(&plain, 0, &first, 1, &n, e);
    if (good && n > 0 && first == '<')
        out->known = define_read(file_source(&plain), &study->arena, &out->define, &why);
    else if (good)
        out->known =
            objects_read_all(s->c->home, object, CSV_SCHEMA_MAX, &study->arena, &text, &why) &&
            csv_schema_parse(text, &study->arena, &out->define, &why);
    file_close(&plain);
    if (good && !out->known && (why.kind == ERR_IO || why.kind == ERR_INTEGRITY)) {
        *e = why;
        return false;
    }
    return good;
}

static bool find_sent(struct identify *s, struct identify_study *study, struct hash schema,
                      const struct sent_schema **out, struct err *e)
{
    struct searching_schema f = {.study = study, .wanted = schema};
    for (size_t i = 0; i < study->count; i++)
        if (hash_eq(study->sent[i]->schema, schema)) {
            *out = study->sent[i];
            return true;
        }
    struct sent_schema *x = mem_new(sizeof *x);
    study->sent = mem_room(study->sent, study->count, &study->cap, sizeof(struct sent_schema *));
    study->sent[study->count++] = x;
    x->schema = schema;
    *out = x;
    return catalog_each_revision(s->c->catalog, study->name, SPAN(""), meet_schema, &f, e) &&
           (!f.found || read_schema(s, study, f.object, x, e));
}

/* --- how a revision was read --- */

/* Was it read as its study says now, with that schema or with none? */
static bool is_read_so(const struct identify_study *study, const struct catalog_revision *x,
                       const struct typing_schema *schema)
{
    return hash_is_zero(x->data.schema) ||
           hash_eq(typing_hash(&study->typing, schema, true), x->data.schema) ||
           hash_eq(typing_hash(&study->typing, NULL, true), x->data.schema);
}

bool identify_reading_of(struct identify *s, const struct candidate *x,
                         struct identify_reading *out, struct err *e)
{
    static const struct typing none;
    struct identify_study *study;
    const struct sent_schema *sent = NULL;
    const struct catalog_revision *r = &x->revision;
    *out = identify_reading_of_options(s);
    if (has_options(s))
        return true;
    if (!open_study(s, x->study, &study, e))
        return false;
    struct typing_asked asked = {.dataset = r->dataset, .name = dataset_last_part(r->dataset)};
    const struct typing_schema *schema = typing_find(&none, &study->typing, &asked).schema;
    bool csv = span_eq(r->format, SPAN("csv"));
    if (csv && !is_read_so(study, r, schema) && !find_sent(s, study, r->data.schema, &sent, e))
        return false;
    *out = (struct identify_reading){.define = sent != NULL && sent->known ? &sent->define
                                               : schema != NULL            ? &schema->define
                                                                           : NULL,
                                     .dataset = asked.name,
                                     .missing = study->typing.missing,
                                     .missings = study->typing.missings,
                                     .encoding = study->typing.encoding,
                                     .by_study = true};
    return true;
}

/* --- digests of the file, read so --- */

struct ways {
    struct identify *s;
    struct candidate *candidate; /* read in different ways, as far as entries tell */
    size_t candidates, cap;
    struct identify_reading *tried;
    size_t count, tried_cap;
};

static bool add_candidate(void *ctx, const struct catalog_revision *x, struct err *e)
{
    struct ways *w = ctx;
    (void)e;
    if (x->records == CATALOG_NONE || x->columns != (int64_t)w->s->columns)
        return true;
    for (size_t i = 0; i < w->candidates; i++) {
        const struct candidate *old = &w->candidate[i];
        if (span_eq(old->study, w->s->study) && span_eq(old->revision.dataset, x->dataset) &&
            span_eq(old->revision.format, x->format) &&
            hash_eq(old->revision.data.schema, x->data.schema))
            return true;
    }
    w->candidate = mem_room(w->candidate, w->candidates, &w->cap, sizeof *w->candidate);
    w->candidate[w->candidates++] = candidate_copy(w->s, x);
    return true;
}

static bool search_study(void *ctx, struct span study, struct err *e)
{
    struct ways *w = ctx;
    w->s->study = arena_copy(&w->s->c->arena, study);
    return catalog_each_revision(w->s->c->catalog, w->s->study, SPAN(""), add_candidate, w, e);
}

/* Of what is no CSV only the encoding may be said, as far as digests go. */
static bool says_nothing(const struct identify *s, const struct identify_reading *x)
{
    bool csv = s->file->format == FILE_CSV;
    return x->encoding == NULL && (!csv || (x->define == NULL && x->missings == 0));
}

/* Adds it where the file was not read so yet. */
static bool add_way(struct ways *w, const struct identify_reading *x)
{
    for (size_t i = 0; i < w->count; i++) {
        const struct identify_reading *old = &w->tried[i];
        if (old->define == x->define && old->missing == x->missing &&
            old->encoding == x->encoding &&
            (x->define == NULL || name_same(old->dataset, x->dataset)))
            return false;
    }
    w->tried = mem_room(w->tried, w->count, &w->tried_cap, sizeof *w->tried);
    w->tried[w->count++] = *x;
    return true;
}

static bool try_candidate(struct ways *w, const struct candidate *x, struct err *e)
{
    struct identify_reading as;
    bool fits;
    if (!identify_reading_of(w->s, x, &as, e))
        return false;
    if (says_nothing(w->s, &as) || !add_way(w, &as))
        return true;
    return identify_read_file(w->s, &as, &fits, e) && (!fits || identify_by_digests(w->s, e));
}

/* The newest first. */
bool identify_by_typing(struct identify *s, struct err *e)
{
    struct ways w = {.s = s};
    struct revision_data data = s->data;
    const struct span *column = s->column;
    if (has_options(s))
        return true;
    bool good = identify_each_study(s, &w, search_study, e);
    for (size_t i = w.candidates; good && i > 0 && w.count < IDENTIFY_READ_MAX && !s->found; i--) {
        cli_progress(s->c, "reading the file", w.candidates - i, w.candidates);
        good = try_candidate(&w, &w.candidate[i - 1], e);
    }
    cli_progress_end(s->c);
    s->data = data;
    s->column = column;
    mem_free(w.candidate);
    mem_free(w.tried);
    return good;
}
