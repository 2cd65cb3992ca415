/* How data files are opened and read, once for an entry and again to be compared with another. */
#include "dataset/identify.h"
#include "job/examine_part.h"
#include "store/objects.h"

bool examine_open(const struct examine_with *with, struct source source, enum file_format format,
                  struct encoding *encoding, const char *place, struct issues *notes,
                  struct rows **out, struct err *e)
{
    const struct typing *typing = with->of_study;
    struct rows_input in = {.source = source,
                            .format = format,
                            .name = place,
                            .notes = notes,
                            .missing = typing->missing,
                            .missings = typing->missings,
                            .encoding = encoding};
    return rows_open(&in, out, e);
}

bool examine_is_of_file(const struct err *e)
{
    return e->kind != ERR_IO && e->kind != ERR_INTEGRITY;
}

void examine_type(const struct examine_with *with, struct span file, struct rows *rows,
                  struct issues *notes, const char *place, struct hash *schema)
{
    struct arena a = {0};
    bool csv = rows_info(rows)->format == FILE_CSV;
    struct typing_asked asked = {.name = rows_info(rows)->name};
    if (csv) {
        asked.file = file;
        asked.dataset = examine_match(with, &a, file, SPAN(""), false).dataset;
        asked.name = dataset_last_part(asked.dataset);
    }
    struct typing_found found = typing_find(with->of_transfer, with->of_study, &asked);
    if (found.held != NULL && csv)
        issues_add(notes, ISSUE_FORMAT_NOTE, place,
                   "its columns are typed without %.*s, which is held",
                   SPAN_ARGS(found.held->name));
    bool used = found.schema != NULL && rows_define(rows, &found.schema->define, asked.name);
    *schema = typing_hash(with->of_study, used ? found.schema : NULL, csv);
    arena_close(&a);
}

void examine_key(const struct examine_with *with, struct span file, struct rows *rows,
                 struct issues *notes, const char *place, struct arena *a, struct dataset_key *out)
{
    const struct dataset_info *info = rows_info(rows);
    bool named = dataset_name_check(info->name);
    struct span dataset =
        examine_match(with, a, file, named ? info->name : SPAN(""), named).dataset;
    const struct conf_key *said = conf_study_key(with->conf, dataset);
    key_choose(info, dataset, said == NULL ? NULL : said->column, said == NULL ? 0 : said->columns,
               notes, place, a, out);
}

void examine_say(const struct content *c, const struct content_digests *d, struct hash schema,
                 struct revision_data *out)
{
    struct content_order o = content_order(c);
    *out = (struct revision_data){
        .form = CANONICAL_FORM,
        .content = d->unordered,
        .order = o.ordered,
        .metadata = o.metadata,
        .schema = schema,
        .key = o.key_from,
        .duplicates = o.duplicates,
    };
    if (o.rounded) {
        out->strict = d->strict_unordered;
        out->strict_order = o.strict_ordered;
    }
}

bool examine_data(struct content *c, struct hash schema, struct revision_data *out, struct err *e)
{
    struct content_digests d;
    if (!content_digests(c, &d, e))
        return false;
    examine_say(c, &d, schema, out);
    return true;
}

/* --- again --- */

/* A member that is read again. */
struct again {
    const struct examine_with *with;
    const struct examine_of *of;
    struct span member;
    struct file plain;
    struct encoding *encoding; /* its own: two may be read at a time */
    struct rows *rows;
    struct issues notes; /* nobody asks for them: the first reading said all */
    struct arena arena;
    const char *place;
};

static bool find_member(struct again *g, struct err *e)
{
    enum rows_step step;
    while ((step = rows_member(g->rows, e)) == ROWS_MORE)
        if (g->member.n == 0 ||
            span_eq(examine_text(&g->arena, rows_info(g->rows)->name), g->member))
            return true;
    return step == ROWS_END && err_set(e, ERR_FORMAT, "it has no such member");
}

static bool open_rows(struct again *g, struct err *e)
{
    uint8_t head[FILE_HEAD];
    struct source source = file_source(&g->plain);
    size_t n = source.size < sizeof head ? (size_t)source.size : sizeof head;
    const struct encoding *said = g->with->of_study->encoding;
    if (said != NULL && !encoding_open(span_str(encoding_name(said)), &g->encoding, e))
        return false;
    if (!source.read_at(source.ctx, 0, head, n, e))
        return false;
    enum file_format format = file_decide(file_claim(g->of->file), file_identify(span_of(head, n)));
    if (rows_readable(format) &&
        !examine_open(g->with, source, format, g->encoding, g->place, &g->notes, &g->rows, e))
        return false;
    return g->rows != NULL || err_set(e, ERR_FORMAT, "nothing in it is read");
}

/* again_close in any case. */
static bool again_open(struct again *g, const struct examine_with *with,
                       const struct examine_member *m, struct err *e)
{
    struct hash ignored;
    *g = (struct again){.with = with, .of = &m->of, .member = m->member, .plain.fd = -1};
    g->place = arena_str(&g->arena, m->of.file);
    if (!objects_open_plain(with->home, m->of.object, &g->plain, e) || !open_rows(g, e) ||
        !find_member(g, e))
        return false;
    examine_type(with, m->of.file, g->rows, &g->notes, g->place, &ignored);
    return true;
}

static void again_close(struct again *g)
{
    rows_close(g->rows);
    encoding_close(g->encoding);
    file_close(&g->plain);
    issues_close(&g->notes);
    arena_close(&g->arena);
}

static struct record_input records_of(struct again *g, const struct dataset_key *key)
{
    return (struct record_input){
        .rows = g->rows, .notes = &g->notes, .place = g->place, .key = key};
}

static void own_key(struct again *g, struct dataset_key *key)
{
    examine_key(g->with, g->of->file, g->rows, &g->notes, g->place, &g->arena, key);
}

static void choose_key(struct again *g, const struct content *like, struct dataset_key *key)
{
    if (like == NULL) {
        own_key(g, key);
        return;
    }
    struct content_order o = content_order(like);
    key_like(rows_info(g->rows), o.key_from, o.key, o.key_count, &g->arena, key);
}

/* What is wrong with a file makes it one that cannot be read; the machine's trouble is an error. */
static bool take_for_unread(struct err *e)
{
    if (!examine_is_of_file(e))
        return false;
    *e = (struct err){0};
    return true;
}

bool examine_again(const struct examine_with *with, const struct examine_member *m,
                   const struct content *like, struct content **out, struct err *e)
{
    struct again g;
    struct dataset_key key;
    *out = NULL;
    bool good = again_open(&g, with, m, e);
    if (good) {
        choose_key(&g, like, &key);
        struct content_input in = {.records = records_of(&g, &key),
                                   .folder = with->home->objects,
                                   .by_key_only = !m->of.digests};
        good = content_read(&in, out, e);
    }
    again_close(&g);
    return good || take_for_unread(e);
}

bool examine_in_step(const struct examine_with *with, const struct examine_member *before,
                     const struct examine_member *now, bool *found, struct comparison *out,
                     struct err *e)
{
    struct again a = {.plain.fd = -1}, b;
    struct dataset_key key;
    struct content_order of_a, of_b;
    *found = false;
    bool good = again_open(&b, with, now, e) && again_open(&a, with, before, e);
    if (good) {
        own_key(&b, &key);
        struct record_input x = records_of(&a, NULL), y = records_of(&b, &key);
        *found = compare_in_step(&x, &y, &b.arena, out, &of_a, &of_b);
    }
    again_close(&a);
    again_close(&b);
    return good || take_for_unread(e);
}
