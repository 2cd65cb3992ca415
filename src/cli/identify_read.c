#include "cli/identify.h"
#include "ledger/revision.h"
#include "os/dir.h"
#include "store/objects.h"

static enum file_format format_of(struct span word)
{
    return span_eq(word, SPAN("csv"))    ? FILE_CSV
           : span_eq(word, SPAN("xpt"))  ? FILE_XPT5
           : span_eq(word, SPAN("json")) ? FILE_JSON
           : span_eq(word, SPAN("xml"))  ? FILE_ODM /* of which some is read */
                                         : FILE_BINARY;
}

/* --- reading --- */

/* The dataset of that name, or the only one: read to its end. */
static bool read_member(struct identify *s, struct rows *rows, struct span name,
                        struct issues *notes, struct content **out, struct err *e)
{
    struct content_input in = {.records = {.rows = rows, .notes = notes, .place = ""},
                               .folder = s->folder};
    enum rows_step more;
    *out = NULL;
    while ((more = rows_member(rows, e)) == ROWS_MORE)
        if (name.n == 0 || span_eq(rows_info(rows)->name, name))
            return content_read(&in, out, e);
    return more == ROWS_END;
}

static bool read_source(struct identify *s, const struct identify_reading *as, struct file *f,
                        enum file_format format, struct span name, struct content **out,
                        struct err *e)
{
    struct issues notes = {0};
    struct rows *rows = NULL;
    uint8_t head[FILE_HEAD];
    size_t n;
    *out = NULL;
    if (!file_read_at(f, 0, head, sizeof head, &n, e))
        return false;
    enum file_format found = file_identify(span_of(head, n));
    if (format == FILE_XPT5)
        format = found;
    if (format == FILE_JSON && found != FILE_JSON)
        format = FILE_DSJC;
    struct rows_input in = {.source = file_source(f),
                            .format = format,
                            .name = "",
                            .notes = &notes,
                            .define = as->define,
                            .missing = as->missing,
                            .missings = as->missings,
                            .encoding = as->encoding,
                            .dataset = as->dataset};
    bool good =
        rows_open(&in, &rows, e) && (rows == NULL || read_member(s, rows, name, &notes, out, e));
    rows_close(rows);
    issues_close(&notes);
    if (!good && as->by_study && (e->kind == ERR_FORMAT || e->kind == ERR_LIMIT)) {
        *e = (struct err){0};
        return true;
    }
    return good;
}

/* *out is NULL where it cannot be read so. */
static bool read_ours(struct identify *s, const struct identify_reading *as, struct content **out,
                      struct err *e)
{
    return read_source(s, as, &s->file->file, s->file->format, s->member, out, e);
}

static bool read_candidate(struct identify *s, const struct identify_reading *as,
                           const struct candidate *x, struct content **out, struct err *e)
{
    struct file plain;
    bool there;
    *out = NULL;
    if (!objects_has(s->c->home, x->revision.sha256, &there, e) || !there)
        return there == false;
    if (!objects_open_plain(s->c->home, x->revision.sha256, &plain, e))
        return false;
    bool good =
        read_source(s, as, &plain, format_of(x->revision.format), x->revision.member, out, e);
    file_close(&plain);
    return good;
}

/* --- the file --- */

static void keep_columns(struct identify *s, const struct content_order *o)
{
    struct span *name = arena_array(&s->c->arena, o->column_count, sizeof *name);
    for (size_t i = 0; i < o->column_count; i++)
        name[i] = arena_copy(&s->c->arena, o->name[i]);
    s->column = name;
    s->columns = o->column_count;
}

bool identify_read_file(struct identify *s, const struct identify_reading *as, bool *fits,
                        struct err *e)
{
    struct content *c = NULL;
    struct content_digests d;
    bool good = read_ours(s, as, &c, e);
    *fits = c != NULL;
    if (good && c == NULL)
        return as->by_study ||
               err_set(e, ERR_STATE, "%s: it changes while it is read", s->file->path);
    good = good && content_digests(c, &d, e);
    if (good) {
        struct content_order o = content_order(c);
        s->data = revision_data_none;
        s->data.form = CANONICAL_FORM;
        s->data.content = d.unordered;
        s->data.order = o.ordered;
        s->data.metadata = o.metadata;
        if (o.rounded) {
            s->data.strict = d.strict_unordered;
            s->data.strict_order = o.strict_ordered;
        }
        s->records = o.records;
        keep_columns(s, &o);
    }
    content_close(c);
    return good;
}

