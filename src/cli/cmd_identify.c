#include "cli/identify.h"

#include "base/name_map.h"
#include "ledger/revision.h"
#include "ledger/revision_words.h"
#include "os/dir.h"

/* --- what is asked --- */

struct candidate candidate_copy(const struct identify *s, const struct catalog_revision *x)
{
    struct candidate copy = {s->study, *x};
    struct arena *a = &s->c->arena;
    copy.revision.dataset = arena_copy(a, x->dataset);
    copy.revision.format = arena_copy(a, x->format);
    copy.revision.member = arena_copy(a, x->member);
    return copy;
}

struct span identify_name(const struct identify *s)
{
    return s->member.n > 0 ? s->member : data_file_stem(s->file->path);
}

/* Datasets are called like files, but for what tells formats apart. */
bool identify_called_alike(const struct identify *s, const struct catalog_revision *x)
{
    return name_same(dataset_last_part(x->dataset), identify_name(s));
}

/* --- what is said --- */

static void say_identity(const struct identify *s, const struct candidate *x, enum change change,
                         const struct content_difference *r)
{
    struct line l;
    if (s->c->quiet && !s->c->json)
        return;
    if (!s->c->json) {
        printf("%.*s/%.*s@%llu, entry #%llu%s: %s\n", SPAN_ARGS(x->study),
               SPAN_ARGS(x->revision.dataset), (unsigned long long)x->revision.number,
               (unsigned long long)x->revision.index,
               x->revision.withdrawn == CATALOG_NONE ? "" : ", withdrawn", change_words(change));
        return;
    }
    line_begin(&l);
    line_number_or_null(&l, "both", r != NULL, r != NULL ? r->both : 0);
    line_text(&l, "change", span_str(change_name(change)));
    line_text(&l, "dataset", x->revision.dataset);
    line_number(&l, "entry", x->revision.index);
    line_number_or_null(&l, "only_file", r != NULL, r != NULL ? r->only_b : 0);
    line_number_or_null(&l, "only_revision", r != NULL, r != NULL ? r->only_a : 0);
    line_number(&l, "revision", x->revision.number);
    json_out_bool(&l.o, "same", !change_is_data(change));
    line_text(&l, "study", x->study);
    line_type(&l, "identity");
    line_end(&l);
}

/* No dataset has these columns. */
static void say_columns(const struct columns_found *f)
{
    const struct candidate *x = &f->nearest;
    if (f->is.both == 0) {
        printf(": no revision is like it\n");
        return;
    }
    printf(
        ": no revision has this data; the most similar columns has %.*s/%.*s@%llu, entry #%llu:\n"
        "  %zu in both, %zu only there, %zu only here\n",
        SPAN_ARGS(x->study), SPAN_ARGS(x->revision.dataset), (unsigned long long)x->revision.number,
        (unsigned long long)x->revision.index, f->is.both, f->is.only_revision, f->is.only_file);
}

static void say_nearest(const struct identify *s, const struct columns_found *columns)
{
    const struct candidate *x = &s->best;
    const struct content_difference *r = &s->best_is.records;
    if (s->has_best && (s->c->json || s->best_is.change == CHANGE_FUZZ)) {
        say_identity(s, x, s->best_is.change, r);
        return;
    }
    if (s->c->json || s->c->quiet)
        return;
    put_text(stdout, identify_name(s));
    if (!s->has_best) {
        say_columns(columns);
        return;
    }
    printf(": no revision has this data; the nearest is %.*s/%.*s@%llu, entry #%llu:\n"
           "  %s in both, %llu only there, %llu only here\n",
           SPAN_ARGS(x->study), SPAN_ARGS(x->revision.dataset),
           (unsigned long long)x->revision.number, (unsigned long long)x->revision.index,
           counted(&s->c->arena, r->both, "record", "records"), (unsigned long long)r->only_a,
           (unsigned long long)r->only_b);
}

/* --- by bytes --- */

static bool say_same_bytes(void *ctx, const struct catalog_revision *x, struct err *e)
{
    struct identify *s = ctx;
    struct candidate found = {s->study, *x};
    (void)e;
    s->found = true;
    say_identity(s, &found, CHANGE_NONE, NULL);
    return true;
}

static bool search_bytes(void *ctx, struct span name, struct err *e)
{
    struct identify *s = ctx;
    s->study = arena_copy(&s->c->arena, name);
    return catalog_each_revision_of(s->c->catalog, s->study, s->file->sha256, say_same_bytes, s, e);
}

/* --- by digests --- */

/* The least change; then a dataset that is called like the file; then the newest. */
static bool is_better(const struct identify *s, const struct catalog_revision *x,
                      enum change change)
{
    if (!s->has_best || change != s->best_is.change)
        return !s->has_best || change < s->best_is.change;
    return identify_called_alike(s, x) || !identify_called_alike(s, &s->best.revision);
}