/* --- comparing --- */

/* Both are read alike, and again for each pair: the sorted records of a content can be taken once.
 */
static bool compare_candidate(struct identify *s, const struct candidate *x, struct err *e)
{
    struct content *theirs = NULL, *ours = NULL;
    struct identify_reading as;
    struct comparison found;
    bool good = identify_reading_of(s, x, &as, e) && read_candidate(s, &as, x, &theirs, e);
    if (good && theirs != NULL)
        good = read_ours(s, &as, &ours, e);
    if (good && ours != NULL)
        good = compare_contents(theirs, ours, &found, e);
    if (good && ours != NULL)
        identify_take(s, x, &found);
    content_close(theirs);
    content_close(ours);
    return good;
}

struct candidates {
    struct identify *s;
    bool (*wanted)(const struct candidates *l, const struct catalog_revision *x);
    const struct candidate *like; /* datasets */
    size_t likes;
    struct candidate *candidate;
    size_t count, cap;
};

/*
 * Digests of data that were read as the file is now say all: then it is another one. What the study
 * or the command declares may make the same file other data.
 */
static bool may_be_it(const struct candidates *l, const struct catalog_revision *x)
{
    bool declared = l->s->options->define != NULL || l->s->options->missings > 0 ||
                    l->s->options->encoding != NULL;
    return identify_called_alike(l->s, x) &&
           (declared || x->data.form != CANONICAL_FORM || !hash_is_zero(x->data.schema));
}

/* Other columns are other records; and what may be it was read before. */
static bool may_be_near(const struct candidates *l, const struct catalog_revision *x)
{
    bool near = identify_called_alike(l->s, x);
    for (size_t i = 0; i < l->likes && !near; i++)
        near = span_eq(l->like[i].study, l->s->study) &&
               span_eq(l->like[i].revision.dataset, x->dataset);
    return near && x->columns == (int64_t)l->s->columns && !may_be_it(l, x);
}

static bool add_candidate(void *ctx, const struct catalog_revision *x, struct err *e)
{
    struct candidates *l = ctx;
    (void)e;
    if (x->records == CATALOG_NONE || format_of(x->format) == FILE_BINARY || !l->wanted(l, x))
        return true;
    l->candidate = mem_room(l->candidate, l->count, &l->cap, sizeof *l->candidate);
    l->candidate[l->count++] = candidate_copy(l->s, x);
    return true;
}

static bool search_study(void *ctx, struct span study, struct err *e)
{
    struct candidates *l = ctx;
    l->s->study = arena_copy(&l->s->c->arena, study);
    return catalog_each_revision(l->s->c->catalog, l->s->study, SPAN(""), add_candidate, l, e);
}

/* The same data as one that was read before: a night may bring another header only. */
static bool is_repeated(const struct candidates *l, size_t at)
{
    const struct revision_data *d = &l->candidate[at].revision.data;
    for (size_t i = at + 1; i < l->count; i++)
        if (revision_same_data(d, &l->candidate[i].revision.data))
            return true;
    return false;
}

/* The newest first, up to the first that is the same data. */
static bool compare_all(struct candidates *l, struct err *e)
{
    struct identify *s = l->s;
    bool good = identify_each_study(s, l, search_study, e);
    size_t read = 0;
    for (size_t i = l->count; good && i > 0 && read < IDENTIFY_READ_MAX && !s->found; i--) {
        cli_progress(s->c, "comparing revisions", l->count - i, l->count);
        if (is_repeated(l, i - 1))
            continue;
        good = compare_candidate(s, &l->candidate[i - 1], e);
        read++;
    }
    cli_progress_end(s->c);
    mem_free(l->candidate);
    return good;
}

bool identify_by_reading(struct identify *s, struct err *e)
{
    struct candidates l = {.s = s, .wanted = may_be_it};
    return compare_all(&l, e);
}

bool identify_nearest(struct identify *s, const struct candidate *like, size_t count, struct err *e)
{
    struct candidates l = {.s = s, .wanted = may_be_near, .like = like, .likes = count};
    return compare_all(&l, e);
}