/* The same digest is the same data, whatever was declared to read it; so no bytes are needed. */
static bool meet_like(void *ctx, const struct catalog_revision *x, struct err *e)
{
    struct identify *s = ctx;
    struct comparison found = {.records = {.both = s->records, .strict = true}};
    (void)e;
    if (x->data.form != s->data.form)
        return true;
    found.change = revision_change_by_digests(&x->data, &s->data);
    if (is_better(s, x, found.change)) {
        s->has_best = true;
        s->best = candidate_copy(s, x);
        s->best_is = found;
    }
    return true;
}

static bool search_digests(void *ctx, struct span name, struct err *e)
{
    struct identify *s = ctx;
    s->study = arena_copy(&s->c->arena, name);
    return catalog_each_revision_like(s->c->catalog, s->study, s->data.content, meet_like, s, e);
}

bool identify_by_digests(struct identify *s, struct err *e)
{
    if (!identify_each_study(s, s, search_digests, e))
        return false;
    s->found = s->has_best && !change_is_data(s->best_is.change);
    if (s->found)
        say_identity(s, &s->best, s->best_is.change, &s->best_is.records);
    return true;
}

/* --- by reading --- */

void identify_take(struct identify *s, const struct candidate *x, const struct comparison *found)
{
    if (!change_is_data(found->change)) {
        s->found = true;
        say_identity(s, x, found->change, &found->records);
    } else if (!found->names_differ && found->records.both > 0 &&
               (!s->has_best || found->records.both > s->best_is.records.both)) {
        s->has_best = true;
        s->best = *x;
        s->best_is = *found;
    }
}

static bool by_nearness(struct identify *s, struct err *e)
{
    struct columns_found columns = {0};
    bool fuzz = s->has_best && s->best_is.change == CHANGE_FUZZ;
    bool good = fuzz || (identify_columns(s, &columns, e) &&
                         identify_nearest(s, columns.alike, columns.count, e));
    if (good && !s->found) {
        s->c->bad = true;
        say_nearest(s, &columns);
    }
    identify_columns_close(&columns);
    return good;
}

bool identify_each_study(struct identify *s, void *ctx,
                         bool (*each)(void *ctx, struct span study, struct err *e), struct err *e)
{
    if (s->c->options.operands < 2)
        return catalog_each_study(s->c->catalog, each, ctx, e);
    return place_study(s->c, cli_operand(s->c, 1), e) && each(ctx, cli_operand(s->c, 1), e);
}

/* One dataset of the file. */
static bool search_data(struct identify *s, struct span member, struct err *e)
{
    struct identify_reading said = identify_reading_of_options(s);
    bool fits;
    s->member = member;
    s->found = s->has_best = false;
    return identify_read_file(s, &said, &fits, e) && identify_by_digests(s, e) &&
           (s->found || identify_by_typing(s, e)) && (s->found || identify_by_reading(s, e)) &&
           (s->found || by_nearness(s, e));
}

static bool member_names(struct identify *s, struct span **out, size_t *n, struct err *e)
{
    enum rows_step more;
    size_t cap = 0;
    while ((more = rows_member(s->file->rows, e)) == ROWS_MORE) {
        for (size_t i = 0; i < *n; i++)
            if (span_eq((*out)[i], rows_info(s->file->rows)->name))
                return err_set(e, ERR_FORMAT, "%s: two datasets of one name", s->file->path);
        *out = mem_room(*out, *n, &cap, sizeof **out);
        (*out)[(*n)++] = arena_copy(&s->c->arena, rows_info(s->file->rows)->name);
    }
    return more == ROWS_END || err_at(e, "%s", s->file->path);
}

static bool search_all_data(struct identify *s, struct err *e)
{
    struct span *member = NULL;
    size_t members = 0;
    bool good = member_names(s, &member, &members, e);
    for (size_t i = 0; good && i < members; i++)
        good = search_data(s, member[i], e);
    mem_free(member);
    return good;
}

static bool search_all(struct identify *s, struct err *e)
{
    struct cli *c = s->c;
    if (!data_file_open(c, cli_operand(c, 0), s->options, s->file, e) ||
        !data_file_hash(s->file, e) || !cli_home(c, HOME_READ, e) || !cli_catalog(c, e) ||
        !identify_each_study(s, s, search_bytes, e))
        return false;
    if (s->found)
        return true;
    if (s->file->rows != NULL)
        return search_all_data(s, e);
    c->bad = true;
    if (!c->json && !c->quiet)
        printf("%s: no revision has these bytes; the data of %s cannot be compared\n",
               s->file->path, file_format_name(s->file->format));
    return true;
}

bool identify_run(struct cli *c, struct err *e)
{
    struct data_options options;
    struct data_file file = {.file.fd = -1};
    struct identify s = {.c = c, .file = &file, .options = &options, .folder = -1};
    bool good =
        data_options_read(c, &options, e) && scratch_open(&s.folder, e) && search_all(&s, e);
    identify_typing_close(&s);
    data_file_close(&file);
    data_options_close(&options);
    dir_close(s.folder);
    return good;
}
